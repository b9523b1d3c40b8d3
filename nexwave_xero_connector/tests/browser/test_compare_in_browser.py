"""Compare a Period with Xero, clicked: by an accountant and by a manager; what it finds is read where they work."""

from __future__ import annotations

import unittest
from typing import TYPE_CHECKING

import frappe
from frappe.utils import add_days, formatdate, nowdate

from nexwave_xero_connector.erp.connection.day_share import DayShare
from nexwave_xero_connector.sync.records import Priority
from nexwave_xero_connector.tests.bench_world import COMPANY
from nexwave_xero_connector.tests.browser import session
from nexwave_xero_connector.tests.browser.desk_test_case import CLERK, MANAGER, DeskTest, missing, party
from nexwave_xero_connector.tests.browser.pictures import overflowing, take_picture

if TYPE_CHECKING:
	from frappe.model.document import Document
	from playwright.sync_api import Locator, Page

NAME = "Compare a Period with Xero"


@unittest.skipIf(missing(), f"a browser test needs: {missing()}")
class TestComparePeriod(DeskTest):
	def setUp(self) -> None:
		super().setUp()
		self.addCleanup(self.forget_calls)
		self.forget_calls()

	def forget_calls(self) -> None:
		frappe.cache.delete(DayShare(COMPANY, Priority.PERSON)._key)

	def sent(self, *customers: str) -> list[Document]:
		self.worker_runs()
		documents = [self.submit(rate=120, customer=party(name)) for name in customers]
		for document in documents:
			self.wait_for_status(document, "Success")
		self.worker_stops()
		return documents

	def dialog(self, page: Page) -> Locator:
		"""The dialog, opened from the menu of the log's list."""
		page.locator(".menu-btn-group > button").click()
		page.locator(".menu-btn-group .dropdown-menu").get_by_text(NAME, exact=True).click()
		dialog = page.locator(".modal.show")
		dialog.get_by_text(NAME, exact=True).wait_for()
		return dialog

	def compare(self, page: Page, first: str = "", last: str = "") -> str:
		"""Choose company and period, press Compare; what is said at the end."""
		dialog = self.dialog(page)
		values = {
			"company": COMPANY,
			"from_date": first and formatdate(first),
			"to_date": last and formatdate(last),
		}
		for field, value in values.items():
			if value:
				box = dialog.locator(f"[data-fieldname={field}] input")
				box.fill(value)
				box.press("Tab")
				session.settle(page)
		self.assertEqual(overflowing(page), [])
		take_picture(page, "compare-period-dialog")
		with page.expect_response("**/*.compare_period") as answered:
			dialog.get_by_role("button", name="Compare", exact=True).click()
		self.assertTrue(answered.value.ok, answered.value.text())
		said = page.locator(".desk-alert", has_text="compared with Xero")
		said.wait_for()
		return said.inner_text()

	def test_an_accountant_finds_what_somebody_changed_and_what_became_equal_again(self) -> None:
		from playwright.sync_api import expect

		changed, voided, untouched = self.sent("Harbour Cafe", "Kauri Joinery Ltd", "Northland Dental")
		for action, document, values in (
			("edit", changed, {"unit_amount": "125"}),
			("void", voided, {}),
			("edit", untouched, {"due_date": add_days(nowdate(), 30)}),
		):
			self.xero.admin.act(self.xero.admin.tenant("NZ"), action, number=document.name, **values)
		page = self.page(CLERK, "xero-sync-log")
		said = self.compare(page)
		self.assertIn("3 documents compared with Xero", said)
		self.assertIn("1 voided in Xero by somebody, 1 changed in Xero since they were sent", said)
		expect(self.row(page, changed)).to_contain_text("total 125.00 instead of 120.00")
		expect(self.row(page, voided)).to_contain_text("is now VOIDED")
		expect(self.row(page, untouched)).to_contain_text("is in Xero as")
		take_picture(page, "compare-period-result")
		session.open_route(page, f"sales-invoice/{changed.name}")
		expect(page.locator(".xero-headline")).to_contain_text("total 125.00 instead of 120.00")
		take_picture(page, "compare-period-finding")

		self.xero.admin.act(self.xero.admin.tenant("NZ"), "edit", number=changed.name, unit_amount="120")
		session.open_route(page, "xero-sync-log")
		self.compare(page)
		expect(self.row(page, changed)).to_contain_text("is in Xero as")

	def test_a_manager_chooses_the_period(self) -> None:
		today, _other = self.sent("Harbour Cafe", "Kauri Joinery Ltd")
		page = self.page(MANAGER, "xero-sync-log")
		yesterday = add_days(nowdate(), -1)
		self.assertIn(
			"0 documents compared with Xero", self.compare(page, add_days(nowdate(), -9), yesterday)
		)
		session.open_route(page, "xero-sync-log")
		self.assertIn("2 documents compared with Xero", self.compare(page, nowdate(), nowdate()))
		self.assertEqual(self.newest(today).finding or "", "")
