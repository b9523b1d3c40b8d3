"""Who may ask for what, checked on the server before anything else.

Accounts User reads and retries, Accounts Manager also voids, marks as handled and backfills, System Manager sets up;
all within the companies and documents that the user may see. `frappe.only_for` will not do: it lets everybody pass in
tests.
"""

import frappe
from frappe import _

from nexwave_xero_connector.erp.doctypes import LOG, MANAGER, SETTINGS
from nexwave_xero_connector.mapping.erp_document import DocumentRef


def require_log() -> None:
	"""Who may not read the log has no business with Xero."""
	frappe.has_permission(LOG, "read", throw=True)


def require_row(name: str) -> None:
	"""The user may see this row: its company may be closed to them."""
	frappe.has_permission(LOG, "read", doc=name, throw=True)


def require_permission(document: DocumentRef, permission_type: str) -> None:
	"""The user may do this to the document. Of a deleted one, its DocType decides, and the row that tells of it."""
	require_log()
	exists = frappe.db.exists(document.doctype, document.name)
	frappe.has_permission(
		document.doctype, permission_type, doc=document.name if exists else None, throw=True
	)


def require_manager() -> None:
	if MANAGER not in frappe.get_roles():
		frappe.throw(
			_("This is for the role {0}. Ask somebody who has it.").format(_(MANAGER)), frappe.PermissionError
		)


def require_company(company: str) -> None:
	"""The user may see the company's settings."""
	require_log()
	frappe.has_permission(SETTINGS, "read", doc=company, throw=True)
