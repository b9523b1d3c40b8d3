"""Several organisations, several companies, and the connection that needs no consent."""

from __future__ import annotations

import frappe

from nexwave_xero_connector.api import connection, organisation
from nexwave_xero_connector.erp.doctypes import CONNECTION
from nexwave_xero_connector.tests.bench_sandbox import connect_in_browser, use_app
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY
from nexwave_xero_connector.tests.browser import session
from nexwave_xero_connector.tests.browser.pictures import take_picture
from nexwave_xero_connector.tests.browser.setup_test_case import OTHER, OTHER_ABBR, SETTINGS, SetupTest
from nexwave_xero_connector.tests.records import make_company


class TestOrganisations(SetupTest):
	def test_an_admin_of_several_organisations_chooses_one_and_is_warned_before_a_change(self) -> None:
		self.connected()
		self.open_settings()
		self.menu("Choose Organisation")
		self.person.click(".modal button:has-text('Authorise Another Organisation')")
		self.allow("NexWave Demo AU")
		self.assertIn("NexWave Demo NZ (NZD)", self.step("choose").inner_text())

		self.menu("Choose Organisation")
		self.page.wait_for_selector(".modal.show select")
		organisations = self.page.locator(".modal.show select option").all_inner_texts()
		self.assertEqual(organisations, ["NexWave Demo NZ", "NexWave Demo AU"])
		self.page.select_option(".modal.show select", label="NexWave Demo AU")
		self.page.wait_for_selector(".modal .xero-warning:has-text('has been sending to NexWave Demo NZ')")
		take_picture(self.page, "choose-organisation")
		self.person.click(".modal button.btn-modal-primary")
		self.page.wait_for_selector("[data-step=choose]:has-text('NexWave Demo AU (AUD)')")
		self.assertEqual(self.stored("tenant_id"), self.au)

	def test_suggest_mapping_moves_each_row_to_the_organisation_that_was_chosen_now(self) -> None:
		"""Accepted by clicks: no row is added beside the one that maps the same record, and nothing else is touched."""
		cost_center = frappe.db.get_value("Company", COMPANY, "cost_center")
		self.connected(**self.mapped())
		north = frappe.db.get_value("Xero Tracking Option", {"company": COMPANY, "option": "North"})
		settings = frappe.get_doc(SETTINGS, COMPANY)
		settings.append("account_mapping", {"account": f"Sales - {ABBR}", "xero_account": f"{ABBR}-260"})
		settings.append("charge_mapping", {"account": f"Service - {ABBR}", "xero_account": f"{ABBR}-425"})
		source = {"source_doctype": "Cost Center", "source": cost_center}
		settings.append("tracking_mapping", {**source, "tracking_option": north})
		settings.save()
		frappe.db.commit()
		new = self.xero.admin.act(self.nz, "add_organisation", name="Harbour Trading Limited")["tenant"]
		connect_in_browser(COMPANY, new)
		connection.choose_organisation(COMPANY, new)
		frappe.db.commit()

		self.open_settings()
		self.menu("Suggest Mapping")
		self.page.wait_for_selector(".modal.show .grid-row:has-text('260 Other Revenue')")
		session.settle(self.page)
		suggested = self.page.locator(".modal.show").inner_text()
		self.assertIn("Has the code and name of 200 Sales, which this organisation does not have", suggested)
		self.person.click(".modal.show button:has-text('Accept')")
		self.person.click("button.primary-action:has-text('Save')")
		self.page.wait_for_function("!cur_frm.is_dirty()")
		session.settle(self.page)

		frappe.db.rollback()
		settings = frappe.get_doc(SETTINGS, COMPANY)
		rows = {
			f"Sales - {ABBR}": settings.account_mapping,
			f"Service - {ABBR}": settings.charge_mapping,
			cost_center: [row for row in settings.tracking_mapping if row.source == cost_center],
		}
		for record, mapped in rows.items():
			self.assertEqual([row.get("account") or row.get("source") for row in mapped], [record])
		chosen = [
			("Xero Account", settings.default_sales_account, "200"),
			("Xero Account", settings.rounding_account, "860"),
			("Xero Account", settings.account_mapping[0].xero_account, "260"),
			("Xero Account", settings.charge_mapping[0].xero_account, "425"),
			("Xero Tracking Option", rows[cost_center][0].tracking_option, "North"),
		]
		for doctype, record, name in chosen:
			found = frappe.get_doc(doctype, record)
			self.assertEqual((found.status, found.get("code") or found.get("option")), ("ACTIVE", name))

	def test_an_organisation_that_another_company_uses_brings_a_warning(self) -> None:
		self.connected()
		make_company(OTHER, OTHER_ABBR)
		self.new_settings(OTHER)
		self.open_settings(OTHER)
		self.person.click("[data-step=connect] [data-action=connect]")
		self.allow("NexWave Demo NZ")
		self.assertIn(f"It already receives documents from {COMPANY}", self.step("choose").inner_text())
		take_picture(self.page, "shared-organisation")
		self.person.click("[data-step=choose] [data-action=choose]")
		self.page.wait_for_selector(
			f".modal .xero-warning:has-text('NexWave Demo NZ already receives documents from {COMPANY}')"
		)
		self.person.click(".modal button:has-text('Authorise Another Organisation')")
		self.allow("NexWave Demo AU")
		self.menu("Choose Organisation")
		self.page.select_option(".modal.show select", label="NexWave Demo AU")
		self.person.click(".modal button.btn-modal-primary")
		self.page.wait_for_selector("[data-step=choose]:has-text('NexWave Demo AU')")
		self.assertNotIn("already receives documents", self.step("choose").inner_text())
		self.assertEqual((self.stored("tenant_id"), self.stored("tenant_id", OTHER)), (self.nz, self.au))

	def test_another_company_s_settings_are_copied_and_saved_by_the_admin(self) -> None:
		self.connected(**self.mapped(push_zero_total=1))
		make_company(OTHER, OTHER_ABBR)
		self.new_settings(OTHER)
		connect_in_browser(OTHER, self.nz)
		organisation.fetch(OTHER)
		frappe.db.commit()
		self.open_settings(OTHER)
		self.menu("Copy Settings From...")
		self.page.select_option(".modal.show [data-fieldname=source] select", label=COMPANY)
		self.person.click(".modal button:has-text('Copy')")
		self.page.wait_for_selector(".modal:visible >> text=No match was found in")
		self.assertIn(f"No GST - {ABBR}", self.page.locator(".modal:visible .msgprint").inner_text())
		take_picture(self.page, "copy-settings")
		self.person.click(".modal:visible .btn-modal-close")
		self.assertIsNone(
			self.stored("default_sales_account", OTHER), "nothing is saved before a person does"
		)
		self.person.click("button.primary-action:has-text('Save')")
		self.page.wait_for_function("!cur_frm.is_dirty()")
		session.settle(self.page)
		copied = [
			self.stored(field, OTHER) for field in ("default_sales_account", "push_zero_total", "enabled")
		]
		self.assertEqual(copied, [f"{OTHER_ABBR}-200", 1, 0])

	def test_a_custom_connection_is_connected_without_a_consent(self) -> None:
		from sandbox.xero.seed.organisations import CUSTOM_APP, DEMO_APP

		use_app(*DEMO_APP)
		self.new_settings()
		self.open_settings()
		self.page.locator("[data-fieldname=connection_type] select").select_option("Custom Connection")
		self.person.click("button.primary-action:has-text('Save')")
		self.page.wait_for_selector("[data-step=connect] [data-action=app]")
		self.person.click("[data-step=connect] [data-action=app]")
		dialog = self.page.locator(".modal:visible")
		self.assertIn("Create a Custom Connection", dialog.inner_text())
		self.assertNotIn("redirect", dialog.inner_text())
		self.page.fill(".modal [data-fieldname=client_id] input", CUSTOM_APP[0])
		self.page.fill(".modal [data-fieldname=client_secret] input", CUSTOM_APP[1])
		self.person.click(".modal button:has-text('Save and Connect')")
		self.page.wait_for_selector("[data-step=choose].xero-step-done")
		self.assertIn("NexWave Demo NZ", self.step("choose").inner_text())
		self.assertEqual(self.state(), ("Connected", None))
		# The app that the other companies connect with is unchanged.
		self.assertEqual(frappe.db.get_value("Connected App", "Xero", "client_id"), DEMO_APP[0])
		self.assertEqual(self.stored("connected_app"), f"Xero - {COMPANY}")
		take_picture(self.page, "custom-connection")
		self.menu("Fetch")
		self.page.wait_for_selector(".desk-alert:has-text('Fetched from Xero')")
		self.assertTrue(frappe.db.exists(CONNECTION, COMPANY) and frappe.db.exists(SETTINGS, COMPANY))
