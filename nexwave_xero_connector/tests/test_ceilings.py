"""Xero's ceilings, said in the settings before they are met."""

import frappe

from nexwave_xero_connector.erp.setup.steps import describe_setup
from nexwave_xero_connector.jobs.push import push_invoice
from nexwave_xero_connector.tests.bench_world import COMPANY
from nexwave_xero_connector.tests.xero_test_case import XeroTest
from nexwave_xero_connector.xero_api.oauth import SCOPES

SETTINGS = "Xero Sync Settings"


class TestCeilings(XeroTest):
	def step(self, key: str) -> dict:
		steps = describe_setup(frappe.get_doc(SETTINGS, COMPANY))["steps"]
		return next(step for step in steps if step["key"] == key)

	def test_a_scope_that_xero_ends(self) -> None:
		for scope, warning, action in (
			(SCOPES, "", ""),
			(
				SCOPES.replace("accounting.invoices", "accounting.transactions"),
				"Xero ends the scope accounting.transactions on 13-09-2027. Enter accounting.invoices in its place in"
				" the app's details, then connect again.",
				"app",
			),
		):
			with self.subTest(scope):
				frappe.db.set_value("Xero Connection", COMPANY, "scope", scope)
				step = self.step("connect")
				self.assertEqual((step["warning"], step["action"]), (warning, action))
				self.assertTrue(step["is_done"])

	def test_as_many_organisations_as_the_free_tier_allows(self) -> None:
		self.addCleanup(frappe.db.delete, SETTINGS, {"name": ("like", "Xero Ceilings %")})
		for number in range(2, 6):
			self.assertEqual(self.step("choose")["warning"], "")
			self.connected(number)
		self.assertIn(
			"This Xero app has 5 organisations. In Xero's Starter tier an app may have 5",
			self.step("choose")["warning"],
		)
		frappe.db.set_value(SETTINGS, "Xero Ceilings 5", "connection_type", "Custom Connection")
		self.assertEqual(self.step("choose")["warning"], "")

	def test_the_calls_that_are_left(self) -> None:
		frappe.db.set_value("Xero Connection", COMPANY, "day_calls_remaining", 0)
		self.assertEqual(self.step("connect")["text"], "Connected to Xero.")
		self.submit()
		push_invoice(COMPANY)
		left = frappe.db.get_value("Xero Connection", COMPANY, "day_calls_remaining")
		self.assertGreater(left, 0)
		self.assertEqual(
			self.step("connect")["text"],
			f"Connected to Xero. When it was last called, {left} calls were left for the day.",
		)

	def connected(self, number: int) -> None:
		name = f"Xero Ceilings {number}"
		settings = {
			"doctype": SETTINGS,
			"name": name,
			"company": name,
			"tenant_id": name,
			"connected_app": "Xero",
		}
		frappe.get_doc({**settings, "connection_type": "Consent of a Person"}).db_insert()
