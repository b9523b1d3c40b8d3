"""A worker of the bench that dies at every step: once not at all, which gives the number of steps, then at each."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import frappe
import redis

from nexwave_xero_connector.tests.dying_worker import FATAL, TAKEN
from nexwave_xero_connector.tests.xero_test_case import XeroTest


@dataclass
class Run:
	"""One job of the worker. It is killed at its step `fatal`; 0: not at all. `taken`: the last step that it took."""

	told: redis.Redis
	fatal: int = 0
	taken: int = 0
	last: int = 0

	@contextmanager
	def is_fatal(self) -> Iterator[None]:
		"""For the job that runs within, to its end; before and after it, jobs of this worker are not killed."""
		self.told.set(FATAL, self.fatal)
		yield
		self.taken = int(self.told.get(TAKEN))
		self.told.set(FATAL, 0)

	def __str__(self) -> str:
		return (
			f"killed at step {self.fatal} of {self.last}" if self.fatal else f"{self.taken} steps, not killed"
		)


class KilledWorkerTest(XeroTest):
	def setUp(self) -> None:
		super().setUp()
		self.told = redis.Redis.from_url(self.queue)
		self.told.set(FATAL, 0)
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

	def killed_at_every_step(self, at_least: int) -> Iterator[Run]:
		"""Runs for a test to go through, each with a document of its own, made before `Run.is_fatal`."""
		whole = Run(self.told)
		yield whole
		self.assertGreater(whole.taken, at_least, "the steps are not counted")
		for fatal in range(whole.taken, 0, -1):
			run = Run(self.told, fatal, last=whole.taken)
			yield run
			self.assertEqual(run.taken, fatal)
		print(f"{whole.taken} steps, killed at each")
