"""Between an update of the app and `bench migrate`: new code on the old tables, and people who go on working."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from unittest.mock import patch

import frappe
from frappe.model.rename_doc import rename_doc

from nexwave_xero_connector.api import invoice, leave_out
from nexwave_xero_connector.erp import schema
from nexwave_xero_connector.erp.doctypes import (
	ATTACHMENT,
	CONNECTION,
	CONTACT,
	LOG,
	SETTINGS,
	XERO_DOCUMENT,
)
from nexwave_xero_connector.jobs import sweep
from nexwave_xero_connector.jobs.push import push_invoice
from nexwave_xero_connector.tests.bench_world import COMPANY, PARTY
from nexwave_xero_connector.tests.erpnext_operations import AFTER, BEFORE, THIRD, OperationsTest

NEW_TABLES = (XERO_DOCUMENT, ATTACHMENT)
NEW_COLUMNS = {
	LOG: "reference_creation",
	CONTACT: "tenant_id",
	CONNECTION: "installation",
	SETTINGS: "tracking_source",
}
SAID = "has not been migrated yet"


def scheduled_jobs() -> list[str]:
	events = frappe.get_hooks("scheduler_events", app_name="nexwave_xero_connector")
	cron = [job for jobs in events.get("cron", {}).values() for job in jobs]
	return [*cron, *(job for event, jobs in events.items() if event != "cron" for job in jobs)]


class TestBeforeMigrate(OperationsTest):
	@contextmanager
	def old_tables(self) -> Iterator[None]:
		"""Tables without what 1.0.0 has added, and then migrated ones."""
		frappe.db.commit()
		with ExitStack() as migration:
			for name in NEW_TABLES:
				frappe.db.sql_ddl(f"rename table `tab{name}` to `later {name}`")
				migration.callback(frappe.db.sql_ddl, f"rename table `later {name}` to `tab{name}`")
			for name, column in NEW_COLUMNS.items():
				alter = f"alter table `tab{name}` rename column"
				frappe.db.sql_ddl(f"{alter} `{column}` to `later`")
				migration.callback(frappe.db.sql_ddl, f"{alter} `later` to `{column}`")
			self.forget_tables()
			yield
			frappe.db.commit()
		self.forget_tables()

	def forget_tables(self) -> None:
		schema._current.clear()
		frappe.clear_cache()

	def press(self, method: str, user: str = "Administrator") -> None:
		"""What Frappe does before it calls the method of a button."""
		request = frappe._dict(path=f"/api/method/nexwave_xero_connector.api.{method}")
		frappe.set_user(user)
		with patch.object(frappe.local, "request", request, create=True):
			for hook in frappe.get_hooks("before_request", app_name="nexwave_xero_connector"):
				frappe.get_attr(hook)()

	def setup(self) -> dict[str, object]:
		settings = self.settings()
		settings.run_method("onload")
		return settings.get("__onload").setup

	def test_nothing_is_sent_and_nothing_is_counted(self) -> None:
		document = self.submit()
		with self.old_tables():
			marker = self.admin.marker()
			push_invoice(COMPANY)
			for job in scheduled_jobs():
				frappe.get_attr(job)()
			self.assertEqual(self.admin.count(marker), 0)
			self.assertFalse(frappe.db.exists("Error Log", {"method": ("like", "Xero:%")}))
		row = self.newest(document)
		self.assertEqual((row.status, row.attempt, row.times_claimed), ("Queued", 1, 0))
		self.push()
		self.assertEqual(self.status(document), "Success")

	def test_the_settings_and_the_buttons_say_what_is_to_be_done(self) -> None:
		with self.old_tables():
			setup = self.setup()
			self.assertIn(f"bench --site {frappe.local.site} migrate", setup["banner"]["message"])
			self.assertEqual(setup["steps"], [])
			with self.assertRaisesRegex(frappe.ValidationError, SAID):
				self.settings().save()
			for method in ("retry.retry", "connection.connect", "organisation.fetch", "mapping.check"):
				with self.subTest(method), self.assertRaisesRegex(frappe.ValidationError, SAID):
					self.press(method)
			self.press("retry.retry", user="Guest")
			frappe.set_user("Administrator")
		self.assertIsNone(self.setup()["banner"])
		self.press("retry.retry")
		self.settings().save()

	def test_forms_and_lists_of_erpnext_open(self) -> None:
		document = self.sent()
		with self.old_tables():
			for method in ("invoice.state", "invoice.states", "leave_out.party_state"):
				self.press(method)
			self.assertEqual(invoice.state(document.doctype, document.name), {})
			self.assertEqual(invoice.states(document.doctype, [document.name]), [])
			self.assertTrue(leave_out.party_state("Customer", PARTY))
		self.assertEqual(invoice.state(document.doctype, document.name)["row"]["status"], "Success")

	def test_customers_are_renamed_merged_and_deleted(self) -> None:
		one, two = self.customer(BEFORE), self.customer(AFTER)
		for customer in (one, two):
			self.sent(customer=customer)
		with self.old_tables():
			rename_doc("Customer", one, THIRD, show_alert=False, rebuild_search=False)
			rename_doc("Customer", THIRD, two, merge=True, show_alert=False, rebuild_search=False)
			frappe.delete_doc("Customer", self.customer(BEFORE))
		links = frappe.get_all("Xero Contact", {"company": COMPANY}, pluck="party")
		self.assertEqual(links, [two])
		self.assertEqual(self.contact_of(self.sent(customer=two)), AFTER)

	def test_what_is_submitted_and_cancelled_meanwhile_is_found_afterwards(self) -> None:
		sent = self.sent()
		with self.old_tables():
			document = self.submit()
			sent.reload()
			sent.cancel()
			frappe.db.commit()
		sweep.look_at_everything()
		self.follow_up(self.push, document, sent)
		self.assertEqual(self.live(), [document.name])
		self.assertEqual((self.status(document), self.status(sent)), ("Success", "Voided"))
