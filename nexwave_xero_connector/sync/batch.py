"""One worker's claimed rows on their way through the protocol, and how an attempt ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import groupby
from typing import Any

from nexwave_xero_connector.mapping.document import document_number
from nexwave_xero_connector.mapping.erp_document import ErpDocument
from nexwave_xero_connector.mapping.figures import Figures, figures
from nexwave_xero_connector.mapping.payload import XeroPayload
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.errors import (
	AnotherInstallation,
	DayLimitReached,
	OutcomeUnknown,
	ReconnectRequired,
	Throttled,
	Unavailable,
	XeroError,
)
from nexwave_xero_connector.sync.extensions import NO_EXTENSIONS, Extensions
from nexwave_xero_connector.sync.ownership import Expected, Owners
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.sync.ports import Documents, Outbox, Xero
from nexwave_xero_connector.sync.records import (
	Claim,
	DocStatus,
	Elsewhere,
	ErrorClass,
	Outcome,
	Status,
	XeroDocument,
)


@dataclass(eq=False)
class Attempt:
	"""A claim, and what this worker has learnt about its document.

	docstatus: as this worker last read it.
	document: None if ERPNext no longer has it, or if it has not been read yet.
	candidates, owners: what the latest look-up found in Xero under its number or id, and whose that is.
	elsewhere: copies in other organisations, looked for only if the document is to be voided.
	"""

	claim: Claim
	docstatus: DocStatus = DocStatus.SUBMITTED
	document: ErpDocument | None = None
	xero_type: XeroType | None = None
	number: str = ""
	link_in_xero: str = ""
	contact_id: str = ""
	candidates: Sequence[XeroDocument] = ()
	owners: Owners = field(default_factory=Owners)
	payload: XeroPayload | None = None
	xero: XeroDocument | None = None
	unconfirmed_until: datetime | None = None
	remarks: list[Sentence] = field(default_factory=list)
	elsewhere: Sequence[Elsewhere] = ()

	@property
	def link(self) -> DocLink:
		return DocLink(self.claim.document.doctype, self.claim.document.name)

	def outcome(
		self, status: Status, sentence: Sentence, error_class: ErrorClass | None = None, **values: Any
	) -> Outcome:
		"""How this attempt ends, or why it waits, keeping what is known about the document in Xero."""
		known = {"xero": self.xero, "unconfirmed_until": self.unconfirmed_until}
		return Outcome(status, sentence, error_class, **{**known, **values})

	@property
	def figures(self) -> Figures | None:
		"""What Xero has to have of the document, once it is mapped."""
		return figures(self.payload, self.contact_id) if self.payload else None

	@property
	def expected(self) -> Expected:
		"""What is known of the document when Xero is asked for it."""
		claim = self.claim
		assert self.xero_type is not None
		return Expected(
			document=claim.document,
			key=claim.key,
			xero_type=self.xero_type,
			number=self.number,
			link=claim.link or self.link_in_xero,
			contact_id=self.contact_id,
			known_id=self.xero.id if self.xero else claim.xero_id,
			figures=self.figures or claim.figures,
			in_doubt=self.unconfirmed_until is not None,
		)


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
	) -> None:
		self.company = company
		self.outbox = outbox
		self.documents = documents
		self.xero = xero
		self.policy = policy
		self.extensions = extensions
		self.paused = False
		self.cancelled: list[Attempt] = []
		"""Found to be cancelled while they were being pushed; the worker voids them next."""
		self._open: list[Attempt] = []

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
			if document and document.created != claim.created:
				# The name has been given to another document.
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

	def end(self, ends: Iterable[tuple[Attempt, Outcome]]) -> None:
		"""End attempts of submitted documents; those cancelled in the meantime join `cancelled`."""
		self.cancelled += self.finish(ends)

	def finish(self, ends: Iterable[tuple[Attempt, Outcome]]) -> list[Attempt]:
		"""End attempts whose docstatus is still what this worker saw. Returns the others, with their current docstatus.

		The document is read under the lock of its outbox row, so a cancel is either visible here or finds the outcome
		written here. An attempt whose lease another worker has taken over is dropped silently.
		"""
		return self._settle(ends, look_again=True)

	def hold(self, attempts: Iterable[Attempt], sentence: Sentence, until: datetime) -> None:
		"""Keep the rows waiting: the outcome of a write is not known yet."""
		self._settle(
			(attempt, attempt.outcome(Status.QUEUED, sentence, ErrorClass.UNKNOWN, due=until))
			for attempt in attempts
		)

	def give_back(
		self, attempts: Iterable[Attempt], sentence: Sentence, delay: timedelta = timedelta(0)
	) -> None:
		"""Keep the rows waiting: nothing was tried, or nothing that counts as an attempt was."""
		due = self.outbox.now() + delay
		self._settle((attempt, attempt.outcome(Status.QUEUED, sentence, due=due)) for attempt in attempts)

	def release(self, claims: Sequence[Claim]) -> None:
		"""Give back claims whose documents were not read."""
		with self.outbox.locked(claims) as rows:
			for claim in rows.claims:
				sentence = Sentence(
					_("{document} waits for Xero."),
					document=DocLink(claim.document.doctype, claim.document.name),
				)
				rows.settle(
					claim,
					Outcome(
						Status.QUEUED,
						sentence,
						due=claim.due or self.outbox.now(),
						unconfirmed_until=claim.unconfirmed_until,
						times_claimed=claim.times_claimed - 1,
					),
				)

	def fail(self, attempts: Sequence[Attempt], error: XeroError) -> None:
		"""End or suspend attempts because a call failed: a read, a rejected write, or a write that may be sent again.

		OutcomeUnknown belongs here only for writes that may safely be repeated: all but the create of a document.
		"""
		ends = [(attempt, self._failure(attempt, error)) for attempt in attempts]
		changed = self.finish(
			(attempt, end) for attempt, end in ends if end.status.is_final and not end.retry_at
		)
		self._settle((attempt, end) for attempt, end in ends if not end.status.is_final or end.retry_at)
		self.give_back(changed, error.sentence, self.policy.outage_pause)
		self.paused |= pause_after(error, self.company, self.outbox, self.policy)

	def _failure(self, attempt: Attempt, error: XeroError) -> Outcome:
		if isinstance(error, OutcomeUnknown) or (isinstance(error, Unavailable) and not error.retry_after):
			return self.try_again(attempt, error.sentence, error.detail)
		if isinstance(error, Unavailable | DayLimitReached | ReconnectRequired):
			due = self._place(attempt) if is_rate_limited(error) else self.outbox.now()
			return attempt.outcome(
				Status.QUEUED, error.sentence, error_class(error), due=due, detail=error.detail
			)
		return needs_person(attempt, error.sentence, error.detail)

	def abandon(self, error: Exception, detail: str) -> None:
		"""A bug of ours ended the batch. Its rows come back one by one, so that only the row that caused it fails."""
		due = self.outbox.now() + self.policy.outage_pause
		self._settle(
			(
				attempt,
				attempt.outcome(
					Status.QUEUED,
					Sentence(
						_(
							"An unexpected error occurred while sending {document}: {error}. It will be retried."
						),
						document=attempt.link,
						error=f"{type(error).__name__}: {error}",
					),
					ErrorClass.BUG,
					due=due,
					detail=detail,
					times_claimed=attempt.claim.times_claimed,
				),
			)
			for attempt in self.open
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
		outcomes = {attempt.claim: (attempt, outcome) for attempt, outcome in ends}
		if not outcomes:
			return []
		changed = []
		with self.outbox.locked(list(outcomes)) as rows:
			for claim in rows.claims:
				attempt, outcome = outcomes[claim]
				docstatus = rows.docstatus(claim)
				is_changed = _is_submitted(docstatus) is not _is_submitted(attempt.docstatus)
				attempt.docstatus = docstatus
				if look_again and is_changed:
					changed.append(attempt)
				else:
					rows.settle(claim, outcome)
		self._open = [
			attempt for attempt in self._open if attempt.claim not in outcomes or attempt in changed
		]
		return changed


def _is_submitted(docstatus: DocStatus) -> bool:
	"""What decides whether a document belongs into Xero: drafts, cancelled and deleted ones do not."""
	return docstatus is DocStatus.SUBMITTED


def by_xero_type(attempts: Sequence[Attempt]) -> list[tuple[XeroType, list[Attempt]]]:
	"""The attempts grouped by Xero type, which all of them have: Xero accepts one type of document per call."""

	def xero_type(attempt: Attempt) -> XeroType:
		assert attempt.xero_type is not None
		return attempt.xero_type

	return [(key, list(group)) for key, group in groupby(sorted(attempts, key=xero_type), key=xero_type)]


def pause_after(error: XeroError, company: str, outbox: Outbox, policy: Policy) -> bool:
	"""Pause all of the company's rows if the error comes from Xero or the connection, not from one document.

	Returns True if they are paused. The rate limiter deals with too many calls itself, and a copy of the site waits
	without a note.
	"""
	if isinstance(error, Throttled | AnotherInstallation):
		return False
	until: datetime | None
	if isinstance(error, DayLimitReached):
		until = error.until
	elif isinstance(error, ReconnectRequired):
		until = None
	elif isinstance(error, Unavailable | OutcomeUnknown):
		retry_after = error.retry_after if isinstance(error, Unavailable) else None
		until = outbox.now() + max(retry_after or timedelta(0), policy.outage_pause)
	else:
		return False
	outbox.pause(company, until, error.sentence, error_class(error))
	return True


def is_rate_limited(error: XeroError) -> bool:
	"""Whether there were too many calls, by our own count or by Xero's. No document is the cause."""
	return isinstance(error, Throttled | DayLimitReached)


def error_class(error: XeroError) -> ErrorClass:
	"""The class under which the log shows an error that concerns the whole call."""
	if isinstance(error, DayLimitReached):
		return ErrorClass.DAY_LIMIT
	if isinstance(error, ReconnectRequired):
		return ErrorClass.CONNECTION
	return (
		ErrorClass.TRANSIENT if isinstance(error, Unavailable | OutcomeUnknown) else ErrorClass.NEEDS_PERSON
	)


def needs_person(
	attempt: Attempt, sentence: Sentence, detail: str = "", error_class: ErrorClass = ErrorClass.NEEDS_PERSON
) -> Outcome:
	"""Failed until somebody has fixed the cause and presses Retry."""
	decisions = attempt.payload.decisions if attempt.payload else ()
	return attempt.outcome(Status.FAILED, sentence, error_class, decisions=decisions, detail=detail)


def idempotency_key(what: str, attempts: Sequence[Attempt], body: object) -> str:
	"""A key for exactly this body and these claims.

	Xero rejects a known key with a different body, and for six minutes repeats its response to it, errors included.
	"""
	claims = [(a.claim.row, a.claim.attempt, a.claim.lease_until.isoformat()) for a in attempts]
	text = json.dumps([what, claims, body], default=str, sort_keys=True)
	return hashlib.sha256(text.encode()).hexdigest()
