"""Lists and forms that are open follow the worker."""

from __future__ import annotations

import frappe
from frappe.realtime import get_doctype_room

from nexwave_xero_connector.erp.sync_log import LOG
from nexwave_xero_connector.mapping.erp_document import DocumentRef

LOG_EVENT = "xero_sync_log"
"""What lists and the log's form listen for. Frappe's own list_update will not do: lists drop each other's listeners,
and what falls out of a list's filters together with another change stays in it."""
INVOICE_EVENT = "xero_sync"
"""What an open invoice listens for: its newest row in the log has changed."""


def announce(row: str, document: DocumentRef) -> None:
	"""Tell the desk, once the transaction has committed, that a row has changed.

	Only names are sent: who listens reads the row with their own rights.
	"""
	frappe.publish_realtime(LOG_EVENT, {"name": row}, room=get_doctype_room(LOG), after_commit=True)
	frappe.publish_realtime(
		INVOICE_EVENT,
		{"doctype": document.doctype, "name": document.name},
		doctype=document.doctype,
		docname=document.name,
		after_commit=True,
	)
