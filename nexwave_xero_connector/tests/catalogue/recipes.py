"""The examples of docs/extending.md, as another app would have them. `tests/test_recipes.py` runs them.

The page shows each of these functions as it is here; a test compares the two.
"""

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.erp.connection.tokens import organisation_client

THEME_OF_GROUP = {"Commercial": "Trade"}
"""The branding theme in Xero for each customer group."""


def fetch_lists() -> None:
	"""A daily job of the app: two calls to Xero for each company."""
	for company in frappe.get_all("Xero Sync Settings", {"enabled": 1}, pluck="company"):
		client = organisation_client(company)
		themes = client.call(client.accounting.get_branding_themes).elements("BrandingThemes")
		items = client.call(client.accounting.get_items).elements("Items")
		lists = {
			"themes": {theme["Name"]: theme["BrandingThemeID"] for theme in themes},
			"items": [item["Code"] for item in items if not item.get("IsTrackedAsInventory")],
		}
		frappe.db.set_global(f"my_app_xero_lists:{company}", frappe.as_json(lists))


def lists_of(company: str) -> dict:
	stored = frappe.db.get_global(f"my_app_xero_lists:{company}")
	return frappe.parse_json(stored) if stored else {"themes": {}, "items": []}


def branding_theme(doc: Document, body: dict) -> None:
	if doc.doctype != "Sales Invoice":
		return
	group = frappe.db.get_value("Customer", doc.customer, "customer_group")
	theme = lists_of(doc.company)["themes"].get(THEME_OF_GROUP.get(group))
	if theme:
		body["BrandingThemeID"] = theme


def item_codes(doc: Document, body: dict) -> None:
	in_xero = lists_of(doc.company)["items"]
	# The lines of the items come first, in the order of the document's rows.
	for line, row in zip(body["LineItems"], doc.items, strict=False):
		if row.item_code in in_xero:
			line["ItemCode"] = row.item_code


def mark_as_sent(doc: Document, body: dict) -> None:
	if doc.doctype == "Sales Invoice" and not doc.is_return and body["Status"] == "AUTHORISED":
		body["SentToContact"] = True


def sales_order_as_reference(doc: Document, body: dict) -> None:
	if doc.doctype != "Sales Invoice" or body.get("Reference"):
		return  # the customer's own purchase order is there already
	orders = dict.fromkeys(row.sales_order for row in doc.items if row.sales_order)
	if orders:
		body["Reference"] = ", ".join(orders)[:255]


def contact_details(party: Document, body: dict) -> None:
	# A custom field of yours. An ABN in Tax ID is sent already, as TaxNumber.
	if nzbn := party.get("nzbn"):
		body["CompanyNumber"] = nzbn
	terms = party.payment_terms and frappe.get_doc("Payment Terms Template", party.payment_terms).terms
	if terms and len(terms) == 1 and terms[0].due_date_based_on == "Day(s) after invoice date":
		side = "Sales" if party.doctype == "Customer" else "Bills"
		body["PaymentTerms"] = {side: {"Day": terms[0].credit_days, "Type": "DAYSAFTERBILLDATE"}}
