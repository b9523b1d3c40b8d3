"""Companies that push to the sandbox, and thousands of documents: one is submitted, the others are copies of it.

The copies are inserted by SQL as submitted documents with their item and tax rows. They have no ledger entries, which
the connector does not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import frappe
from frappe.model.document import Document
from frappe.utils import add_days, now, nowdate

from nexwave_xero_connector.tests.bench_sandbox import use_app
from nexwave_xero_connector.tests.records import make_account, make_company, make_tax_rate

LOG = "Xero Sync Log"
ITEM = "Benchmark Garden Bench"
CUSTOMERS = 200
CUSTOMER_OF_SEQ = f"CONCAT('Benchmark Customer ', LPAD(1 + s.seq MOD {CUSTOMERS}, 3, '0'))"
LINES = 3
CHILDREN = ("Sales Invoice Item", "Sales Taxes and Charges", "Payment Schedule")


@dataclass(frozen=True)
class Country:
	name: str
	currency: str
	tax_type: str
	gst: int


COUNTRIES = {
	"NZ": Country("New Zealand", "NZD", "OUTPUT2", 15),
	"AU": Country("Australia", "AUD", "OUTPUT", 10),
}


def make_books(app: list[str], companies: Mapping[str, Mapping[str, str]]) -> None:
	"""Create companies by country, each with abbr, company, tenant and token."""
	use_app(*app)
	if not frappe.db.exists("Item", ITEM):
		frappe.get_doc(
			{"doctype": "Item", "item_code": ITEM, "item_group": "All Item Groups", "is_stock_item": 0}
		).insert()
	for number in range(1, CUSTOMERS + 1):
		if not frappe.db.exists("Customer", customer(number)):
			frappe.get_doc({"doctype": "Customer", "customer_name": customer(number)}).insert()
	for code, values in companies.items():
		_make_company(COUNTRIES[code], **values)
	frappe.db.commit()


def customer(number: int) -> str:
	return f"Benchmark Customer {number:03}"


def _make_company(
	country: Country, company: str, abbr: str, tenant: str, token: Mapping[str, object]
) -> None:
	from nexwave_xero_connector.erp.connection.tokens import store_token
	from nexwave_xero_connector.tests.bench_world import connect_without_consent  # needs a site when imported
	from nexwave_xero_connector.xero_api.oauth import Token

	make_company(company, abbr, country.name, country.currency)
	template = _gst_template(company, abbr, country)
	rounding = {"account_class": "LIABILITY", "account_type": "CURRLIAB"}
	frappe.get_doc(
		{
			"doctype": "Xero Sync Settings",
			"company": company,
			"enabled": 1,
			"start_date": add_days(nowdate(), -30),
			"tenant_id": tenant,
			"organisation_name": f"{company} in Xero",
			"short_code": "!BENCH",
			"base_currency": country.currency,
			"default_sales_account": make_account(company, "200"),
			"rounding_account": make_account(company, "860", **rounding),
			"tax_mapping": [
				{
					"template_type": "Sales Taxes and Charges Template",
					"template": template,
					"xero_tax_rate": make_tax_rate(
						company,
						country.tax_type,
						tax_rate_name="GST on Income",
						effective_rate=country.gst,
						can_apply_to_revenue=1,
					),
				}
			],
		}
	).insert()
	connect_without_consent(company)
	expires_at = datetime.now(timezone.utc) + timedelta(seconds=int(token["expires_in"]))
	store_token(company, Token(token["access_token"], token["refresh_token"], expires_at, token["scope"]))


def _gst_template(company: str, abbr: str, country: Country) -> str:
	account = frappe.get_doc(
		{
			"doctype": "Account",
			"account_name": "Benchmark GST",
			"company": company,
			"account_type": "Tax",
			"tax_rate": country.gst,
			"parent_account": f"Duties and Taxes - {abbr}",
		}
	).insert()
	row = {
		"charge_type": "On Net Total",
		"account_head": account.name,
		"description": "GST",
		"rate": country.gst,
	}
	return (
		frappe.get_doc(
			{
				"doctype": "Sales Taxes and Charges Template",
				"title": "Benchmark GST",
				"company": company,
				"taxes": [row],
			}
		)
		.insert()
		.name
	)


def new_invoice(company: str, **values: object) -> Document:
	"""A draft of three lines with GST, not saved."""
	currency, abbr = frappe.db.get_value("Company", company, ["default_currency", "abbr"])
	template = f"Benchmark GST - {abbr}"
	lines = [{"item_code": ITEM, "qty": n, "rate": 49.5 * n} for n in range(1, LINES + 1)]
	return frappe.get_doc(
		{
			"doctype": "Sales Invoice",
			"naming_series": "ACC-SINV-.YYYY.-",
			"company": company,
			"customer": customer(1),
			"posting_date": nowdate(),
			"due_date": add_days(nowdate(), 20),
			"currency": currency,
			"conversion_rate": 1,
			"disable_rounded_total": 1,
			"taxes_and_charges": template,
			"taxes": frappe.get_doc("Sales Taxes and Charges Template", template).get("taxes"),
			"items": lines,
			**values,
		}
	)


def unpushed(document: Document) -> Document:
	"""Submit the draft without a row in the log."""
	document.insert().submit()
	# By an index: other rows, which a worker may be changing, are not read.
	frappe.db.delete(LOG, {"reference_doctype": document.doctype, "reference_name": document.name})
	frappe.db.commit()
	return document


def new_return(company: str) -> Document:
	"""A draft of a credit note that keeps its own balance; its invoice is not pushed."""
	from erpnext.controllers.sales_and_purchase_return import make_return_doc

	document = make_return_doc("Sales Invoice", unpushed(new_invoice(company)).name)
	document.update_outstanding_for_self = 1
	return document


def copy_invoice(
	original: str, series: str, first: int, last: int, *, with_rows: bool = True, **values: str
) -> None:
	"""Create invoices `series`first to `series`last as copies of the original, for the customers in turn.

	`values` are columns as SQL expressions of `s.seq`.
	"""
	span = f"seq_{first}_to_{last} s"
	name = f"CONCAT('{series}', s.seq)"
	set_ = {"name": name, "customer": CUSTOMER_OF_SEQ, **values}
	_copy("Sales Invoice", span, f"o.name = {frappe.db.escape(original)}", set_)
	for child in CHILDREN if with_rows else ():
		set_ = {"name": f"CONCAT('{series}', s.seq, '-', o.idx)", "parent": name}
		_copy(child, span, f"o.parent = {frappe.db.escape(original)}", set_)
	frappe.db.commit()


def copy_document(doctype: str, original: str, series: str, first: int, last: int) -> None:
	"""Create documents `series`first to `series`last as copies of the original, rows of all its tables included."""
	span, name = f"seq_{first}_to_{last} s", f"CONCAT('{series}', s.seq)"
	_copy(doctype, span, f"o.name = {frappe.db.escape(original)}", {"name": name})
	for child in {field.options for field in frappe.get_meta(doctype).get_table_fields()}:
		set_ = {"name": f"CONCAT('{series}', s.seq, '-', o.name)", "parent": name}
		_copy(child, span, f"o.parent = {frappe.db.escape(original)}", set_)
	frappe.db.commit()


def _copy(doctype: str, span: str, where: str, set_: Mapping[str, str]) -> None:
	columns = frappe.db.get_table_columns(doctype)
	quoted = ", ".join(f"`{column}`" for column in columns)
	taken = ", ".join(set_.get(column, f"o.`{column}`") for column in columns)
	frappe.db.sql(
		f"INSERT INTO `tab{doctype}` ({quoted}) SELECT {taken} FROM {span}, `tab{doctype}` o WHERE {where}"
	)


def log_invoices(
	company: str, series: str, first: int, last: int, attempt: int = 1, where: str = "1", **values: str
) -> None:
	"""A log row for each of the copies, Queued and due; `values` and `where` are SQL expressions of `s.seq`."""
	name = f"CONCAT('{series}', s.seq)"
	# The site's time, which may differ from the database's.
	moment = frappe.db.escape(now())
	set_ = {
		"name": f"CONCAT(LEFT(SHA2(CONCAT('Sales Invoice:', {name}), 256), 20), '-{attempt}')",
		"creation": moment,
		"modified": moment,
		"owner": "'Administrator'",
		"modified_by": "'Administrator'",
		"company": frappe.db.escape(company),
		"reference_doctype": "'Sales Invoice'",
		"reference_name": name,
		"reference_creation": f"(SELECT d.creation FROM `tabSales Invoice` d WHERE d.name = {name})",
		"party_type": "'Customer'",
		"party": CUSTOMER_OF_SEQ,
		"operation": "'Push'",
		"triggered_by": "'Submit'",
		"status": "'Queued'",
		"attempt": str(attempt),
		"is_latest": "1",
		"queued_at": moment,
		"due_at": "UTC_TIMESTAMP(6)",
		**values,
	}
	frappe.db.sql(
		f"INSERT INTO `tab{LOG}` ({', '.join(f'`{column}`' for column in set_)})"
		f" SELECT {', '.join(set_.values())} FROM seq_{first}_to_{last} s WHERE {where} ORDER BY 1"
	)
	frappe.db.commit()
