"""Several real workers on one company's backlog: an idle worker helps."""

import time

import frappe
from frappe.utils.background_jobs import get_queue, get_workers

from nexwave_xero_connector.erp.worker import enqueue_idle_worker, enqueue_worker
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.tests.bench_worker import running_worker
from nexwave_xero_connector.tests.bench_world import COMPANY, LOG, ref_of
from nexwave_xero_connector.tests.xero_test_case import PATIENCE_SECONDS, XeroTest

REST = 5


class TestWorkersTogether(XeroTest):
	def waiting(self) -> list[str]:
		return [job.kwargs["kwargs"]["company"] for job in get_queue("default").jobs]

	def states(self) -> list[str]:
		return [worker.get_state() for worker in get_workers(get_queue("default"))]

	def left(self) -> int:
		frappe.db.rollback()
		return frappe.db.count(LOG, {"company": COMPANY, "due_at": ("is", "set")})

	def test_an_idle_worker_helps_with_a_backlog(self) -> None:
		batch = Policy().batch_size
		documents = [self.submit() for _ in range(batch + REST)]
		get_queue("default").empty()
		for _worker in range(2):
			self.enter(running_worker(self.queue))
		self.admin.fault("hold_before", method="PUT", path="/Invoices")
		enqueue_worker(COMPANY)
		(held,) = self.admin.wait_for_hold(seconds=PATIENCE_SECONDS)
		# One of the batches is held at Xero; in the meantime, the other one is finished.
		self.until(lambda: self.left() in (batch, REST))
		self.admin.release(held["id"])
		self.until(lambda: self.left() == 0)
		for document in documents:
			(row,) = self.world.rows(ref_of(document))
			self.assertEqual((row.status, row.times_claimed), ("Success", 0), row.message)
			self.assertEqual(self.broken_promises(document), [])

	def test_no_job_is_queued_for_a_busy_worker(self) -> None:
		"""It would be ahead of another company's job."""
		enqueue_idle_worker(COMPANY)
		self.assertEqual(self.waiting(), [])
		self.enter(running_worker(self.queue))
		get_queue("default").enqueue(time.sleep, PATIENCE_SECONDS)
		self.until(lambda: self.states() == ["busy"])
		enqueue_idle_worker(COMPANY)
		self.assertEqual(self.waiting(), [])
