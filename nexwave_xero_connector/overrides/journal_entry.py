"""Doc events of Journal Entry, which Payment Reconciliation makes to set a return against an invoice."""

from frappe.model.document import Document

from nexwave_xero_connector.erp.outbox import document_events


def on_submit(doc: Document, method: str | None = None) -> None:
	document_events.reconciled(doc)


def on_cancel(doc: Document, method: str | None = None) -> None:
	document_events.reconciled(doc)
