"""Give each of the four kinds of document the status in Xero that was one setting for all of them."""

import frappe

from nexwave_xero_connector.erp.doctypes import SETTINGS
from nexwave_xero_connector.erp.documents.mapping_settings import STATUS_FIELDS

OLD = "status_in_xero"


def execute() -> None:
	"""Frappe leaves the column of a field that a DocType no longer has; on a new site there is none."""
	if not frappe.db.has_column(SETTINGS, OLD):
		return
	table = frappe.qb.DocType(SETTINGS)
	query = frappe.qb.update(table).where(table[OLD].notnull())
	for field in STATUS_FIELDS.values():
		query = query.set(table[field], table[OLD])
	query.run()
