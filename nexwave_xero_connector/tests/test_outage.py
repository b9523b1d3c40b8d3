"""On a site: an outage, or a site that cannot send, and what is told about it."""

from datetime import timedelta

import frappe

from nexwave_xero_connector.api.retry import retry
from nexwave_xero_connector.erp.outbox.claim import FrappeOutbox
from nexwave_xero_connector.erp.outbox.stuck import why_company_waits
from nexwave_xero_connector.erp.scheduler import TICK, scheduler_trouble
from nexwave_xero_connector.jobs import sweep
from nexwave_xero_connector.jobs.push import push_invoice
from nexwave_xero_connector.tests.bench_world import COMPANY, LOG
from nexwave_xero_connector.tests.passing_time import pass_time
from nexwave_xero_connector.tests.xero_test_case import XeroTest

CONNECTION = "Xero Connection"


def banner() -> dict:
	"""What the settings say at their top."""
	frappe.db.rollback()
	settings = frappe.get_doc("Xero Sync Settings", COMPANY)
	settings.run_method("onload")
	return settings.get("__onload").setup["banner"]


class TestOutage(XeroTest):
	def pass_hours(self, hours: float) -> None:
		for _ in range(round(hours * 4)):
			pass_time(timedelta(minutes=15), self.admin)
			push_invoice(COMPANY)

	def test_it_is_told_since_when_and_what_was_answered_and_then_everything_is_sent(self) -> None:
		invoices = [self.submit() for _ in range(3)]
		outage = self.admin.fault("unavailable", path="api.xro", count=None)
		push_invoice(COMPANY)
		self.pass_hours(6)
		told = banner()
		self.assertIn("Waiting for Xero since", told["cause"])
		self.assertIn("HTTP 503: The Xero API is temporarily unavailable", told["message"])
		self.assertEqual(told["ways_out"], [])
		self.assertIn("3", told["waiting"])
		sweep.sweep()
		for invoice in invoices:
			row = self.newest(invoice)
			self.assertEqual((row.status, row.attempt, row.times_claimed, row.is_stuck), ("Queued", 1, 0, 1))
			self.assertIn("Waiting for Xero since", row.finding)
			self.assertIn("HTTP 503", row.finding)
		calls = self.admin.marker()
		for _ in range(5):
			push_invoice(COMPANY)
		self.assertEqual(self.admin.count(calls), 0, "the next probe is not due yet")
		self.admin.remove_fault(outage)
		self.pass_hours(0.25)
		self.assertEqual([self.newest(invoice).status for invoice in invoices], ["Success"] * 3)
		self.assertIsNone(banner())
		self.assertIsNone(why_company_waits(COMPANY))

	def test_the_tick_probes_even_if_nothing_waits_any_more(self) -> None:
		invoice = self.submit()
		outage = self.admin.fault("unavailable", count=None)
		push_invoice(COMPANY)
		invoice.cancel()
		frappe.db.delete(LOG, {"company": COMPANY})
		frappe.db.commit()
		self.assertIn("Waiting for Xero", banner()["cause"])
		self.admin.remove_fault(outage)
		pass_time(timedelta(minutes=6), self.admin)
		self.assertTrue(FrappeOutbox().is_probe_due(COMPANY))
		push_invoice(COMPANY)
		self.assertIsNone(banner())

	def test_two_workers_do_not_both_ask(self) -> None:
		self.submit()
		self.admin.fault("unavailable", count=None)
		push_invoice(COMPANY)
		pass_time(timedelta(minutes=6), self.admin)
		until = FrappeOutbox().now() + timedelta(minutes=1)
		asked = [FrappeOutbox().begin_probe(COMPANY, until) for _ in range(2)]
		self.assertEqual(asked, [True, False])

	def test_a_role_is_told_and_nobody_has_to_reconnect(self) -> None:
		invoice = self.submit()
		self.admin.act(self.tenant, "set_role", role="read_only")
		push_invoice(COMPANY)
		told = banner()
		self.assertIn("does not let the user who connected it", told["message"])
		self.assertEqual(frappe.db.get_value(CONNECTION, COMPANY, "state"), "Connected")
		self.admin.act(self.tenant, "set_role", role="standard")
		push_invoice(COMPANY)
		self.assertEqual(self.newest(invoice).status, "Queued", "it is not time to ask again")
		retry(invoice.doctype, invoice.name)
		frappe.db.commit()
		push_invoice(COMPANY)
		self.assertEqual(self.newest(invoice).status, "Success")

	def test_a_subscription_that_ended_is_told_in_xeros_words(self) -> None:
		invoice = self.submit()
		refused = self.admin.fault(
			"forbidden", detail="<b>Subscription</b> ended", path="api.xro", count=None
		)
		push_invoice(COMPANY)
		message = banner()["message"]
		self.assertIn("Xero refuses access to it (HTTP 403:", message)
		self.assertIn("Subscription", message)
		self.assertNotIn("<b>", message)
		self.assertEqual(frappe.db.get_value(CONNECTION, COMPANY, "state"), "Connected")
		self.admin.remove_fault(refused)
		pass_time(timedelta(hours=2), self.admin)
		push_invoice(COMPANY)
		self.assertEqual(self.newest(invoice).status, "Success")


class TestTheSitesOwnState(XeroTest):
	def test_a_scheduler_that_does_not_run_is_told_once_something_is_late(self) -> None:
		was = frappe.local.conf.pause_scheduler
		frappe.local.conf.pause_scheduler = 1
		try:
			self.submit()
			self.assertIsNone(banner())
			pass_time(timedelta(minutes=15), self.admin)
			self.assertIn("scheduler is switched off or paused", banner()["message"])
		finally:
			frappe.local.conf.pause_scheduler = was

	def test_a_scheduler_that_runs_once_a_day_is_told(self) -> None:
		conf = frappe.local.conf
		name = frappe.db.get_value("Scheduled Job Type", {"method": TICK})
		was = (conf.pause_scheduler, conf.developer_mode, conf.disable_scheduler)
		enabled = frappe.db.get_single_value("System Settings", "enable_scheduler")
		last = frappe.db.get_value("Scheduled Job Type", name, "last_execution")
		try:
			conf.pause_scheduler, conf.developer_mode, conf.disable_scheduler = 0, 1, 0
			frappe.db.set_single_value("System Settings", "enable_scheduler", 1)
			self.forget_system_settings()
			now = frappe.utils.now_datetime()
			frappe.db.set_value("Scheduled Job Type", name, "last_execution", now)
			self.assertIsNone(scheduler_trouble())
			frappe.db.set_value(
				"Scheduled Job Type", name, "last_execution", now - timedelta(hours=23), update_modified=False
			)
			self.assertIn("last ran at", str(scheduler_trouble()))
			conf.developer_mode = 0
			frappe.db.sql("update `tabActivity Log` set modified = modified - interval 9 day")
			# Frappe 16 lets only sites of Frappe Cloud fall asleep: elsewhere, what it says is when the job ran last.
			is_15 = frappe.__version__.startswith("15.")
			self.assertIn("once a day" if is_15 else "last ran at", str(scheduler_trouble()))
			frappe.db.rollback()
		finally:
			conf.pause_scheduler, conf.developer_mode, conf.disable_scheduler = was
			frappe.db.set_single_value("System Settings", "enable_scheduler", enabled)
			self.forget_system_settings()
			frappe.db.set_value("Scheduled Job Type", name, "last_execution", last)
			frappe.db.commit()

	def forget_system_settings(self) -> None:
		"""Frappe 15 reads them once per request, and Frappe 16 from its cache."""
		frappe.clear_document_cache("System Settings", "System Settings")
		if hasattr(frappe.local, "system_settings"):
			del frappe.local.system_settings

	def test_a_job_takes_the_due_retries_of_other_companies_along(self) -> None:
		frappe.cache.delete(frappe.cache.make_key(sweep.TOOK_OTHERS_ALONG))
		invoice = self.submit()
		sweep.enqueue_due_now_and_then(besides="Another Company")
		self.until(lambda: self.queue is not None)
		job = frappe.utils.background_jobs.get_redis_conn().get(
			f"rq:nexwave_xero_connector:{frappe.local.site}:{COMPANY}"
		)
		self.assertTrue(job)
		self.assertEqual(self.newest(invoice).status, "Queued")
