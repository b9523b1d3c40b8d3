from frappe.model.document import Document


class XeroLeftOutParty(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		left_out_at: DF.Datetime | None
		left_out_by: DF.Data | None
		left_out_reason: DF.SmallText | None
		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		party: DF.DynamicLink
		party_type: DF.Link
	# end: auto-generated types
	pass
