"""Bring texts that earlier versions stored as Xero sent them into the form of erp/foreign_text.py."""

import frappe

from nexwave_xero_connector.erp.doctypes import (
	ACCOUNT,
	CONTACT,
	LOG,
	SETTINGS,
	TAX_RATE,
	TRACKING_OPTION,
	XERO_DOCUMENT,
)
from nexwave_xero_connector.erp.foreign_text import as_columns

COLUMNS = {
	ACCOUNT: ("code", "account_name", "title"),
	CONTACT: ("contact_name",),
	LOG: ("xero_number", "message", "finding", "detail", "handled_reason"),
	SETTINGS: ("organisation_name", "short_code", "currencies"),
	TAX_RATE: ("tax_type", "tax_rate_name", "title"),
	TRACKING_OPTION: ("category", "option", "title"),
	XERO_DOCUMENT: ("xero_number", "link"),
}


def execute() -> None:
	for doctype, columns in COLUMNS.items():
		for column in columns:
			_clean(doctype, column)


def _clean(doctype: str, column: str) -> None:
	"""Rows that are clean already are not read: a log may have millions."""
	table = frappe.qb.DocType(doctype)
	text = table[column]
	rows = (
		frappe.qb.from_(table)
		.select(table.name, text.as_("text"))
		.where(text.like("%<%") | text.regexp("^[[:space:]]*[=+@-]"))
	)
	for row in rows.run(as_dict=True):
		cleaned = as_columns(doctype, {column: row.text})
		frappe.db.set_value(doctype, row.name, cleaned, update_modified=False)
