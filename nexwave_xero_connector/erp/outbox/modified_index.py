"""An index on `modified` of invoices, bills and files, with which the scheduled jobs find what has changed.

Frappe 15 has one on every table. Frappe 16 creates none where documents are not sorted by it, and migrating a site from
15 to 16 drops the existing ones (frappe/frappe#25624); File has none on either. Without it, each sweep would read every
document since the start date.
"""

import frappe

from nexwave_xero_connector.erp.outbox.log import DOCTYPES

INDEXED = (*DOCTYPES, "File")
INDEX = "xero_modified"
"""Not Frappe's own name, so that uninstalling only drops an index that is ours."""


def ensure_modified_index() -> None:
	"""Only for install and migrate: at other times Frappe would record the index as a customization."""
	for doctype in INDEXED:
		if not frappe.db.get_column_index(f"tab{doctype}", "modified"):
			frappe.db.add_index(doctype, ["modified"], INDEX)


def drop_modified_index() -> None:
	for doctype in INDEXED:
		if frappe.db.has_index(f"tab{doctype}", INDEX):
			# nosemgrep: frappe-using-db-sql -- Frappe has no call that drops an index
			frappe.db.sql_ddl(f"alter table `tab{doctype}` drop index `{INDEX}`")
