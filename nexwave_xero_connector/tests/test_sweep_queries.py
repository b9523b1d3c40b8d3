"""The queries of a sweep: it runs every five minutes, and a site may have a million invoices."""

import frappe
from frappe.utils import add_to_date, now_datetime, nowdate

from nexwave_xero_connector.erp.outbox.credit_notes import queue_unallocated
from nexwave_xero_connector.erp.outbox.log import DOCTYPES
from nexwave_xero_connector.erp.outbox.missed import queue_missing
from nexwave_xero_connector.tests.bench_world import COMPANY, LOG, BenchWorld, clear, new_invoice
from nexwave_xero_connector.tests.compat import IntegrationTestCase


class TestSweepQueries(IntegrationTestCase):
	def setUp(self) -> None:
		self.addCleanup(clear)
		BenchWorld()

	def test_a_sweep_reads_only_what_has_changed(self) -> None:
		settings = frappe.get_doc("Xero Sync Settings", COMPANY)
		since = add_to_date(now_datetime(), hours=-6)
		for doctype in DOCTYPES:
			self.make_old(doctype, 5000)
			new_invoice(doctype).submit()
			frappe.db.commit()
			for look in (
				lambda doctype=doctype: queue_missing(settings, doctype, since),
				lambda doctype=doctype: queue_unallocated(COMPANY, doctype, since),
			):
				before = self.rows_read()
				self.assertEqual(look(), 0)
				self.assertLess(self.rows_read() - before, 500, doctype)

	def make_old(self, doctype: str, number: int) -> None:
		"""Submitted since the start date and sent, but unchanged for a day."""
		frappe.db.sql(
			f"""insert into `tab{doctype}` (name, company, docstatus, posting_date, creation, modified)
			select concat('old-', seq), %s, 1, %s, %s, %s from seq_1_to_{number}""",
			(COMPANY, nowdate(), *[add_to_date(now_datetime(), days=-1)] * 2),
		)
		frappe.db.sql(
			f"""insert into `tab{LOG}` (name, company, reference_doctype, reference_name, reference_creation,
				operation, status, is_latest, creation, modified, finished_at)
			select concat('old-{doctype}-', seq), %s, %s, concat('old-', seq), %s, 'Push', 'Success', 1, %s, %s, %s
			from seq_1_to_{number}""",
			(COMPANY, doctype, *[add_to_date(now_datetime(), days=-1)] * 4),
		)
		frappe.db.sql(f"analyze table `tab{doctype}`")
		frappe.db.sql(f"analyze table `tab{LOG}`")

	def rows_read(self) -> int:
		status = frappe.db.sql("show session status like 'Handler_read%%'")
		return sum(int(value) for _name, value in status)
