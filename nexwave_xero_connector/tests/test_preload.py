"""A worker imports what its jobs need before it forks them; no other command of `bench` waits for that."""

import subprocess
import sys

import frappe

from nexwave_xero_connector.tests.compat import IntegrationTestCase

NEEDED = {"nexwave_xero_connector.jobs.push", "nexwave_xero_connector.sync.drain", "xero_python.accounting"}


class TestPreload(IntegrationTestCase):
	def imported_by(self, command: str) -> set[str]:
		bench = [sys.executable, "-X", "importtime", "-m", "frappe.utils.bench_helper", "frappe"]
		done = subprocess.run(
			[*bench, command, "--help"],
			capture_output=True,
			text=True,
			check=True,
			cwd=frappe.local.sites_path,
		)
		self.assertNotIn("Traceback", done.stderr)
		return {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}

	def test_a_worker_has_what_its_jobs_need(self) -> None:
		for command in ("worker", "worker-pool"):
			self.assertEqual(NEEDED - self.imported_by(command), set(), command)

	def test_no_other_command_waits_for_it(self) -> None:
		self.assertEqual(NEEDED & self.imported_by("migrate"), set())
