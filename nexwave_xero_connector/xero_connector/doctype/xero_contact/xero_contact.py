import frappe
from frappe.model.document import Document


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
	# end: auto-generated types
	pass


def on_doctype_update() -> None:
	"""A party has one contact in a company's organisation."""
	frappe.db.add_unique(
		"Xero Contact", ["company", "party_type", "party"], constraint_name="unique_company_party"
	)
