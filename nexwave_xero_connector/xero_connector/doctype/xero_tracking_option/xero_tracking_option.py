import frappe
from frappe.model.document import Document


class XeroTrackingOption(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		category: DF.Data
		category_id: DF.Data | None
		company: DF.Link
		option: DF.Data
		option_id: DF.Data
		status: DF.Data | None
		title: DF.Data | None

	# end: auto-generated types
	def autoname(self) -> None:
		"""`<company's abbreviation>-<option id>`: an option's name is unique only within its category."""
		self.name = f"{frappe.get_cached_value('Company', self.company, 'abbr')}-{self.option_id}"

	def before_save(self) -> None:
		self.title = f"{self.category}: {self.option}"[: self.meta.get_field("title").length]
