"""Attachments in the desk: switched on by an admin, with Xero's consent, and looked after by accountants."""

from __future__ import annotations

import unittest

import frappe
from frappe.model.document import Document
from frappe.utils import nowdate

from nexwave_xero_connector.erp.attachments.share import attachments_share
from nexwave_xero_connector.erp.connection.day_share import DayShare
from nexwave_xero_connector.jobs import attachments as jobs
from nexwave_xero_connector.jobs.push import push_invoice
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY, new_invoice
from nexwave_xero_connector.tests.browser import pictures, session
from nexwave_xero_connector.tests.browser.desk_test_case import CLERK, MANAGER, NOBODY, DeskTest, missing
from nexwave_xero_connector.tests.browser.setup_test_case import SETTINGS, SetupTest

SECTION = "[data-fieldname=attachments]"
SCAN, MACRO = ("Scan of the bill.docx", b"the scan"), ("macro.exe", b"MZ")


class TestAttachmentsConsent(SetupTest):
	def test_the_setting_leads_to_the_consent_for_attachments_alone(self) -> None:
		self.connected()
		self.open_settings()
		self.person.click(".form-tabs .nav-link:has-text('Documents')")
		section = self.page.locator(SECTION)
		section.scroll_into_view_if_needed()
		self.assertIn("Nothing is attached to documents in Xero.", section.inner_text())
		self.person.click("[data-fieldname=attach_to_purchase_invoices] input[type=checkbox]")
		self.person.click(".page-actions .primary-action:has-text('Save')")
		self.page.wait_for_selector(f"{SECTION} [data-action=consent]")
		self.assertIn("documents are sent as before", section.inner_text())
		self.assertEqual(self.state(), ("Connected", None))
		section.scroll_into_view_if_needed()
		pictures.take_picture(self.page, "attachments-consent")
		self.person.click(f"{SECTION} [data-action=consent]")
		self.page.wait_for_url("**/identity/connect/authorize**")
		self.assertIn("View and manage attached files", self.page.inner_text("body"))
		self.allow()
		self.person.click(".form-tabs .nav-link:has-text('Documents')")
		self.assertIn("Files: 0 in Xero", section.inner_text())
		self.assertEqual(self.page.locator(f"{SECTION} [data-action=consent]").count(), 0)
		frappe.db.rollback()
		self.assertIn(
			"accounting.attachments", frappe.db.get_value("Xero Connection", COMPANY, "scope") or ""
		)


@unittest.skipIf(missing(), f"a browser test needs: {missing()}")
class TestAttachmentsInBrowser(DeskTest):
	def bill(self, *files: tuple[str, bytes]) -> Document:
		document = new_invoice("Purchase Invoice", item_tax_template=f"No GST - {ABBR}")
		for name, content in files:
			about = {"attached_to_doctype": document.doctype, "attached_to_name": document.name}
			file = frappe.get_doc(
				{"doctype": "File", "file_name": name, "content": content, "is_private": 1, **about}
			).insert()
			file.db_set("file_name", name, update_modified=False)
		document.submit()
		frappe.db.commit()
		push_invoice(COMPANY)
		return document

	def switch_on(self) -> None:
		settings = frappe.get_doc(SETTINGS, COMPANY)
		settings.update({"attach_to_purchase_invoices": 1})
		settings.save()
		share: DayShare = attachments_share(COMPANY)
		frappe.cache.delete(share._key)
		frappe.db.commit()

	def send(self) -> None:
		jobs.look_for_new_files()
		jobs.send(COMPANY)
		frappe.db.rollback()

	def test_an_accountant_sees_what_became_of_the_files_and_tries_again(self) -> None:
		self.switch_on()
		bill = self.bill(SCAN, MACRO)
		self.send()
		page = self.page(CLERK, f"purchase-invoice/{bill.name}")
		headline = page.locator(".xero-headline")
		headline.wait_for()
		self.assertIn("In Xero", headline.inner_text())
		self.assertIn("Attachments: 1 in Xero, 1 not sent", headline.inner_text())
		headline.get_by_text("Log").click()
		section = page.locator(SECTION)
		section.get_by_text("Scan of the bill.docx, in Xero Scan_of_the_bill.docx").wait_for()
		self.assertIn("isn't a supported file type", section.inner_text())
		section.scroll_into_view_if_needed()
		pictures.take_picture(page, "attachments-log")
		section.get_by_role("button", name="Retry").click()
		page.get_by_text("1 files are queued. They are sent once no document waits.").wait_for()
		section.get_by_text("Waiting", exact=True).wait_for()
		self.send()
		page.reload()
		section.get_by_text("Not Sent", exact=True).wait_for()
		section.get_by_role("link", name=bill.name).first.wait_for()

	def test_files_that_were_not_sent_are_retried_in_their_list(self) -> None:
		self.switch_on()
		bill = self.bill(MACRO, ("other.exe", b"MZ"))
		self.send()
		page = self.page(MANAGER, "xero-attachment?status=Failed")
		rows = page.locator(".result .list-row", has_text=bill.name)
		rows.nth(1).wait_for()
		self.assertIn("Failed", rows.first.inner_text())
		self.act_on_all(page, "Retry")
		page.get_by_text("2 files are queued. They are sent once no document waits.").wait_for()
		rows.first.wait_for(state="detached")
		frappe.db.rollback()
		states = frappe.get_all("Xero Attachment", {"reference_name": bill.name}, pluck="status")
		self.assertEqual(states, ["To Do"] * 2)

	def test_a_manager_counts_earlier_documents_before_anything_is_sent(self) -> None:
		bill = self.bill(SCAN)
		self.switch_on()
		page = self.page(MANAGER, f"xero-sync-settings/{COMPANY}")
		page.locator(".form-tabs .nav-link:has-text('Documents')").click()
		page.locator(f"{SECTION} [data-action=earlier]").click()
		page.get_by_role("button", name="Count").click()
		dialog = page.locator(".modal.show")
		dialog.get_by_text("1 documents that are in Xero get 1 files.").wait_for()
		dialog.get_by_text("That takes 2 calls to Xero, and about 1 days").wait_for()
		pictures.take_picture(page, "attachments-earlier")
		dialog.get_by_role("button", name="Yes").click()
		page.get_by_text("1 files are queued. They are sent once no document waits.").wait_for()
		page.locator(SECTION).get_by_text("1 waiting").wait_for()
		pictures.take_picture(page, "attachments-settings")
		jobs.send(COMPANY)
		page.locator(SECTION).get_by_text("waiting").click()
		page.wait_for_url("**/xero-attachment**")
		self.assertEqual(nowdate(), str(bill.posting_date))

	def test_a_user_without_rights_sees_nothing_of_it(self) -> None:
		self.switch_on()
		bill = self.bill(SCAN)
		self.send()
		name = frappe.db.get_value("Xero Attachment", {"reference_name": bill.name})
		page = self.page(NOBODY)
		for route in ("xero-attachment", f"xero-attachment/{name}"):
			session.open_route(page, route)
			self.assertNotIn(SCAN[0], page.inner_text("body"))
		with self.assertRaises(frappe.PermissionError):
			frappe.set_user(NOBODY)
			self.addCleanup(frappe.set_user, "Administrator")
			frappe.get_attr("nexwave_xero_connector.api.attachments.retry")([name])
