"""The job that sends files, killed by SIGKILL at every numbered step: nothing is lost, and nothing is there twice."""

from __future__ import annotations

from datetime import timedelta

from frappe.utils.background_jobs import get_job_status
from rq.job import JobStatus

from nexwave_xero_connector.erp.worker import ATTACH
from nexwave_xero_connector.jobs import attachments as jobs
from nexwave_xero_connector.tests.attachments_test_case import AttachmentsTest
from nexwave_xero_connector.tests.bench_world import COMPANY
from nexwave_xero_connector.tests.killed_worker import KilledWorkerTest
from nexwave_xero_connector.tests.passing_time import pass_time

MIN_STEPS = 15
FILES = (("scan.png", b"\x89PNG the scan"), ("terms.docx", b"small print"))


class TestAttachmentsKilled(KilledWorkerTest, AttachmentsTest):
	def setUp(self) -> None:
		super().setUp()
		# A file that is sent twice shows.
		self.admin.switch(attachment_same_name="added")
		self.switch_on("purchase_invoices")

	def test_two_files_of_a_bill(self) -> None:
		for run in self.killed_at_every_step(MIN_STEPS):
			bill = self.bill(*FILES)
			self.wait_for_job()  # the push, by the same worker
			with run.is_fatal():
				jobs.look_for_new_files()
				self.wait_until_it_ends()
			row = self.newest(bill)
			for _lease in range(3):
				pass_time(timedelta(minutes=20), self.admin)
				self.consent()
				self.send()
			self.wait_until_it_ends()  # the job that the last look has queued, for this worker
			states = [(title, "Done") for title, _content in FILES]
			self.assertEqual(self.states(bill), states, run)
			self.assertEqual(self.files_in_xero(bill), dict(FILES), run)
			self.assertEqual(
				(row.status, self.newest(bill).message), ("Success", row.message), f"{run}: the document"
			)
			self.assertEqual(self.broken_promises(bill), [], run)

	def wait_until_it_ends(self) -> None:
		"""Between the queue and the worker, a job has no status for a moment."""
		self.until(lambda: get_job_status(f"{ATTACH}{COMPANY}") in (JobStatus.FINISHED, JobStatus.FAILED))
