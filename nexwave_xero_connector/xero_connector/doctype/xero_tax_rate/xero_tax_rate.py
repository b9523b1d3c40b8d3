import frappe
from frappe.model.document import Document
from frappe.utils import flt


class XeroTaxRate(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		can_apply_to_assets: DF.Check
		can_apply_to_equity: DF.Check
		can_apply_to_expenses: DF.Check
		can_apply_to_liabilities: DF.Check
		can_apply_to_revenue: DF.Check
		company: DF.Link
		components: DF.JSON | None
		effective_rate: DF.Percent
		status: DF.Data | None
		tax_rate_name: DF.Data
		tax_type: DF.Data
		title: DF.Data | None

	# end: auto-generated types
	def autoname(self) -> None:
		"""`<company's abbreviation>-<tax type>`: tax types are unique only within an organisation."""
		self.name = f"{frappe.get_cached_value('Company', self.company, 'abbr')}-{self.tax_type}"

	def before_save(self) -> None:
		title = f"{self.tax_rate_name} ({flt(self.effective_rate):g}%)"
		self.title = title[: self.meta.get_field("title").length]
