"""Lists and forms that are open follow the worker.

Only names are sent, and only to whom the server let into the room: who listens reads the row with their own rights.
"""

from __future__ import annotations

import frappe
from frappe.realtime import get_doc_room

from nexwave_xero_connector.erp.doctypes import SETTINGS
from nexwave_xero_connector.mapping.erp_document import DocumentRef

LOG_EVENT = "xero_sync_log"
"""What the log's list and form and the lists of invoices listen for: a row of the log has changed.

It goes to the room of the company's settings, which Socket.IO opens to those who may read them. Everybody who may read
anything of the log is in the log's own room, where Frappe's list_update goes: also who is confined to another company.
"""
INVOICE_EVENT = "xero_sync"
"""What an open invoice listens for: its newest row in the log has changed."""


def announce(row: str, company: str, document: DocumentRef) -> None:
	"""Tell the desk, once the transaction has committed, that a row of the log has changed."""
	frappe.publish_realtime(LOG_EVENT, {"name": row}, room=get_doc_room(SETTINGS, company), after_commit=True)
	frappe.publish_realtime(
		INVOICE_EVENT,
		{"doctype": document.doctype, "name": document.name},
		doctype=document.doctype,
		docname=document.name,
		after_commit=True,
	)
