from collections.abc import Iterator
from typing import NamedTuple

import frappe
from frappe.model.document import Document
from frappe.utils import escape_html, get_link_to_form

from nexwave_xero_connector.erp.attachments.kinds import PRINT_FORMAT, note_since
from nexwave_xero_connector.erp.attachments.summary import describe_attachments
from nexwave_xero_connector.erp.connection.xero_app import (
	CUSTOM_CONNECTION,
	READY_MADE,
	app_of_its_own,
	ready_made_app,
)
from nexwave_xero_connector.erp.doctypes import XERO_RECORDS
from nexwave_xero_connector.erp.documents.dimensions import dimension_fields
from nexwave_xero_connector.erp.documents.mapping_settings import tracking_sources
from nexwave_xero_connector.erp.outbox.stuck import mark_stuck
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.schema import unfinished_update
from nexwave_xero_connector.erp.setup.steps import describe_setup
from nexwave_xero_connector.erp.setup.tax_rate_checks import rates_not_allowed
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.mapping.settings import GONE

TAX_TEMPLATES = (
	"Item Tax Template",
	"Sales Taxes and Charges Template",
	"Purchase Taxes and Charges Template",
)

# The fields that identify what a row maps. Nothing may be mapped twice.
MAPPED_BY = {
	"account_mapping": ("account",),
	"charge_mapping": ("account",),
	"tax_mapping": ("template_type", "template"),
	"tracking_mapping": ("source_doctype", "source"),
}


class Choice(NamedTuple):
	"""A record chosen in a field of the settings or in a row of a mapping table.

	fieldname: the field, or the mapping table.
	"""

	doctype: str
	name: str
	place: str
	fieldname: str


class XeroSyncSettings(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		from nexwave_xero_connector.xero_connector.doctype.xero_account_mapping.xero_account_mapping import (
			XeroAccountMapping,
		)
		from nexwave_xero_connector.xero_connector.doctype.xero_charge_mapping.xero_charge_mapping import (
			XeroChargeMapping,
		)
		from nexwave_xero_connector.xero_connector.doctype.xero_left_out_party.xero_left_out_party import (
			XeroLeftOutParty,
		)
		from nexwave_xero_connector.xero_connector.doctype.xero_tax_mapping.xero_tax_mapping import (
			XeroTaxMapping,
		)
		from nexwave_xero_connector.xero_connector.doctype.xero_tracking_mapping.xero_tracking_mapping import (
			XeroTrackingMapping,
		)

		account_mapping: DF.Table[XeroAccountMapping]
		allocate_credit_notes: DF.Literal["To the invoice they return", "Only as ERPNext does"]
		attach_to_purchase_credit_notes: DF.Check
		attach_to_purchase_invoices: DF.Check
		attach_to_sales_credit_notes: DF.Check
		attach_to_sales_invoices: DF.Check
		attached_since: DF.JSON | None
		attachments_share: DF.Int
		automatic_retry: DF.Check
		base_currency: DF.Link | None
		bill_date_source: DF.Literal["Posting Date", "Supplier Invoice Date"]
		bill_number_source: DF.Literal[
			"ERPNext Name", "Supplier Invoice No", "Supplier Invoice No and ERPNext Name"
		]
		charge_mapping: DF.Table[XeroChargeMapping]
		company: DF.Link
		connected_app: DF.Link | None
		connection_id: DF.Data | None
		connection_type: DF.Literal["Consent of a Person", "Custom Connection"]
		contacts_in_xero: DF.Int
		currencies: DF.SmallText | None
		default_purchase_account: DF.Link | None
		default_sales_account: DF.Link | None
		discount_account: DF.Link | None
		enabled: DF.Check
		former_organisations: DF.JSON | None
		include_online: DF.Check
		last_check: DF.JSON | None
		last_fetched: DF.Datetime | None
		left_out_parties: DF.Table[XeroLeftOutParty]
		lock_date: DF.Date | None
		organisation_name: DF.Data | None
		print_language: DF.Link | None
		purchase_credit_note_status: DF.Literal["Draft", "Awaiting approval", "Authorised"]
		purchase_invoice_status: DF.Literal["Draft", "Awaiting approval", "Authorised"]
		push_consolidated_invoices: DF.Check
		push_paid_on_entry: DF.Check
		push_pos_invoices: DF.Check
		push_purchase_credit_notes: DF.Check
		push_purchase_invoices: DF.Check
		push_sales_credit_notes: DF.Check
		push_sales_invoices: DF.Check
		push_zero_total: DF.Check
		rounding_account: DF.Link | None
		sales_credit_note_print_format: DF.Link | None
		sales_credit_note_status: DF.Literal["Draft", "Awaiting approval", "Authorised"]
		sales_invoice_print_format: DF.Link | None
		sales_invoice_status: DF.Literal["Draft", "Awaiting approval", "Authorised"]
		second_tracking_source: DF.Link | None
		short_code: DF.Data | None
		start_date: DF.Date | None
		stuck_after_minutes: DF.Int
		tax_mapping: DF.Table[XeroTaxMapping]
		tenant_id: DF.Data | None
		tracking_mapping: DF.Table[XeroTrackingMapping]
		tracking_source: DF.Link | None
		untaxed_purchase_tax_rate: DF.Link | None
		untaxed_sales_tax_rate: DF.Link | None
		year_end_lock_date: DF.Date | None

	# end: auto-generated types
	def before_insert(self) -> None:
		self.connected_app = self.connected_app or ready_made_app()
		if not self.tenant_id:
			# Frappe fills in a default currency, but this field is the organisation's.
			self.base_currency = None

	def onload(self) -> None:
		self.set_onload("setup", describe_setup(self))
		self.set_onload("dimensions", list(dimension_fields()))
		self.set_onload("attachments", describe_attachments(self))

	def save(self, *args: object, **kwargs: object) -> Document:
		self.forget_deleted_sources()
		return super().save(*args, **kwargs)

	def forget_deleted_sources(self) -> None:
		"""Before Frappe looks at links: with one to a DocType that was deleted, nothing here could be saved any more.

		Frappe tells nobody when a DocType is deleted, not even in a doc event.
		"""
		for fieldname in ("tracking_source", "second_tracking_source"):
			source = self.get(fieldname)
			if not source or frappe.db.exists("DocType", source):
				continue
			self.set(fieldname, None)
			self.set(
				"tracking_mapping", [row for row in self.tracking_mapping if row.source_doctype != source]
			)
			frappe.msgprint(
				_(
					"{0} no longer exists, so documents of {1} are sent to Xero without tracking by it. Choose another"
					" source on the tab Tracking, if you need one."
				).format(escape_html(source), escape_html(self.company)),
				title=_("Xero Mapping"),
			)

	def validate(self) -> None:
		if unfinished := unfinished_update():
			frappe.throw(plain_text(unfinished), title=_("Update not finished"))
		if self.connection_type == CUSTOM_CONNECTION and self.connected_app in (None, "", READY_MADE):
			self.connected_app = app_of_its_own(self.company)
		self.require_organisation_and_start_date()
		self.require_sensible_attachments()
		note_since(self)
		if self.is_being_disabled():
			return  # whatever is wrong with the mapping, nothing is sent by it
		problems = [*self.find_wrong_sources(), *self.find_wrong_types()] or [
			*self.find_duplicate_rows(),
			*self.find_wrong_choices(),
			*self.find_rates_not_allowed(),
		]
		if problems:
			frappe.throw("<br>".join(problems), title=_("Mapping Not Saved"))

	def after_delete(self) -> None:
		"""What still waits for the company waits for a person from now on.

		Only once the deletion is certain: that of a company, which takes its settings along, may still be refused.
		"""
		frappe.db.after_commit.add(lambda: mark_stuck(self))

	def require_organisation_and_start_date(self) -> None:
		if not self.enabled:
			return
		if not self.tenant_id:
			frappe.throw(
				_("Connect {0} to its Xero organisation before you enable the sync.").format(self.company),
				title=_("No Xero Organisation"),
			)
		if not self.start_date:
			frappe.throw(
				_("Set the Start Date. Documents of {0} dated before it are not sent to Xero.").format(
					self.company
				),
				title=_("No Start Date"),
			)

	def require_sensible_attachments(self) -> None:
		if not 1 <= (self.attachments_share or 0) <= 90:
			frappe.throw(
				_("Attachments can use between 1% and 90% of the day's calls: the others are for documents."),
				title=_("Share of the Day's Calls"),
			)
		for field in PRINT_FORMAT.values():
			of = self.get(field) and frappe.db.get_value("Print Format", self.get(field), "doc_type")
			if of and of != "Sales Invoice":
				frappe.throw(
					_("{0}: {1} is a print format of {2}. Choose one of {3}.").format(
						_(self.meta.get_label(field)), self.get(field), _(of), _("Sales Invoice")
					)
				)

	def is_being_disabled(self) -> bool:
		before = self.get_doc_before_save()
		return bool(before and before.enabled and not self.enabled)

	def find_duplicate_rows(self) -> Iterator[str]:
		for table, key_fields in MAPPED_BY.items():
			first_row = {}
			for row in self.get(table):
				key = tuple(row.get(fieldname) for fieldname in key_fields)
				first = first_row.setdefault(key, row)
				if first is not row:
					yield _("{0}: {1} is already mapped in row {2}.").format(
						self.place_of(row), get_link_to_form(*self.mapped_record(row)), first.idx
					)

	def find_wrong_sources(self) -> Iterator[str]:
		"""New choices only: a dimension that was disabled since does not block other changes."""
		before = self.get_doc_before_save()
		allowed = [*dimension_fields(), *(tracking_sources(before) if before else ())]
		sources = tracking_sources(self)
		for source in sources:
			if source not in allowed:
				yield _("{0} is not an enabled accounting dimension. Choose one of: {1}.").format(
					_(source), ", ".join(_(doctype) for doctype in allowed)
				)
		if len(set(sources)) < len(sources):
			yield _(
				"{0} cannot be the source of both tracking categories. Choose another, or leave one empty."
			).format(_(sources[0]))

	def find_wrong_types(self) -> Iterator[str]:
		for table, fieldname, allowed in (
			("tax_mapping", "template_type", TAX_TEMPLATES),
			("tracking_mapping", "source_doctype", tracking_sources(self)),
		):
			for row in self.get(table):
				if row.get(fieldname) not in allowed:
					yield _("{0}: {1} cannot be mapped. Choose one of: {2}.").format(
						self.place_of(row),
						_(row.get(fieldname)),
						", ".join(_(doctype) for doctype in allowed) or "-",
					)

	def find_wrong_choices(self) -> Iterator[str]:
		"""Records of another company, and Xero records that are not active.

		A record that was chosen earlier and has since been archived in Xero does not block other changes: the push
		refuses it by name. Enabling checks everything.
		"""
		before = self.get_doc_before_save()
		chosen_before = set()
		if before and not (self.enabled and not before.enabled):
			chosen_before = {choice[:2] for choice in before.choices()}
		for choice in self.choices():
			has_field = frappe.get_meta(choice.doctype).has_field
			fields = [field for field in ("company", "status") if has_field(field)]
			record = frappe.db.get_value(choice.doctype, choice.name, ["name", *fields], as_dict=True)
			if not record:
				continue  # Frappe reports missing links itself
			link = get_link_to_form(choice.doctype, choice.name)
			if record.company and record.company != self.company:
				yield _("{0}: {1} {2} belongs to {3}, not to {4}. Choose one that belongs to {4}.").format(
					choice.place, _(choice.doctype), link, record.company, self.company
				)
			elif (
				choice.doctype in XERO_RECORDS
				and record.status != "ACTIVE"
				and choice[:2] not in chosen_before
			):
				problem = (
					_("{0}: {1} {2} does not exist in the Xero organisation. Choose another.")
					if record.status == GONE
					else _("{0}: {1} {2} is {3} in Xero. Choose an active one, or make it active in Xero.")
				)
				yield problem.format(choice.place, _(choice.doctype), link, record.status)

	def find_rates_not_allowed(self) -> Iterator[str]:
		"""New problems only, as with choices: the push and enabling refuse what was chosen earlier."""
		before = self.get_doc_before_save()
		is_compared = before and not (self.enabled and not before.enabled)
		said_before = set(rates_not_allowed(before)) if is_compared else set()
		yield from (problem for problem in rates_not_allowed(self) if problem not in said_before)

	def choices(self) -> Iterator[Choice]:
		for df in self.meta.get_link_fields():
			if df.options in XERO_RECORDS and self.get(df.fieldname):
				yield Choice(df.options, self.get(df.fieldname), _(df.label), df.fieldname)
		for table in MAPPED_BY:
			for row in self.get(table):
				yield Choice(*self.mapped_record(row), self.place_of(row), table)
				for df in row.meta.get_link_fields():
					if df.options in XERO_RECORDS and row.get(df.fieldname):
						yield Choice(df.options, row.get(df.fieldname), self.place_of(row), table)

	def mapped_record(self, row: Document) -> tuple[str, str]:
		"""DocType and name of the ERPNext record that the row maps."""
		*doctype, name = (row.get(fieldname) for fieldname in MAPPED_BY[row.parentfield])
		return (doctype[0] if doctype else "Account", name)

	def place_of(self, row: Document) -> str:
		return _("{0}, row {1}").format(_(self.meta.get_label(row.parentfield)), row.idx)
