"""Cancel and Retry, before, during and after a push."""

from __future__ import annotations

import threading
from datetime import timedelta

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.records import (
	DocStatus,
	Operation,
	Outcome,
	Priority,
	Status,
	Trigger,
)

from .world import A_WHILE, PATIENCE, Contract, in_xero, run_all


class EnqueueContract(Contract):
	"""A cancel is never lost, and Retry never makes a second row."""

	def test_a_session_that_has_read_the_document_still_sees_a_later_cancel(self) -> None:
		document = self.world.submit()
		claim = self.claim_one()
		self.assertEqual(self.world.ports.documents.read([document])[document].docstatus, 1)
		self.world.cancel(document)
		with self.outbox.locked([claim]) as rows:
			self.assertIs(rows.docstatus(claim), DocStatus.CANCELLED)
		self.assertEqual(self.world.ports.documents.read([document])[document].docstatus, 2)

	def test_a_deleted_document_is_gone(self) -> None:
		document = self.world.submit()
		claim = self.claim_one()
		self.world.cancel(document)
		self.world.delete(document)
		with self.outbox.locked([claim]) as rows:
			self.assertIs(rows.docstatus(claim), DocStatus.GONE)
		self.assertNotIn(document, self.world.ports.documents.read([document]))

	def test_a_cancel_before_the_push_keeps_the_one_row(self) -> None:
		document = self.world.submit()
		self.world.cancel(document)
		claim = self.claim_one()
		self.assertEqual((claim.row, claim.operation), (self.only_row(document).name, Operation.PUSH))
		with self.outbox.locked([claim]) as rows:
			self.assertIs(rows.docstatus(claim), DocStatus.CANCELLED)

	def test_a_cancel_makes_a_waiting_row_due_at_once(self) -> None:
		document = self.world.submit()
		self.settle(
			self.claim_one(), Outcome(Status.QUEUED, Sentence("Later."), due=self.outbox.now() + A_WHILE)
		)
		self.world.cancel(document)
		self.assertEqual(self.claim_one().row, self.only_row(document).name)

	def test_a_cancel_during_the_push_leaves_the_row_to_its_worker(self) -> None:
		document = self.world.submit()
		claim = self.claim_one()
		self.world.cancel(document)
		self.assertEqual(self.claim(), [])
		self.assertEqual(self.only_row(document).status, "In Progress")
		with self.outbox.locked([claim]) as rows:
			self.assertEqual(list(rows.claims), [claim])
			self.assertIs(rows.docstatus(claim), DocStatus.CANCELLED)

	def test_a_cancel_during_the_last_read_is_not_lost(self) -> None:
		document = self.world.submit()
		claim = self.claim_one()
		user = threading.Thread(target=self.world.cancel, args=(document,))
		with self.outbox.locked([claim]) as rows:
			self.assertIs(rows.docstatus(claim), DocStatus.SUBMITTED)
			user.start()
			user.join(PATIENCE)
			rows.settle(claim, Outcome(Status.SUCCESS, Sentence("In Xero."), xero=in_xero(document)))
		user.join()
		void = self.newest(document)
		self.assertEqual((void.operation, void.status), ("Void", "Queued"))
		self.assertEqual(self.claim_one().row, void.name)

	def test_a_cancel_after_success_queues_a_void_that_knows_what_to_void(self) -> None:
		document, xero = self.pushed()
		self.world.cancel(document)
		void = self.newest(document)
		self.assertEqual((void.operation, void.triggered_by, void.attempt), ("Void", "Cancel", 1))
		claim = self.claim_one()
		self.assertEqual(
			(claim.row, claim.operation, claim.trigger, claim.xero_type, claim.number, claim.xero_id),
			(void.name, Operation.VOID, Trigger.CANCEL, XeroType.ACCREC, document.name, xero.id),
		)

	def test_a_cancel_after_a_lost_response_queues_a_void(self) -> None:
		late = self.outbox.now() + timedelta(minutes=10)
		document = self.world.submit()
		claim = self.claim_one()
		with self.outbox.locked([claim]) as rows:
			rows.mark_sending(claim, XeroType.ACCREC, document.name, late)
		self.settle(claim, Outcome(Status.FAILED, Sentence("No response."), unconfirmed_until=late))
		self.world.cancel(document)
		void = self.claim_one()
		self.assertEqual(
			(void.operation, void.xero_type, void.number, void.unconfirmed_until),
			(Operation.VOID, XeroType.ACCREC, document.name, late),
		)

	def test_a_cancel_of_a_document_never_sent_needs_no_void(self) -> None:
		document, _claim = self.failed(sentence=Sentence("No tax mapping."))
		self.world.cancel(document)
		self.assertEqual([row.status for row in self.world.rows(document)], ["Failed", "Skipped"])
		self.assertEqual(self.newest(document).operation, "Void")
		self.assertIn("Nothing was sent", self.newest(document).message)
		self.assertEqual(self.claim(), [])

	def test_a_cancel_that_is_rolled_back_changes_nothing(self) -> None:
		document, _xero = self.pushed()
		self.world.cancel_and_roll_back(document)
		self.assertEqual(self.only_row(document).status, "Success")
		self.assertEqual(self.claim(), [])

	def test_simultaneous_cancels_of_neighbouring_rows_all_succeed(self) -> None:
		"""Neighbouring rows in an index share its gaps, and locks on a gap can lead to a deadlock."""
		documents = [self.pushed()[0] for _ in range(4)]
		start = threading.Barrier(len(documents))

		def user(document: DocumentRef) -> None:
			start.wait()
			self.world.session(lambda ports: ports.enqueuer.cancelled(document))

		run_all([lambda document=document: user(document) for document in documents])
		self.assertEqual({self.newest(document).operation for document in documents}, {"Void"})
		self.assertEqual({claim.document for claim in self.claim()}, set(documents))

	def test_retry_queues_another_push(self) -> None:
		document, _claim = self.failed()
		self.assertTrue(self.retry(document))
		row = self.newest(document)
		self.assertEqual(
			(row.operation, row.status, row.triggered_by, row.attempt), ("Push", "Queued", "Retry", 1)
		)
		self.assertEqual(self.claim_one().row, row.name)

	def test_retry_knows_what_was_sent_before(self) -> None:
		late = self.outbox.now() + timedelta(minutes=10)
		document = self.world.submit()
		claim = self.claim_one()
		with self.outbox.locked([claim]) as rows:
			rows.mark_sending(claim, XeroType.ACCREC, document.name, late)
		self.settle(
			claim, Outcome(Status.FAILED, Sentence("No."), xero=in_xero(document), unconfirmed_until=late)
		)
		self.retry(document)
		again = self.claim_one()
		self.assertEqual(
			(again.xero_type, again.number, again.xero_id, again.unconfirmed_until),
			(XeroType.ACCREC, document.name, in_xero(document).id, late),
		)

	def test_retry_of_a_waiting_document_makes_it_due_and_adds_no_row(self) -> None:
		document = self.world.submit()
		self.settle(
			self.claim_one(), Outcome(Status.QUEUED, Sentence("Later."), due=self.outbox.now() + A_WHILE)
		)
		self.assertFalse(self.retry(document))
		self.assertEqual(self.claim_one().row, self.only_row(document).name)

	def test_a_request_for_a_waiting_document_makes_it_as_urgent_as_the_request(self) -> None:
		document = self.backfilled()
		self.world.cancel(document)
		claim = self.claim_one()
		self.assertIs(claim.priority, Priority.CURRENT)
		self.settle(claim, Outcome(Status.QUEUED, Sentence("Later."), due=self.outbox.now() + A_WHILE))
		self.retry(document)
		self.assertIs(self.claim_one().priority, Priority.PERSON)

	def test_a_waiting_document_never_becomes_less_urgent(self) -> None:
		document, _claim = self.failed()
		self.retry(document)
		self.world.cancel(document)
		self.assertIs(self.claim_one().priority, Priority.PERSON)

	def test_retry_leaves_a_row_alone_that_a_worker_has(self) -> None:
		document = self.world.submit()
		claim = self.claim_one()
		self.assertFalse(self.retry(document))
		self.assertEqual(self.claim(), [])
		with self.outbox.locked([claim]) as rows:
			self.assertEqual(list(rows.claims), [claim])

	def test_retry_of_a_cancelled_document_is_a_void(self) -> None:
		document, xero = self.pushed()
		self.world.cancel(document)
		self.settle(self.claim_one(), Outcome(Status.FAILED, Sentence("It is paid."), xero=xero))
		self.assertTrue(self.retry(document))
		claim = self.claim_one()
		self.assertEqual((claim.operation, claim.trigger), (Operation.VOID, Trigger.RETRY))
		self.assertEqual((claim.xero_type, claim.xero_id), (XeroType.ACCREC, xero.id))

	def test_simultaneous_retries_queue_one_row(self) -> None:
		document, _claim = self.failed()
		start = threading.Barrier(3)
		answers: list[bool] = []

		def user() -> None:
			start.wait()
			answers.append(self.retry(document))

		run_all([user] * 3)
		self.assertEqual(len(self.world.rows(document)), 2)
		self.assertTrue(self.newest(document).is_open)
		self.assertIn(True, answers)

	def test_a_document_queued_twice_keeps_one_open_row(self) -> None:
		document = self.world.submit()
		self.world.session(lambda ports: ports.enqueuer.submitted(document, Trigger.BACKFILL))
		self.assertEqual(self.only_row(document).triggered_by, "Submit")
