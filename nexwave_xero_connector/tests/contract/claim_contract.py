"""How a Submit adds rows to the outbox, and how workers claim them."""

from __future__ import annotations

import threading
from datetime import timedelta

from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.identity import document_key
from nexwave_xero_connector.sync.records import (
	Claim,
	ErrorClass,
	Operation,
	Outcome,
	Priority,
	Status,
	Trigger,
)

from .world import A_WHILE, LEASE, Contract, in_xero, run_all


class ClaimContract(Contract):
	"""No row is lost, and no row belongs to two workers."""

	def test_a_submitted_document_waits_to_be_pushed(self) -> None:
		row = self.only_row(self.world.submit())
		self.assertEqual(
			(row.operation, row.status, row.triggered_by, row.attempt, row.times_claimed),
			("Push", "Queued", "Submit", 1, 0),
		)
		self.assertTrue(row.is_latest)
		self.assertTrue(row.is_open)
		self.assertLessEqual(row.due_at, self.outbox.now())

	def test_a_submit_that_is_rolled_back_leaves_nothing(self) -> None:
		self.assertEqual(self.world.rows(self.world.submit_and_roll_back()), [])
		self.assertEqual(self.claim(), [])

	def test_a_claim_says_what_to_do(self) -> None:
		document = self.world.submit()
		before = self.only_row(document)
		until = self.outbox.now() + LEASE
		(claim,) = self.outbox.claim(self.world.company, 50, until)
		self.assertEqual(until.utcoffset(), timedelta(0))
		created = self.world.ports.documents.read([document])[document].created
		assert created is not None
		self.assertEqual(
			claim,
			Claim(
				row=self.only_row(document).name,
				document=document,
				company=self.world.company,
				operation=Operation.PUSH,
				trigger=Trigger.SUBMIT,
				attempt=1,
				times_claimed=1,
				lease_until=until,
				key=document_key(document, created),
				created=created,
				organisation=claim.organisation,
				priority=Priority.CURRENT,
				due=before.due_at,
			),
		)
		self.assertEqual(self.only_row(document).status, "In Progress")

	def test_no_other_worker_gets_a_claimed_row_until_its_lease_ends(self) -> None:
		document = self.world.submit()
		first = self.claim_one()
		self.assertEqual(self.claim(), [])
		self.assertEqual(self.world.session(lambda ports: self.claim_in(ports)), [])
		self.world.advance(LEASE + timedelta(seconds=1))
		second = self.claim_one()
		self.assertEqual((second.row, second.times_claimed), (first.row, 2))
		with self.outbox.locked([first]) as rows:
			self.assertEqual(list(rows.claims), [])
		self.settle(first, Outcome(Status.FAILED, Sentence("The frozen worker speaks.")))
		self.assertEqual(self.only_row(document).status, "In Progress")
		self.settle(second, Outcome(Status.SUCCESS, Sentence("In Xero."), xero=in_xero(document)))
		self.assertEqual(self.only_row(document).status, "Success")

	def test_the_oldest_due_rows_come_first_up_to_the_limit(self) -> None:
		documents = [self.world.submit() for _ in range(3)]
		self.assertEqual([c.document for c in self.claim(limit=2)], documents[:2])
		self.assertEqual([c.document for c in self.claim(limit=2)], documents[2:])

	def test_the_most_urgent_rows_come_first_one_priority_at_a_time(self) -> None:
		asked_for, *backfilled = [self.failed()[0] for _ in range(3)]
		for document in backfilled:
			self.backfill(document)
		current = [self.world.submit() for _ in range(2)]
		self.retry(asked_for)
		taken = [self.claim() for _ in range(4)]
		self.assertEqual(
			[[claim.document for claim in claims] for claims in taken], [[asked_for], current, backfilled, []]
		)
		self.assertEqual(
			[{claim.priority for claim in claims} for claims in taken[:3]], [{p} for p in Priority]
		)

	def test_rows_less_urgent_than_asked_for_are_left_alone(self) -> None:
		document = self.backfilled()
		until = self.outbox.now() + LEASE
		self.assertEqual(self.outbox.claim(self.world.company, 50, until, Priority.CURRENT), [])
		self.assertTrue(self.outbox.has_work(self.world.company))
		(claim,) = self.outbox.claim(self.world.company, 50, until, Priority.BACKFILL)
		self.assertEqual(claim.document, document)
		self.assertFalse(self.outbox.has_work(self.world.company))

	def test_a_row_that_keeps_its_place_is_next_again(self) -> None:
		first, second = self.world.submit(), self.world.submit()
		(claim,) = self.claim(limit=1)
		self.settle(claim, Outcome(Status.QUEUED, Sentence("Not now."), due=claim.due))
		self.assertEqual([claim.document for claim in self.claim()], [first, second])

	def test_workers_that_claim_at_the_same_time_share_the_rows(self) -> None:
		documents = {self.world.submit() for _ in range(6)}
		start = threading.Barrier(3)
		taken: list[Claim] = []

		def work() -> None:
			start.wait()
			while claims := self.world.session(lambda ports: self.claim_in(ports, limit=1)):
				taken.extend(claims)

		run_all([work] * 3)
		# A row locked by another worker is skipped, so a worker may stop early.
		taken.extend(self.claim())
		self.assertEqual(len(taken), 6)
		self.assertEqual({claim.document for claim in taken}, documents)

	def test_another_company_is_left_alone(self) -> None:
		self.world.submit()
		until = self.outbox.now() + LEASE
		self.assertEqual(self.outbox.claim("Nobody's Company", 50, until), [])
		self.assertEqual(len(self.claim()), 1)

	def test_a_paused_company_waits_until_its_time(self) -> None:
		self.world.submit()
		until = self.outbox.now() + A_WHILE
		self.outbox.pause(
			self.world.company, until, Sentence("Today's calls are used up."), ErrorClass.DAY_LIMIT
		)
		self.assertEqual(self.claim(), [])
		self.world.advance(A_WHILE + timedelta(seconds=1))
		self.assertEqual(len(self.claim()), 1)

	def test_a_company_that_lost_its_connection_waits_for_a_person(self) -> None:
		document = self.world.submit()
		self.outbox.pause(self.world.company, None, Sentence("Connect again."), ErrorClass.CONNECTION)
		self.world.advance(timedelta(days=40))
		self.assertEqual(self.claim(), [])
		self.assertEqual(self.only_row(document).status, "Queued")
