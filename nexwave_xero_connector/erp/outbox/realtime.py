"""Realtime updates, so that open lists and forms follow the worker.

Only row names are published, to the company's room; the client then reads the row with the user's own permissions.
"""

from __future__ import annotations

import frappe
from frappe.realtime import get_doc_room

from nexwave_xero_connector.erp.doctypes import SETTINGS
from nexwave_xero_connector.mapping.erp_document import DocumentRef

LOG_EVENT = "xero_sync_log"
"""The log's list and form and the invoice lists listen for this: a row of the log has changed.

It is published to the room of the company's settings, which Socket.IO opens to users who may read them. The log's own
room, where Frappe's list_update goes, has every user who may read any of the log, even one restricted to another
company.
"""
INVOICE_EVENT = "xero_sync"
"""An open invoice listens for this: its newest row in the log has changed."""


def announce(row: str, company: str, document: DocumentRef) -> None:
	"""Publish, once the transaction has committed, that a row of the log has changed."""
	frappe.publish_realtime(LOG_EVENT, {"name": row}, room=get_doc_room(SETTINGS, company), after_commit=True)
	frappe.publish_realtime(
		INVOICE_EVENT,
		{"doctype": document.doctype, "name": document.name},
		doctype=document.doctype,
		docname=document.name,
		after_commit=True,
	)
