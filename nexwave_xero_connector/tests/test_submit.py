"""Submit and Cancel of real invoices: the row is added, and our code never gets in the user's way."""

from unittest.mock import patch

import frappe
import pymysql
from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return
from frappe.utils import add_days, nowdate

from nexwave_xero_connector.erp import worker
from nexwave_xero_connector.erp.outbox import document_events
from nexwave_xero_connector.tests.bench_world import COMPANY, LOG, BenchWorld, clear, new_invoice, ref_of
from nexwave_xero_connector.tests.compat import IntegrationTestCase

NOBODY_LISTENS = "redis://127.0.0.1:1"


class TestSubmit(IntegrationTestCase):
	def setUp(self) -> None:
		self.addCleanup(clear)
		self.world = BenchWorld()
		frappe.clear_messages()

	def submit(self, doctype: str = "Sales Invoice", **values: object):
		document = new_invoice(doctype, **values).submit()
		frappe.db.commit()
		return document

	def row(self, document) -> frappe._dict:
		(row,) = self.world.rows(ref_of(document))
		return row

	def set(self, **settings: object) -> None:
		doc = frappe.get_doc("Xero Sync Settings", COMPANY)
		doc.update(settings).save()
		frappe.db.commit()

	def test_the_row_shows_the_document(self) -> None:
		document = self.submit("Purchase Invoice", bill_no="B-1")
		row = self.row(document)
		self.assertEqual(
			(row.company, row.party_type, row.party, row.amount, row.currency, row.owner),
			(COMPANY, "Supplier", document.supplier, 100, "NZD", "Administrator"),
		)
		self.assertEqual((row.status, row.is_open), ("Queued", True))

	def test_documents_that_are_not_sent_say_why(self) -> None:
		original = self.submit()
		self.set(push_purchase_invoices=0)
		skipped = {
			"start date": self.submit(posting_date=add_days(nowdate(), -60), set_posting_time=1),
			"total is zero": self.submit(rate=0),
			"disabled": self.submit("Purchase Invoice", bill_no="B-2"),
		}
		for reason, document in skipped.items():
			row = self.row(document)
			self.assertEqual((row.status, row.is_open, row.due_at), ("Skipped", False, None), reason)
			self.assertIn(document.name, row.message)
		self.assertIn("start date", self.row(skipped["start date"]).message)
		self.assertIn("total is zero", self.row(skipped["total is zero"]).message)
		self.assertIn("disabled", self.row(skipped["disabled"]).message)
		self.set(push_sales_credit_notes=0)
		credit_note = make_sales_return(original.name).insert().submit()
		frappe.db.commit()
		self.assertEqual(self.row(credit_note).status, "Skipped")

	def test_a_skipped_document_is_cancelled_silently(self) -> None:
		document = self.submit(rate=0)
		document.cancel()
		frappe.db.commit()
		self.assertEqual(self.row(document).status, "Skipped")

	def test_a_company_that_is_not_enabled_has_no_rows(self) -> None:
		self.set(enabled=0)
		self.assertEqual(self.world.rows(ref_of(self.submit())), [])
		frappe.delete_doc("Xero Sync Settings", COMPANY)
		frappe.db.commit()
		document = self.submit()
		document.cancel()
		frappe.db.commit()
		self.assertEqual(self.world.rows(ref_of(document)), [])
		self.assertEqual(frappe.get_message_log(), [])

	def test_a_submit_costs_at_most_four_statements(self) -> None:
		document = new_invoice().submit()
		frappe.db.rollback()
		frappe.get_cached_doc("Xero Sync Settings", COMPANY)
		with self.assertQueryCount(4):
			document_events.submitted(document)
		frappe.db.rollback()

	def test_with_redis_stopped_only_the_worker_job_is_missing(self) -> None:
		with patch.dict(frappe.local.conf, {"redis_queue": NOBODY_LISTENS}):
			document = self.submit()
			self.assertFalse(worker.enqueue_worker(COMPANY))
			self.assertEqual(self.row(document).status, "Queued")
			document.cancel()
			frappe.db.commit()
		self.assertEqual(frappe.db.get_value("Sales Invoice", document.name, "docstatus"), 2)
		self.assertEqual(frappe.get_message_log(), [])

	def test_an_error_of_ours_is_logged_and_the_document_still_queued(self) -> None:
		with patch.object(document_events, "eligibility", side_effect=ZeroDivisionError):
			document = self.submit()
		self.assertEqual(self.row(document).status, "Queued")
		logged = {"reference_doctype": "Sales Invoice", "reference_name": document.name}
		self.assertEqual(
			frappe.get_all("Error Log", filters=logged, pluck="method"),
			[f"Xero: Sales Invoice {document.name} could not be queued"],
		)

	def test_a_log_that_cannot_be_written_does_not_stop_submit_or_cancel(self) -> None:
		def insert_into_nothing(*_args: object, **_values: object) -> None:
			frappe.db.sql("insert into `tabThere Is No Such Table` values (1)")

		with patch.object(document_events.FrappeEnqueuer, "enqueue", insert_into_nothing):
			document = self.submit()
		self.assertEqual(self.world.rows(ref_of(document)), [])
		with patch.object(document_events.FrappeEnqueuer, "cancelled", insert_into_nothing):
			document.cancel()
			frappe.db.commit()
		self.assertEqual(frappe.db.get_value("Sales Invoice", document.name, "docstatus"), 2)
		self.assertEqual(frappe.db.count("GL Entry", {"voucher_no": document.name}), 4)

	def test_an_error_that_destroyed_the_users_transaction_is_raised(self) -> None:
		"""After a deadlock, MariaDB has rolled everything back: to continue would commit half an invoice."""

		def deadlock(*_args: object, **_values: object) -> None:
			frappe.db.sql("rollback")
			raise frappe.QueryDeadlockError(pymysql.err.OperationalError(1213, "Deadlock found"))

		document = new_invoice()
		frappe.db.commit()
		with patch.object(document_events.FrappeEnqueuer, "enqueue", deadlock):
			with self.assertRaises(frappe.QueryDeadlockError):
				document.submit()
		frappe.db.rollback()
		self.assertEqual(frappe.db.get_value("Sales Invoice", document.name, "docstatus"), 0)

	def test_the_log_does_not_prevent_deleting_a_cancelled_document(self) -> None:
		document = self.submit()
		document.cancel()
		frappe.db.commit()
		self.world.delete(ref_of(document))
		self.assertEqual(frappe.db.count(LOG, {"reference_name": document.name}), 1)
