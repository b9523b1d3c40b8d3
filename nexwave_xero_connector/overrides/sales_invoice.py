"""Doc events of Sales Invoice, returns included."""

from frappe.model.document import Document

from nexwave_xero_connector.erp.outbox import document_events


def on_submit(doc: Document, method: str | None = None) -> None:
	document_events.submitted(doc)


def on_cancel(doc: Document, method: str | None = None) -> None:
	document_events.cancelled(doc)


def after_rename(doc: Document, _event: str, old: str, new: str, merge: bool = False) -> None:
	document_events.renamed(doc, old)
