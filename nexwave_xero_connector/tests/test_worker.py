"""Enqueuing jobs with a real Redis: at most one waits, none is lost, and Redis errors do not affect users."""

import socket
import threading
from unittest.mock import patch

import frappe
import redis
from frappe.utils.background_jobs import get_queue

from nexwave_xero_connector.erp.worker import enqueue_worker, enqueue_worker_after_commit
from nexwave_xero_connector.tests.bench_worker import queue_at, running_redis
from nexwave_xero_connector.tests.bench_world import in_another_session
from nexwave_xero_connector.tests.compat import IntegrationTestCase

COMPANY = "Xero Wake Test"


class TestWorker(IntegrationTestCase):
	def setUp(self) -> None:
		server = running_redis()
		self.url = server.__enter__()
		self.addCleanup(server.__exit__, None, None, None)

	def waiting(self) -> list[str]:
		return [job.kwargs["kwargs"]["company"] for job in get_queue("default").jobs]

	def test_however_often_a_job_is_enqueued_one_waits_for_each_company(self) -> None:
		for _ in range(3):
			self.assertTrue(enqueue_worker(COMPANY))
		enqueue_worker("Another Company")
		self.assertEqual(self.waiting(), [COMPANY, "Another Company"])
		(job, _other) = get_queue("default").jobs
		self.assertEqual(job.kwargs["method"], "nexwave_xero_connector.api.sync.push_invoice")
		self.assertEqual(job.timeout, 300)

	def test_many_callers_at_once_queue_one_job(self) -> None:
		start = threading.Barrier(5)

		def user() -> None:
			with queue_at(self.url):
				start.wait()
				enqueue_worker(COMPANY)

		threads = [threading.Thread(target=in_another_session, args=(user,)) for _ in range(5)]
		for thread in threads:
			thread.start()
		for thread in threads:
			thread.join()
		self.assertEqual(self.waiting(), [COMPANY])

	def test_a_job_that_has_started_does_not_count_as_waiting(self) -> None:
		"""It may have looked at the rows already. What a killed worker leaves in Redis does not count either."""
		enqueue_worker(COMPANY)
		queue = get_queue("default")
		begun = queue.pop_job_id()
		self.assertEqual(queue.fetch_job(begun).get_status(), "queued")
		enqueue_worker(COMPANY)
		self.assertEqual(self.waiting(), [COMPANY])
		self.assertNotEqual(queue.job_ids, [begun])

	def test_after_redis_was_flushed_a_job_is_queued_again(self) -> None:
		enqueue_worker(COMPANY)
		redis.Redis.from_url(self.url).flushall()
		enqueue_worker(COMPANY)
		self.assertEqual(self.waiting(), [COMPANY])

	def test_a_job_is_enqueued_once_after_the_commit_and_not_after_a_rollback(self) -> None:
		enqueue_worker_after_commit(COMPANY)
		frappe.db.rollback()
		frappe.db.commit()
		self.assertEqual(self.waiting(), [])
		enqueue_worker_after_commit(COMPANY)
		enqueue_worker_after_commit(COMPANY)
		self.assertEqual(self.waiting(), [])
		with patch("nexwave_xero_connector.erp.worker.enqueue_worker", side_effect=enqueue_worker) as woken:
			frappe.db.commit()
		self.assertEqual(woken.call_count, 1)
		self.assertEqual(self.waiting(), [COMPANY])

	def test_redis_trouble_returns_false(self) -> None:
		"""A refused connection, a silent server, and a connection cut off in the middle."""
		with queue_at("redis://127.0.0.1:1"):
			self.assertFalse(enqueue_worker(COMPANY))
		with socket.socket() as silent:
			silent.bind(("127.0.0.1", 0))
			silent.listen()
			with queue_at(f"redis://127.0.0.1:{silent.getsockname()[1]}"):
				self.assertFalse(enqueue_worker(COMPANY))
		with patch.object(frappe, "enqueue", side_effect=redis.ConnectionError):
			self.assertFalse(enqueue_worker(COMPANY))
		self.assertEqual(self.waiting(), [])

	def test_a_full_queue_does_not_bother_the_user(self) -> None:
		"""Frappe 16 accepts no job if too many are waiting. Frappe 15 has no such limit and no such setting."""
		frappe.clear_messages()
		with patch.dict(frappe.local.conf, {"max_queued_jobs": -1_000_000}):
			enqueue_worker(COMPANY)
		self.assertEqual(frappe.get_message_log(), [])
