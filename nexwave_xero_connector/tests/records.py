"""Records the bench tests are made of."""

import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime

PRICE_LISTS = {"selling": "Xero Test Selling", "buying": "Xero Test Buying"}


def make_company(name: str, abbr: str, country: str = "New Zealand", currency: str = "NZD") -> str:
	"""The company's name; it is made with ERPNext's standard chart of accounts where it does not exist."""
	if not frappe.db.exists("Warehouse Type", "Transit"):  # a site whose setup wizard has not run
		frappe.get_doc({"doctype": "Warehouse Type", "name": "Transit"}).insert()
	if not frappe.db.exists("Company", name):
		frappe.get_doc(
			{
				"doctype": "Company",
				"company_name": name,
				"abbr": abbr,
				"country": country,
				"default_currency": currency,
			}
		).insert()
	return name


def make_price_lists(currency: str = "NZD") -> None:
	"""Price lists in the currency of the tests' companies.

	With the site's own lists, which may be in dollars, ERPNext looks for an exchange rate, in the end on the internet.
	"""
	for side in PRICE_LISTS:
		if not frappe.db.exists("Price List", PRICE_LISTS[side]):
			price_list = {"doctype": "Price List", "price_list_name": PRICE_LISTS[side], "currency": currency}
			frappe.get_doc({**price_list, side: 1}).insert()


def price_list_of(doctype: str) -> dict[str, str]:
	"""The field of a Sales or Purchase Invoice, and the tests' price list."""
	side = "selling" if doctype == "Sales Invoice" else "buying"
	return {f"{side}_price_list": PRICE_LISTS[side]}


def make_account(company: str, code: str, **values: object) -> str:
	doc = frappe.get_doc(
		{
			"doctype": "Xero Account",
			"company": company,
			"code": code,
			"account_name": "Sales",
			"account_type": "REVENUE",
			"account_class": "REVENUE",
			"status": "ACTIVE",
			**values,
		}
	)
	return doc.insert().name


def make_tax_rate(company: str, tax_type: str, **values: object) -> str:
	doc = frappe.get_doc(
		{
			"doctype": "Xero Tax Rate",
			"company": company,
			"tax_type": tax_type,
			"tax_rate_name": "15% GST on Income",
			"effective_rate": 15,
			"status": "ACTIVE",
			**values,
		}
	)
	return doc.insert().name


def make_settings(company: str, **values: object) -> Document:
	"""Enabled settings of a connected company."""
	return frappe.get_doc(
		{
			"doctype": "Xero Sync Settings",
			"company": company,
			"enabled": 1,
			"start_date": "2026-01-01",
			"tenant_id": "5a4d2c1e-7c1b-4f0a-9f3e-0c7a8b6d1e2f",
			"organisation_name": f"{company} in Xero",
			**values,
		}
	).insert()


def make_log(company: str, **values: object) -> Document:
	"""A Queued row of an invoice that need not exist."""
	values.setdefault("reference_doctype", "Sales Invoice")
	values.setdefault("reference_name", "SINV-TEST-1")
	doc = frappe.get_doc(
		{
			"doctype": "Xero Sync Log",
			"company": company,
			"status": "Queued",
			"queued_at": now_datetime(),
			"due_at": now_datetime(),
			**values,
		}
	)
	return doc.insert(ignore_links=True)
