"""Over an hour, twenty processes never spend each other's refresh token."""

import subprocess
import sys
from datetime import timedelta

import frappe

from nexwave_xero_connector.erp.doctypes import CONNECTION
from nexwave_xero_connector.tests.bench_sandbox import connect_in_browser, point_site_at_sandbox
from nexwave_xero_connector.tests.bench_world import COMPANY, clear, set_up_company
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.passing_time import pass_time

PROCESSES = 20
MINUTES = 60
STEP = 5
WORKER = """
import sys
import frappe
from nexwave_xero_connector.erp.connection.tokens import organisation_client
from nexwave_xero_connector.sync.errors import Unavailable
from nexwave_xero_connector.xero_api.organisation import organisation

site, company = sys.argv[1:]
frappe.init(site=site)
frappe.connect()
print("ready", flush=True)
for _line in sys.stdin:
	try:
		print(organisation(organisation_client(company)).name, flush=True)
	except Unavailable as error:
		print("unavailable", flush=True)
	except Exception as error:
		print(f"{type(error).__name__}: {error}", flush=True)
"""


class TestTokenRace(IntegrationTestCase):
	def setUp(self) -> None:
		self.addCleanup(clear)
		self.xero = point_site_at_sandbox(self)
		set_up_company()
		clear()
		frappe.get_doc({"doctype": "Xero Sync Settings", "company": COMPANY}).insert()
		frappe.db.commit()
		frappe.local.response = frappe._dict()
		connect_in_browser(COMPANY, self.xero.admin.tenant("NZ"))

	def test_twenty_processes_share_one_token_for_an_hour(self) -> None:
		workers = [self.start() for _number in range(PROCESSES)]
		for worker in workers:
			self.assertEqual(worker.stdout.readline(), "ready\n")
		lost = {25, 45}
		used = {self.stored()}
		before = self.xero.admin.marker()
		for minute in range(STEP, MINUTES + STEP, STEP):
			pass_time(timedelta(minutes=STEP), self.xero.admin)
			if minute in lost:
				self.xero.admin.fault("drop_after", method="POST", path="/connect/token")
			for worker in workers:
				worker.stdin.write("go\n")
				worker.stdin.flush()
			answers = [worker.stdout.readline().strip() for worker in workers]
			self.assertLessEqual(set(answers), {"NexWave Demo NZ", "unavailable"}, minute)
			self.assertLessEqual(answers.count("unavailable"), 1, minute)
			used.add(self.stored())
		refreshes = self.xero.admin.requests(before, path="/connect/token")
		# One for each new token, and one more for each lost response: no two processes refresh at the same time.
		self.assertEqual(len(refreshes), len(used) - 1 + len(lost))
		self.assertEqual(frappe.db.get_value(CONNECTION, COMPANY, "state"), "Connected")
		print(
			f"\n{PROCESSES} processes, {MINUTES} minutes: {len(refreshes)} refreshes,"
			f" {len(used)} access tokens, no connection lost"
		)

	def start(self) -> subprocess.Popen:
		worker = subprocess.Popen(
			[sys.executable, "-c", WORKER, frappe.local.site, COMPANY],
			stdin=subprocess.PIPE,
			stdout=subprocess.PIPE,
			text=True,
		)
		self.addCleanup(worker.wait)
		self.addCleanup(worker.kill)
		return worker

	def stored(self) -> str:
		from frappe.utils.password import get_decrypted_password

		frappe.db.rollback()
		return get_decrypted_password(CONNECTION, COMPANY, "access_token")
