"""A file on its way to a document in Xero: one record for each file, and for the PDF, of a document in an organisation.

The scheduler makes them (`erp/attachments/plan.py`), and a background job of the lowest priority sends them
(`jobs/attachments.py`, its steps `sync/attachments.py`). Nothing of it touches the document or its row in the log.
"""

import frappe
from frappe.model.document import Document


class XeroAttachment(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		attempt: DF.Int
		company: DF.Link
		content_hash: DF.Data | None
		content_length: DF.Int
		detail: DF.Code | None
		document_key: DF.Data
		due_at: DF.Datetime | None
		file: DF.Data | None
		file_id: DF.Data | None
		file_name: DF.Data | None
		message: DF.SmallText | None
		message_links: DF.JSON | None
		notified_at: DF.Datetime | None
		priority: DF.Int
		reference_creation: DF.Datetime | None
		reference_doctype: DF.Link | None
		reference_name: DF.DynamicLink | None
		sent_at: DF.Datetime | None
		status: DF.Literal["To Do", "In Progress", "Done", "Failed", "Removed Here"]
		tenant_id: DF.Data
		title: DF.Data | None
		unconfirmed_until: DF.Datetime | None
		xero_type: DF.Data | None
	# end: auto-generated types
	pass


def on_doctype_update() -> None:
	"""Indexes for: a worker's claim, a document's files, the list by status, and what nobody was notified of."""
	frappe.db.add_index("Xero Attachment", ["company", "priority", "due_at"])
	frappe.db.add_index("Xero Attachment", ["document_key"])
	frappe.db.add_index("Xero Attachment", ["reference_doctype", "reference_name"])
	frappe.db.add_index("Xero Attachment", ["company", "status"])
	frappe.db.add_index("Xero Attachment", ["status", "notified_at"])
