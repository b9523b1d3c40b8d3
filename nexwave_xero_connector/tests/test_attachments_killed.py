"""The job that sends files, killed by SIGKILL at every numbered step: nothing is lost, and nothing is there twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import timedelta

import frappe
import redis
from frappe.utils.background_jobs import get_job_status
from rq.job import JobStatus

from nexwave_xero_connector.erp.worker import ATTACH
from nexwave_xero_connector.jobs import attachments as jobs
from nexwave_xero_connector.tests.attachments_test_case import AttachmentsTest
from nexwave_xero_connector.tests.bench_world import COMPANY
from nexwave_xero_connector.tests.dying_worker import FATAL, TAKEN
from nexwave_xero_connector.tests.passing_time import pass_time

MIN_STEPS = 15
FILES = (("scan.png", b"\x89PNG the scan"), ("terms.docx", b"small print"))


class TestAttachmentsKilled(AttachmentsTest):
	def setUp(self) -> None:
		super().setUp()
		# A file that is sent twice shows.
		self.admin.switch(attachment_same_name="added")
		self.switch_on("purchase_invoices")
		self.told = redis.Redis.from_url(self.queue)
		worker = subprocess.Popen(
			[sys.executable, "-m", "nexwave_xero_connector.tests.dying_worker"],
			cwd=frappe.local.sites_path,
			env={**os.environ, "FRAPPE_REDIS_QUEUE": self.queue, "CI": ""},
			stdout=subprocess.DEVNULL,
			stderr=subprocess.DEVNULL,
			start_new_session=True,
		)
		self.addCleanup(worker.wait)
		self.addCleanup(os.killpg, worker.pid, signal.SIGKILL)

	def test_two_files_of_a_bill(self) -> None:
		last = fatal = None
		while fatal != 0:
			self.told.set(FATAL, 0)
			bill = self.bill(*FILES)
			self.wait_for_job()  # the push, by the same worker
			self.told.set(FATAL, fatal or 0)
			jobs.look_for_new_files()
			self.wait_until_it_ends()
			taken = int(self.told.get(TAKEN))
			self.assertEqual(taken, fatal or taken)
			last = last or taken
			fatal = (fatal or last + 1) - 1
			self.told.set(FATAL, 0)
			row = self.newest(bill)
			for _lease in range(3):
				pass_time(timedelta(minutes=20), self.admin)
				self.consent()
				self.send()
			step = f"killed at step {taken} of {last}"
			states = [(title, "Done") for title, _content in FILES]
			self.assertEqual(self.states(bill), states, step)
			self.assertEqual(self.files_in_xero(bill), dict(FILES), step)
			self.assertEqual(
				(row.status, self.newest(bill).message), ("Success", row.message), f"{step}: the document"
			)
			self.assertEqual(self.broken_promises(bill), [], step)
		self.assertGreater(last, MIN_STEPS, "the steps are not counted")
		print(f"{last} steps, killed at each")

	def wait_until_it_ends(self) -> None:
		"""Between the queue and the worker, a job has no status for a moment."""
		self.until(lambda: get_job_status(f"{ATTACH}{COMPANY}") in (JobStatus.FINISHED, JobStatus.FAILED))
