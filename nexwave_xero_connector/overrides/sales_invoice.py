"""Doc events of Sales Invoice, returns included."""

from frappe.model.document import Document

from nexwave_xero_connector.erp.documents.changed import note_changes
from nexwave_xero_connector.erp.outbox import document_events
from nexwave_xero_connector.erp.setup.followed_records import let_frappe_find_links


def on_submit(doc: Document, method: str | None = None) -> None:
	document_events.submitted(doc)


def on_cancel(doc: Document, method: str | None = None) -> None:
	document_events.cancelled(doc)


def before_rename(doc: Document, method: str, old: str, new: str, merge: bool = False) -> None:
	let_frappe_find_links(doc.doctype)


def on_update_after_submit(doc: Document, method: str | None = None) -> None:
	note_changes(doc)


def after_rename(doc: Document, _event: str, old: str, new: str, merge: bool = False) -> None:
	document_events.renamed(doc, old)
