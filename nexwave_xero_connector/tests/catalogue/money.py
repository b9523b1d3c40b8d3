"""Discounts, inclusive prices, charges, several taxes, rounding: where cents get lost."""

from __future__ import annotations

from frappe.model.document import Document

from nexwave_xero_connector.tests.catalogue.builders import (
	Entry,
	bill,
	freight,
	gst,
	included,
	item,
	on_amount,
	on_total,
	per_unit,
	rows_of_template,
	sales,
	taxed,
)
from nexwave_xero_connector.tests.catalogue.company import (
	COURIER,
	DISCOUNT,
	FREIGHT,
	GST,
	INSURANCE,
	LEVY,
	PST,
	STOCK_ITEM,
)
from nexwave_xero_connector.tests.catalogue.site_settings import site_default

ON_NET, ON_GRAND = {"apply_discount_on": "Net Total"}, {"apply_discount_on": "Grand Total"}
CASH = {"is_cash_or_non_trade_discount": 1, "additional_discount_account": DISCOUNT}
ROUNDED = {"disable_rounded_total": 0}
AWKWARD = (9.99, 19.95, 4.5, 0.07)


def awkward() -> tuple[dict, ...]:
	return tuple(item(rate, 3) for rate in AWKWARD)


DISCOUNTS = [
	Entry(
		"12.5 % off one row",
		lambda: sales(item(87.5, price_list_rate=100, discount_percentage=12.5), item(20)),
	),
	Entry("3.33 off each unit", lambda: sales(item(96.67, 7, price_list_rate=100, discount_amount=3.33))),
	Entry(
		"a margin on the price list",
		lambda: sales(item(0, 3, price_list_rate=50, margin_type="Percentage", margin_rate_or_amount=17.5)),
	),
	Entry("10 % off the net total", lambda: sales(*awkward(), additional_discount_percentage=10, **ON_NET)),
	Entry(
		"7.77 off three lines", lambda: sales(item(10), item(20), item(30), discount_amount=7.77, **ON_NET)
	),
	Entry("10 off the grand total", lambda: sales(*awkward(), discount_amount=10, **ON_GRAND)),
	Entry(
		"33 % off the grand total, mixed tax rates",
		lambda: sales(
			item(99.99),
			taxed("Zero Rated", 33.33),
			taxed("Reduced", 0.5),
			additional_discount_percentage=33,
			**ON_GRAND,
		),
	),
	Entry(
		"15 off the grand total, with freight",
		lambda: sales(*awkward(), taxes=[freight(12.34), on_total(1)], discount_amount=15, **ON_GRAND),
	),
	Entry("100 % off", lambda: sales(item(), additional_discount_percentage=100, **ON_NET)),
	Entry("a cash discount", lambda: sales(*awkward(), discount_amount=5, **ON_GRAND, **CASH)),
	Entry(
		"a cash discount, rounded",
		lambda: sales(*awkward(), discount_amount=5.05, **ON_GRAND, **CASH, **ROUNDED),
	),
	Entry("a discount line of -20", lambda: sales(item(100), item(-20))),
	Entry(
		"a bill, 5 % off its grand total",
		lambda: bill(*awkward(), additional_discount_percentage=5, **ON_GRAND),
	),
]

INCLUSIVE = [
	Entry("15 % included", lambda: sales(item(115), taxes=[included()])),
	Entry("included, awkward cents", lambda: sales(*awkward(), taxes=[included()])),
	Entry(
		"included, with three tax rates",
		lambda: sales(item(9.99), taxed("Zero Rated", 9.99), taxed("Reduced", 9.99), taxes=[included()]),
	),
	Entry("included, with freight", lambda: sales(*awkward(), taxes=[included(), freight(15, INSURANCE)])),
	Entry(
		"included, 10 % off the net total",
		lambda: sales(*awkward(), taxes=[included()], additional_discount_percentage=10, **ON_NET),
	),
	Entry(
		"included, 9.99 off the grand total",
		lambda: sales(*awkward(), taxes=[included()], discount_amount=9.99, **ON_GRAND),
	),
	Entry("included, rounded", lambda: sales(*awkward(), taxes=[included()], **ROUNDED)),
	Entry("a bill with tax included", lambda: bill(*awkward(), taxes=[included()])),
]

CHARGES = [
	Entry("freight with GST", lambda: sales(item(), taxes=[freight(12.5), on_total(1)])),
	Entry(
		"freight with GST in a row of its own",
		lambda: sales(item(), taxes=[gst(), freight(12.34), on_amount(2)]),
	),
	Entry("insurance without tax", lambda: sales(item(), taxes=[gst(), freight(8.8, INSURANCE)])),
	Entry(
		"freight over items with three tax rates",
		lambda: sales(
			item(50), taxed("Zero Rated", 30), taxed("Reduced", 20), taxes=[freight(10), on_total(1)]
		),
	),
	Entry("handling of 2.5 %", lambda: sales(*awkward(), taxes=[gst(2.5, FREIGHT), on_total(1)])),
	Entry(
		"a levy per unit",
		lambda: sales(item(19.95, 7), item(5, 3), taxes=[per_unit(0.35, LEVY), on_total(1)]),
	),
	Entry("two charges", lambda: sales(item(), taxes=[freight(10), freight(3.33, LEVY), on_total(2)])),
	Entry(
		"freight in US dollars",
		lambda: sales(
			item(99.99), taxes=[freight(7.77), on_total(1)], currency="USD", conversion_rate=1.6667
		),
	),
	Entry(
		"a bill with freight for valuation only",
		lambda: bill(item(50, code=STOCK_ITEM), taxes=[gst(), freight(9, COURIER, category="Valuation")]),
	),
	Entry(
		"a bill with freight for valuation and total",
		lambda: bill(
			item(50, code=STOCK_ITEM),
			taxes=[freight(9, COURIER, category="Valuation and Total"), on_total(1)],
		),
	),
	Entry(
		"a bill with a charge deducted",
		lambda: bill(item(50), taxes=[gst(), freight(1.23, INSURANCE, add_deduct_tax="Deduct")]),
	),
]

TAXES = [
	Entry("two taxes", lambda: _with_rows_of("GST and PST")),
	Entry("a tax on a tax", lambda: _with_rows_of("GST and Compound PST")),
	Entry(
		"15 % in two rows to one account",
		lambda: sales(*awkward(), taxes=[gst(10), gst(5)]),
		refused_on_16="ERPNext charged 10% tax on Books Service",
		difference_on_16="ERPNext 16 charges the rate of the second row twice: 10% instead of 15%.",
	),
	Entry(
		"two taxes, 10 off the grand total",
		lambda: sales(
			*awkward(), template="GST and PST", taxes=[gst(5), gst(7, PST)], discount_amount=10, **ON_GRAND
		),
	),
	Entry("a supplier's own GST, a cent off", lambda: bill(item(33.33, 3), taxes=[freight(14.99, GST)])),
	Entry("rounded up", lambda: sales(item(86.65), **ROUNDED)),
	Entry("rounded down", lambda: sales(item(87.1), **ROUNDED)),
	Entry("a bill, rounded", lambda: bill(item(86.65), **ROUNDED)),
	Entry("three decimals, only two used", lambda: _with_three_decimals(12.5)),
]


def _with_rows_of(template: str) -> Document:
	return sales(*awkward(), template=template, taxes=rows_of_template("Sales Invoice", template))


def _with_three_decimals(rate: float) -> Document:
	with site_default("currency_precision", "3"):
		return sales(item(rate, 2), currency="KWD", conversion_rate=5.4321).insert().submit()


def thousandths() -> Document:
	"""An invoice with three decimals, of which Xero keeps two."""
	return _with_three_decimals(12.347)
