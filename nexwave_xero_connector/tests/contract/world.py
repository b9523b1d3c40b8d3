"""What an ERP has to provide so that the contract tests can run against it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Protocol, TypeVar

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.ports import Documents, Enqueuer, Outbox
from nexwave_xero_connector.sync.records import Claim, Outcome, Status, Trigger, XeroDocument

T = TypeVar("T")
LEASE = timedelta(minutes=7)
A_WHILE = timedelta(hours=1)
# How long a test lets another session try something that has to wait.
PATIENCE = 0.5


@dataclass(frozen=True, slots=True)
class Row:
	"""An outbox row as a user could read it, with the values of enumerations."""

	name: str
	operation: str
	status: str
	triggered_by: str
	attempt: int
	times_claimed: int
	is_latest: bool
	is_open: bool
	due_at: datetime | None
	xero_type: str
	xero_number: str
	xero_id: str
	unconfirmed_until: datetime | None
	message: str
	error_class: str


class Ports(Protocol):
	"""The ports of one session."""

	outbox: Outbox
	enqueuer: Enqueuer
	documents: Documents


class World(Protocol):
	"""One ERP under test. `ports` are the ports of the session that the test itself runs in."""

	company: str
	ports: Ports

	def session(self, act: Callable[[Ports], T]) -> T:
		"""Run `act` in its own session (thread and connection), commit, and return its result.

		An exception rolls back and is raised here. May be called from any thread, and from several at the same time.
		"""

	def submit(self) -> DocumentRef:
		"""A user submits a new Sales Invoice in their own session, and commits."""

	def submit_and_roll_back(self) -> DocumentRef:
		"""A user submits, and something else makes the transaction fail after our part is done."""

	def cancel(self, document: DocumentRef) -> None:
		"""A user cancels the document in their own session, and commits. May be called from any thread."""

	def cancel_and_roll_back(self, document: DocumentRef) -> None:
		"""A user cancels, and something else makes the transaction fail after our part is done."""

	def delete(self, document: DocumentRef) -> None:
		"""A user deletes the cancelled document."""

	def rows(self, document: DocumentRef) -> list[Row]:
		"""The document's committed outbox rows, oldest first."""

	def advance(self, by: timedelta) -> None:
		"""Move the clock of every session's outbox."""


class Contract:
	"""The helpers of the contract tests. Each ERP implements `make()`."""

	def make(self) -> World:
		raise NotImplementedError

	def setUp(self) -> None:
		super().setUp()  # type: ignore[misc]
		self.world = self.make()
		self.outbox = self.world.ports.outbox

	def claim(self, limit: int = 50) -> list[Claim]:
		return self.outbox.claim(self.world.company, limit, self.outbox.now() + LEASE)

	def claim_one(self) -> Claim:
		(claim,) = self.claim()
		return claim

	def settle(self, claim: Claim, outcome: Outcome) -> None:
		with self.outbox.locked([claim]) as rows:
			for held in rows.claims:
				rows.settle(held, outcome)

	def only_row(self, document: DocumentRef) -> Row:
		(row,) = self.world.rows(document)
		return row

	def newest(self, document: DocumentRef) -> Row:
		"""The latest row. Checks that it is the only one marked as latest, and that at most one row is open."""
		rows = self.world.rows(document)
		self.assertEqual([row.is_latest for row in rows], [False] * (len(rows) - 1) + [True])
		self.assertLessEqual(sum(row.is_open for row in rows), 1)
		return rows[-1]

	def pushed(self) -> tuple[DocumentRef, XeroDocument]:
		"""A document that is in Xero."""
		document = self.world.submit()
		claim = self.claim_one()
		with self.outbox.locked([claim]) as rows:
			rows.mark_sending(claim, XeroType.ACCREC, document.name, self.outbox.now() + A_WHILE)
		xero = in_xero(document)
		self.settle(claim, Outcome(Status.SUCCESS, Sentence("In Xero."), xero=xero))
		return document, xero

	def failed(self, **changes: object) -> tuple[DocumentRef, Claim]:
		document = self.world.submit()
		claim = self.claim_one()
		self.settle(claim, Outcome(**{"status": Status.FAILED, "sentence": Sentence("No."), **changes}))
		return document, claim

	def backfilled(self) -> DocumentRef:
		"""A document that a backfill has queued."""
		document, _claim = self.failed()
		self.backfill(document)
		return document

	def backfill(self, document: DocumentRef) -> None:
		self.world.session(lambda ports: ports.enqueuer.submitted(document, Trigger.BACKFILL))

	def claim_in(self, ports: Ports, limit: int = 50) -> list[Claim]:
		return ports.outbox.claim(self.world.company, limit, ports.outbox.now() + LEASE)

	def retry(self, document: DocumentRef) -> bool:
		return self.world.session(lambda ports: ports.enqueuer.retry(document, Trigger.RETRY))


def in_xero(document: DocumentRef) -> XeroDocument:
	"""The document as it would be in Xero."""
	return XeroDocument(
		xero_type=XeroType.ACCREC,
		id=f"id-of-{document.name}",
		number=document.name,
		status="AUTHORISED",
		contact_id="contact",
		contact_name="Contact",
		currency="NZD",
		total=Decimal("115.00"),
		total_tax=Decimal("15.00"),
		date=datetime(2026, 3, 31, tzinfo=timezone.utc).date(),
	)


def run_all(actions: list[Callable[[], object]]) -> None:
	"""Run the actions at the same time, and raise the error of the first one that failed."""
	failures: list[BaseException] = []

	def guarded(action: Callable[[], object]) -> None:
		try:
			action()
		except BaseException as failure:
			failures.append(failure)

	threads = [threading.Thread(target=guarded, args=(action,)) for action in actions]
	for thread in threads:
		thread.start()
	for thread in threads:
		thread.join()
	if failures:
		raise failures[0]
