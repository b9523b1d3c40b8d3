"""The rate limiter on a bench: real Redis, several workers, and a sandbox with its limits on."""

import threading
import time
from unittest.mock import patch

import frappe
import redis
import requests
from frappe.utils.background_jobs import get_queue

from nexwave_xero_connector.api import organisation, orphans, sync
from nexwave_xero_connector.erp.connection import rate_limiter as rate_limiter_module
from nexwave_xero_connector.erp.connection.rate_limiter import OrganisationRateLimiter
from nexwave_xero_connector.erp.connection.tokens import organisation_client
from nexwave_xero_connector.erp.outbox.stuck import why_company_waits
from nexwave_xero_connector.erp.setup.steps import describe_setup
from nexwave_xero_connector.erp.worker import enqueue_worker
from nexwave_xero_connector.jobs import push
from nexwave_xero_connector.jobs.fetch import fetch_every_organisation
from nexwave_xero_connector.jobs.orphan_check import check_daily
from nexwave_xero_connector.sync.errors import Throttled
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.sync.rate_limit import SHARES
from nexwave_xero_connector.sync.records import Priority
from nexwave_xero_connector.tests.bench_worker import queue_at, running_worker
from nexwave_xero_connector.tests.bench_world import COMPANY, LOG, NO_QUEUE, in_another_session, ref_of
from nexwave_xero_connector.tests.xero_test_case import XeroTest
from nexwave_xero_connector.xero_api.rate_limit_headers import RateLimits

CALLS_A_MINUTE = 60


class TestRateLimiter(XeroTest):
	def setUp(self) -> None:
		super().setUp()
		self.admin.limits(self.tenant, minute=CALLS_A_MINUTE, concurrent=5, day=5000)
		self.began = self.admin.marker()

	def calls(self, after: int | None = None) -> list[int]:
		"""The statuses of Xero's responses for the organisation."""
		after = self.began if after is None else after
		return [call["status"] for call in self.admin.requests(after, tenant=self.tenant, limit=1000)]

	def another_app_calls(self, times: int) -> None:
		"""Another site on the same Xero app, whose calls are unknown here."""
		token = self.admin.mint(self.tenant)["access_token"]
		headers = {"Authorization": f"Bearer {token}", "Xero-Tenant-Id": self.tenant}
		for _call in range(times):
			url = f"{self.xero.url}/api.xro/2.0/Organisation"
			answer = requests.get(url, headers=headers | {"Accept": "application/json"}, timeout=10)
			self.assertEqual(answer.status_code, 200)

	def backfilled(self, *documents) -> None:
		for document in documents:
			frappe.db.set_value(LOG, self.newest(document).name, "priority", Priority.BACKFILL.value)
		frappe.db.commit()

	def test_workers_together_stay_within_xeros_limits(self) -> None:
		from nexwave_xero_connector.xero_api import organisation as xero

		self.admin.fault("latency_before", method="GET", seconds=0.1)
		made: dict[Priority, int] = dict.fromkeys(Priority, 0)

		def work(priority: Priority) -> None:
			frappe.local.conf.redis_queue = self.queue  # a new thread does not have this test's
			rate_limiter = OrganisationRateLimiter(COMPANY, self.tenant)
			rate_limiter.begin(priority)
			client = organisation_client(COMPANY, rate_limiter)
			try:
				while True:
					xero.organisation(client)
					made[priority] += 1
			except Throttled:
				pass

		workers = []
		for priority in sorted(Priority, reverse=True):
			for _worker in range(3):
				workers.append(
					threading.Thread(target=in_another_session, args=(lambda p=priority: work(p),))
				)
				workers[-1].start()
			# While the more urgent ones are all at work, nothing may be left for the others.
			self.until(lambda priority=priority: made[priority])
		for worker in workers:
			worker.join()
		self.assertEqual(self.calls(), [200] * CALLS_A_MINUTE)
		self.assertEqual(sum(made.values()), CALLS_A_MINUTE)

	def test_one_429_is_enough_if_another_app_used_up_the_minute(self) -> None:
		documents = [self.submit() for _ in range(3)]
		due = [self.newest(document).due_at for document in documents]
		self.another_app_calls(CALLS_A_MINUTE)
		self.admin.advance(55)
		mark = self.admin.marker()
		sync.push_invoice(COMPANY)
		answers = self.calls(mark)
		self.assertEqual((answers[0], answers.count(429)), (429, 1))
		for document, fell_due in zip(documents, due, strict=True):
			(row,) = self.world.rows(ref_of(document))
			self.assertEqual((row.status, row.attempt, row.times_claimed), ("Success", 1, 0), row.message)
			self.assertEqual(self.broken_promises(document), [])
			self.assertTrue(fell_due)
		self.assertFalse(frappe.db.get_value("Xero Connection", COMPANY, "paused_until"))

	def test_a_new_invoice_goes_before_a_backfill_that_waited_longer(self) -> None:
		old, new = self.submit(), self.submit()
		self.backfilled(old)
		sync.push_invoice(COMPANY)
		self.assertEqual([self.newest(document).status for document in (old, new)], ["Success"] * 2)
		self.assertLess(self.newest(new).started_at, self.newest(old).started_at)

	def test_the_day_s_last_calls_are_not_available_to_a_backfill(self) -> None:
		self.admin.limits(self.tenant, day=150)
		old, new = self.submit(), self.submit()
		self.backfilled(old)
		sync.push_invoice(COMPANY)
		self.assertEqual([self.newest(document).status for document in (old, new)], ["Queued", "Success"])
		connection = frappe.get_doc("Xero Connection", COMPANY)
		self.assertEqual(connection.day_calls_remaining, 150 - len(self.calls()))
		self.assertIn("backfill's 1 documents", why_company_waits(COMPANY))
		banner = describe_setup(frappe.get_doc("Xero Sync Settings", COMPANY))["banner"]
		self.assertIn("backfill's 1 documents", banner["message"])
		mark = self.admin.marker()
		sync.push_invoice(COMPANY)
		self.assertEqual(self.calls(mark), [])
		sync.retry(old.doctype, old.name)
		frappe.db.commit()
		sync.push_invoice(COMPANY)
		self.assertEqual(self.newest(old).status, "Success")
		self.assertIsNone(why_company_waits(COMPANY))

	def test_the_daily_jobs_leave_the_day_s_last_calls_to_people(self) -> None:
		cancelled = self.submit()
		sync.push_invoice(COMPANY)
		cancelled.reload().cancel()
		frappe.db.commit()
		sync.push_invoice(COMPANY)
		self.assertEqual(self.newest(cancelled).status, "Voided")
		self.admin.limits(self.tenant, day=len(self.calls()) + 20)
		organisation.fetch(COMPANY)
		mark = self.admin.marker()
		check_daily()
		fetch_every_organisation()
		self.assertEqual(self.calls(mark), [])
		orphans.check_company(COMPANY)
		self.assertEqual(set(self.calls(mark)), {200})

	def test_after_each_batch_it_is_the_other_companies_turn(self) -> None:
		documents = [self.submit() for _ in range(2)]
		enqueue_worker("Another Company")
		with patch.object(push, "policy_of", lambda company: Policy(batch_size=1)):
			sync.push_invoice(COMPANY)
			self.assertEqual([self.newest(document).status for document in documents], ["Success", "Queued"])
			waiting = [job.kwargs["kwargs"]["company"] for job in get_queue("default").jobs]
			self.assertEqual(sorted(waiting), sorted(["Another Company", COMPANY]))
			get_queue("default").empty()
			sync.push_invoice(COMPANY)
		self.assertEqual(self.newest(documents[1]).status, "Success")

	def test_no_organisation_is_called_while_the_app_is_over_its_limit(self) -> None:
		from nexwave_xero_connector.xero_api import organisation as xero

		self.admin.limits(app_minute=1)
		rate_limiter = OrganisationRateLimiter(COMPANY, self.tenant)
		client = organisation_client(COMPANY, rate_limiter)
		xero.organisation(client)
		with self.assertRaises(Throttled):
			xero.organisation(client)
		self.assertIsNone(OrganisationRateLimiter(COMPANY, self.admin.tenant("AU")).least_urgent())
		with patch.object(rate_limiter_module, "_client_id", return_value="another app"):
			self.assertIsNotNone(OrganisationRateLimiter(COMPANY, self.tenant).least_urgent())

	def test_two_sites_on_one_app_share_the_organisation_s_calls(self) -> None:
		rate_limiter = OrganisationRateLimiter(COMPANY, self.tenant)
		rate_limiter.begin(Priority.CURRENT)
		while rate_limiter.least_urgent() in (Priority.CURRENT, Priority.BACKFILL):
			rate_limiter.release(rate_limiter.acquire(), None)
		with patch.object(frappe.local, "site", "another.site"):
			self.assertNotEqual(
				OrganisationRateLimiter(COMPANY, self.tenant).least_urgent(), Priority.CURRENT
			)
			self.assertEqual(
				OrganisationRateLimiter(COMPANY, self.admin.tenant("AU")).least_urgent(), Priority.BACKFILL
			)

	def test_while_one_worker_waits_for_the_company_another_leaves(self) -> None:
		rate_limiter, another = (OrganisationRateLimiter(COMPANY, self.tenant) for _worker in range(2))
		elsewhere = OrganisationRateLimiter("Another Company", self.tenant)
		rate_limiter.release(rate_limiter.acquire(), RateLimits(exceeded="minute", retry_after=30))
		meanwhile: list[bool] = []

		def waits(_seconds: float) -> None:
			with patch.object(time, "sleep"):
				meanwhile.extend([another.rest(), elsewhere.rest()])

		with patch.object(time, "sleep", waits):
			self.assertTrue(rate_limiter.rest())
		self.assertEqual(meanwhile, [False, True])

	def test_a_backfill_gets_one_worker(self) -> None:
		self.enter(running_worker(self.queue))
		rate_limiter = OrganisationRateLimiter(COMPANY, self.tenant)
		with patch("nexwave_xero_connector.erp.worker.enqueue_worker") as woken:
			rate_limiter.begin(Priority.BACKFILL)
			rate_limiter.more_is_due()
			self.assertEqual(woken.call_count, 0)
			rate_limiter.begin(Priority.CURRENT)
			rate_limiter.more_is_due()
			self.assertEqual(woken.call_count, 1)

	def test_no_worker_joins_in_if_the_minute_has_no_calls_for_two(self) -> None:
		self.enter(running_worker(self.queue))
		rate_limiter = OrganisationRateLimiter(COMPANY, self.tenant)
		left = CALLS_A_MINUTE - SHARES[Priority.CURRENT].batch_starts
		rate_limiter.release(rate_limiter.acquire(), RateLimits(minute=left))
		rate_limiter.begin(Priority.CURRENT)
		self.assertEqual(rate_limiter.least_urgent(), Priority.CURRENT)
		with patch("nexwave_xero_connector.erp.worker.enqueue_worker") as woken:
			rate_limiter.more_is_due()
		self.assertEqual(woken.call_count, 0)

	def test_without_redis_documents_are_still_sent(self) -> None:
		document = self.submit()
		with queue_at(NO_QUEUE):
			sync.push_invoice(COMPANY)
		self.assertEqual(self.newest(document).status, "Success", self.newest(document).message)

	def test_redis_may_go_away_in_the_middle_of_a_job(self) -> None:
		rate_limiter = OrganisationRateLimiter(COMPANY, self.tenant)
		turn = rate_limiter.acquire()
		redis.Redis.from_url(self.queue).shutdown(nosave=True)
		rate_limiter.release(turn, None)
		rate_limiter.release(rate_limiter.acquire(), None)
		self.assertIs(rate_limiter.least_urgent(), Priority.BACKFILL)
		self.assertFalse(rate_limiter.is_needed_elsewhere(idle=True))
