"""What Xero has, or may have, of one document: one record for each organisation it was sent to.

Workers write it by plain SQL (`erp/outbox/xero_documents.py`): before a create leaves, and when its outcome is known.
It says whose an id in Xero is, never whether something was sent: Xero is asked that. The log may be cleared; this stays.
"""

import frappe
from frappe.model.document import Document


class XeroDocument(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		company: DF.Link
		document_key: DF.Data
		figures: DF.JSON | None
		link: DF.SmallText | None
		linked_at: DF.Datetime | None
		linked_by: DF.Link | None
		origin: DF.Literal["Made by us", "Found there", "Unknown here"]
		reference_doctype: DF.Link | None
		reference_name: DF.DynamicLink | None
		tenant_id: DF.Data
		unconfirmed_until: DF.Datetime | None
		xero_id: DF.Data | None
		xero_number: DF.Data | None
		xero_status: DF.Data | None
		xero_type: DF.Literal["", "ACCREC", "ACCPAY", "ACCRECCREDIT", "ACCPAYCREDIT"]
	# end: auto-generated types
	pass


def on_doctype_update() -> None:
	"""An id in Xero belongs to one document, and a document has one record in each organisation.

	An index is for a rename, which would otherwise meet, and with MariaDB's snapshot isolation fail for, any record
	that a worker has just changed. Another one finds what all organisations have of a document.
	"""
	frappe.db.add_unique("Xero Document", ["tenant_id", "xero_id"], constraint_name="unique_tenant_xero_id")
	frappe.db.add_unique("Xero Document", ["tenant_id", "document_key"], constraint_name="unique_tenant_key")
	frappe.db.add_index("Xero Document", ["reference_doctype", "reference_name"])
	frappe.db.add_index("Xero Document", ["document_key"])
