"""A company in New Zealand: customers, suppliers, items, taxes, mapping, and documents of every kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from nexwave_xero_connector.mapping.erp_document import DocumentRef, Party, TaxRow
from nexwave_xero_connector.mapping.settings import XeroAccount, XeroTaxRate
from sandbox.erp.drafts import Line
from sandbox.erp.embedded_erp import EmbeddedErp
from sandbox.erp.stored import PARTY, TAX_ROWS, XERO_ACCOUNT, XERO_TAX_RATE, to_json

COMPANY = "NexWave Demo NZ"
ABBR = "NW"
POSTED_ON = date(2026, 7, 15)

GST = f"GST - {ABBR}"
FREIGHT = f"Freight - {ABBR}"
SALES_GST = f"NZ GST 15% - {ABBR}"
SALES_GST_FREIGHT = f"NZ GST 15% and Freight - {ABBR}"
EXPORTS = f"Exports - {ABBR}"
ZERO_RATED = f"Zero Rated - {ABBR}"
EXEMPT = f"Exempt - {ABBR}"

CUSTOMERS = (
	Party(
		"Customer",
		"Harbour Cafe",
		"Harbour Cafe",
		email="accounts@harbourcafe.example",
		country="New Zealand",
	),
	Party("Customer", "Kowhai Gardens", "Kowhai Gardens", city="Nelson", country="New Zealand"),
	Party("Customer", "Oregon Outfitters", "Oregon Outfitters", country="United States"),
)
SUPPLIERS = (
	Party("Supplier", "Tasman Timber", "Tasman Timber", tax_id="123-456-789", country="New Zealand"),
	Party("Supplier", "Southern Couriers", "Southern Couriers", country="New Zealand"),
)
# code, name, description, Item Tax Template of the item
ITEMS = (
	("BENCH", "Garden Bench", "Garden bench, kauri, oiled", ""),
	("PLANTER", "Planter Box", "Planter box, 60 cm", ""),
	("TIMBER", "Timber", "Kauri planks, rough sawn", ""),
	("COURIER", "Courier", "Courier bags, per delivery", ""),
	("RENT", "Holiday House Rent", "Rent of the holiday house, a week", EXEMPT),
)
# Xero's code, name, class
XERO_ACCOUNTS = (
	("200", "Sales", "REVENUE"),
	("260", "Other Revenue", "REVENUE"),
	("300", "Purchases", "EXPENSE"),
	("425", "Freight & Courier", "EXPENSE"),
	("860", "Rounding", "LIABILITY"),
)
# Xero's tax type, name, rate, the account classes it applies to
XERO_TAX_RATES = (
	("OUTPUT2", "15% GST on Income", "15", "ASSET EQUITY LIABILITY REVENUE"),
	("INPUT2", "15% GST on Expenses", "15", "ASSET EQUITY EXPENSE LIABILITY"),
	("ZERORATED", "Zero Rated", "0", "LIABILITY REVENUE"),
	("NONE", "No GST", "0", "ASSET EQUITY EXPENSE LIABILITY REVENUE"),
)


def set_up_company(erp: EmbeddedErp) -> None:
	"""Master data and settings. Only the template Exempt has no tax mapping yet."""
	with erp.database.transaction():
		erp.database.execute("INSERT INTO company (name, currency, abbr) VALUES (?, 'NZD', ?)", COMPANY, ABBR)
		for party in CUSTOMERS + SUPPLIERS:
			erp.database.execute(
				"INSERT INTO party VALUES (?, ?, ?)", party.doctype, party.name, to_json(PARTY, party)
			)
		for item in ITEMS:
			erp.database.execute("INSERT INTO item VALUES (?, ?, ?, ?)", *item)
		for template in (ZERO_RATED, EXEMPT):
			erp.database.execute("INSERT INTO item_tax_template VALUES (?, ?, '0')", template, GST)
		_taxes_templates(erp)
		_xero_settings(erp)


def _taxes_templates(erp: EmbeddedErp) -> None:
	gst = TaxRow(1, "On Net Total", GST, "GST 15%", Decimal(15), Decimal(0))
	no_gst = TaxRow(1, "On Net Total", GST, "GST 0%", Decimal(0), Decimal(0))
	freight = TaxRow(1, "Actual", FREIGHT, "Freight", Decimal(0), Decimal(0))
	gst_on_both = TaxRow(2, "On Previous Row Total", GST, "GST 15%", Decimal(15), Decimal(0), row_id=1)
	for doctype, name, rows in (
		("Sales Taxes and Charges Template", SALES_GST, (gst,)),
		("Sales Taxes and Charges Template", SALES_GST_FREIGHT, (freight, gst_on_both)),
		("Sales Taxes and Charges Template", EXPORTS, (no_gst,)),
		("Purchase Taxes and Charges Template", SALES_GST, (gst,)),
	):
		erp.database.execute(
			"INSERT INTO taxes_template VALUES (?, ?, ?)", doctype, name, to_json(TAX_ROWS, rows)
		)


def _xero_settings(erp: EmbeddedErp) -> None:
	erp.database.execute(
		"""INSERT INTO xero_settings (company, start_date, default_sales_account, default_purchase_account,
			rounding_account, base_currency) VALUES (?, '2026-04-01', '200', '300', '860', 'NZD')""",
		COMPANY,
	)
	for code, name, account_class in XERO_ACCOUNTS:
		account = XeroAccount(code, name, account_class)
		erp.database.execute(
			"INSERT INTO xero_account VALUES (?, ?, ?)", COMPANY, code, to_json(XERO_ACCOUNT, account)
		)
	for tax_type, name, rate, classes in XERO_TAX_RATES:
		tax_rate = XeroTaxRate(tax_type, name, Decimal(rate), applies_to=frozenset(classes.split()))
		erp.database.execute(
			"INSERT INTO xero_tax_rate VALUES (?, ?, ?)", COMPANY, tax_type, to_json(XERO_TAX_RATE, tax_rate)
		)
	erp.database.execute("INSERT INTO account_mapping VALUES (?, ?, '260')", COMPANY, FREIGHT)
	erp.database.execute("INSERT INTO charge_account VALUES (?, ?, '')", COMPANY, FREIGHT)
	for doctype, template, sales, purchases in (
		("Sales Taxes and Charges Template", SALES_GST, "OUTPUT2", ""),
		("Sales Taxes and Charges Template", SALES_GST_FREIGHT, "OUTPUT2", ""),
		("Sales Taxes and Charges Template", EXPORTS, "ZERORATED", ""),
		("Purchase Taxes and Charges Template", SALES_GST, "", "INPUT2"),
		("Item Tax Template", ZERO_RATED, "ZERORATED", "NONE"),
	):
		erp.desk.map_tax(COMPANY, doctype, template, sales, purchases)


def sales_invoice(
	erp: EmbeddedErp, customer: str = "Harbour Cafe", *, qty: int = 2, rate: str = "149.50"
) -> DocumentRef:
	"""A draft in NZD with 15% GST."""
	lines = [Line("BENCH", Decimal(qty), Decimal(rate))]
	return erp.drafts.invoice("Sales Invoice", COMPANY, customer, lines, POSTED_ON, taxes_template=SALES_GST)


def sales_invoice_with_freight(erp: EmbeddedErp) -> DocumentRef:
	lines = [Line("BENCH", Decimal(1), Decimal("149.50")), Line("PLANTER", Decimal(3), Decimal("33.33"))]
	charges: Mapping[str, Decimal] = {FREIGHT: Decimal("25.00")}
	return erp.drafts.invoice(
		"Sales Invoice",
		COMPANY,
		"Kowhai Gardens",
		lines,
		POSTED_ON,
		taxes_template=SALES_GST_FREIGHT,
		charges=charges,
	)


def export_invoice(erp: EmbeddedErp) -> DocumentRef:
	"""A draft in US dollars (1 USD is 1.65 NZD), without GST."""
	return erp.drafts.invoice(
		"Sales Invoice",
		COMPANY,
		"Oregon Outfitters",
		[Line("BENCH", Decimal(4), Decimal("99.95"))],
		POSTED_ON,
		taxes_template=EXPORTS,
		currency="USD",
		conversion_rate=Decimal("1.65"),
	)


def invoice_without_tax_mapping(erp: EmbeddedErp) -> DocumentRef:
	"""A draft whose only item has its own tax template, which is not mapped; the document has none."""
	lines = [Line("RENT", Decimal(1), Decimal("980.00"))]
	return erp.drafts.invoice("Sales Invoice", COMPANY, "Harbour Cafe", lines, POSTED_ON)


def bill(erp: EmbeddedErp, supplier: str = "Tasman Timber", *, rate: str = "412.00") -> DocumentRef:
	"""A Purchase Invoice in NZD with 15% GST."""
	lines = [Line("TIMBER", Decimal(1), Decimal(rate))]
	return erp.drafts.invoice(
		"Purchase Invoice", COMPANY, supplier, lines, POSTED_ON, taxes_template=SALES_GST, bill_no="TT-8841"
	)
