import frappe
from frappe.model.document import Document


class XeroAccount(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		account_class: DF.Data | None
		account_name: DF.Data
		account_type: DF.Data | None
		code: DF.Data
		company: DF.Link
		status: DF.Data | None
		system_account: DF.Data | None
		title: DF.Data | None

	# end: auto-generated types
	def autoname(self) -> None:
		"""`<company's abbreviation>-<code>`: codes are unique only within an organisation."""
		self.name = f"{frappe.get_cached_value('Company', self.company, 'abbr')}-{self.code}"

	def before_save(self) -> None:
		self.title = f"{self.code} {self.account_name}"[: self.meta.get_field("title").length]
