"""Random documents of every kind as ERPNext makes them. `random` decides everything, so a seed repeats a document.

They are built and submitted by ERPNext itself. `unsupported` finds what Xero cannot hold from the finished document,
without the mapping's code.
"""

from __future__ import annotations

from decimal import Decimal
from random import Random

from frappe.model.document import Document

from nexwave_xero_connector.tests.catalogue.builders import (
	bill,
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
	COURIER,
	DISCOUNT,
	FREIGHT,
	GST,
	INSURANCE,
	LEVY,
	PST,
	REDUCED_GST,
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
		if random.random() < 0.5:
			draft.items[0].qty = 0
	return draft


def unsupported(document: Document) -> set[str]:
	"""Why Xero cannot hold a submitted document; empty if it must be in Xero."""
	reasons = set()
	amounts = [row.net_amount for row in document.items] + [document.rounded_total or document.grand_total]
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
	enters_tax = any(row["charge_type"] == "Actual" and row["account_head"] == GST for row in taxes)
	if enters_tax:
		_suppliers_tax(random, items, taxes)
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
	}
	if is_sales:
		schemes["levy"] = ([per_unit(0.35, LEVY), on_total(1)], "GST", ())
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
			"supplier's": ([freight(0, GST)], "GST", ()),
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


def _suppliers_tax(random: Random, items: list[dict], taxes: list[dict]) -> None:
	"""The GST of the supplier's own invoice, entered by hand; it may be a cent off."""
	for row in items:
		rate = round(abs(row["rate"]) or row["price_list_rate"], 2)  # the decimals that ERPNext keeps
		row |= {"discount_percentage": 0, "rate": max(rate, 0.01)}
		row.pop("price_list_rate", None)
	net = sum((round(Decimal(str(row["qty"])) * Decimal(str(row["rate"])), 2) for row in items), Decimal(0))
	taxes[0]["tax_amount"] = float(round(net * 15 / 100, 2)) + random.choice((-0.01, 0, 0, 0.01))


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
	if random.random() < 0.4 and not return_.discount_amount:
		row = random.choice(return_.items)
		if abs(row.qty) >= 2:
			row.qty = -float(int(abs(row.qty) // 2))
	return return_
