"""Doc events of Payment Entry, which pays out a return."""

from frappe.model.document import Document

from nexwave_xero_connector.erp.outbox import document_events


def on_submit(doc: Document, method: str | None = None) -> None:
	document_events.reconciled(doc)


def on_cancel(doc: Document, method: str | None = None) -> None:
	document_events.reconciled(doc)
