"""What a worker writes while it holds the lock on its rows, and what the next worker reads."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import DocLink, Sentence
from nexwave_xero_connector.sync.records import (
	Allocation,
	DocStatus,
	ErrorClass,
	Outcome,
	Priority,
	Status,
	Trigger,
)

from .world import A_WHILE, LEASE, Contract, in_xero


class SettleContract(Contract):
	"""What a worker has learnt is kept, whatever happens next."""

	def test_success_closes_the_row_and_keeps_what_xero_said(self) -> None:
		document, xero = self.pushed()
		row = self.newest(document)
		self.assertEqual((row.status, row.is_open, row.due_at), ("Success", False, None))
		self.assertEqual((row.xero_type, row.xero_number, row.xero_id), ("ACCREC", document.name, xero.id))
		self.assertEqual((row.message, row.unconfirmed_until, row.times_claimed), ("In Xero.", None, 0))
		self.assertEqual(self.world.ports.documents.xero_id(self.world.company, document), xero.id)
		self.assertEqual(self.claim(), [])

	def test_a_lock_on_no_claims_holds_no_rows(self) -> None:
		"""A batch is empty once its last rows have been given back."""
		with self.outbox.locked([]) as rows:
			self.assertEqual(list(rows.claims), [])

	def test_the_message_is_stored_as_a_user_reads_it(self) -> None:
		document, _claim = self.failed(
			sentence=Sentence("Map {item} {{now}}.", item=DocLink("Item", "X", "Tea & biscuits")),
			error_class=ErrorClass.NEEDS_PERSON,
		)
		row = self.newest(document)
		self.assertEqual(row.message, "Map Tea & biscuits {now}.")
		self.assertEqual(row.error_class, "Needs a person")

	def test_a_row_that_waits_keeps_what_is_known_and_comes_back_when_due(self) -> None:
		document = self.world.submit()
		claim = self.claim_one()
		late = self.outbox.now() + timedelta(minutes=10)
		with self.outbox.locked([claim]) as rows:
			rows.mark_sending(claim, XeroType.ACCREC, document.name, late)
		due = self.outbox.now() + A_WHILE
		waits = Outcome(
			Status.QUEUED,
			Sentence("No response."),
			ErrorClass.UNKNOWN,
			due=due,
			unconfirmed_until=late,
			times_claimed=3,
		)
		self.settle(claim, waits)
		row = self.only_row(document)
		self.assertEqual((row.status, row.due_at, row.is_open, row.times_claimed), ("Queued", due, True, 3))
		self.assertEqual(self.claim(), [])
		self.world.advance(A_WHILE + timedelta(seconds=1))
		again = self.claim_one()
		self.assertEqual(
			(again.xero_type, again.number, again.unconfirmed_until), (XeroType.ACCREC, document.name, late)
		)
		self.assertEqual((again.row, again.times_claimed), (claim.row, 4))

	def test_a_note_of_what_is_being_sent_survives_the_worker(self) -> None:
		document = self.world.submit()
		claim = self.claim_one()
		late = self.outbox.now() + timedelta(minutes=10)
		with self.outbox.locked([claim]) as rows:
			rows.mark_sending(claim, XeroType.ACCREC, document.name, late)
		self.world.advance(LEASE + timedelta(seconds=1))
		again = self.world.session(lambda ports: self.claim_in(ports))[0]
		self.assertEqual(
			(again.xero_type, again.number, again.unconfirmed_until), (XeroType.ACCREC, document.name, late)
		)

	def test_a_note_of_an_allocation_survives_the_worker_until_an_outcome_replaces_it(self) -> None:
		document, xero = self.pushed()
		noted = (
			Allocation("", "an invoice", Decimal("5.00")),
			Allocation("known", "another", Decimal("7.10")),
		)
		late = self.outbox.now() + timedelta(minutes=10)
		self.retry(document)
		claim = self.claim_one()
		self.assertEqual(claim.allocations, ())
		with self.outbox.locked([claim]) as rows:
			rows.mark_allocating(claim, noted, late)
		self.world.advance(LEASE + timedelta(seconds=1))
		again = self.claim_one()
		self.assertEqual((again.allocations, again.unconfirmed_until), (noted, late))
		self.settle(again, Outcome(Status.SUCCESS, Sentence("In Xero."), xero=xero))
		self.retry(document)
		kept = self.claim_one()
		self.assertEqual((kept.allocations, kept.unconfirmed_until), (noted, None))
		self.settle(kept, Outcome(Status.SUCCESS, Sentence("In Xero."), xero=xero, allocations=noted[1:]))
		self.retry(document)
		self.assertEqual(self.claim_one().allocations, noted[1:])

	def test_the_next_automatic_attempt_is_queued_with_the_failure(self) -> None:
		late = self.outbox.now() + timedelta(minutes=10)
		retry_at = self.outbox.now() + A_WHILE
		document = self.world.submit()
		claim = self.claim_one()
		with self.outbox.locked([claim]) as rows:
			rows.mark_sending(claim, XeroType.ACCREC, document.name, late)
			rows.settle(
				claim,
				Outcome(
					Status.FAILED,
					Sentence("Xero is away."),
					ErrorClass.TRANSIENT,
					retry_at=retry_at,
					unconfirmed_until=late,
				),
			)
		first, second = self.world.rows(document)
		self.assertEqual((first.status, first.is_open, first.is_latest), ("Failed", False, False))
		self.assertEqual(
			(
				second.operation,
				second.status,
				second.triggered_by,
				second.attempt,
				second.times_claimed,
				second.due_at,
			),
			("Push", "Queued", "Automatic", 2, 0, retry_at),
		)
		self.assertEqual(self.newest(document), second)
		self.world.advance(A_WHILE + timedelta(seconds=1))
		again = self.claim_one()
		self.assertEqual(
			(again.row, again.attempt, again.trigger, again.xero_type, again.number, again.unconfirmed_until),
			(second.name, 2, Trigger.AUTOMATIC, XeroType.ACCREC, document.name, late),
		)

	def test_an_automatic_attempt_is_not_a_users_and_a_backfill_stays_one(self) -> None:
		asked_for, backfilled = [self.failed()[0] for _ in range(2)]
		self.retry(asked_for)
		self.backfill(backfilled)
		for _document in (asked_for, backfilled):
			claim = self.claim_one()
			self.settle(claim, Outcome(Status.FAILED, Sentence("No."), retry_at=self.outbox.now()))
			if claim.document == asked_for:
				self.assertIs(self.claim_one().priority, Priority.CURRENT)
		self.assertIs(self.claim_one().priority, Priority.BACKFILL)

	def test_an_exception_under_the_lock_changes_nothing(self) -> None:
		document = self.world.submit()
		claim = self.claim_one()
		with self.assertRaises(ZeroDivisionError):
			with self.outbox.locked([claim]) as rows:
				rows.settle(claim, Outcome(Status.FAILED, Sentence("No.")))
				raise ZeroDivisionError
		self.assertEqual(self.only_row(document).status, "In Progress")
		self.settle(claim, Outcome(Status.SUCCESS, Sentence("In Xero."), xero=in_xero(document)))
		self.assertEqual(self.only_row(document).status, "Success")

	def test_a_whole_batch_is_locked_and_settled_at_once(self) -> None:
		documents = [self.world.submit() for _ in range(3)]
		claims = self.claim()
		self.world.cancel(documents[1])
		with self.outbox.locked(claims) as rows:
			self.assertEqual(list(rows.claims), claims)
			docstatuses = [rows.docstatus(claim) for claim in claims]
			for claim in claims:
				rows.settle(claim, Outcome(Status.FAILED, Sentence("No.")))
		self.assertEqual(docstatuses, [DocStatus.SUBMITTED, DocStatus.CANCELLED, DocStatus.SUBMITTED])
		self.assertEqual({self.only_row(document).status for document in documents}, {"Failed"})

	def test_only_existing_documents_are_read(self) -> None:
		document = self.world.submit()
		missing = DocumentRef("Sales Invoice", "There Is None")
		read = self.world.ports.documents.read([document, missing])
		self.assertEqual(list(read), [document])
		invoice = read[document]
		self.assertEqual((invoice.ref, invoice.company, invoice.docstatus), (document, self.world.company, 1))
		self.assertTrue(invoice.items)
		self.assertEqual(sum((row.net_amount for row in invoice.items), Decimal(0)), invoice.net_total)
		self.assertIsInstance(invoice.total, Decimal)
		self.assertIsNotNone(invoice.created)

	def test_the_contact_of_a_party_is_stored(self) -> None:
		documents = self.world.ports.documents
		document = self.world.submit()
		party = documents.read([document])[document].party
		self.assertEqual(dict(documents.contact_ids(self.world.company, [party])), {})
		documents.link_contact(self.world.company, party, "first-id", party.title)
		documents.link_contact(self.world.company, party, "second-id", party.title)
		self.assertEqual(dict(documents.contact_ids(self.world.company, [party])), {party: "second-id"})
