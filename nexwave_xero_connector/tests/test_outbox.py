"""The ports on a real MariaDB, with every other user and worker on its own connection."""

import frappe

from nexwave_xero_connector.erp.transactions import read_committed, reconnect
from nexwave_xero_connector.sync.records import DocStatus
from nexwave_xero_connector.tests.bench_world import BenchWorld, clear, in_another_session
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.contract.outbox_contract import OutboxContract


class TestOutbox(OutboxContract, IntegrationTestCase):
	def make(self) -> BenchWorld:
		self.addCleanup(clear)
		world = BenchWorld()
		worker = read_committed()
		worker.__enter__()
		self.addCleanup(worker.__exit__, None, None, None)
		return world

	def test_the_last_look_is_fresh_at_repeatable_read_too(self) -> None:
		"""A second safeguard: the look starts a new transaction, whatever the session's isolation level."""
		document = self.world.submit()
		claim = self.claim_one()
		frappe.db.sql("set session transaction isolation level repeatable read")
		frappe.db.commit()
		self.assertEqual(frappe.db.get_value(document.doctype, document.name, "docstatus"), 1)
		self.world.cancel(document)
		with self.outbox.locked([claim]) as rows:
			self.assertIs(rows.docstatus(claim), DocStatus.CANCELLED)

	def test_a_renamed_document_is_read_by_its_present_name(self) -> None:
		"""A claim knows the name of before, under which there is nothing any more: not what was deleted."""
		document = self.world.submit()
		claim = self.claim_one()
		new_name = f"{document.name}-RENAMED"
		in_another_session(lambda: frappe.rename_doc(document.doctype, document.name, new_name, force=True))
		with self.outbox.locked([claim]) as rows:
			self.assertIs(rows.docstatus(claim), DocStatus.SUBMITTED)
		self.assertNotIn(document, self.world.ports.documents.read([document]))

	def test_a_worker_that_has_reconnected_sees_what_others_commit(self) -> None:
		document = self.world.submit()
		frappe.db.commit()
		reconnect()
		self.assertEqual(frappe.db.get_value(document.doctype, document.name, "docstatus"), 1)
		self.world.cancel(document)
		self.assertEqual(frappe.db.get_value(document.doctype, document.name, "docstatus"), 2)
