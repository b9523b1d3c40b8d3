"""Random documents of every kind as ERPNext makes them. `random` decides everything, so a seed repeats a document.

They are built and submitted by ERPNext itself. `unsupported` finds what Xero cannot hold from the finished document,
without the mapping's code.
"""

from __future__ import annotations

from decimal import Decimal
from random import Random

from frappe.model.document import Document

from nexwave_xero_connector.tests.catalogue.builders import (
	IS_16,
	bill,
	by_hand,
	freight,
	gst,
	included,
	item,
	on_amount,
	on_total,
	per_unit,
	returned,
	sales,
)
from nexwave_xero_connector.tests.catalogue.company import (
	CHARGES,
	COUPON,
	COURIER,
	CUSTOMS_GST,
	DISCOUNT,
	DUTY,
	FREIGHT,
	GIFT_WRAP,
	GST,
	INSURANCE,
	LEVY,
	PST,
	REDUCED_GST,
	RETENTION,
	SERVICE,
	STOCK_ITEM,
	WITHHELD,
	own,
)
from nexwave_xero_connector.tests.catalogue.comparison import money

CURRENCIES = {"USD": 1.6667, "AUD": 1.0923, "JPY": 0.0109, "KWD": 5.4321, "GBP": 2.123456789}
MIXED = ("Fifteen", "Zero Rated", "Exempt", "Reduced")
EACH_ITS_ACCOUNT = ("Fifteen", "Zero Rated", "Exempt", "Reduced Apart")
"""Templates for which every tax type has its own tax account."""


def random_document(random: Random, one_account_each: bool = False) -> Document:
	"""An unsaved draft; the original of a return is submitted. one_account_each: see EACH_ITS_ACCOUNT."""
	is_sales = random.random() < 0.6
	draft = _invoice(random, is_sales, one_account_each)
	kind = random.random()
	if kind < 0.2:
		return _returned(random, draft)
	if kind < 0.25:
		for row in draft.items:
			row.qty = -row.qty
		for row in draft.taxes:
			row.tax_amount = -(row.tax_amount or 0)
		draft.update({"is_return": 1, "discount_amount": -(draft.discount_amount or 0)})
	elif kind < 0.3 and is_sales:
		draft.is_debit_note = 1
		if random.random() < 0.5 and not _is_by_hand([row.as_dict() for row in draft.taxes]):
			draft.items[0].qty = 0
	return draft


def unsupported(document: Document) -> set[str]:
	"""Why Xero cannot hold a submitted document; empty if it must be in Xero."""
	reasons = set()
	amounts = [row.net_amount for row in document.items] + [document.rounded_total or document.grand_total]
	if _has_no_amount_to_tax(document):
		reasons.add("tax by hand on no net amount")
	if IS_16 and _has_two_rates_for_one_account(document):
		reasons.add("two rates for one account, of which ERPNext 16 takes the last")
	for row in document.taxes:
		if row.get("category") == "Valuation":
			continue
		amounts.append(row.tax_amount_after_discount_amount)
		is_tax = row.account_head not in CHARGES
		if is_tax and row.get("add_deduct_tax") == "Deduct" and row.tax_amount_after_discount_amount:
			reasons.add("a tax is deducted")
	if document.get("is_cash_or_non_trade_discount"):
		amounts.append(document.discount_amount)
	if any(money(amount) % Decimal("0.01") for amount in amounts):
		reasons.add("thousandths")
	total = document.rounded_total or document.grand_total
	if total and (total < 0) != bool(document.is_return):
		reasons.add("a total below zero")
	return reasons


def _has_no_amount_to_tax(document: Document) -> bool:
	"""A tax entered by hand on lines whose net amounts cancel out: ERPNext gives it all to the last one."""
	is_by_hand = any(
		row.charge_type == "Actual" and row.account_head == GST and row.tax_amount for row in document.taxes
	)
	return is_by_hand and not document.net_total


def _has_two_rates_for_one_account(document: Document) -> bool:
	"""GST at its rate in one row and as an amount in another, where ERPNext 16 did not charge the former."""
	rows = [row for row in document.taxes if row.account_head == GST]
	if {row.charge_type for row in rows} != {"On Net Total", "Actual"}:
		return False
	due = sum((money(row.net_amount) * _percent(row) for row in document.items), Decimal(0)) / 100
	charged = next(row.tax_amount_after_discount_amount for row in rows if row.charge_type == "On Net Total")
	return abs(due - money(charged)) > Decimal("0.05")


def _invoice(random: Random, is_sales: bool, one_account_each: bool) -> Document:
	taxes, template, templates = _taxes(random, is_sales, one_account_each)
	items = [_item(random, is_sales, templates) for _number in range(random.choice((1, 1, 2, 3, 4, 6)))]
	values = {"taxes": taxes, "template": template}
	if random.random() < 0.4:
		currency = random.choice(list(CURRENCIES))
		values |= {"currency": currency, "conversion_rate": CURRENCIES[currency]}
	if random.random() < 0.3:
		values["disable_rounded_total"] = 0
	if any(row.get("category") == "Valuation" for row in taxes):
		# Without a stock item, ERPNext changes the category of the row to Total.
		items[0]["item_code"] = STOCK_ITEM
	if _is_by_hand(taxes):
		_enter_tax(random, items, taxes)
	elif random.random() < 0.35:
		values |= _discount(random, items, is_sales)
	return (sales if is_sales else bill)(*items, **values)


def _item(random: Random, is_sales: bool, templates: tuple[str, ...]) -> dict:
	qty = random.choice((1, random.randint(1, 20), random.randint(1, 9999) / 1000, random.randint(100, 5000)))
	rate = random.choice((random.randint(1, 99999), random.randint(1, 999), 995, 1999)) / 100
	row = item(rate, qty, SERVICE if is_sales or random.random() < 0.8 else STOCK_ITEM)
	if random.random() < 0.15:
		row |= {"price_list_rate": rate, "discount_percentage": random.choice((5, 12.5, 33.333))}
		row["rate"] = 0
	elif random.random() < 0.04:
		row["rate"] = -rate / 10
	if templates and random.random() < 0.45:
		row["item_tax_template"] = own(random.choice(templates))
	return row


def _taxes(random: Random, is_sales: bool, one_account_each: bool) -> tuple[list[dict], str, tuple[str, ...]]:
	"""The tax rows, the document's template, and the templates that its items may have."""
	amount = random.randint(1, 9000) / 100
	charge = FREIGHT if is_sales else COURIER
	schemes = {
		"gst": ([gst()], "GST", MIXED),
		"included": ([included()], "GST", MIXED),
		"freight": ([freight(amount, charge), on_total(1)], "GST", MIXED),
		"freight apart": ([gst(), freight(amount, charge), on_amount(2)], "GST", ()),
		"insurance": ([gst(), freight(amount, INSURANCE)], "GST", MIXED),
		"included, insurance": ([included(), freight(amount, INSURANCE)], "GST", MIXED),
		"handling": ([gst(2.5, charge), on_total(1)], "GST", MIXED),
		"freight untaxed": ([gst(), freight(amount, charge)], "GST", MIXED),
		"freight untaxed, first": ([freight(amount, charge), gst()], "GST", MIXED),
		"included, freight untaxed": ([included(), freight(amount, charge)], "GST", MIXED),
		"freight taxed and untaxed": (
			[freight(amount, charge), on_total(1), freight(amount / 2, charge)],
			"GST",
			MIXED,
		),
		"freight by hand": ([gst(), freight(amount, charge), by_hand(0)], "GST", MIXED),
		"all by hand": ([freight(amount, charge), by_hand(0)], "GST", MIXED),
		"items by hand, freight untaxed": ([by_hand(0), freight(amount, charge)], "GST", MIXED),
		"no template": ([], "", ()),
		"no template chosen": ([gst()], "", MIXED),
		"no template chosen, freight by hand": ([freight(amount, charge), by_hand(0)], "", MIXED),
		"no template, freight": ([freight(amount, charge)], "", ()),
		"overseas": ([gst(0), freight(amount, charge)], "Overseas", ()),
		"retention": ([gst(), gst(-10, RETENTION)], "GST", MIXED),
	}
	if is_sales:
		schemes |= {
			"levy": ([per_unit(0.35, LEVY), on_total(1)], "GST", ()),
			"gift wrap untaxed": (
				[freight(amount, charge), on_total(1), freight(5, GIFT_WRAP)],
				"GST",
				MIXED,
			),
			"coupon": ([freight(-amount / 20, COUPON), on_total(1)], "GST", ()),
			"coupon untaxed": ([gst(), freight(-amount / 20, COUPON)], "GST", MIXED),
			"shipping and wrap by hand": (
				[freight(amount, charge), freight(5, GIFT_WRAP), by_hand(0)],
				"GST",
				MIXED,
			),
		}
	if one_account_each:
		reduced = {"rate": 0, "account": REDUCED_GST}
		rows, template, _templates = schemes[random.choice(("gst", "freight apart", "insurance"))]
		return [*rows, gst(**reduced)], template, () if len(rows) == 3 else EACH_ITS_ACCOUNT
	schemes |= {
		"none": ([], "No Tax", ()),
		"two taxes": ([gst(5), gst(7, PST)], "GST and PST", ()),
		"compound": ([gst(5), on_total(1, 7, PST)], "GST and Compound PST", ()),
		"reduced apart": ([gst(), gst(0, REDUCED_GST)], "GST", EACH_ITS_ACCOUNT),
	}
	if not is_sales:
		schemes |= {
			"supplier's": ([by_hand(0)], "GST", ()),
			"customs": ([gst(), freight(amount, CUSTOMS_GST), freight(amount / 3, DUTY)], "GST", MIXED),
			"valuation": ([gst(), freight(amount, charge, category="Valuation")], "GST", ()),
			"valuation and total": (
				[freight(amount, charge, category="Valuation and Total"), on_total(1)],
				"GST",
				(),
			),
			"charge deducted": ([gst(), freight(1.23, INSURANCE, add_deduct_tax="Deduct")], "GST", ()),
			"tax deducted": ([gst(), gst(2, WITHHELD, add_deduct_tax="Deduct")], "GST", ()),
		}
	weights = {"gst": 4, "included": 3, "freight": 3, "tax deducted": 0.3}
	names = list(schemes)
	return schemes[random.choices(names, [weights.get(name, 1) for name in names])[0]]


def _is_by_hand(taxes: list[dict]) -> bool:
	return any(row["charge_type"] == "Actual" and row["account_head"] == GST for row in taxes)


def _enter_tax(random: Random, items: list[dict], taxes: list[dict]) -> None:
	"""GST as a person or a shop enters it, on what the rows before it do not tax; it may be a cent off.

	Charges before the row are taxed, those after it are not.
	"""
	for row in items:
		rate = round(abs(row["rate"]) or row["price_list_rate"], 2)  # the decimals that ERPNext keeps
		row |= {"discount_percentage": 0, "rate": max(rate, 0.01)}
		row.pop("price_list_rate", None)
	at = next(
		at for at, row in enumerate(taxes) if row["charge_type"] == "Actual" and row["account_head"] == GST
	)
	on_items = sum(
		(
			round(Decimal(str(row["qty"])) * Decimal(str(row["rate"])), 2) * _percent(row)
			for row in items
			if taxes[0]["charge_type"] == "Actual"
		),
		Decimal(0),
	)
	on_charges = sum(
		(round(Decimal(str(row["tax_amount"])), 2) * 15 for row in taxes[:at] if "tax_amount" in row),
		Decimal(0),
	)
	tax = round((on_items + on_charges) / 100, 2)
	if tax > Decimal("0.05"):
		tax += random.choice((Decimal("-0.01"), 0, 0, Decimal("0.01")))
	taxes[at]["tax_amount"] = float(tax)


def _percent(row: dict | Document) -> int:
	templates = {own("Zero Rated"): 0, own("Exempt"): 0, own("Reduced"): 9}
	return templates.get(row.get("item_tax_template"), 15)


def _discount(random: Random, items: list[dict], is_sales: bool) -> dict:
	total = sum(row["qty"] * (row["rate"] or row.get("price_list_rate", 0)) for row in items)
	if total <= 0:
		return {}
	share = random.choice((5, 10, 10, 33, random.randint(1, 60)))
	on = {"apply_discount_on": random.choice(("Net Total", "Grand Total"))}
	how = random.random()
	if how < 0.4:
		return {**on, "additional_discount_percentage": share}
	amount = {"discount_amount": round(total * share / 100, 2)}
	if how < 0.55 and is_sales:
		cash = {"is_cash_or_non_trade_discount": 1, "additional_discount_account": DISCOUNT}
		return {"apply_discount_on": "Grand Total", **cash, **amount}
	return {**on, **amount}


def _returned(random: Random, draft: Document) -> Document:
	return_ = returned(draft)
	is_by_hand = any(row.charge_type == "Actual" and row.account_head == GST for row in return_.taxes)
	if random.random() < 0.4 and not return_.discount_amount and not is_by_hand:
		row = random.choice(return_.items)
		if abs(row.qty) >= 2:
			row.qty = -float(int(abs(row.qty) // 2))
	return return_
