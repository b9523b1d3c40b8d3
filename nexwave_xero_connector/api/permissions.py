"""Permission checks for the API, made on the server before anything else.

An Accounts User reads and retries; an Accounts Manager also voids, marks as handled and backfills; a System Manager
sets up. All of them only within the companies and documents that the user may see. `frappe.only_for` cannot be used: in
tests it allows everybody.
"""

from collections.abc import Sequence

import frappe

from nexwave_xero_connector.erp.doctypes import LOG, MANAGER, SETTINGS
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.mapping.erp_document import DocumentRef


def require_log() -> None:
	"""Require read access to the Xero Sync Log."""
	frappe.has_permission(LOG, "read", throw=True)


def require_row(name: str) -> None:
	"""Require read access to this row: the user may be restricted to other companies."""
	frappe.has_permission(LOG, "read", doc=name, throw=True)


def require_rows(names: Sequence[str]) -> None:
	"""Require read access to each of these rows, asked in one query."""
	filters = {"name": ("in", list(names))}
	readable = frappe.get_list(LOG, filters=filters, pluck="name", limit_page_length=len(names))
	if set(names) - set(readable):
		frappe.throw(_("You do not have permission to do this."), frappe.PermissionError)


def require_permission(document: DocumentRef, permission_type: str) -> None:
	"""Require this permission on the document. For a deleted one, its DocType decides, and read access to its row."""
	require_log()
	exists = frappe.db.exists(document.doctype, document.name)
	frappe.has_permission(
		document.doctype, permission_type, doc=document.name if exists else None, throw=True
	)


def require_manager() -> None:
	require_role(MANAGER)


def require_role(role: str) -> None:
	if role not in frappe.get_roles():
		frappe.throw(_("You need the {0} role for this.").format(_(role)), frappe.PermissionError)


def require_company(company: str) -> None:
	"""Require read access to the company's settings."""
	require_log()
	frappe.has_permission(SETTINGS, "read", doc=company, throw=True)
