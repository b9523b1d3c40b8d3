"""A worker's queries: a fixed number per batch, and few per document."""

from collections import Counter
from unittest.mock import patch

import frappe

from nexwave_xero_connector.api import sync
from nexwave_xero_connector.erp.outbox.claim import FrappeOutbox
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.sync.records import Priority
from nexwave_xero_connector.tests.bench_world import COMPANY, LOG
from nexwave_xero_connector.tests.xero_test_case import XeroTest

NOTED_BEFORE_IT_LEAVES = 2
"""On the row and on the record of the copy in Xero."""
OUTCOME = 3
"""The same, and the id in Xero."""


class TestWorkerQueries(XeroTest):
	def statements_for(self, documents: int) -> Counter[str]:
		"""The statements of one job that sends this many new invoices in one batch, by their first word."""
		for _document in range(documents):
			self.submit()
		made: Counter[str] = Counter()
		execute = frappe.db.sql

		def counted(query, *args, **kwargs):
			made[str(query)[:60]] += 1
			return execute(query, *args, **kwargs)

		with patch.object(frappe.db, "sql", counted):
			sync.push_invoice(COMPANY)
		self.assertFalse(FrappeOutbox().has_work(COMPANY))
		return made

	def test_one_more_document_takes_five_more_statements(self) -> None:
		self.statements_for(1)  # creates the contact
		two, six = self.statements_for(2), self.statements_for(6)
		self.assertEqual((six - two).total(), 4 * (NOTED_BEFORE_IT_LEAVES + OUTCOME), six - two)

	def test_a_claim_reads_no_further_than_it_needs(self) -> None:
		"""A backfill of thousands is due, and is not read through to find the one new invoice."""
		frappe.db.sql(
			f"""insert into `tab{LOG}` (name, company, priority, status, due_at, creation, modified, operation,
				triggered_by, reference_doctype, reference_name)
			select concat('claim-', seq), %s, %s, 'Queued', utc_timestamp(6) - interval 1 day, now(), now(), 'Push',
				'Backfill', 'Sales Invoice', concat('X-', seq) from seq_1_to_5000""",
			(COMPANY, Priority.BACKFILL.value),
		)
		new = self.submit()
		outbox = FrappeOutbox()
		lease_until = outbox.now() + Policy().lease
		before = self.rows_read()
		(claim,) = outbox.claim(COMPANY, 50, lease_until)
		self.assertEqual(claim.document.name, new.name)
		self.assertLess(self.rows_read() - before, 150)
		before = self.rows_read()
		self.assertEqual(len(outbox.claim(COMPANY, 50, lease_until)), 50)
		self.assertLess(self.rows_read() - before, 1000)

	def test_a_job_reads_none_of_the_documents_that_were_sent_before(self) -> None:
		few = self.rows_read_for_a_document_and_its_cancel()
		frappe.db.sql(
			"""insert into `tabXero Document` (name, document_key, tenant_id, company, creation, modified)
			select concat('sent-', seq), concat('sent-', seq), 'elsewhere', %s, now(), now() from seq_1_to_5000""",
			(COMPANY,),
		)
		self.assertLess(self.rows_read_for_a_document_and_its_cancel(), few + 100)

	def rows_read_for_a_document_and_its_cancel(self) -> int:
		invoice = self.submit()
		before = self.rows_read()
		sync.push_invoice(COMPANY)
		read = self.rows_read() - before
		invoice.reload().cancel()
		before = self.rows_read()
		sync.push_invoice(COMPANY)
		return read + self.rows_read() - before

	def rows_read(self) -> int:
		status = frappe.db.sql("show session status like 'Handler_read%%'")
		return sum(int(value) for _name, value in status)
