"""The sources of tracking are chosen and their values mapped in the form; and a scope that Xero ends is said there."""

from __future__ import annotations

import frappe

from nexwave_xero_connector.tests.bench_world import COMPANY
from nexwave_xero_connector.tests.browser import session
from nexwave_xero_connector.tests.browser.pictures import take_picture
from nexwave_xero_connector.tests.browser.setup_test_case import SetupTest
from nexwave_xero_connector.tests.test_tracking_dimensions import DIMENSION, delete_dimension, make_dimension

MANAGER = "aroha.ngata@example.com"
CLERK = "hana.clarke@example.com"
NOBODY = "sam.reid@example.com"
BRANCHES = ("North", "South")


class TestTracking(SetupTest):
	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		make_dimension()
		cls.addClassCleanup(delete_dimension)
		for branch in BRANCHES:
			if not frappe.db.exists(DIMENSION, branch):
				frappe.get_doc({"doctype": DIMENSION, "branch": branch}).insert()
		frappe.db.commit()

	def test_a_dimension_is_chosen_suggested_and_mapped(self) -> None:
		self.connected(**self.mapped())
		session.make_user(MANAGER, "Accounts User", "Accounts Manager")
		page = self.sign_in(MANAGER)
		session.open_route(page, f"xero-sync-settings/{COMPANY}")
		page.locator(".form-tabs .nav-link", has_text="Tracking").click()
		source = ".frappe-control[data-fieldname=second_tracking_source]:visible input"
		page.click(source)
		page.fill(source, "Br")
		page.click(f"[role=option]:has-text('{DIMENSION}'):visible")
		page.wait_for_function("chosen => cur_frm.doc.second_tracking_source === chosen", arg=DIMENSION)
		page.click("button.primary-action:has-text('Save')")
		page.wait_for_function("!cur_frm.is_dirty()")
		self.assertEqual(self.stored("second_tracking_source"), DIMENSION)

		page.click(".inner-group-button:has-text('Xero') button")
		page.click(".inner-group-button .dropdown-item:has-text('Suggest Mapping')")
		page.wait_for_selector(".modal .grid-row:has-text('Branch: North')")
		page.click(".modal button:has-text('Accept')")
		page.wait_for_selector(
			"[data-fieldname=tracking_mapping] .grid-row:has-text('South')", state="attached"
		)
		page.locator(".form-tabs .nav-link", has_text="Tracking").click()
		page.click("button.primary-action:has-text('Save')")
		page.wait_for_function("!cur_frm.is_dirty()")
		take_picture(page, "tracking")
		frappe.db.rollback()
		rows = frappe.get_all(
			"Xero Tracking Mapping", {"parent": COMPANY}, ["source_doctype", "source"], order_by="idx"
		)
		self.assertEqual(
			[(row.source_doctype, row.source) for row in rows], [(DIMENSION, name) for name in BRANCHES]
		)

	def test_a_clerk_reads_and_nobody_else_does(self) -> None:
		self.connected(**self.mapped())
		session.make_user(CLERK, "Accounts User")
		session.make_user(NOBODY, "Sales User")
		page = self.sign_in(CLERK)
		session.open_route(page, f"xero-sync-settings/{COMPANY}")
		page.locator(".form-tabs .nav-link", has_text="Tracking").click()
		field = page.locator(".frappe-control[data-fieldname=tracking_source]:visible")
		self.assertIn("Cost Center", field.inner_text())
		self.assertEqual(field.locator("input:visible").count(), 0)
		page = self.sign_in(NOBODY)
		session.open_route(page, "user-profile")
		answer = page.request.get(f"/api/resource/Xero Sync Settings/{COMPANY}")
		self.assertEqual(answer.status, 403)

	def test_a_scope_that_ends(self) -> None:
		self.connected(**self.mapped())
		frappe.db.set_value(
			"Xero Connection", COMPANY, "scope", "accounting.transactions accounting.contacts"
		)
		frappe.db.commit()
		self.open_settings()
		step = self.step("connect").inner_text()
		self.assertIn("Xero ends the scope accounting.transactions on", step)
		take_picture(self.page, "broad-scope")
		self.person.click("[data-step=connect] [data-action=app]")
		self.page.wait_for_selector(".modal:visible >> text=Save and Connect")

	def sign_in(self, user: str):
		page = session.sign_in(self.browser, self.url, user)
		page.context.base_url = self.url
		self.addCleanup(page.context.close)
		return page
