"""Users' transactions and the log's rows: no deadlock, no long wait, no lost Cancel."""

import threading
from datetime import timedelta
from unittest.mock import patch

import frappe

from nexwave_xero_connector.erp import transactions
from nexwave_xero_connector.erp.outbox.enqueue import FrappeEnqueuer
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.records import Claim, Operation, Outcome, Status, Trigger
from nexwave_xero_connector.tests.bench_world import LOG, BenchWorld, clear, in_another_session
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.contract.world import in_xero

LEASE = timedelta(minutes=7)
# Only a broken outbox ever takes this long.
PATIENCE = 30


class TestEnqueue(IntegrationTestCase):
	def setUp(self) -> None:
		self.addCleanup(clear)
		self.world = BenchWorld()

	def closed(self, status: Status = Status.SUCCESS) -> DocumentRef:
		"""A document that was sent, with its row closed."""
		document = self.world.submit()
		self.close(document, status)
		return document

	def close(self, document: DocumentRef, status: Status) -> None:
		outbox = self.world.ports.outbox
		with transactions.read_committed():
			(claim,) = outbox.claim(self.world.company, 1, outbox.now() + LEASE)
			with outbox.locked([claim]) as rows:
				rows.mark_sending(claim, XeroType.ACCREC, document.name, outbox.now() + LEASE)
				xero = in_xero(document) if status is Status.SUCCESS else None
				rows.settle(claim, Outcome(status, Sentence("Done."), xero=xero))

	def test_users_whose_transactions_overlap_do_not_wait_for_each_other(self) -> None:
		"""Each holds the rows it has written while the others write theirs: with gap locks, this is a deadlock."""
		documents = [self.closed() for _ in range(3)]
		together = threading.Barrier(len(documents) * 2)

		def user(document: DocumentRef, submits: bool) -> None:
			def act() -> None:
				frappe.db.count(LOG)  # takes the snapshot before anybody writes
				together.wait(PATIENCE)
				if submits:
					FrappeEnqueuer().enqueue(
						frappe.get_doc(document.doctype, document.name)
						.update({"name": document.name + "-NEW"})
						.as_dict(),
						Trigger.SUBMIT,
					)
				else:
					FrappeEnqueuer().cancelled(document)
				together.wait(PATIENCE)

			in_another_session(act)

		failures = _run_all(
			[(user, (document, submits)) for document in documents for submits in (True, False)]
		)
		self.assertEqual(failures, [])
		for document in documents:
			self.assertEqual(self.world.rows(document)[-1].operation, "Void")

	def test_a_worker_holding_one_row_and_a_user_holding_another_do_not_deadlock(self) -> None:
		"""A user may cancel several invoices in one transaction, in any order; a worker locks a batch."""
		first, second = sorted(
			(self.world.submit() for _ in range(2)), key=lambda document: self.world.rows(document)[0].name
		)
		outbox = self.world.ports.outbox
		claims = outbox.claim(self.world.company, 50, outbox.now() + LEASE)
		user_holds_second, user_may_go_on = threading.Event(), threading.Event()

		def user() -> None:
			def act() -> None:
				FrappeEnqueuer().cancelled(second)
				user_holds_second.set()
				user_may_go_on.wait(0.5)  # in the meantime, the worker tries to lock its rows
				FrappeEnqueuer().cancelled(first)

			in_another_session(act)

		def worker() -> None:
			user_holds_second.wait(PATIENCE)
			with outbox.locked(claims, wait=True) as rows:
				held.extend(rows.claims)

		held: list[Claim] = []
		self.assertEqual(_run_all([(user, ()), (in_another_session, (worker,))]), [])
		self.assertEqual(held, claims)

	def test_a_cancel_that_cannot_see_the_newest_row_queues_a_void_after_it(self) -> None:
		"""Between a user's first read and the Cancel, a Retry of the document was queued, sent and closed."""
		for snapshot_isolation in ("off", "on"):
			server = patch.object(
				transactions, "_snapshot_isolation", return_value=snapshot_isolation == "on"
			)
			with self.subTest(innodb_snapshot_isolation=snapshot_isolation), server:
				document = self.closed(Status.FAILED)
				has_read, pushed = threading.Event(), threading.Event()

				def user(
					document: DocumentRef = document,
					setting: str = snapshot_isolation,
					has_read: threading.Event = has_read,
					pushed: threading.Event = pushed,
				) -> None:
					def act() -> None:
						frappe.db.sql(f"set session innodb_snapshot_isolation = {setting}")
						frappe.db.count(LOG)
						has_read.set()
						pushed.wait(PATIENCE)
						frappe.db.set_value("Sales Invoice", document.name, "remarks", "The user's own work")
						FrappeEnqueuer().cancelled(document)

					in_another_session(act)

				thread = threading.Thread(target=user)
				thread.start()
				has_read.wait(PATIENCE)
				in_another_session(lambda document=document: FrappeEnqueuer().retry(document, Trigger.RETRY))
				self.close(document, Status.SUCCESS)
				pushed.set()
				thread.join()
				outbox = self.world.ports.outbox
				(claim,) = outbox.claim(self.world.company, 50, outbox.now() + LEASE)
				self.assertEqual(
					(claim.operation, claim.xero_type, claim.xero_id),
					(Operation.VOID, XeroType.ACCREC, in_xero(document).id),
				)
				self.assertEqual([row.is_latest for row in self.world.rows(document)], [False, False, True])
				self.assertEqual(
					frappe.db.get_value("Sales Invoice", document.name, "remarks"), "The user's own work"
				)
				frappe.db.delete(LOG, {"reference_name": document.name})
				frappe.db.commit()


def _run_all(calls: list) -> list[BaseException]:
	failures: list[BaseException] = []

	def guarded(function, arguments) -> None:
		try:
			function(*arguments)
		except BaseException as failure:
			failures.append(failure)

	threads = [threading.Thread(target=guarded, args=call) for call in calls]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	return failures
