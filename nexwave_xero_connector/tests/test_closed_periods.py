"""Cancelling and sending documents whose date is locked in Xero, closed in ERPNext, or reversed on another day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from frappe.model.document import Document
from frappe.utils import add_days, format_date, get_first_day, nowdate

from nexwave_xero_connector.api import retry
from nexwave_xero_connector.erp.connection.organisation import fetch
from nexwave_xero_connector.tests.books_in_xero import BooksInXero
from nexwave_xero_connector.tests.catalogue.builders import bill, item, returned, sales
from nexwave_xero_connector.tests.catalogue.company import COMPANY, LOG
from nexwave_xero_connector.tests.catalogue.site_settings import site_setting

LAST_MONTH = add_days(get_first_day(nowdate()), -1)


class ClosedPeriods(BooksInXero):
	def setUp(self) -> None:
		self.addCleanup(self.lock)

	def lock(self, **days: object) -> None:
		"""An adviser sets Xero's lock dates, and the daily job fetches them."""
		self.act("lock", **{name: str(day) for name, day in days.items()})
		fetch(COMPANY)
		frappe.db.commit()

	def pushed(self, draft: Document) -> Document:
		document = self.submit(draft)
		self.world.push()
		self.assertEqual(self.world.row(document).status, "Success", self.world.row(document).message)
		return document

	def cancel(self, document: Document) -> frappe._dict:
		document.reload().cancel()
		frappe.db.commit()
		self.world.push()
		return self.world.row(document)

	def press_void(self, document: Document) -> frappe._dict:
		retry.void(document.doctype, document.name)
		self.world.push()
		return self.world.row(document)


class TestSending(ClosedPeriods):
	def test_a_locked_period_is_reported_with_what_to_do(self) -> None:
		self.act("lock", period=nowdate())
		document = self.submit(sales(item()))
		self.world.push()
		row = self.world.row(document)
		self.assertEqual(row.status, "Failed")
		day = format_date(nowdate())
		self.assertIn(f"{document.name} is dated {day}, in a period that is locked in Xero", row.message)
		self.assertIn("Have an adviser move the lock date in Xero", row.message)
		self.act("lock")
		self.assertEqual(self.retry(document).status, "Success")

	def test_a_closed_year_is_told_apart(self) -> None:
		self.act("lock", end_of_year=nowdate())
		document = self.submit(bill(item()))
		self.world.push()
		row = self.world.row(document)
		self.assertIn("in a year that is closed in Xero (end of year lock date", row.message)
		self.assertNotIn("adviser", row.message)

	def test_a_draft_that_could_never_be_approved_is_not_sent(self) -> None:
		self.world.settings(sales_invoice_status="Draft", purchase_invoice_status="Awaiting approval")
		self.addCleanup(
			self.world.settings, sales_invoice_status="Authorised", purchase_invoice_status="Authorised"
		)
		# Xero may well accept them.
		self.world.xero.admin.switch(lock_dates_hold="approved")
		self.addCleanup(self.world.xero.admin.switch, lock_dates_hold="all")
		self.lock(period=nowdate())
		documents = [self.submit(make(item())) for make in (sales, bill)]
		self.world.push()
		for document in documents:
			row = self.world.row(document)
			self.assertEqual(row.status, "Failed")
			self.assertIn(f"{document.name} could never be approved in Xero", row.message)
			self.assertNotIn(document.name, self.world.in_xero())
		self.lock()
		for document in documents:
			self.assertEqual(self.retry(document).status, "Success")


class TestCancelling(ClosedPeriods):
	def test_in_a_period_locked_in_xero_a_person_decides(self) -> None:
		document = self.pushed(sales(item()))
		self.lock(period=nowdate())
		before = self.world.xero.admin.marker()
		row = self.cancel(document)
		self.assertEqual(row.status, "Failed")
		self.assertIn("in a period that is locked in Xero (period lock date", row.message)
		self.assertIn("Enter a credit note with a later date in Xero", row.message)
		self.assertEqual(self.in_xero(document)["Status"], "AUTHORISED")
		writes = [call for call in self.world.xero.admin.requests(after=before) if call["method"] != "GET"]
		self.assertEqual(writes, [])
		self.assertTrue(
			frappe.db.get_value(LOG, {"reference_name": document.name, "is_latest": 1}, "is_orphan")
		)
		self.act("lock")
		self.assertEqual(self.press_void(document).status, "Voided")

	def test_what_xero_says_counts_if_the_lock_date_was_not_known(self) -> None:
		for name, expected in (("period", "period lock date"), ("end_of_year", "end of year lock date")):
			with self.subTest(name):
				document = self.pushed(bill(item()))
				self.act("lock", **{name: nowdate()})
				row = self.cancel(document)
				self.assertEqual(row.status, "Failed")
				self.assertIn(expected, row.message)
				self.assertNotIn("amend", row.message)
				self.act("lock")

	def test_the_opposite_of_a_credit_note_is_named(self) -> None:
		for make, opposite in ((sales, "an invoice"), (bill, "a bill")):
			with self.subTest(opposite):
				original = self.pushed(make(item()))
				credit_note = self.pushed(returned(frappe.get_doc(original)))
				self.lock(end_of_year=nowdate())
				row = self.cancel(credit_note)
				self.assertIn(f"Enter {opposite} with a later date", row.message)
				self.assertEqual(len(self.in_xero(credit_note)["Allocations"]), 1)
				self.lock()

	def test_a_draft_in_xero_is_in_no_figures_and_is_deleted(self) -> None:
		self.world.settings(sales_invoice_status="Draft")
		self.addCleanup(self.world.settings, sales_invoice_status="Authorised")
		documents = [self.pushed(sales(item())) for _ in range(2)]
		self.lock(period=nowdate())
		row = self.cancel(documents[0])
		self.assertEqual(row.status, "Failed")
		self.assertIn("As a draft it is in no figures", row.message)
		self.world.xero.admin.switch(lock_dates_hold="approved", lock_holds_void="no")
		self.addCleanup(self.world.xero.admin.switch, lock_dates_hold="all", lock_holds_void="yes")
		self.assertEqual(self.cancel(documents[1]).status, "Voided")
		self.assertEqual(self.in_xero(documents[1])["Status"], "DELETED")

	def test_an_immutable_ledger_that_books_the_cancel_in_another_month_asks(self) -> None:
		with site_setting("Accounts Settings", "enable_immutable_ledger", 1):
			document = self.pushed(sales(item(), posting_date=LAST_MONTH, set_posting_time=1))
			row = self.cancel(document)
			self.assertEqual(row.status, "Failed")
			today = format_date(nowdate())
			self.assertIn(f"ERPNext booked the cancellation on {today}", row.message)
			self.assertIn(f"Otherwise enter a credit note dated {today} in Xero", row.message)
			self.assertEqual(self.press_void(document).status, "Voided")

	def test_an_immutable_ledger_that_books_the_cancel_in_the_same_month_does_not(self) -> None:
		with site_setting("Accounts Settings", "enable_immutable_ledger", 1):
			document = self.pushed(sales(item()))
			self.assertEqual(self.cancel(document).status, "Voided")

	def test_an_ordinary_ledger_changes_its_own_figures_so_the_void_does_too(self) -> None:
		document = self.pushed(sales(item(), posting_date=LAST_MONTH, set_posting_time=1))
		row = self.cancel(document)
		self.assertEqual(row.status, "Voided")
		self.assertNotIn("closed", row.message)

	def test_a_period_that_is_frozen_in_erpnext_is_remarked_upon(self) -> None:
		document = self.pushed(sales(item(), posting_date=LAST_MONTH, set_posting_time=1))
		document.reload().cancel()
		frappe.db.commit()
		with frozen_until(nowdate()):
			self.world.push()
		row = self.world.row(document)
		self.assertEqual(row.status, "Voided")
		day = format_date(nowdate())
		self.assertIn(f"ERPNext's books are closed until {day}: the figures changed in both.", row.message)


@contextmanager
def frozen_until(day: str) -> Iterator[None]:
	"""The company's entries are frozen: a field of the Company from ERPNext 16 on, of Accounts Settings before."""
	place = ("Accounts Settings", "Accounts Settings", "acc_frozen_upto")
	if frappe.get_meta("Company").has_field("accounts_frozen_till_date"):
		place = ("Company", COMPANY, "accounts_frozen_till_date")
	frappe.db.set_value(*place, day)
	frappe.db.commit()
	try:
		yield
	finally:
		frappe.db.set_value(*place, None if place[0] == "Company" else "")
		frappe.db.commit()
