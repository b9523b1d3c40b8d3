from frappe.model.document import Document


class XeroTrackingMapping(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		parent: DF.Data
		parentfield: DF.Data
		parenttype: DF.Data
		source: DF.DynamicLink
		source_doctype: DF.Link
		tracking_option: DF.Link
	# end: auto-generated types
	pass
