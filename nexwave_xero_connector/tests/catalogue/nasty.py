"""Several difficulties in one document."""

from __future__ import annotations

from frappe.model.document import Document
from frappe.utils import add_days, nowdate

from nexwave_xero_connector.tests.catalogue.builders import (
	Entry,
	bill,
	freight,
	gst,
	included,
	item,
	on_amount,
	on_total,
	returned,
	sales,
	taxed,
)
from nexwave_xero_connector.tests.catalogue.company import (
	COURIER,
	DEFERRED,
	GST,
	INSURANCE,
	ODD_CUSTOMER,
	PST,
	STOCK_ITEM,
	own,
)
from nexwave_xero_connector.tests.catalogue.money import CASH, ON_GRAND, ON_NET, ROUNDED, awkward

DOLLARS = {"currency": "USD", "conversion_rate": 1.6667}
TEXT = "<div class='ql-editor'><h2>Ærø 🧶 &amp; Söhne</h2><table><tr><td>1</td><td>&lt;b&gt;</td></tr></table><p>"

NASTY = [
	Entry(
		"included, three tax rates, 10 off the grand total",
		lambda: sales(*_three_taxes(), taxes=[included()], discount_amount=10, **ON_GRAND),
	),
	Entry(
		"included, three tax rates, 17.5 % off, rounded",
		lambda: sales(
			*_three_taxes(),
			taxes=[included()],
			additional_discount_percentage=17.5,
			**ON_GRAND,
			**ROUNDED,
		),
	),
	Entry(
		"a tax on a tax, both included",
		lambda: sales(
			*awkward(),
			template="GST and Compound PST",
			taxes=[included(5), on_total(1, 7, PST, included_in_print_rate=1)],
		),
	),
	Entry(
		"part of a discounted invoice in dollars returned",
		lambda: _part(
			returned(sales(item(99.99, 5), item(7.77, 3), discount_amount=50, **ON_GRAND, **DOLLARS)), 2, 0
		),
	),
	Entry(
		"part of a discounted invoice returned, with another discount",
		lambda: _part(
			returned(sales(item(99.99, 5), item(7.77, 3), discount_amount=33.33, **ON_NET, **DOLLARS)),
			2,
			3,
			discount_amount=-12.34,
		),
	),
	Entry(
		"half returned, two taxes, a discount on the grand total",
		lambda: _part(
			returned(
				sales(
					item(33.33, 4),
					template="GST and PST",
					taxes=[gst(5), gst(7, PST)],
					discount_amount=10,
					**ON_GRAND,
				)
			),
			2,
		),
	),
	Entry(
		"a credit note with freight over two tax rates",
		lambda: sales(
			item(50, -1), taxed("Zero Rated", 30, -1), is_return=1, taxes=[freight(-10), on_total(1)]
		),
	),
	Entry(
		"goods returned, freight kept",
		lambda: _part(returned(sales(item(50, 3), taxes=[freight(10), on_total(1)])), 1, taxes=[gst()]),
	),
	Entry(
		"a cash discount returned",
		lambda: returned(sales(*awkward(), discount_amount=5.05, **ON_GRAND, **CASH)),
	),
	Entry(
		"a cash discount in dollars, tax included",
		lambda: sales(*awkward(), taxes=[included()], discount_amount=5.05, **ON_GRAND, **CASH, **DOLLARS),
	),
	Entry("deferred revenue, half returned", lambda: _part(returned(sales(_deferred())), 1)),
	Entry("prices reduced later, two tax rates", lambda: _reduced()),
	Entry(
		"a debit note with two tax rates",
		lambda: sales(taxed("Reduced", 4.25, 0), item(1.11, 0), is_debit_note=1),
	),
	Entry("a free line, and tax entered by hand", lambda: bill(item(0), item(), taxes=[freight(15, GST)])),
	Entry(
		"a supplier's GST a cent off, with negative lines",
		lambda: bill(item(109.51), item(-84.84), taxes=[freight(3.71, GST)]),
	),
	Entry(
		"a bill with all kinds of freight returned",
		lambda: returned(
			bill(
				item(50, 4, code=STOCK_ITEM),
				taxes=[
					gst(),
					freight(9, COURIER, category="Valuation"),
					freight(11, COURIER, category="Valuation and Total"),
					on_amount(3),
				],
			)
		),
	),
	Entry(
		"a deducted charge over two tax rates",
		lambda: bill(
			item(50),
			taxed("Reduced", 50),
			taxes=[freight(4.44, COURIER, add_deduct_tax="Deduct"), on_total(1)],
		),
	),
	Entry(
		"two charges over two tax rates, one untaxed",
		lambda: sales(
			item(10), taxed("Zero Rated", 10), taxes=[freight(9.99), on_total(1), freight(5.55, INSURANCE)]
		),
	),
	Entry(
		"a bill in pounds, rounded, off the grand total",
		lambda: bill(
			*awkward(),
			discount_amount=3.33,
			currency="GBP",
			conversion_rate=2.123456789,
			**ON_GRAND,
			**ROUNDED,
		),
	),
	Entry(
		"negative prices, two tax rates",
		lambda: sales(item(100, 3), item(-33.33, 2), taxed("Reduced", -0.07, 3), taxed("Reduced", 12.5)),
	),
	Entry("nine lines of three cents", lambda: sales(*(item(0.03) for _number in range(9)))),
	Entry(
		"quantities of 0.001 and 123,456.789", lambda: sales(item(1234567.89, 0.001), item(0.01, 123456.789))
	),
	Entry(
		"300 lines, three tax rates, freight, a discount",
		lambda: sales(*_lines(300), taxes=[freight(123.45), on_total(1)], discount_amount=77.77, **ON_GRAND),
	),
	Entry("300 lines, tax included", lambda: sales(*_lines(300), taxes=[included()])),
	Entry(
		"one item with two cost centres",
		lambda: sales(
			item(33.33, cost_center=own("Books North")),
			item(33.33, cost_center=own("Books South")),
			taxed("Zero Rated", 33.34, 2, cost_center=own("Books South")),
		),
	),
	Entry("three instalments", lambda: sales(item(1000), payment_schedule=_instalments())),
	Entry(
		"a description with emoji, tables and 8,000 characters",
		lambda: sales(item(description=TEXT + "日本語 🧵 " * 1600)),
	),
	Entry(
		"a customer name with quotes, symbols and percent signs", lambda: sales(item(), customer=ODD_CUSTOMER)
	),
	Entry("a number with commas", lambda: _numbered("Books,2026,1")),
	Entry("a number with quotes and slashes", lambda: _numbered("Books/26-27/A'B\"1&2 50%")),
]


def _three_taxes() -> tuple[dict, ...]:
	return item(115, 3), taxed("Zero Rated", 19.99, 2), taxed("Reduced", 9.99, 7)


def _lines(count: int) -> tuple[dict, ...]:
	templates = ("Fifteen", "Reduced", "Fifteen", "Zero Rated", "Fifteen")
	return tuple(
		taxed(templates[number % 5], round(0.07 + number % 97 * 1.13, 2), 1 + number % 7)
		for number in range(count)
	)


def _part(draft: Document, *quantities: float, **values: object) -> Document:
	"""The return with the given quantity of each row."""
	for row, quantity in zip(draft.items, quantities, strict=True):
		row.qty = -quantity
	draft.items = [row for row in draft.items if row.qty]
	draft.update(values)
	return draft


def _reduced() -> Document:
	draft = returned(sales(item(50, 3), taxed("Reduced", 20)))
	for row, rate in zip(draft.items, (7.5, 1.11), strict=True):
		row.update({"qty": 0, "stock_qty": 0, "rate": rate, "price_list_rate": 0})
	return draft


def _deferred() -> dict:
	return item(
		1200,
		2,
		enable_deferred_revenue=1,
		deferred_revenue_account=DEFERRED,
		service_start_date=nowdate(),
		service_end_date=add_days(nowdate(), 90),
	)


def _instalments() -> list[dict]:
	return [
		{
			"due_date": add_days(nowdate(), days),
			"invoice_portion": portion,
			"payment_amount": round(11.5 * portion, 2),
		}
		for days, portion in ((5, 33.33), (35, 33.33), (65, 33.34))
	]


def _numbered(name: str) -> Document:
	return sales(item()).insert(set_name=name)
