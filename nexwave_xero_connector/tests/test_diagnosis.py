"""The diagnosis for support: what it says, and that it says no secret."""

import json
import os
import subprocess
import sys

import frappe

from nexwave_xero_connector.api import diagnosis as button
from nexwave_xero_connector.api import sync
from nexwave_xero_connector.erp import diagnosis
from nexwave_xero_connector.erp.connection.stored_password import stored_password
from nexwave_xero_connector.jobs import sweep
from nexwave_xero_connector.tests.bench_world import COMPANY, LOG, new_invoice
from nexwave_xero_connector.tests.xero_test_case import XeroTest

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl"


class TestDiagnosis(XeroTest):
	def test_it_says_what_is_asked_first(self) -> None:
		self.submit()
		sync.push_invoice(COMPANY)
		failed = new_invoice().submit()
		frappe.db.commit()
		sync.push_invoice(COMPANY)
		waiting = self.submit()
		frappe.db.set_value(LOG, {"reference_name": waiting.name}, "message", "Waits for a test.")
		sweep.sweep()
		facts = diagnosis.diagnose([COMPANY])
		company = facts["companies"][COMPANY]
		self.assertEqual(facts["versions"]["frappe"], frappe.__version__)
		self.assertEqual(facts["queue"]["responds"], "yes")
		self.assertIn("jobs.sweep.sweep", " ".join(facts["scheduler"]["jobs"]))
		self.assertEqual(company["settings"]["organisation_name"], "Harbour Trading")
		self.assertEqual(company["settings"]["rows in tax_mapping"], 1)
		self.assertEqual(company["connection"]["state"], "Connected")
		self.assertEqual(company["connection"]["belongs to"], f"{frappe.local.site} (ours)")
		self.assertGreater(company["limits"]["calls counted in this minute"], 0)
		self.assertEqual(
			company["log"]["documents by status"], {"Success": 1, "Failed": 1, "Queued": 1}, company["log"]
		)
		self.assertEqual(company["log"]["oldest waiting row"]["name"], self.newest(waiting).name)
		(cause,) = company["last causes"]["newest first"]
		self.assertIn("No tax mapping", cause)
		self.assertIn(self.newest(failed).name, cause)
		self.assertIn("0 newly stuck", company["last sweep"]["found"])

	def test_it_has_no_secret(self) -> None:
		self.submit()
		row = {"message": f"Bearer {TOKEN}", "error_class": "Unknown", "status": "Failed", "due_at": None}
		frappe.db.set_value(LOG, {"company": COMPANY}, row)
		frappe.db.set_value("Xero Connection", COMPANY, "last_error", TOKEN)
		frappe.db.commit()
		app = frappe.db.get_value("Connected App", "Xero", "client_id")
		secrets = [TOKEN, app, frappe.conf.db_password, frappe.conf.encryption_key]
		secrets.append(frappe.conf.xero_installation.rpartition("/")[2])
		secrets += [stored_password("Xero Connection", COMPANY, f) for f in ("access_token", "refresh_token")]
		secrets.append(stored_password("Connected App", "Xero", "client_secret"))
		self.assertTrue(all(secrets))
		facts = diagnosis.diagnose()
		for text in (diagnosis.as_text(facts), diagnosis.as_json(facts)):
			self.assertIn("[token]", text)
			self.assertEqual([secret for secret in secrets if secret in text], [])

	def test_a_part_that_fails_says_so_and_the_others_are_there(self) -> None:
		facts = diagnosis.diagnose(["No Such Company"])
		company = facts["companies"]["No Such Company"]
		self.assertIn("DoesNotExistError", company["settings"]["could not be read"])
		self.assertEqual(company["connection"]["state"], "never connected")
		self.assertEqual(company["last sweep"]["at"], "never")
		self.assertIn("frappe", facts["versions"])

	def test_without_redis_it_says_that(self) -> None:
		frappe.local.conf.redis_queue = "redis://127.0.0.1:1"
		facts = diagnosis.diagnose([COMPANY])
		self.assertEqual(facts["queue"], {"responds": "no"})
		self.assertEqual(facts["companies"][COMPANY]["limits"]["counted by"], "this process only")

	def test_the_button_and_the_command_say_the_same(self) -> None:
		text = button.diagnose(COMPANY)["text"]
		self.assertIn(f"  {COMPANY}:\n", text)
		self.assertIn("    settings:\n", text)
		self.assertIn("connection:", self.command())
		found = json.loads(self.command("--json", "--company", COMPANY))
		self.assertEqual(set(found["companies"]), {COMPANY})
		self.assertEqual(set(found["companies"][COMPANY]), set(diagnosis.COMPANY_PARTS))
		self.assertEqual(set(found) - {"companies"}, set(diagnosis.SITE_PARTS))

	def command(self, *options: str) -> str:
		bench = [sys.executable, "-m", "frappe.utils.bench_helper", "frappe", "--site", frappe.local.site]
		done = subprocess.run(
			[*bench, "xero-doctor", *options],
			capture_output=True,
			text=True,
			check=True,
			cwd=frappe.local.sites_path,
			env={**os.environ, "CI": ""},
		)
		return done.stdout
