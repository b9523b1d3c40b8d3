"""The log as an audit trail: nothing that is still needed is cleared, and nobody can edit it."""

import frappe
from frappe.model.base_document import get_controller
from frappe.utils import add_days, now_datetime

from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.records import make_company, make_log

COMPANY = "Xero Log Test"
CLOSED = {"due_at": None}


class TestXeroSyncLog(IntegrationTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		make_company(COMPANY, "XLT")

	def setUp(self):
		frappe.db.savepoint("log_test")

	def tearDown(self):
		frappe.set_user("Administrator")
		frappe.db.rollback(save_point="log_test")

	def test_clearing_deletes_old_attempts_that_were_superseded(self):
		old = self.aged(make_log(COMPANY, status="Failed", is_latest=0, **CLOSED))
		recent = make_log(COMPANY, status="Failed", is_latest=0, **CLOSED).name
		newest = self.aged(make_log(COMPANY, status="Success", xero_id="x-1", **CLOSED))

		self.clear(90)
		self.assertEqual(self.existing(old, recent, newest), {recent, newest})

	def test_clearing_keeps_a_document_s_newest_attempt_however_old(self):
		newest = self.aged(make_log(COMPANY, status="Failed", **CLOSED))
		self.clear(90)
		self.assertEqual(self.existing(newest), {newest})

	def test_clearing_keeps_the_only_attempt_with_the_document_s_xero_id(self):
		told = self.aged(make_log(COMPANY, status="Success", is_latest=0, xero_id="x-1", **CLOSED))
		make_log(COMPANY, status="Skipped", **CLOSED)
		self.clear(90)
		self.assertEqual(self.existing(told), {told})

	def test_clearing_keeps_an_open_attempt(self):
		waiting = self.aged(make_log(COMPANY, is_latest=0))
		make_log(COMPANY, status="Failed", **CLOSED)
		self.clear(90)
		self.assertEqual(self.existing(waiting), {waiting})

	def test_log_settings_clear_the_log(self):
		rows = frappe.get_single("Log Settings").logs_to_clear
		self.assertIn("Xero Sync Log", [row.ref_doctype for row in rows])

	def test_an_accountant_reads_the_log_and_changes_nothing(self):
		log = make_log(COMPANY, detail="PUT /Invoices")
		user = make_user("xero-log-accountant@example.com", "Accounts User")
		frappe.set_user(user)

		self.assertTrue(frappe.has_permission("Xero Sync Log", "read", doc=log.name))
		for right in ("write", "create", "delete"):
			self.assertFalse(frappe.has_permission("Xero Sync Log", right), right)
		shown = frappe.get_doc("Xero Sync Log", log.name)
		shown.apply_fieldlevel_read_permissions()
		self.assertFalse(shown.get("detail"), "the technical detail is for the System Manager")

	def test_a_document_can_be_deleted_although_the_log_names_it(self):
		note = frappe.get_doc({"doctype": "Note", "title": "Xero Log Test"}).insert()
		make_log(COMPANY, reference_doctype="Note", reference_name=note.name)
		frappe.delete_doc("Note", note.name)
		self.assertFalse(frappe.db.exists("Note", note.name))

	def aged(self, log: object) -> str:
		frappe.db.set_value(
			"Xero Sync Log", log.name, "creation", add_days(now_datetime(), -91), update_modified=False
		)
		return log.name

	def clear(self, days: int) -> None:
		get_controller("Xero Sync Log").clear_old_logs(days)

	def existing(self, *names: str) -> set[str]:
		return {name for name in names if frappe.db.exists("Xero Sync Log", name)}


def make_user(email: str, role: str) -> str:
	if not frappe.db.exists("User", email):
		frappe.get_doc(
			{
				"doctype": "User",
				"email": email,
				"first_name": "Accountant",
				"send_welcome_email": 0,
				"roles": [{"role": role}],
			}
		).insert()
	return email
