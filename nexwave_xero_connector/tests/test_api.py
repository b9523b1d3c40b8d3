"""Retry and Void, who may use them, and what the sweep finds automatically."""

from datetime import timedelta
from unittest.mock import patch

import frappe
from frappe.utils import add_to_date, now_datetime

from nexwave_xero_connector.api import sync
from nexwave_xero_connector.erp.outbox import document_events
from nexwave_xero_connector.jobs import sweep
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.records import Outcome, Status
from nexwave_xero_connector.tests.bench_world import COMPANY, LOG, BenchWorld, clear
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.contract.world import in_xero

LEASE = timedelta(minutes=7)
CLERK = "xero-clerk@example.com"


class TestApi(IntegrationTestCase):
	def setUp(self) -> None:
		self.addCleanup(clear)
		self.addCleanup(frappe.set_user, "Administrator")
		self.world = BenchWorld()

	def settled(self, status: Status):
		document = self.world.submit()
		outbox = self.world.ports.outbox
		(claim,) = outbox.claim(COMPANY, 1, outbox.now() + LEASE)
		with outbox.locked([claim]) as rows:
			rows.mark_sending(claim, XeroType.ACCREC, document.name, outbox.now())
			xero = in_xero(document) if status is Status.SUCCESS else None
			rows.settle(claim, Outcome(status, Sentence("Done."), xero=xero))
		return document

	def without_hooks(self, act):
		"""Run `act` while our hooks fail, as during a half-finished upgrade."""
		with patch.object(document_events, "harmlessly", return_value=True):
			return act()

	def user(self, email: str, *roles: str) -> None:
		if not frappe.db.exists("User", email):
			frappe.get_doc(
				{"doctype": "User", "email": email, "first_name": "Clerk", "send_welcome_email": 0}
			).insert()
		user = frappe.get_doc("User", email)
		user.set("roles", [])
		user.add_roles(*roles)
		frappe.set_user(email)

	def test_retry_queues_a_failed_document_named_itself_or_by_its_row(self) -> None:
		document = self.settled(Status.FAILED)
		self.assertIn("queued", sync.retry(document.doctype, document.name)["message"])
		frappe.db.commit()
		first, second = self.world.rows(document)
		self.assertEqual((second.operation, second.triggered_by, second.status), ("Push", "Retry", "Queued"))
		self.assertIn("already waiting", sync.retry(LOG, first.name)["message"])
		frappe.db.commit()
		self.assertEqual(len(self.world.rows(document)), 2)

	def test_retry_of_a_document_in_xero_does_nothing_however_often_it_is_pressed(self) -> None:
		document = self.settled(Status.SUCCESS)
		for _ in range(5):
			self.assertIn("already in Xero", sync.retry(document.doctype, document.name)["message"])
		frappe.db.commit()
		self.assertEqual(len(self.world.rows(document)), 1)

	def test_retry_of_a_document_that_the_settings_exclude_says_so(self) -> None:
		document = self.settled(Status.FAILED)
		settings = frappe.get_doc("Xero Sync Settings", COMPANY)
		settings.update({"push_sales_invoices": 0}).save()
		frappe.db.commit()
		with self.assertRaisesRegex(frappe.ValidationError, "disabled"):
			sync.retry(document.doctype, document.name)

	def test_void_requires_a_cancelled_document(self) -> None:
		document = self.settled(Status.SUCCESS)
		with self.assertRaisesRegex(frappe.ValidationError, "not cancelled"):
			sync.void(document.doctype, document.name)
		self.without_hooks(lambda: frappe.get_doc(document.doctype, document.name).cancel())
		frappe.db.commit()
		self.assertIn("queued", sync.void(document.doctype, document.name)["message"])
		frappe.db.commit()
		self.assertEqual(self.world.rows(document)[-1].operation, "Void")

	def test_a_user_who_may_not_submit_a_document_may_not_retry_it(self) -> None:
		document = self.settled(Status.FAILED)
		for roles in (("Sales User",), ("Auditor",)):
			self.user(CLERK, *roles)
			for call in (sync.retry, sync.void):
				with self.assertRaises(frappe.PermissionError):
					call(document.doctype, document.name)
			frappe.set_user("Administrator")
		self.user(CLERK, "Accounts User")
		self.assertIn("queued", sync.retry(document.doctype, document.name)["message"])

	def test_both_are_for_post_requests_only(self) -> None:
		for call in (sync.retry, sync.void):
			self.assertEqual(frappe.allowed_http_methods_for_whitelisted_func[call], ["POST"])
		self.assertNotIn(sync.push_invoice, frappe.whitelisted)

	def test_the_sweep_finds_a_submitted_document_without_a_row(self) -> None:
		document = self.world.submit()
		frappe.db.delete(LOG, {"reference_name": document.name})
		frappe.db.commit()
		sweep.sweep()
		(row,) = self.world.rows(document)
		self.assertEqual((row.status, row.triggered_by), ("Queued", "Backfill"))
		sweep.sweep()
		self.assertEqual(len(self.world.rows(document)), 1)

	def test_the_sweep_finds_a_cancel_that_bypassed_our_hook(self) -> None:
		document = self.settled(Status.SUCCESS)
		self.without_hooks(lambda: frappe.get_doc(document.doctype, document.name).cancel())
		frappe.db.commit()
		sweep.sweep()
		sweep.sweep()
		self.assertEqual([row.operation for row in self.world.rows(document)], ["Push", "Void"])

	def test_the_daily_look_finds_what_was_not_swept_for_days(self) -> None:
		cancelled, missing = self.settled(Status.SUCCESS), self.world.submit()
		frappe.db.delete(LOG, {"reference_name": missing.name})
		self.without_hooks(lambda: frappe.get_doc(cancelled.doctype, cancelled.name).cancel())
		long_ago = add_to_date(now_datetime(), days=-3)
		for document in (missing, cancelled):
			frappe.db.set_value(document.doctype, document.name, "modified", long_ago, update_modified=False)
		self.settings_unchanged_since(long_ago)
		sweep.sweep()
		self.assertEqual(self.world.rows(missing), [])
		sweep.look_at_everything()
		self.assertEqual([row.operation for row in self.world.rows(missing)], ["Push"])
		self.assertEqual([row.operation for row in self.world.rows(cancelled)], ["Push", "Void"])

	def test_a_new_start_date_applies_at_once(self) -> None:
		document = self.world.submit()
		frappe.db.delete(LOG, {"reference_name": document.name})
		long_ago = add_to_date(now_datetime(), days=-3)
		frappe.db.set_value(document.doctype, document.name, "modified", long_ago, update_modified=False)
		self.settings_unchanged_since(long_ago)
		sweep.sweep()
		self.assertEqual(self.world.rows(document), [])
		frappe.get_doc("Xero Sync Settings", COMPANY).save()
		sweep.sweep()
		self.assertEqual([row.operation for row in self.world.rows(document)], ["Push"])

	def settings_unchanged_since(self, moment) -> None:
		frappe.db.set_value("Xero Sync Settings", COMPANY, "modified", moment, update_modified=False)
		frappe.db.commit()

	def test_the_sweep_marks_documents_that_have_waited_too_long(self) -> None:
		late, fresh, scheduled = (self.world.submit() for _ in range(3))
		long_ago = add_to_date(now_datetime(), minutes=-31)
		for document in (late, scheduled):
			frappe.db.set_value(LOG, {"reference_name": document.name}, "queued_at", long_ago)
		frappe.db.set_value(
			LOG, {"reference_name": scheduled.name}, "due_at", add_to_date(now_datetime(), days=3)
		)
		frappe.db.commit()
		sweep.sweep()
		stuck = [self.world.rows(document)[0].is_stuck for document in (late, fresh, scheduled)]
		self.assertEqual(stuck, [1, 0, 0])

	def test_a_company_that_fails_does_not_stop_the_sweep_of_the_others(self) -> None:
		document = self.world.submit()
		frappe.db.delete(LOG, {"reference_name": document.name})
		frappe.db.commit()
		original, swept = sweep._sweep_company, []

		def fail_first(name: str) -> None:
			swept.append(name)
			if name != COMPANY:
				raise ZeroDivisionError
			original(name)

		names = ["Some Other Company", COMPANY]
		with patch.object(sweep, "_sweep_company", fail_first):
			with patch.object(sweep, "_enabled_companies", return_value=names):
				sweep.sweep()
		self.assertEqual(swept, names)
		self.assertEqual(len(self.world.rows(document)), 1)
		self.assertTrue(frappe.db.exists("Error Log", {"method": ("like", "%Some Other Company%")}))
