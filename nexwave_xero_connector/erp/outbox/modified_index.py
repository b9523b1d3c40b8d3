"""An index on `modified` of the invoices and bills, by which the sweep finds what has changed.

Frappe 15 has one on every table. Frappe 16 makes none where documents are not sorted by it, and a site's migration from
15 to 16 drops those that were there (frappe/frappe#25624); without it each sweep would read every document since the
start date.
"""

import frappe

from nexwave_xero_connector.erp.outbox.log import DOCTYPES

INDEX = "xero_modified"
"""Not Frappe's own name, so that the uninstallation takes back what is ours and nothing else."""


def ensure_modified_index() -> None:
	"""For install and migrate only: at other times Frappe would record the index as a customization."""
	for doctype in DOCTYPES:
		if not frappe.db.get_column_index(f"tab{doctype}", "modified"):
			frappe.db.add_index(doctype, ["modified"], INDEX)


def drop_modified_index() -> None:
	for doctype in DOCTYPES:
		if frappe.db.has_index(f"tab{doctype}", INDEX):
			frappe.db.sql_ddl(f"alter table `tab{doctype}` drop index `{INDEX}`")
