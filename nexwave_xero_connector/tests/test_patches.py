"""Patches, run on a site with the rows that they are for."""

from __future__ import annotations

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.erp.doctypes import SETTINGS, XERO_DOCUMENT
from nexwave_xero_connector.erp.documents.mapping_settings import STATUS_FIELDS
from nexwave_xero_connector.erp.outbox.allocations import from_column
from nexwave_xero_connector.patches.v1_0 import note_allocations, status_by_kind
from nexwave_xero_connector.tests.books_in_xero import BooksInXero
from nexwave_xero_connector.tests.catalogue.builders import bill, item, returned, sales
from nexwave_xero_connector.tests.catalogue.company import COMPANY


class TestPatches(BooksInXero):
	def test_each_kind_takes_over_the_one_status_that_was_for_all(self) -> None:
		self.add_old_column()
		for before in ("Draft", "Awaiting approval", "Authorised"):
			with self.subTest(before):
				frappe.db.set_value(SETTINGS, COMPANY, {status_by_kind.OLD: before}, update_modified=False)
				status_by_kind.execute()
				found = frappe.db.get_value(SETTINGS, COMPANY, list(STATUS_FIELDS.values()))
				self.assertEqual(found, (before,) * len(STATUS_FIELDS))
				frappe.get_doc(SETTINGS, COMPANY).save()
		frappe.db.set_value(SETTINGS, COMPANY, {status_by_kind.OLD: None}, update_modified=False)
		status_by_kind.execute()
		self.assertEqual(frappe.db.get_value(SETTINGS, COMPANY, list(STATUS_FIELDS.values())), found)

	def test_without_the_old_column_nothing_changes(self) -> None:
		before = frappe.db.get_value(SETTINGS, COMPANY, list(STATUS_FIELDS.values()))
		status_by_kind.execute()
		self.assertEqual(frappe.db.get_value(SETTINGS, COMPANY, list(STATUS_FIELDS.values())), before)

	def add_old_column(self) -> None:
		frappe.db.commit()
		self.addCleanup(self.forget_columns)
		self.addCleanup(
			frappe.db.sql_ddl, f"ALTER TABLE `tab{SETTINGS}` DROP COLUMN IF EXISTS {status_by_kind.OLD}"
		)
		frappe.db.sql_ddl(
			f"ALTER TABLE `tab{SETTINGS}` ADD COLUMN IF NOT EXISTS {status_by_kind.OLD} VARCHAR(140)"
		)
		self.forget_columns()

	def forget_columns(self) -> None:
		frappe.clear_cache()

	def test_a_credit_note_allocated_before_allocations_were_noted_can_be_cancelled(self) -> None:
		for make in (sales, bill):
			with self.subTest(make.__name__):
				reduces = self.allocated(make, update_outstanding_for_self=0)
				keeps = self.allocated(make, update_outstanding_for_self=1)
				for _time in range(2):
					note_allocations.execute()
					(noted,) = self.noted(reduces)
					self.assertEqual(noted.amount, 115)
					self.assertEqual(self.noted(keeps), ())
				for credit_note in (reduces, keeps):
					frappe.get_doc(credit_note.doctype, credit_note.name).cancel()
				self.world.push()
				self.assertEqual(self.in_xero(reduces)["Status"], "VOIDED")
				self.assertEqual(self.world.row(keeps).status, "Failed")
				self.assertEqual(self.in_xero(keeps)["Status"], "PAID")

	def allocated(self, make: object, **values: object) -> Document:
		"""A credit note that is allocated in Xero, without the note of it."""
		original = self.submit(make(item(100)))
		self.world.push()
		credit_note = self.submit(returned(frappe.get_doc(original.doctype, original.name), **values))
		self.world.push()
		self.assertEqual(self.in_xero(credit_note)["RemainingCredit"], 0)
		frappe.db.set_value(XERO_DOCUMENT, {"reference_name": credit_note.name}, "allocations", None)
		frappe.db.commit()
		return credit_note

	def noted(self, credit_note: Document) -> tuple:
		return from_column(
			frappe.db.get_value(XERO_DOCUMENT, {"reference_name": credit_note.name}, "allocations")
		)
