"""One worker's claimed rows on their way through the protocol, and every way to give them back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cached_property

from nexwave_xero_connector.mapping.document import document_number
from nexwave_xero_connector.mapping.erp_document import ErpDocument
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.attempt import Attempt, needs_person
from nexwave_xero_connector.sync.errors import (
	Blocked,
	OrganisationRefuses,
	OutcomeUnknown,
	Rejected,
	Unreachable,
	XeroError,
)
from nexwave_xero_connector.sync.extensions import NO_EXTENSIONS, Extensions
from nexwave_xero_connector.sync.outage import (
	error_class,
	may_be_one_documents,
	outage_behind,
	pause_after,
)
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.sync.ports import Documents, Outbox, OutboxFailed, Xero
from nexwave_xero_connector.sync.records import Claim, DocStatus, ErrorClass, Outcome, Status

SETTLE_TRIES = 12
"""How often a transaction that the database does not carry out is tried before the lease is left to run out.

With the growing pauses between them these take about 45 seconds, and the same again when the batch is given back: a
full disk or a restart of the database is over then, or else the job still ends within its time.
"""


class Batch:
	"""The claimed rows, the ports, and every way to give a row back."""

	def __init__(
		self,
		company: str,
		outbox: Outbox,
		documents: Documents,
		xero: Xero,
		policy: Policy,
		extensions: Extensions = NO_EXTENSIONS,
		in_outage: bool = False,
	) -> None:
		"""`in_outage`: this batch is the first one after a probe; nothing of it has been accepted yet."""
		self.company = company
		self.outbox = outbox
		self.documents = documents
		self.xero = xero
		self.policy = policy
		self.extensions = extensions
		self.in_outage = in_outage
		self.paused = False
		self.cancelled: list[Attempt] = []
		"""Found to be cancelled while they were being pushed; the worker voids them next."""
		self.accepted = 0
		"""How many creates Xero has accepted."""
		self.blocked: list[tuple[Attempt, Blocked]] = []
		"""Documents that something in front of Xero refused, each sent alone, and what it answered."""
		self.lost_writes = 0
		self.last_lost: OutcomeUnknown | None = None
		"""How many creates had no response that says what became of them, and the last of these."""
		self._open: list[Attempt] = []
		self._postponed: dict[Claim, tuple[Attempt, Outcome, bool]] = {}
		self._ends_by = outbox.now() + policy.batch_time
		self._responded = False
		self._links_are_missing = False

	@cached_property
	def mapping_settings(self) -> MappingSettings:
		"""The company's mapping, read once per batch."""
		return self.documents.mapping_settings(self.company)

	def begin(self, claims: Sequence[Claim]) -> list[Attempt]:
		"""Start attempts with what the log knows. From here on their rows are given back, whatever happens."""
		self._open += [
			Attempt(
				claim,
				xero_type=claim.xero_type,
				number=claim.number,
				unconfirmed_until=claim.unconfirmed_until,
				allocations=claim.allocations,
			)
			for claim in claims
		]
		return self.open

	def read(self, attempts: Sequence[Attempt]) -> None:
		"""Read the attempts' documents, as ERPNext has them now."""
		documents = self.documents.read([attempt.claim.document for attempt in attempts])
		for attempt in attempts:
			claim = attempt.claim
			document = documents.get(claim.document)
			if document and _is_namesake(document, claim):
				document = None
			attempt.link_in_xero = self.documents.link(claim.key)
			attempt.document = document = document and replace(document, url=attempt.link_in_xero)
			attempt.docstatus = DocStatus(document.docstatus) if document else DocStatus.GONE
			submitted = attempt.docstatus is DocStatus.SUBMITTED
			# While something sent earlier may be in Xero, keep its type and number: settings may have changed since.
			is_settled = claim.xero_type and (claim.xero_id or claim.unconfirmed_until or not submitted)
			if document and not is_settled:
				attempt.xero_type = document.xero_type
				attempt.number = document_number(document, self.mapping_settings)

	@property
	def open(self) -> list[Attempt]:
		"""Attempts that have not ended yet."""
		return list(self._open)

	@property
	def is_time_up(self) -> bool:
		"""Whether another call could take longer than a batch is meant to."""
		return self.outbox.now() + self.policy.call_timeout > self._ends_by

	def outage_behind(self, error: XeroError) -> XeroError | None:
		"""Why the call would have failed for any document; None if this one's document may be the cause.

		Asks Xero, once for the batch as long as it responds. What the API itself rejected needs no question.
		"""
		if not may_be_one_documents(error):
			return error
		if self._responded or (isinstance(error, Rejected) and not isinstance(error, Blocked)):
			return None
		outage = outage_behind(self.xero)
		self._responded = outage is None
		return outage

	@cached_property
	def plan(self) -> str:
		"""The plan that the organisation has in Xero, in Xero's word; "" if Xero does not say."""
		try:
			return self.xero.probe()
		except XeroError:
			return ""

	def pause_after(self, error: XeroError) -> None:
		"""Pause the company if the error is not one document's own; this batch then starts no further calls."""
		self.paused |= pause_after(error, self.company, self.outbox, self.policy)

	def lost(self, error: OutcomeUnknown) -> None:
		"""Note that a create had no response. If Xero does not respond to anything else either, the company pauses."""
		self.lost_writes, self.last_lost = self.lost_writes + 1, error
		if outage := self.outage_behind(error):
			self.pause_after(outage)

	def note_missing_links(self, sent: Iterable[str]) -> None:
		"""Note, once per batch, that Xero does not show these links of our documents, if there are any."""
		if any(sent) and not self._links_are_missing:
			self._links_are_missing = True
			self.documents.note_missing_links(self.company)

	def refused_alone(self, attempt: Attempt, error: Rejected) -> None:
		"""A create of one document was rejected. If it was blocked, the others show whether they are, too."""
		if isinstance(error, Blocked) and not self.outage_behind(error):
			self.blocked.append((attempt, error))
		else:
			self.fail([attempt], error)

	def end(self, ends: Iterable[tuple[Attempt, Outcome]]) -> None:
		"""End attempts of submitted documents; those cancelled in the meantime join `cancelled`."""
		self.cancelled += self.finish(ends)

	def finish(self, ends: Iterable[tuple[Attempt, Outcome]]) -> list[Attempt]:
		"""End attempts whose docstatus is still what this worker saw. Returns the others, with their current docstatus.

		The document is read under the lock of its outbox row, so a cancel is either visible here or finds the outcome
		written here. An attempt whose lease another worker has taken over is dropped silently.
		"""
		return self._settle(ends, look_again=True)

	def hold(
		self, attempts: Iterable[Attempt], sentence: Sentence, until: datetime, detail: str = ""
	) -> None:
		"""Keep the rows waiting: the outcome of a write is not known yet. `detail`: what was answered to it."""
		self._settle(
			(
				attempt,
				attempt.outcome(Status.QUEUED, sentence, ErrorClass.UNKNOWN, due=until, detail=detail),
			)
			for attempt in attempts
		)

	def give_back(
		self, attempts: Iterable[Attempt], sentence: Sentence, delay: timedelta = timedelta(0)
	) -> None:
		"""Keep the rows waiting: nothing was tried, or nothing that counts as an attempt was."""
		due = self.outbox.now() + delay
		self._settle((attempt, attempt.outcome(Status.QUEUED, sentence, due=due)) for attempt in attempts)

	def return_to_place(self, attempts: Iterable[Attempt]) -> None:
		"""Keep the rows waiting, in their place: nothing was tried."""
		self._settle(
			(attempt, attempt.outcome(Status.QUEUED, _waits(attempt.claim), due=self._place(attempt)))
			for attempt in attempts
		)

	def return_to_place_one_by_one(self, attempts: Iterable[Attempt]) -> None:
		"""Keep the rows waiting, in their place, each to go alone: a call failed for one of them, and the time is up.

		Together they would meet the same call again, and again have no time to find out which of them is the cause.
		"""
		self._settle(
			(
				attempt,
				attempt.outcome(
					Status.QUEUED,
					_waits(attempt.claim),
					due=self._place(attempt),
					times_claimed=attempt.claim.times_claimed,
				),
			)
			for attempt in attempts
		)

	def release(self, claims: Sequence[Claim]) -> None:
		"""Give back claims whose documents were not read."""
		self._settle(
			(
				Attempt(claim, unconfirmed_until=claim.unconfirmed_until),
				Outcome(
					Status.QUEUED,
					_waits(claim),
					due=claim.due or self.outbox.now(),
					unconfirmed_until=claim.unconfirmed_until,
					times_claimed=claim.times_claimed - 1,
					detail=claim.detail,
				),
			)
			for claim in claims
		)

	def close(self) -> None:
		"""At the end of the batch: come back for the rows that a user's transaction held, and leave none open.

		A document that was cancelled in that transaction goes back to the queue, to be voided.
		"""
		self.return_to_place(self.open)
		postponed, self._postponed = self._postponed, {}
		if postponed:
			self._write(postponed, wait=True)

	def fail(self, attempts: Sequence[Attempt], error: XeroError) -> None:
		"""End or suspend attempts because a call failed: a read, a rejected write, or a write that may be sent again.

		OutcomeUnknown belongs here only for writes that may safely be repeated: all but the create of a document. Where
		Xero does not respond to anything else either, no document is counted an attempt, and the company pauses.
		"""
		error = self.outage_behind(error) or error
		ends = [(attempt, self._failure(attempt, error)) for attempt in attempts]
		changed = self.finish(
			(attempt, end) for attempt, end in ends if end.status.is_final and not end.retry_at
		)
		self._settle((attempt, end) for attempt, end in ends if not end.status.is_final or end.retry_at)
		self.give_back(changed, error.sentence, self.policy.outage_pause)
		self.pause_after(error)

	def _failure(self, attempt: Attempt, error: XeroError) -> Outcome:
		if isinstance(error, Rejected):
			return needs_person(attempt, error.sentence, error.detail)
		if may_be_one_documents(error):
			return self.try_again(attempt, error.sentence, error.detail)
		# What the organisation refuses may depend on the kind of document, so another one is tried first next time.
		due = self.outbox.now() if isinstance(error, OrganisationRefuses) else self._place(attempt)
		detail = attempt.claim.detail if attempt.unconfirmed_until else error.detail
		sentence = error.sentence
		if isinstance(error, Unreachable):
			sentence = Sentence(_("{what} It will be sent automatically once Xero responds."), what=sentence)
		return attempt.outcome(Status.QUEUED, sentence, error_class(error), due=due, detail=detail)

	def abandon(self, error: Exception, detail: str) -> None:
		"""An unexpected error ended the batch. Its rows come back one by one, so that only the cause of it fails.

		Where the database failed, which passes, no row is stopped for that, however long it lasts.
		"""
		due = self.outbox.now() + self.policy.outage_pause
		passes = self.outbox.is_passing(error)
		most = self.policy.claims_without_outcome - int(passes)
		what = _(
			"The database of this site failed while {document} was being sent: {error}. It will be retried."
		)
		if not passes:
			what = _("An unexpected error occurred while sending {document}: {error}. It will be retried.")
		self._settle(
			(
				attempt,
				attempt.outcome(
					Status.QUEUED,
					Sentence(what, document=attempt.link, error=f"{type(error).__name__}: {error}"),
					ErrorClass.TRANSIENT if passes else ErrorClass.BUG,
					due=due,
					detail=detail,
					times_claimed=min(attempt.claim.times_claimed, most),
				),
			)
			for attempt in self.open
		)

	def never_arrived(self, attempt: Attempt, sentence: Sentence) -> Outcome:
		"""A create had no response and can no longer arrive. It is sent again, with fewer others (sync/isolation.py).

		While it was sent together with others it is not known to be the cause, so that is not limited by the policy.
		"""
		if self.policy.sent_together(attempt.claim.attempt) == 1:
			return self.try_again(attempt, sentence, attempt.claim.detail)
		return attempt.outcome(
			Status.FAILED,
			sentence,
			ErrorClass.TRANSIENT,
			retry_at=self.outbox.now(),
			detail=attempt.claim.detail,
		)

	def try_again(self, attempt: Attempt, sentence: Sentence, detail: str = "") -> Outcome:
		"""The attempt failed for a temporary reason: the next one is queued, up to the policy's limit.

		Only here is it said that it will be: a button that met the same error does not try again.
		"""
		delay = self.policy.retry_delay(attempt.claim.attempt)
		if delay is not None:
			sentence = Sentence(_("{what} It will be retried automatically."), what=sentence)
		else:
			sentence = Sentence(
				_(
					"{what} This was automatic attempt {number}, the last one. Press Retry once the cause is fixed."
				),
				what=sentence,
				number=attempt.claim.attempt,
			)
		retry_at = self.outbox.now() + delay if delay else None
		return attempt.outcome(
			Status.FAILED, sentence, ErrorClass.TRANSIENT, retry_at=retry_at, detail=detail
		)

	def lease_allows_call(self, attempts: Sequence[Attempt]) -> list[Attempt]:
		"""The attempts with enough of their lease left for one call. A worker that was frozen finds out here."""
		end_of_call = self.outbox.now() + self.policy.call_timeout
		return [attempt for attempt in attempts if end_of_call < attempt.claim.lease_until]

	def write_horizon(self, attempt: Attempt) -> datetime:
		"""The latest time at which a write that this worker is about to send could still be carried out."""
		return attempt.claim.lease_until + self.policy.late_write_window

	def _place(self, attempt: Attempt) -> datetime:
		"""When the row fell due: nothing was tried, so it keeps its place in the queue."""
		return attempt.claim.due or self.outbox.now()

	def _settle(self, ends: Iterable[tuple[Attempt, Outcome]], look_again: bool = False) -> list[Attempt]:
		"""Write the outcomes. Returns the attempts whose document has changed, which are still open.

		A row that a user's transaction holds does not hold up the others: `close` comes back for it.
		"""
		outcomes = {attempt.claim: (attempt, outcome, look_again) for attempt, outcome in ends}
		changed = self._write(outcomes) if outcomes else []
		self._open = [
			attempt for attempt in self._open if attempt.claim not in outcomes or attempt in changed
		]
		return changed

	def _write(
		self, outcomes: dict[Claim, tuple[Attempt, Outcome, bool]], wait: bool = False
	) -> list[Attempt]:
		for failures in range(1, SETTLE_TRIES):
			try:
				return self._write_once(outcomes, wait)
			except OutboxFailed:
				self.outbox.recover(failures)
		return self._write_once(outcomes, wait)

	def _write_once(self, outcomes: dict[Claim, tuple[Attempt, Outcome, bool]], wait: bool) -> list[Attempt]:
		changed = []
		with self.outbox.locked(list(outcomes), wait) as rows:
			held = {claim: outcomes[claim] for claim in rows.held}
			for claim in list(rows.claims):
				attempt, outcome, look_again = outcomes[claim]
				docstatus = rows.docstatus(claim)
				is_changed = _is_submitted(docstatus) is not _is_submitted(attempt.docstatus)
				if look_again and is_changed and wait:
					due = self.outbox.now()
					rows.settle(claim, attempt.outcome(Status.QUEUED, _waits(claim), due=due))
				elif look_again and is_changed:
					attempt.docstatus = docstatus
					changed.append(attempt)
				else:
					rows.settle(claim, outcome)
		if not wait:
			self._postponed |= held
		return changed


def _is_namesake(document: ErpDocument, claim: Claim) -> bool:
	"""Whether the name has been given to another document since."""
	return document.created != claim.created


def _waits(claim: Claim) -> Sentence:
	return Sentence(
		_("{document} waits for Xero."), document=DocLink(claim.document.doctype, claim.document.name)
	)


def _is_submitted(docstatus: DocStatus) -> bool:
	"""What decides whether a document belongs into Xero: drafts, cancelled and deleted ones do not."""
	return docstatus is DocStatus.SUBMITTED
