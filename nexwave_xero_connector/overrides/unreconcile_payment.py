"""Doc events of Unreconcile Payment, which takes references out of a Journal Entry or Payment Entry again."""

from frappe.model.document import Document

from nexwave_xero_connector.erp.outbox import document_events


def on_submit(doc: Document, method: str | None = None) -> None:
	document_events.unreconciled(doc)
