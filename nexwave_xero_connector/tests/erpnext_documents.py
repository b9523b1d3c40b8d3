"""Random ERPNext invoices of every kind, as ERPNext would calculate them, and the mapping settings for them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_DOWN, ROUND_HALF_EVEN, ROUND_HALF_UP, Decimal
from random import Random

from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument, ItemRow, Party, TaxRow
from nexwave_xero_connector.mapping.settings import MappingSettings, XeroAccount, XeroTaxRate
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.tests.erpnext_totals import Invoice, Item, Tax

GST, PST, FREIGHT, LEVY, WRAP, TDS = (
	"GST - N",
	"PST - N",
	"Freight - N",
	"Levy - N",
	"Gift Wrap - N",
	"TDS - N",
)
TAXED, ZERO_RATED, EXEMPT, REDUCED = ("GST 15%", "Zero Rated", "Exempt", "Reduced")
ITEM_RATES = {TAXED: 15, ZERO_RATED: 0, EXEMPT: 0, REDUCED: 9}
CURRENCIES = {
	"NZD": "1",
	"USD": "1.6667",
	"AUD": "1.0923",
	"JPY": "0.0109",
	"KWD": "5.4321",
	"GBP": "2.123456789",
}

RATES = {
	"OUTPUT2": Decimal(15),
	"ZERORATED": Decimal(0),
	"EXEMPTOUTPUT": Decimal(0),
	"TAX001": Decimal(9),
	"TAX012": Decimal(12),
	"TAX013": Decimal("12.35"),
	"NONE": Decimal(0),
}
COMPONENTS = {
	"TAX012": (("GST", Decimal(5), False), ("PST", Decimal(7), False)),
	"TAX013": (("GST", Decimal(5), False), ("PST", Decimal(7), True)),
}
ITEM_TAX_TYPES = {TAXED: "OUTPUT2", ZERO_RATED: "ZERORATED", EXEMPT: "EXEMPTOUTPUT", REDUCED: "TAX001"}


@dataclass(frozen=True)
class Case:
	"""unsupported: why Xero cannot hold the document; empty if it must be mapped."""

	document: ErpDocument
	mapping_settings: MappingSettings
	unsupported: frozenset[str]
	invoice: Invoice


def mapping_settings(**other: object) -> MappingSettings:
	templates = ("Sales Taxes and Charges Template", "Purchase Taxes and Charges Template")
	tax_types = {("Item Tax Template", name): tax_type for name, tax_type in ITEM_TAX_TYPES.items()}
	for doctype in templates:
		tax_types |= {
			(doctype, "GST"): "OUTPUT2",
			(doctype, "No tax"): "NONE",
			(doctype, "GST and PST"): "TAX012",
			(doctype, "GST and compound PST"): "TAX013",
		}
	template_accounts = {
		key: frozenset({GST, PST} if "PST" in key[1] else {GST}) for key in tax_types if key[0] in templates
	}
	return MappingSettings(
		company="NZ Co",
		statuses=dict.fromkeys(XeroType, "AUTHORISED"),
		accounts={
			"200": XeroAccount("200", "Sales", "REVENUE"),
			"300": XeroAccount("300", "Purchases", "EXPENSE"),
			"425": XeroAccount("425", "Freight", "EXPENSE"),
			"860": XeroAccount("860", "Rounding", "EXPENSE"),
		},
		tax_rates={
			tax_type: XeroTaxRate(tax_type, tax_type, rate, components=COMPONENTS.get(tax_type, ()))
			for tax_type, rate in RATES.items()
		},
		account_keys={FREIGHT: "425"},
		tax_types=tax_types,
		template_accounts=template_accounts,
		default_sales_account="200",
		default_purchase_account="300",
		rounding_account="860",
		discount_account="425",
		**other,
	)


def random_case(random: Random) -> Case:
	"""A document as ERPNext makes it. `random` decides everything, so a seed repeats it."""
	unsupported: set[str] = set()
	is_sales = random.random() < 0.6
	is_return = random.random() < 0.25
	is_debit_note = not is_return and random.random() < 0.1
	places = 3 if random.random() < 0.03 else 2
	scheme, taxes, template = _taxes(random, is_sales)
	if taxes and scheme != "tax deducted" and random.random() < 0.1:
		template = ""  # the rows of a template that nobody chose
	items = [
		_item(random, scheme, is_return, is_debit_note, places)
		for _number in range(random.choice((1, 1, 2, 3, 4, 6, 9)))
	]
	for tax in taxes:
		if is_return and tax.charge_type == "Actual":
			tax.amount = -tax.amount
	invoice = Invoice(
		items,
		taxes,
		is_return,
		is_debit_note,
		places=places,
		rounding=random.choice((ROUND_HALF_EVEN, ROUND_HALF_EVEN, ROUND_HALF_UP, ROUND_HALF_DOWN)),
		round_row_wise=random.random() < 0.15,
		smallest_fraction=random.choice((None, None, Decimal(1), Decimal("0.05"), Decimal("0.10"))),
	)
	_tax_by_hand(random, invoice)
	if random.random() < 0.35:
		_discount(random, invoice, is_sales)
	invoice.compute()
	if scheme == "tax deducted" and any(tax.deducted and tax.after_discount for tax in taxes):
		unsupported.add("a deducted tax")
	if places == 3 and _has_thousandths(invoice):
		unsupported.add("thousandths")
	currency = "NZD" if random.random() < 0.6 else random.choice(list(CURRENCIES))
	document = _document(invoice, is_sales, currency, template)
	if (document.total < 0) is not is_return and document.total:
		unsupported.add("a total below zero")
	without_row = invoice.grand_total - _sum_of_rows(invoice)
	if abs(without_row) * document.conversion_rate > Decimal("0.5"):
		unsupported.add("a difference that ERPNext does not submit")
	own_tax_types = {account: random.choice(("", "", "NONE", "OUTPUT2")) for account in (FREIGHT, LEVY, WRAP)}
	settings = mapping_settings(
		charge_accounts=own_tax_types, untaxed_sales_tax_type="NONE", untaxed_purchase_tax_type="NONE"
	)
	return Case(document, settings, frozenset(unsupported), invoice)


def _sum_of_rows(invoice: Invoice) -> Decimal:
	taxes = sum((tax.in_total(tax.after_discount) for tax in invoice.taxes), Decimal(0))
	return invoice.net_total + taxes - (invoice.discount if invoice.is_cash_discount else 0)


def _taxes(random: Random, is_sales: bool) -> tuple[str, list[Tax], str]:
	freight = Tax("Actual", FREIGHT, amount=Decimal(random.randint(1, 9000)).scaleb(-2))
	gst = Tax("On Net Total", GST, Decimal(15))
	schemes = {
		"none": ([], "No tax"),
		"gst": ([gst], "GST"),
		"inclusive": ([replace(gst, inclusive=True)], "GST"),
		"freight taxed": ([freight, Tax("On Previous Row Total", GST, Decimal(15), row_id=1)], "GST"),
		"freight taxed apart": (
			[gst, freight, Tax("On Previous Row Amount", GST, Decimal(15), row_id=2)],
			"GST",
		),
		"handling": (
			[
				Tax("On Net Total", FREIGHT, Decimal("2.5")),
				Tax("On Previous Row Total", GST, Decimal(15), row_id=1),
			],
			"GST",
		),
		"levy": (
			[
				Tax("On Item Quantity", LEVY, Decimal("0.35")),
				Tax("On Previous Row Total", GST, Decimal(15), row_id=1),
			],
			"GST",
		),
		"inclusive and freight": ([replace(gst, inclusive=True), freight], "GST"),
		"two taxes": (
			[Tax("On Net Total", GST, Decimal(5)), Tax("On Net Total", PST, Decimal(7))],
			"GST and PST",
		),
		"compound": (
			[Tax("On Net Total", GST, Decimal(5)), Tax("On Previous Row Total", PST, Decimal(7), row_id=1)],
			"GST and compound PST",
		),
		"supplier's tax": ([Tax("Actual", GST)], "GST"),
		"freight untaxed": ([gst, freight], "GST"),
		"freight untaxed, first": ([freight, gst], "GST"),
		"freight taxed and untaxed": (
			[freight, Tax("On Previous Row Total", GST, Decimal(15), row_id=1), replace(freight)],
			"GST",
		),
		"freight's tax by hand": ([gst, freight, Tax("Actual", GST)], "GST"),
		"all by hand": ([freight, Tax("Actual", GST)], "GST"),
		"freight and wrap by hand": (
			[freight, Tax("Actual", WRAP, amount=Decimal("5.00")), Tax("Actual", GST)],
			"GST",
		),
		"items by hand, freight untaxed": ([Tax("Actual", GST), freight], "GST"),
		"no template": ([], ""),
		"no template, freight": ([freight], ""),
	}
	if not is_sales:
		schemes |= {
			"valuation": ([gst, replace(freight, category="Valuation")], "GST"),
			"valuation and total": (
				[
					replace(freight, category="Valuation and Total"),
					Tax("On Previous Row Total", GST, Decimal(15), row_id=1),
				],
				"GST",
			),
			"charge deducted": ([gst, Tax("Actual", LEVY, amount=Decimal("1.23"), deducted=True)], "GST"),
			"tax deducted": ([gst, Tax("On Net Total", TDS, Decimal(2), deducted=True)], "GST"),
		}
	weights = {"gst": 4, "freight taxed": 3, "inclusive": 3}
	names = list(schemes)
	scheme = random.choices(names, [weights.get(name, 1) for name in names])[0]
	taxes, template = schemes[scheme]
	return scheme, [replace(tax) for tax in taxes], template


def _item(random: Random, scheme: str, is_return: bool, is_debit_note: bool, places: int) -> Item:
	qty = random.choice(
		(
			Decimal(1),
			Decimal(random.randint(1, 20)),
			Decimal(random.randint(1, 99999)).scaleb(-random.choice((1, 2, 3, 4))),
			Decimal(random.randint(100, 50000)),
		)
	)
	if (is_return or is_debit_note) and random.random() < 0.2:
		qty = Decimal(0)
	rate = Decimal(
		random.choice((random.randint(1, 999), random.randint(1, 99999), random.randint(1, 5) * 5))
	)
	rate = rate.scaleb(-places)
	if random.random() < 0.05:
		rate = -rate / 10
		rate = rate.quantize(Decimal("0.01"))
	if random.random() < 0.03:
		rate = Decimal(0)
	item = Item(-qty if is_return else qty, rate)
	mixed = (
		"gst",
		"inclusive",
		"freight taxed",
		"freight taxed apart",
		"handling",
		"levy",
		"valuation",
		"freight untaxed",
		"freight untaxed, first",
		"freight taxed and untaxed",
		"freight's tax by hand",
		"all by hand",
		"freight and wrap by hand",
		"items by hand, freight untaxed",
	)
	if scheme in mixed and random.random() < 0.4:
		item.item_tax_template = random.choice(list(ITEM_RATES))
		item.tax_rates = {GST: Decimal(ITEM_RATES[item.item_tax_template])}
	return item


def _tax_by_hand(random: Random, invoice: Invoice) -> None:
	"""GST as a person or a shop enters it, on what no other row taxes; it may be a cent off ERPNext's.

	Charges before the row are taxed, those after it are not.
	"""
	for at, tax in enumerate(invoice.taxes):
		if tax.charge_type != "Actual" or tax.account != GST:
			continue
		on_items = sum(
			(
				invoice.round(item.rate * item.qty) * item.tax_rates.get(GST, Decimal(15))
				for item in invoice.items
				if invoice.taxes[0].charge_type == "Actual"
			),
			Decimal(0),
		)
		on_charges = sum((charge.amount * 15 for charge in invoice.taxes[:at]), Decimal(0))
		tax.amount = ((on_items + on_charges) / 100).quantize(Decimal("0.01"))
		if tax.amount > Decimal("0.05"):
			tax.amount += Decimal(random.choice((-1, 0, 0, 1))).scaleb(-2)
		if invoice.taxes[0].charge_type != "Actual":
			if not tax.amount:
				tax.charge_type, tax.rate, tax.row_id = "On Previous Row Amount", Decimal(15), at
		elif any(not item.qty for item in invoice.items) or not tax.amount:
			tax.charge_type, tax.rate, tax.amount = "On Net Total", Decimal(15), Decimal(0)


def _discount(random: Random, invoice: Invoice, is_sales: bool) -> None:
	kind = random.choice(("Net Total", "Grand Total", "cash") if is_sales else ("Net Total", "Grand Total"))
	if any(tax.charge_type == "Actual" and tax.account == GST for tax in invoice.taxes):
		return
	total = sum((invoice.round(item.rate * item.qty) for item in invoice.items), Decimal(0))
	share = Decimal(random.choice((5, 10, 10, 33, random.randint(1, 60)))) / 100
	invoice.apply_discount_on = "Grand Total" if kind == "cash" else kind
	invoice.is_cash_discount = kind == "cash"
	invoice.discount = invoice.round(total * share)


def _has_thousandths(invoice: Invoice) -> bool:
	amounts = [item.net_amount for item in invoice.items]
	amounts += [tax.after_discount for tax in invoice.taxes if tax.category != "Valuation"]
	amounts += [invoice.rounded_total or invoice.grand_total]
	amounts += [invoice.discount] if invoice.is_cash_discount else []
	return any(amount * 100 % 1 for amount in amounts)


def _document(invoice: Invoice, is_sales: bool, currency: str, template: str) -> ErpDocument:
	doctype = "Sales Invoice" if is_sales else "Purchase Invoice"
	return ErpDocument(
		ref=DocumentRef(doctype, "ACC-2026-00001"),
		company="NZ Co",
		docstatus=1,
		party=Party("Customer" if is_sales else "Supplier", "CUST-1", "Customer One"),
		posting_date=date(2026, 3, 31),
		currency=currency,
		company_currency="NZD",
		conversion_rate=Decimal(CURRENCIES[currency]),
		items=tuple(_item_row(number, item, template) for number, item in enumerate(invoice.items, start=1)),
		taxes=tuple(_tax_row(number, tax) for number, tax in enumerate(invoice.taxes, start=1)),
		net_total=invoice.net_total,
		grand_total=invoice.grand_total,
		rounded_total=invoice.rounded_total,
		url="https://erp.example/app/sales-invoice/ACC-2026-00001",
		is_return=invoice.is_return,
		taxes_template=template,
		discount_amount=invoice.discount,
		is_cash_discount=invoice.is_cash_discount,
	)


def _item_row(number: int, item: Item, template: str) -> ItemRow:
	return ItemRow(
		idx=number,
		item_code=f"ITEM-{number}",
		item_name=f"Item {number}",
		description="<p>An item</p>",
		qty=item.qty,
		uom="Nos",
		net_amount=item.net_amount,
		account="Sales - N",
		item_tax_template=item.item_tax_template,
		item_tax_rate=item.tax_rates,
	)


def _tax_row(number: int, tax: Tax) -> TaxRow:
	return TaxRow(
		idx=number,
		charge_type=tax.charge_type,
		account=tax.account,
		description=tax.account,
		rate=tax.rate,
		amount=tax.after_discount,
		category=tax.category,
		deducted=tax.deducted,
		row_id=tax.row_id,
	)
