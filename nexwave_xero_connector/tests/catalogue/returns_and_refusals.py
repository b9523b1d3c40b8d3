"""Credit notes and adjustments, and documents that Xero cannot hold, with the sentence that says so."""

from __future__ import annotations

import frappe
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
	returned,
	sales,
	taxed,
)
from nexwave_xero_connector.tests.catalogue.company import (
	ABBR,
	COURIER,
	GIFT_WRAP,
	GST,
	OLD_SALES,
	STOCK_ITEM,
	WITHHELD,
)
from nexwave_xero_connector.tests.catalogue.money import ON_GRAND, ON_NET, awkward, thousandths

UNMAPPED_FREIGHT = f"Freight and Forwarding Charges - {ABBR}"
DOLLARS = {"currency": "USD", "conversion_rate": 1.6667}

RETURNS = [
	Entry("a whole invoice returned", lambda: returned(sales(*awkward()))),
	Entry("half of an invoice returned", lambda: _half(returned(sales(item(33.33, 4))))),
	Entry("returned with its freight", lambda: returned(sales(item(), taxes=[freight(12.5), on_total(1)]))),
	Entry("returned, tax included", lambda: returned(sales(*awkward(), taxes=[included()]))),
	Entry(
		"returned, with its discount",
		lambda: returned(sales(*awkward(), additional_discount_percentage=10, **ON_NET)),
	),
	Entry(
		"returned, with a discount on the grand total",
		lambda: returned(sales(*awkward(), discount_amount=10, **ON_GRAND)),
	),
	Entry(
		"returned, three tax rates",
		lambda: returned(sales(item(10), taxed("Zero Rated", 20), taxed("Reduced", 30))),
	),
	Entry("returned in US dollars", lambda: returned(sales(item(99.99, 3), **DOLLARS))),
	Entry("returned, rounded", lambda: returned(sales(item(86.65), disable_rounded_total=0))),
	Entry("a price reduced later", lambda: _reduced(returned(sales(item(50, 3))))),
	Entry("a stand-alone credit note", lambda: sales(item(100, -1), is_return=1)),
	Entry("a rate adjustment upwards", lambda: _raised(sales(item(50, 3)))),
	Entry("a bill returned", lambda: returned(bill(*awkward()))),
	Entry("a bill for stock returned", lambda: returned(bill(item(7.77, 13, code=STOCK_ITEM)))),
	Entry("a bill in US dollars returned", lambda: returned(bill(item(250, 2), **DOLLARS))),
]

REFUSALS = [
	Entry(
		"an unmapped template",
		lambda: bill(item(), template="Unmapped"),
		"No tax mapping for item",
		why="nothing says which tax rate in Xero it is",
	),
	Entry(
		"10 % charged, 15 % mapped",
		lambda: sales(item(), taxes=[gst(10)]),
		"ERPNext charged 10% tax on Books Service (10.00 on 100.00)",
		why="the GST return in Xero would differ",
	),
	Entry(
		"freight not mapped as a charge",
		lambda: sales(item(), taxes=[gst(), freight(12.5, UNMAPPED_FREIGHT)]),
		"is a charge such as freight",
		why="it would be sent as tax",
	),
	Entry(
		"a template whose tax was not charged",
		lambda: sales(item(), taxes=[gst(0), freight(12.5)]),
		"ERPNext charged no tax on Books Service (100.00), but the document's GST - XBT is mapped to",
		why="its tax is missing in ERPNext; untaxed in Xero, nobody would see it",
	),
	Entry(
		"twenty lines, one cause",
		lambda: sales(*(item(10) for _number in range(20)), taxes=[gst(12.5)]),
		"Books Service in row 5 (1.25 on 10.00) and 15 more, but",
		why="as above",
	),
	Entry(
		"GST by hand that no rate explains",
		lambda: bill(item(), taxes=[freight(20, COURIER), freight(17, GST)]),
		"17.00 tax was entered by hand in",
		why="Xero's tax is that of a rate on a line, and no mapped rate gives it",
	),
	Entry(
		"GST by hand that either of two charges could bear",
		lambda: sales(item(), taxes=[freight(20), freight(20, GIFT_WRAP), freight(18, GST)]),
		"18.00 tax was entered by hand in",
		why="ERPNext does not say which one, and Xero needs a rate on each",
	),
	Entry(
		"an archived account",
		lambda: sales(item(income_account=OLD_SALES)),
		"280 Old Product Sales",
		why="Xero does not accept it",
	),
	Entry(
		"a mistyped exchange rate",
		lambda: sales(item(), currency="USD", conversion_rate=1666.7),
		"six decimals of the inverse rate",
		why="Xero keeps six decimals of a rate",
	),
	Entry(
		"a currency not enabled in Xero",
		lambda: sales(item(), currency="CHF", conversion_rate=1.9),
		"which was not enabled in Xero",
		why="Xero does not accept it",
	),
	Entry(
		"amounts with three decimals",
		thousandths,
		"keeps only two decimals of an amount",
		why="Xero keeps two",
	),
	Entry(
		"a number in Greek",
		lambda: _numbered("ΑΒΓ-1"),
		"unaccented Latin letters",
		why="Xero does not accept it",
	),
	Entry(
		"tax withheld at source",
		lambda: _withheld(),
		"withholds tax at source",
		why="an invoice in Xero has no place for it",
	),
	Entry(
		"a deducted tax",
		lambda: bill(item(), taxes=[gst(), gst(2, WITHHELD, add_deduct_tax="Deduct")]),
		"Xero cannot deduct a tax",
		why="a tax rate in Xero is never below zero",
	),
	Entry(
		"reverse charge: a tax added and deducted",
		lambda: bill(item(), taxes=[gst(), gst(15, WITHHELD, add_deduct_tax="Deduct")]),
		"Xero cannot deduct a tax",
		why="a tax rate in Xero has no component below zero",
	),
	Entry(
		"GST per unit",
		lambda: sales(item(10, 3), taxes=[per_unit(0.5, GST)]),
		"ERPNext charged 5% tax on Books Service (1.50 on 30.00)",
		why="a tax in Xero is a percentage of a line",
	),
	Entry(
		"GST on freight for valuation only",
		lambda: bill(
			item(50, code=STOCK_ITEM), taxes=[gst(), freight(9, COURIER, category="Valuation"), on_amount(2)]
		),
		"charged on another row that is not in the document's total",
		why="Xero has no line that it could be the tax of",
	),
	Entry(
		"the customs broker's GST alone",
		lambda: bill(item(0), taxes=[freight(150, GST)]),
		"ERPNext charged tax on Books Service (150.00 on 0.00), which has no net amount",
		why="Xero has no net amount that it could be the tax of",
	),
	Entry(
		"a refund larger than the goods returned",
		lambda: _more_freight_than_goods(),
		"the credit note would be negative",
		why="a credit note in Xero is never below zero",
	),
]


def _half(draft: Document) -> Document:
	draft.items[0].qty = -2
	return draft


def _reduced(draft: Document) -> Document:
	"""ERPNext's rate adjustment on a return: no quantity, and the difference as the rate."""
	draft.items[0].update({"qty": 0, "stock_qty": 0, "rate": 7.5, "price_list_rate": 0})
	return draft


def _raised(draft: Document) -> Document:
	original = draft.insert().submit()
	return sales(item(4.25, 0), is_debit_note=1, return_against=original.name)


def _numbered(name: str) -> Document:
	return sales(item()).insert(set_name=name)


def _withheld() -> Document:
	"""The row is marked afterwards: ERPNext 17 keeps its own records of tax withheld and accepts no manual row."""
	document = bill(item(), taxes=[gst(), freight(5, WITHHELD, add_deduct_tax="Deduct")]).insert().submit()
	row = document.taxes[-1]
	frappe.db.set_value(row.doctype, row.name, "is_tax_withholding_account", 1)
	return document


def _more_freight_than_goods() -> Document:
	return sales(item(10, -1), is_return=1, taxes=[freight(50), on_total(1)])
