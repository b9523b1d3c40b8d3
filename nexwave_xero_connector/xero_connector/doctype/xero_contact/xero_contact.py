import frappe
from frappe.model.document import Document

from nexwave_xero_connector.erp.documents.contact_links import check_contact, say_what_removal_means


class XeroContact(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		company: DF.Link
		contact_id: DF.Data
		contact_name: DF.Data | None
		party: DF.DynamicLink
		party_type: DF.Link
		tenant_id: DF.Data

	# end: auto-generated types
	def validate(self) -> None:
		"""A System Manager may choose another contact. Workers write their links without the ORM."""
		before = self.get_doc_before_save()
		if before and before.contact_id != self.contact_id:
			check_contact(self, before)

	def after_delete(self) -> None:
		say_what_removal_means(self)


def on_doctype_update() -> None:
	"""A party has one contact in an organisation."""
	frappe.db.add_unique(
		"Xero Contact", ["tenant_id", "party_type", "party"], constraint_name="unique_tenant_party"
	)
