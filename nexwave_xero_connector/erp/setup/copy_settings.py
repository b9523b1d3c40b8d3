"""Copies one company's settings to another, matching records by name, number or code."""

from __future__ import annotations

from dataclasses import dataclass, field

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.erp.doctypes import ACCOUNT, SETTINGS, TAX_RATE, TRACKING_OPTION

COPIED = (
	"sales_invoice_status sales_credit_note_status purchase_invoice_status purchase_credit_note_status"
	" allocate_credit_notes push_sales_invoices push_sales_credit_notes push_purchase_invoices"
	" push_purchase_credit_notes push_pos_invoices push_consolidated_invoices push_paid_on_entry push_zero_total"
	" bill_number_source bill_date_source tracking_source second_tracking_source automatic_retry stuck_after_minutes"
	" attachments_share include_online"
	" sales_invoice_print_format sales_credit_note_print_format print_language attach_to_sales_invoices"
	" attach_to_sales_credit_notes attach_to_purchase_invoices attach_to_purchase_credit_notes"
).split()
TABLES = ("account_mapping", "charge_mapping", "tax_mapping", "tracking_mapping")
KNOWN_BY = {
	"Account": ("account_name",),
	"Cost Center": ("cost_center_name",),
	"Department": ("department_name",),
	"Item Tax Template": ("title",),
	"Project": ("project_name",),
	"Purchase Taxes and Charges Template": ("title",),
	"Sales Taxes and Charges Template": ("title",),
	ACCOUNT: ("code",),
	TAX_RATE: ("tax_type",),
	TRACKING_OPTION: ("category", "option"),
}
"""The fields that identify a record in every company, without the company's abbreviation."""


@dataclass
class Copied:
	"""Values and rows for the form. `left_out`: records that have no counterpart in the company."""

	values: dict[str, object] = field(default_factory=dict)
	tables: dict[str, list[dict[str, object]]] = field(default_factory=dict)
	left_out: list[str] = field(default_factory=list)


def copy_settings(source: str, company: str) -> Copied:
	"""Nothing is saved. The start date and Enabled are not copied: they are each company's own."""
	theirs = frappe.get_doc(SETTINGS, source)
	theirs.forget_deleted_sources()
	copied = Copied(values={fieldname: theirs.get(fieldname) for fieldname in COPIED})
	for df in theirs.meta.get_link_fields():
		if df.options in KNOWN_BY and theirs.get(df.fieldname):
			found = _counterpart(df.options, theirs.get(df.fieldname), company, copied)
			if found:
				copied.values[df.fieldname] = found
	for table in TABLES:
		rows = (_row(row, company, copied) for row in theirs.get(table))
		copied.tables[table] = [row for row in rows if row]
	return copied


def _row(row: Document, company: str, copied: Copied) -> dict[str, object] | None:
	values: dict[str, object] = {}
	for df in row.meta.fields:
		value = row.get(df.fieldname)
		doctype = row.get(df.options) if df.fieldtype == "Dynamic Link" else df.options
		if value and (
			doctype in KNOWN_BY or (df.fieldtype == "Dynamic Link" and _has_company(doctype, value))
		):
			value = _counterpart(doctype, value, company, copied)
			if not value:
				return None
		values[df.fieldname] = value
	return values


def _has_company(doctype: str, name: str) -> bool:
	"""False for values of a dimension that all companies share, such as a Branch."""
	return bool(
		frappe.get_meta(doctype).has_field("company") and frappe.db.get_value(doctype, name, "company")
	)


def _counterpart(doctype: str, name: str, company: str, copied: Copied) -> str:
	fields = KNOWN_BY.get(doctype) or (frappe.get_meta(doctype).get_title_field(),)
	known_by = frappe.db.get_value(doctype, name, fields, as_dict=True)
	found = known_by and frappe.db.get_value(doctype, {"company": company, **known_by})
	if not found and name not in copied.left_out:
		copied.left_out.append(name)
	return found or ""
