import frappe
from frappe.model.document import Document


class XeroAccount(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		account_class: DF.Data | None
		account_id: DF.Data | None
		account_name: DF.Data
		account_type: DF.Data | None
		code: DF.Data
		code_was_of: DF.Data | None
		company: DF.Link
		status: DF.Data | None
		system_account: DF.Data | None
		title: DF.Data | None

	# end: auto-generated types
	def autoname(self) -> None:
		"""`<company's abbreviation>-<code>`, with part of the id if another account has had the code.

		The record keeps its name, and so its place in the mapping, when the account gets another code in Xero.
		"""
		self.name = f"{frappe.get_cached_value('Company', self.company, 'abbr')}-{self.code}"
		if frappe.db.exists(self.doctype, self.name):
			self.name += f"-{(self.account_id or '')[:8]}"

	def before_save(self) -> None:
		self.title = f"{self.code} {self.account_name}"[: self.meta.get_field("title").length]
