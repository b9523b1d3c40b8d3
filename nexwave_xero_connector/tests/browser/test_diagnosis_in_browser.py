"""The button Diagnosis for Support: who sees it, and that what it copies is what it shows."""

from __future__ import annotations

import unittest

import frappe

from nexwave_xero_connector.tests.bench_world import COMPANY
from nexwave_xero_connector.tests.browser.desk_test_case import MANAGER, DeskTest, missing
from nexwave_xero_connector.tests.browser.pictures import overflowing, take_picture
from nexwave_xero_connector.tests.browser.session import make_user

MISSING = missing()
if not MISSING:
	from playwright.sync_api import expect

	expect.set_options(timeout=30_000)
ACCOUNTANT = "mere.tipene@example.com"
BUTTON, FORM = "Diagnosis for Support", f"xero-sync-settings/{COMPANY}"
METHOD = "/api/method/nexwave_xero_connector.api.diagnosis.diagnose"


@unittest.skipIf(MISSING, f"the browser tests need: {MISSING}")
class TestDiagnosisInBrowser(DeskTest):
	def test_a_system_manager_copies_it_and_an_accountant_does_not_see_it(self) -> None:
		page = self.page(MANAGER, FORM)
		page.context.grant_permissions(["clipboard-read", "clipboard-write"])
		self.menu(page, BUTTON)
		dialog = page.locator(".modal.show")
		expect(dialog).to_contain_text("Contains no passwords or tokens")
		expect(dialog).to_contain_text("versions:")
		take_picture(page, "diagnosis")
		self.assertEqual(overflowing(page), [])
		dialog.get_by_role("button", name="Copy", exact=True).click()
		expect(page.locator(".alert-message")).to_contain_text("Copied")
		copied = page.evaluate("navigator.clipboard.readText()")
		for part in (f"frappe: {frappe.__version__}", f"  {COMPANY}:\n", "connection:", "last sweep:"):
			self.assertIn(part, copied)
		self.assertNotIn(frappe.conf.encryption_key, copied)
		make_user(ACCOUNTANT, "Accounts User", "Accounts Manager")
		page = self.page(ACCOUNTANT, FORM)
		page.locator(".inner-group-button[data-label='Xero'] button").click()
		expect(page.get_by_text("Copy Settings From...", exact=True)).to_be_visible()
		expect(page.get_by_text(BUTTON, exact=True)).to_have_count(0)
		asked = page.evaluate(
			"""([url, company]) => fetch(url, {
				method: "POST",
				headers: {"Content-Type": "application/json", "X-Frappe-CSRF-Token": frappe.csrf_token},
				body: JSON.stringify({company}),
			}).then(async (response) => [response.status, await response.text()])""",
			[METHOD, COMPANY],
		)
		self.assertEqual(asked[0], 403)
		self.assertIn("You need the System Manager role", asked[1])
