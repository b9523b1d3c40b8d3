"""How it ends for a document that is cancelled here, or why that waits, and what the log says about it.

Nothing is asked or changed here: sync/void.py does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sentence import DocLink, Sentence, _, join
from nexwave_xero_connector.sync.attempt import Attempt, needs_person
from nexwave_xero_connector.sync.closed_period import remark
from nexwave_xero_connector.sync.lookup import standing_of
from nexwave_xero_connector.sync.ownership import Standing
from nexwave_xero_connector.sync.records import (
	DocStatus,
	Elsewhere,
	ErrorClass,
	Outcome,
	Status,
	XeroDocument,
)


def never_sent(document: DocumentRef) -> Sentence:
	"""Why a cancelled document needs nothing in Xero."""
	return Sentence(
		_("{document} was cancelled before it was in Xero. Nothing was sent."),
		document=DocLink(document.doctype, document.name),
	)


def unsent(attempt: Attempt) -> Outcome:
	"""The outcome for a document that is not submitted and not in Xero."""
	if attempt.elsewhere and attempt.docstatus is not DocStatus.DRAFT:
		if any(copy.is_live for copy in attempt.elsewhere):
			return left_elsewhere(attempt)
		sentence = Sentence(
			_("{document} is cancelled here, and voided in {copies}."),
			document=attempt.link,
			copies=_organisations(attempt.elsewhere),
		)
		return Outcome(Status.VOIDED, sentence)
	if attempt.claim.xero_type:
		sentence = Sentence(
			_(
				"{document} is not in Xero: an earlier attempt to send it as {number} never arrived. There is nothing"
				" to void."
			),
			document=attempt.link,
			number=attempt.number,
		)
	elif attempt.docstatus is DocStatus.DRAFT:
		sentence = Sentence(_("{document} is a draft. Nothing was sent."), document=attempt.link)
	else:
		sentence = never_sent(attempt.claim.document)
	return Outcome(Status.SKIPPED, sentence)


def may_arrive(attempt: Attempt) -> Sentence:
	"""Why a void waits: a create without a response is not in Xero, yet."""
	return Sentence(
		_(
			"{document} is cancelled and not in Xero, but an earlier attempt was never confirmed and may still"
			" arrive. We will check again at {time}."
		),
		document=attempt.link,
		time=attempt.unconfirmed_until,
	)


def not_ours(attempt: Attempt, found: XeroDocument) -> Sentence:
	"""Somebody else's document has the number of a cancelled one of which nothing of ours is in Xero."""
	if attempt.claim.xero_type:
		return Sentence(
			_(
				"{document} is cancelled here. It was sent to Xero as {number}, but never seen there. {number} in Xero"
				" ({contact}, {date}, {total} {currency}, {status}) does not show that it was sent from here, so it was"
				" not changed. Void it there if it has to go, then mark this as handled."
			),
			document=attempt.link,
			**_described(found),
		)
	return Sentence(
		_(
			"{document} is cancelled here and was not sent to Xero. {number} in Xero ({contact}, {date}, {total}"
			" {currency}, {status}) has its number but was not sent from here, so it was not changed. Void it there if"
			" it has to go, then mark this as handled."
		),
		document=attempt.link,
		**_described(found),
	)


def not_told_apart(attempt: Attempt, found: Standing) -> Sentence:
	"""Somebody copied ours in Xero before we knew its id."""
	return Sentence(
		_(
			"{document} is cancelled here, but more than one document in Xero may be the one that was sent from here:"
			" {documents}. Nothing tells them apart, so nothing was changed. Void in Xero what is not wanted there,"
			" then press Void in Xero."
		),
		document=attempt.link,
		documents=_listed(found.ours),
	)


def draft_in_xero(attempt: Attempt) -> Sentence:
	"""A document of ours is live in Xero, and was set back to draft here without a cancel."""
	assert attempt.xero is not None
	return Sentence(
		_(
			"{document} is a draft here, but {status} in Xero as {number}. Submit it again, or submit and cancel it to"
			" void the copy in Xero."
		),
		document=attempt.link,
		status=attempt.xero.status,
		number=attempt.xero.number,
	)


def made_by_somebody(attempt: Attempt) -> Sentence:
	"""What a cancelled document was linked to by hand is voided only if somebody asks for it."""
	assert attempt.xero is not None
	return Sentence(
		_(
			"{document} is cancelled here. {number} in Xero ({contact}, {date}, {total} {currency}, {status}) was"
			" linked to it by hand; somebody made it in Xero, so it was not changed. Press Void in Xero if it has to"
			" go."
		),
		document=attempt.link,
		**_described(attempt.xero),
	)


def still_applied(attempt: Attempt, document: XeroDocument, applied: Sequence[Sentence | str]) -> Sentence:
	"""Xero voids nothing that `applied`, payments or allocations, is applied to."""
	template = (
		_(
			"{document} is cancelled here, but still {status} in Xero as {number}, because somebody has allocated or"
			" paid it out there ({applied}). Remove that in Xero, then press Void in Xero."
		)
		if document.xero_type.is_credit_note
		else _(
			"{document} is cancelled here, but still {status} in Xero as {number}, because {applied} is applied to"
			" it there. Remove that in Xero, then press Void in Xero."
		)
	)
	return Sentence(
		template,
		document=attempt.link,
		status=document.status,
		number=document.number,
		applied=join(
			[part if isinstance(part, Sentence) else Sentence("{part}", part=part) for part in applied], ", "
		),
	)


def voided(attempt: Attempt) -> Outcome:
	"""The outcome for a document that is cancelled, and voided or deleted in Xero, by us or by somebody."""
	assert attempt.xero is not None
	if any(copy.is_live for copy in attempt.elsewhere):
		return left_elsewhere(attempt)
	sentence = Sentence(
		_("{document} is cancelled here and {status} in Xero, number {number}."),
		document=attempt.link,
		status=attempt.xero.status,
		number=attempt.xero.number,
	)
	remarks = [found for found in (remark(attempt),) if found]
	copied = None
	if copies := standing_of(attempt).copies:
		copied = Sentence(
			_(
				"Somebody copied {document} in Xero, and the copy is still there: {copies}. It was not changed. Void it"
				" there if it is no longer wanted."
			),
			document=attempt.link,
			copies=_listed(copies),
		)
		remarks.append(copied)
	return Outcome(
		Status.VOIDED, join([sentence, *remarks], " "), xero=attempt.xero, finding=copied, allocations=()
	)


def left_elsewhere(attempt: Attempt) -> Outcome:
	"""The outcome for a copy in an organisation that the company does not send to now: only a person can reach it."""
	live = [copy for copy in attempt.elsewhere if copy.is_live]
	sentence = Sentence(
		_(
			"{document} is cancelled here, but it is in {copies}, to which it was sent before another one was chosen."
			" It will be voided automatically once that organisation is chosen again. Otherwise void it there, and"
			" mark this as handled."
		),
		document=attempt.link,
		copies=_organisations(live),
	)
	return replace(needs_person(attempt, sentence, error_class=ErrorClass.CONNECTION), is_elsewhere=True)


def with_elsewhere(attempt: Attempt, outcome: Outcome) -> Outcome:
	"""The outcome, which also names live copies in other organisations where it asks a person about this one."""
	live = [copy for copy in attempt.elsewhere if copy.is_live]
	if not live or outcome.is_elsewhere or outcome.status is not Status.FAILED or outcome.retry_at:
		return outcome
	also = Sentence(
		_("It is also in {copies}, to which it was sent before another one was chosen. Void it there, too."),
		copies=_organisations(live),
	)
	return replace(outcome, sentence=join([outcome.sentence, also], " "))


def _organisations(elsewhere: Iterable[Elsewhere]) -> Sentence:
	named = (
		Sentence(
			_("the Xero organisation {organisation} as {number}"),
			organisation=copy.organisation,
			number=copy.number,
		)
		for copy in elsewhere
	)
	return join(named, ", ")


def _listed(documents: Sequence[XeroDocument]) -> str:
	return ", ".join(
		f"{found.number} ({found.status}, {found.total} {found.currency})" for found in documents
	)


def _described(found: XeroDocument) -> dict[str, object]:
	return {
		"number": found.number,
		"contact": found.contact_name or found.contact_id,
		"date": found.date or "",
		"total": found.total,
		"currency": found.currency,
		"status": found.status,
	}
