"""Reads what a company has to map for mapping.suggest, and turns the suggestions into rows of the settings."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType

from nexwave_xero_connector.erp.doctypes import ACCOUNT, SETTINGS, TAX_RATE, TRACKING_OPTION
from nexwave_xero_connector.erp.documents.dimensions import dimension_fields
from nexwave_xero_connector.erp.documents.mapping_settings import read_mapping_settings
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.setup.namesakes import namesakes
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.mapping.settings import MappingSettings, TrackingOption
from nexwave_xero_connector.mapping.suggest.account import ErpAccount
from nexwave_xero_connector.mapping.suggest.mapping import MappingInput, Suggestion, suggest
from nexwave_xero_connector.mapping.suggest.tax import PURCHASES, SALES, TaxTemplate
from nexwave_xero_connector.mapping.suggest.tracking import Dimension
from nexwave_xero_connector.mapping.tax.resolve import ITEM_TAX_TEMPLATE

DIRECTIONS = {
	ITEM_TAX_TEMPLATE: frozenset({SALES, PURCHASES}),
	"Sales Taxes and Charges Template": frozenset({SALES}),
	"Purchase Taxes and Charges Template": frozenset({PURCHASES}),
}
ROWS = {
	"Sales Taxes and Charges Template": "Sales Taxes and Charges",
	"Purchase Taxes and Charges Template": "Purchase Taxes and Charges",
}
ON_LINES = (
	("Sales Invoice Item", "Sales Invoice", "income_account", ""),
	("Sales Invoice Item", "Sales Invoice", "deferred_revenue_account", "enable_deferred_revenue"),
	("Purchase Invoice Item", "Purchase Invoice", "expense_account", ""),
	("Purchase Invoice Item", "Purchase Invoice", "deferred_expense_account", "enable_deferred_expense"),
)
"""Where the account is that a line is booked to; the last is the checkbox without which it is not used."""

TITLES = {"Cost Center": "cost_center_name", "Department": "department_name"}
"""The name without the company's abbreviation, where the DocType has no title field."""

OF_USE = {"Employee": {"status": "Active"}, "Project": {"status": "Open"}}
"""How a value is recognised that is still in use, besides not being disabled."""

TABLES = ("account_mapping", "charge_mapping", "tax_mapping", "tracking_mapping")


def suggestions(company: str) -> list[dict[str, object]]:
	"""A row for each field or record that is not mapped yet, or to another organisation. Nothing is saved."""
	settings = frappe.get_doc(SETTINGS, company)
	mapping_settings = read_mapping_settings(company)
	mapped = {(table, *settings.mapped_record(row)) for table in TABLES for row in settings.get(table)}
	found = suggest(
		_mapping_input(company, mapping_settings),
		list(mapping_settings.accounts.values()),
		list(mapping_settings.tax_rates.values()),
		list(_tracking_options(company)),
	)
	missing = [_as_row(one, settings) for one in found if not _is_mapped(one, settings, mapped)]
	return [*missing, *namesakes(settings)]


def _is_mapped(one: Suggestion, settings: Document, mapped: set[tuple[str, str, str]]) -> bool:
	if one.subject is None:
		return bool(settings.get(one.place))
	return (one.place, one.subject.doctype, one.subject.name) in mapped


def _as_row(one: Suggestion, settings: Document) -> dict[str, object]:
	company = settings.company
	account = _record(ACCOUNT, company, code=one.account)
	tax_rate = _record(TAX_RATE, company, tax_type=one.tax_type)
	purchase_tax_rate = _record(TAX_RATE, company, tax_type=one.purchase_tax_type)
	option = _record(TRACKING_OPTION, company, option_id=one.option.option_id if one.option else "")
	return {
		"place": one.place,
		"label": _(settings.meta.get_label(one.place)),
		"doctype": one.subject.doctype if one.subject else "",
		"subject": one.subject.name if one.subject else "",
		"account": account.name,
		"account_title": account.title,
		"tax_rate": tax_rate.name,
		"tax_rate_title": tax_rate.title,
		"purchase_tax_rate": purchase_tax_rate.name,
		"purchase_tax_rate_title": purchase_tax_rate.title,
		"tracking_option": option.name,
		"tracking_option_title": option.title,
		"reason": plain_text(one.reason),
		"is_guess": one.is_guess,
	}


def _record(doctype: str, company: str, **known_by: str) -> frappe._dict:
	nothing = frappe._dict(name="", title="")
	if not all(known_by.values()):
		return nothing
	known_by = {"company": company, "status": "ACTIVE", **known_by}
	found = frappe.db.get_value(doctype, known_by, ["name", "title"], as_dict=True)
	return found or nothing


def _mapping_input(company: str, mapping_settings: MappingSettings) -> MappingInput:
	defaults = frappe.db.get_value(
		"Company", company, ["default_income_account", "default_expense_account"], as_dict=True
	)
	templates = list(_tax_templates(company))
	charges = set(_charges(company))
	used = {account for account in _accounts_on_lines(company) if account} - charges - set(defaults.values())
	by_name = {account.name: account for account in _accounts({*used, *charges, *defaults.values()})}
	return MappingInput(
		accounts=[by_name[name] for name in sorted(used) if name in by_name],
		templates=templates,
		charges=[by_name[name] for name in sorted(charges) if name in by_name],
		income=by_name.get(defaults.default_income_account),
		expense=by_name.get(defaults.default_expense_account),
		dimensions=list(_dimensions(company, mapping_settings)),
	)


def _accounts(names: Iterable[str | None]) -> list[ErpAccount]:
	rows = frappe.get_all(
		"Account",
		filters={"name": ("in", [name for name in names if name])},
		fields=["name", "account_name", "account_number", "root_type", "account_type"],
	)
	return [
		ErpAccount(
			row.name, row.account_name, row.account_number or "", row.root_type or "", row.account_type or ""
		)
		for row in rows
	]


def _accounts_on_lines(company: str) -> Iterator[str]:
	for line_type, document_type, fieldname, checkbox in ON_LINES:
		line, document = DocType(line_type), DocType(document_type)
		query = (
			frappe.qb.from_(line)
			.join(document)
			.on(document.name == line.parent)
			.select(line[fieldname])
			.distinct()
			.where((document.company == company) & (document.docstatus < 2) & line[fieldname].notnull())
		)
		yield from (query.where(line[checkbox] == 1) if checkbox else query).run(pluck=True)
	discount = {"company": company, "is_cash_or_non_trade_discount": 1, "docstatus": ("<", 2)}
	yield from frappe.get_all(
		"Sales Invoice", discount, pluck="additional_discount_account", distinct=True, order_by=None
	)


def _charges(company: str) -> Iterator[str]:
	"""Accounts in the taxes table that are charges, not taxes: freight, for example."""
	account = DocType("Account")
	yield from frappe.get_all(
		"Shipping Rule", {"company": company, "disabled": 0, "account": ("is", "set")}, pluck="account"
	)
	for row_type in ROWS.values():
		row = DocType(row_type)
		yield from (
			frappe.qb.from_(row)
			.join(account)
			.on(account.name == row.account_head)
			.select(account.name)
			.distinct()
			.where((account.company == company) & (account.account_type != "Tax") & (row.docstatus < 2))
			.run(pluck=True)
		)


def _dimensions(company: str, mapping_settings: MappingSettings) -> Iterator[Dimension]:
	"""The values that the company can use today, of the dimensions that become tracking."""
	for doctype in mapping_settings.tracking_sources:
		if doctype not in dimension_fields():
			continue
		meta = frappe.get_meta(doctype)
		of_use = {"company": company, "is_group": 0, "disabled": 0} | OF_USE.get(doctype, {})
		filters = {field: value for field, value in of_use.items() if meta.has_field(field)}
		title = TITLES.get(doctype) or meta.get_title_field()
		category = _category_of(doctype, mapping_settings)
		for row in frappe.get_all(doctype, filters, ["name", f"{title} as title"], order_by="name"):
			yield Dimension(doctype, row.name, row.title or row.name, category)


def _category_of(doctype: str, mapping_settings: MappingSettings) -> str:
	"""The tracking category that the dimension is mapped to so far; "" if none or several."""
	mapped = {
		option.category_id
		for (of_doctype, _name), option in mapping_settings.tracking.items()
		if of_doctype == doctype
	}
	return mapped.pop() if len(mapped) == 1 else ""


def _tracking_options(company: str) -> Iterator[TrackingOption]:
	fields = ["category", "option", "status", "category_id", "option_id"]
	for row in frappe.get_all(TRACKING_OPTION, {"company": company}, fields):
		yield TrackingOption(row.category, row.option, row.status, row.category_id or "", row.option_id)


def _tax_templates(company: str) -> Iterator[TaxTemplate]:
	for doctype, directions in DIRECTIONS.items():
		for template in frappe.get_all(doctype, {"company": company, "disabled": 0}, ["name", "title"]):
			doc = frappe.get_doc(doctype, template.name)
			yield TaxTemplate(doctype, template.name, template.title, tuple(_rates(doc)), directions)


def _rates(template: Document) -> Iterator[Decimal]:
	for row in template.taxes:
		if template.doctype == ITEM_TAX_TEMPLATE:
			yield Decimal(str(row.tax_rate or 0))
		elif row.charge_type != "Actual" and row.rate:
			yield Decimal(str(row.rate))
