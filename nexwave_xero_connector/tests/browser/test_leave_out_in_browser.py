"""A document and a customer are left out of Xero and taken back by a manager; a clerk sees it, others see nothing."""

from __future__ import annotations

import unittest

import frappe

from nexwave_xero_connector.erp.worker import enqueue_worker
from nexwave_xero_connector.install import NOTIFICATION
from nexwave_xero_connector.jobs.alert import alert
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY, PARTY, new_invoice
from nexwave_xero_connector.tests.browser.desk_test_case import (
	CLERK,
	MANAGER,
	NO_GST,
	NOBODY,
	DeskTest,
	missing,
)
from nexwave_xero_connector.tests.browser.pictures import take_picture
from nexwave_xero_connector.tests.test_alerts import restore

MISSING = missing()
if not MISSING:
	from playwright.sync_api import Locator, Page, expect

	expect.set_options(timeout=30_000)

REASON = "Entered in Xero by hand"
REFUSED = """async ([method, args]) => {
	const answer = await fetch(`/api/method/nexwave_xero_connector.api.leave_out.${method}`, {
		method: "POST",
		headers: { "Content-Type": "application/json", "X-Frappe-CSRF-Token": frappe.csrf_token },
		body: JSON.stringify(args),
	});
	return answer.status;
}"""


@unittest.skipIf(MISSING, f"the browser tests need: {MISSING}")
class TestLeaveOutInBrowser(DeskTest):
	def test_a_document(self) -> None:
		document = new_invoice(item_tax_template=f"{NO_GST} - {ABBR}")
		frappe.db.commit()
		form = self.page(MANAGER, f"sales-invoice/{document.name}")
		self.menu(form, "Leave Out")
		self.give_reason(form)
		headline = form.locator(".xero-headline")
		expect(headline).to_contain_text("Xero: Left Out")
		expect(headline).to_contain_text(f"Aroha Ngata left it out. Reason: {REASON}")
		document.reload()
		document.submit()
		frappe.db.commit()
		self.worker_runs()
		enqueue_worker(COMPANY)

		clerk = self.page(CLERK, f"sales-invoice/{document.name}")
		expect(clerk.locator(".xero-headline")).to_contain_text("Left Out")
		self.has_entries(clerk, ["Preview"])
		asked = {"doctype": "Sales Invoice", "name": document.name}
		for user in (clerk, self.page(NOBODY, "user-profile")):
			self.assertEqual(user.evaluate(REFUSED, ["take_back", asked]), 403)

		log = self.page(MANAGER, f"xero-sync-log/{self.newest(document).name}")
		expect(log.locator("[data-fieldname='left_out_reason']").first).to_contain_text(REASON)
		take_picture(log, "log-left-out")
		self.assertEqual(self.in_xero(document), [])
		log.get_by_role("button", name="Take Back", exact=True).click()
		self.wait_for_status(document, "Success")
		self.assertEqual(self.in_xero(document), ["AUTHORISED"])

	def test_a_selection_in_the_log(self) -> None:
		documents = [self.submit(), self.submit()]
		page = self.page(MANAGER, "xero-sync-log")
		self.act_on_all(page, "Leave Out")
		self.give_reason(page)
		for document in documents:
			expect(self.row(page, document)).to_contain_text("Left Out")
		self.act_on_all(page, "Take Back")
		for document in documents:
			expect(self.row(page, document)).to_contain_text("Queued")

	def test_a_customer(self) -> None:
		frappe.db.delete("Comment", {"reference_doctype": "Customer", "reference_name": PARTY})
		waiting = self.submit()
		form = self.page(MANAGER, f"customer/{PARTY}")
		self.menu(form, "Leave Out")
		self.give_reason(form)
		headline = form.locator(".xero-headline")
		expect(headline).to_contain_text(f"Left out of Xero for {COMPANY} by You. Reason: {REASON}")
		take_picture(form, "customer-left-out")
		self.wait_for_status(waiting, "Skipped")
		# Each request reads the settings again, while this process still has them in its cache.
		frappe.clear_document_cache("Xero Sync Settings", COMPANY)
		later = self.submit()
		self.assertEqual(self.newest(later).left_out_by, MANAGER)

		settings = self.page(MANAGER, f"xero-sync-settings/{COMPANY}")
		settings.locator(".form-tabs .nav-link", has_text="Documents").click()
		expect(settings.locator("[data-fieldname='left_out_parties']").first).to_contain_text(PARTY)
		take_picture(settings, "settings-left-out")

		clerk = self.page(CLERK, f"customer/{PARTY}")
		expect(clerk.locator(".xero-headline")).to_contain_text("Left out of Xero")
		expect(clerk.locator(".inner-group-button[data-label='Xero']")).to_have_count(0)
		nobody = self.page(NOBODY, f"customer/{PARTY}")
		expect(nobody.locator(".form-layout").first).to_be_visible()
		expect(nobody.locator(".xero-headline")).to_have_count(0)

		self.menu(form, "Take Back")
		self.dialog(form).get_by_role("button", name="Take Back", exact=True).click()
		expect(headline).to_have_count(0)
		self.worker_runs()
		self.wait_for_status(self.submit(), "Success")
		self.assertEqual(self.in_xero(later), [])

	def test_the_owner_of_a_document_is_notified(self) -> None:
		self.addCleanup(restore)
		page = self.page(MANAGER, f"notification/{NOTIFICATION}")
		page.get_by_role("checkbox", name="Enabled").check()
		take_picture(page, "notification")
		page.get_by_role("button", name="Save", exact=True).click()
		page.wait_for_function("!cur_frm.is_dirty()")
		frappe.db.rollback()
		self.assertEqual(frappe.db.get_value("Notification", NOTIFICATION, "enabled"), 1)
		self.worker_runs()
		frappe.set_user(CLERK)
		self.addCleanup(frappe.set_user, "Administrator")
		(document,) = self.failing()
		frappe.set_user("Administrator")
		alert()
		# What the bell shows, which is in another place on Frappe 16.
		desk = self.page(CLERK, "xero-sync-log")
		told = desk.evaluate(
			"frappe.xcall('frappe.desk.doctype.notification_log.notification_log.get_notification_logs')"
		)
		subjects = [one["subject"] for one in told["notification_logs"]]
		self.assertIn(f"{document.name} needs attention in the Xero Sync Log", subjects)

	def give_reason(self, page: Page) -> None:
		dialog = self.dialog(page)
		dialog.locator("[data-fieldname='reason'] textarea").fill(REASON)
		dialog.get_by_role("button", name="Leave Out", exact=True).click()

	def dialog(self, page: Page) -> Locator:
		return page.locator(".modal:visible")

	def has_entries(self, page: Page, labels: list[str]) -> None:
		"""The Xero menu of the form has exactly these."""
		group = page.locator(".inner-group-button[data-label='Xero']")
		expect(group.locator(".dropdown-item")).to_have_text(labels)
