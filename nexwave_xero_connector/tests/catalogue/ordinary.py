"""Everyday documents: sales and bills at 15 %, zero-rated, exempt, mixed, in several currencies."""

from __future__ import annotations

from frappe.utils import add_days, nowdate

from nexwave_xero_connector.tests.catalogue.builders import (
	Entry,
	bill,
	freight,
	gst,
	item,
	on_total,
	rows_of_template,
	sales,
	taxed,
)
from nexwave_xero_connector.tests.catalogue.company import (
	ABBR,
	COURIER,
	DEFERRED,
	EXPORT_SALES,
	GROUP_ITEM,
	REDUCED_GST,
	STOCK_ITEM,
	ZERO_ITEM,
	own,
	project,
)

NO_ROWS_ON_16 = (
	"ERPNext 15 adds the template's rows when the document is saved. ERPNext 16 does so only with *Automatically Add"
	" Taxes from Taxes and Charges Template* in Accounts Settings, and charges nothing without rows."
)
LONG_TEXT = "<p>" + "Fine cloth, sewn by hand &amp; numbered. " * 130 + "</p>"

ORDINARY = [
	Entry("one line at 15 %", lambda: sales(item())),
	Entry("ten lines whose cents add up", lambda: sales(*(item(9.99 + n, n + 1) for n in range(10)))),
	Entry("a quantity of 2.375", lambda: sales(item(19.95, 2.375))),
	Entry("1,000.333 units at 0.33", lambda: sales(item(0.33, 1000.333))),
	Entry("a million units", lambda: sales(item(12.34, 1000000))),
	Entry("one cent", lambda: sales(item(0.01))),
	Entry("a free line beside a paid one", lambda: sales(item(), item(0))),
	Entry("zero-rated on the row", lambda: sales(taxed("Zero Rated"))),
	Entry("exempt on the row", lambda: sales(taxed("Exempt"))),
	Entry(
		"15 %, zero-rated and exempt",
		lambda: sales(item(11.11), taxed("Zero Rated", 22.22), taxed("Exempt", 33.33)),
	),
	Entry(
		"no tax at all",
		lambda: sales(item(), template="No Tax", taxes=[]),
		difference_on_16="ERPNext 15 adds the template's row of 0%, and ERPNext 16 none.",
	),
	Entry(
		"the template's tax rows",
		lambda: sales(item(49.95, 3), taxes=rows_of_template("Sales Invoice", "GST")),
	),
	Entry(
		"a template, and rows left to ERPNext",
		lambda: sales(item(49.95, 3), taxes=[]),
		refused_on_16="ERPNext charged no tax on Books Service",
		difference_on_16=NO_ROWS_ON_16,
	),
	Entry("the company's default template", lambda: sales(item(49.95), template="")),
	Entry("an unmapped template, so the company's default", lambda: sales(item(), template="Unmapped")),
	Entry("zero-rated through the item", lambda: sales(item(80, code=ZERO_ITEM), item(20))),
	Entry("zero-rated through the item group", lambda: sales(item(80, code=GROUP_ITEM), item(20))),
	Entry("a reduced rate on the row", lambda: sales(taxed("Reduced", 33.33), item(33.33))),
	Entry(
		"a reduced rate with its own tax account",
		lambda: sales(
			taxed("Reduced Apart", 33.33), taxed("Fifteen", 33.33), taxes=[gst(), gst(0, REDUCED_GST)]
		),
	),
	Entry("a row without an item", lambda: sales(_free_text())),
	Entry("a description of 5,000 characters", lambda: sales(item(description=LONG_TEXT))),
	Entry("a description with scripts and lists", lambda: sales(item(description=_rich_text()))),
	Entry("a customer's purchase order", lambda: sales(item(), po_no="PO 4711 / Māori", po_date=nowdate())),
	Entry("two instalments", lambda: sales(item(300), payment_schedule=_schedule())),
	Entry("cost centre and project", lambda: sales(item(cost_center=own("Books North"), project=project()))),
	Entry("another income account", lambda: sales(item(income_account=f"Service - {ABBR}"))),
	Entry("an account found by its number", lambda: sales(item(income_account=EXPORT_SALES))),
	Entry("deferred revenue", lambda: sales(_deferred())),
	Entry("US dollars", lambda: sales(item(99.99, 3), currency="USD", conversion_rate=1.6667)),
	Entry(
		"Australian dollars, zero-rated",
		lambda: sales(taxed("Zero Rated", 1234.56), currency="AUD", conversion_rate=1.0923),
	),
	Entry(
		"pounds, an exchange rate with nine decimals",
		lambda: sales(item(1999.99, 7), currency="GBP", conversion_rate=2.123456789),
	),
	Entry("yen", lambda: sales(item(1151.15, 3), currency="JPY", conversion_rate=0.0109)),
	Entry("dinars", lambda: sales(item(12.345, 3), currency="KWD", conversion_rate=5.4321)),
	Entry("a bill at 15 %", lambda: bill(item(45.67, 3))),
	Entry(
		"a bill with three tax rates",
		lambda: bill(item(10), taxed("Zero Rated", 20), taxed("Reduced", 30)),
	),
	Entry("a bill for stock", lambda: bill(item(7.77, 13, code=STOCK_ITEM))),
	Entry("a bill in US dollars", lambda: bill(item(250, 2), currency="USD", conversion_rate=1.7)),
	Entry(
		"a bill with a courier charge", lambda: bill(item(60), taxes=[freight(12.5, COURIER), on_total(1)])
	),
]


def _free_text() -> dict:
	return {
		"item_name": "Callout",
		"description": "Callout, Saturday",
		"qty": 1,
		"uom": "Nos",
		"rate": 145.5,
		"income_account": own("Sales"),
	}


def _rich_text() -> str:
	return "<div><script>alert(1)</script><ul><li>Tea &amp; cake</li><li>5 &lt; 6</li></ul></div>"


def _schedule() -> list[dict]:
	return [
		{"due_date": add_days(nowdate(), days), "invoice_portion": 50, "payment_amount": 172.5}
		for days in (10, 40)
	]


def _deferred() -> dict:
	return item(
		1200,
		enable_deferred_revenue=1,
		deferred_revenue_account=DEFERRED,
		service_start_date=nowdate(),
		service_end_date=add_days(nowdate(), 90),
	)
