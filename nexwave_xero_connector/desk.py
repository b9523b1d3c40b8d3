"""What the desk shows of this app on the apps screen and on invoices."""

import frappe

from nexwave_xero_connector.erp.doctypes import LOG
from nexwave_xero_connector.erp.translation import _

# Names of records: the workspace, with the tile and the sidebar that lead to it on Frappe 16; and the app's tile,
# which is hidden there because it would lead to nothing but the other one.
WORKSPACE = "Xero"
APP_TILE = "NexWave Xero Connector"


def may_open_sync_log() -> bool:
	"""Whether the app's tile is shown to the current user."""
	return frappe.has_permission(LOG, "read")


def sales_invoice_connections(data: dict) -> dict:
	return _with_attempts(data, "Sales Invoice")


def purchase_invoice_connections(data: dict) -> dict:
	return _with_attempts(data, "Purchase Invoice")


def _with_attempts(data: dict, doctype: str) -> dict:
	"""Add a connection to the form: the attempts to send the document to Xero."""
	data.setdefault("non_standard_fieldnames", {})[LOG] = "reference_name"
	data.setdefault("dynamic_links", {})["reference_name"] = [doctype, "reference_doctype"]
	data.setdefault("transactions", []).append({"label": _("Xero"), "items": [LOG]})
	return data
