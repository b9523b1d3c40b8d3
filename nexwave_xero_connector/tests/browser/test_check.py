"""Check says what fails and why; its link leads to the field to fix, and the next check is clean."""

from __future__ import annotations

from nexwave_xero_connector.tests.bench_world import ABBR
from nexwave_xero_connector.tests.browser import session
from nexwave_xero_connector.tests.browser.pictures import take_picture
from nexwave_xero_connector.tests.browser.setup_test_case import GST, NO_GST, SetupTest


class TestCheck(SetupTest):
	def test_a_cause_is_followed_and_fixed(self) -> None:
		for template in (NO_GST, NO_GST, GST, GST, GST):
			self.submit(template)
		self.connected(**self.mapped())
		self.open_settings()
		dialog = self.check()
		self.assertIn("2 of the last 5 invoices would go to Xero", dialog.inner_text())
		cause = dialog.locator(".xero-cause")
		self.assertEqual(cause.count(), 1)
		self.assertIn("3 invoices", cause.inner_text())
		self.assertIn("No tax mapping for item Garden Bench", cause.inner_text())
		to_default = dialog.locator(".xero-to-default").inner_text()
		self.assertIn("200 Sales", to_default)
		self.assertIn("500.00", to_default, "five invoices of 100.00")
		take_picture(self.page, "check-causes")

		self.person.click(".modal.show .xero-cause a.xero-link[data-fieldname=tax_mapping]")
		row = "[data-fieldname=tax_mapping] .grid-row[data-idx='2']"
		self.page.wait_for_selector(f"{row}:has-text('{GST}')")
		self.person.click(f"{row} [data-fieldname=xero_tax_rate]")
		self.page.fill(f"{row} [data-fieldname=xero_tax_rate] input", "15% GST on Income")
		self.person.click("[role=option]:has-text('15% GST on Income')")
		self.person.click("button.primary-action:has-text('Save')")
		self.page.wait_for_selector(
			"[data-step=check]:has-text('The mapping has changed since the last check')", state="attached"
		)
		self.person.click(".form-tabs .nav-link:has-text('Details')")
		dialog = self.check()
		self.assertIn("5 of the last 5 invoices would go to Xero", dialog.inner_text())
		self.assertEqual(dialog.locator(".xero-cause").count(), 0)
		self.person.click(".modal.show button:has-text('Close')")
		self.page.wait_for_selector("[data-step=check].xero-step-done")

	def test_an_account_archived_in_xero_is_named_and_leads_to_its_field(self) -> None:
		self.connected(**self.mapped())
		self.submit(NO_GST)
		self.xero.admin.act(self.nz, "archive_account", code="200")
		self.open_settings()
		self.menu("Fetch")
		self.page.wait_for_selector(".desk-alert:has-text('Fetched from Xero')")
		dialog = self.check()
		self.assertIn("Xero account 200 Sales", dialog.inner_text())
		self.assertIn("200 Sales is mapped in Sales Account, but is archived in Xero", dialog.inner_text())
		self.person.click(".modal.show .xero-cause a.xero-link[data-fieldname=default_sales_account]")
		field = ".frappe-control[data-fieldname=default_sales_account]:visible"
		self.page.wait_for_selector(field)
		self.person.click(f"{field} input")
		self.page.fill(f"{field} input", "Other Revenue")
		self.person.click("[role=option]:has-text('260 Other Revenue')")
		self.person.click("button.primary-action:has-text('Save')")
		self.page.wait_for_function("!cur_frm.is_dirty()")
		self.assertEqual(self.stored("default_sales_account"), f"{ABBR}-260")

	def check(self):
		self.person.click("[data-step=check] [data-action=check]")
		self.page.wait_for_selector(".modal.show .lead:has-text('would go to Xero')")
		session.settle(self.page)
		return self.page.locator(".modal.show")
