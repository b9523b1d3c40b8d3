"""A deleted Accounting Dimension is no longer a source of tracking; ERPNext removes its field from the documents."""

from frappe.model.document import Document

from nexwave_xero_connector.erp.setup.followed_records import forget_tracking_source


def on_trash(dimension: Document, _event: str) -> None:
	forget_tracking_source(dimension.document_type)
