"""Void cancelled documents in Xero: void approved ones, delete drafts, and leave documents alone that are not ours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.batch import Attempt, Batch, by_xero_type, idempotency_key, needs_person
from nexwave_xero_connector.sync.contacts import know_contacts
from nexwave_xero_connector.sync.errors import Rejected, XeroError
from nexwave_xero_connector.sync.explain import explained
from nexwave_xero_connector.sync.lookup import look_up, owners_of
from nexwave_xero_connector.sync.ownership import voidable
from nexwave_xero_connector.sync.records import Allocation, Outcome, Status, ValidationErrors, XeroDocument


def void(batch: Batch, attempts: Sequence[Attempt]) -> None:
	"""Ensure that none of these cancelled documents is live in Xero, and record what was done."""
	known = [attempt for attempt in attempts if attempt.xero_type]
	_finish(batch, [(attempt, unsent(attempt)) for attempt in attempts if not attempt.xero_type])
	know_contacts(batch, known)
	# Credit notes first: an invoice can be voided only after the credit notes allocated to it.
	for xero_type, group in sorted(by_xero_type(known), key=lambda pair: not pair[0].is_credit_note):
		try:
			candidates = look_up(batch, group)
			owners = owners_of(batch, candidates)
			live: dict[Attempt, list[XeroDocument]] = {}
			for attempt in group:
				ours = voidable(attempt.expected, candidates[attempt], owners)
				attempt.xero = ours[0] if ours else None
				live[attempt] = [document for document in ours if document.is_live]
			_end_where_nothing_is_live(batch, [attempt for attempt in group if not live[attempt]])
			_void_live(batch, xero_type, {attempt: found for attempt, found in live.items() if found})
		except XeroError as error:
			# A status change may be sent again: it is looked up first, and it can lead to nothing but that status.
			batch.fail([attempt for attempt in group if attempt in batch.open], error)


def _end_where_nothing_is_live(batch: Batch, attempts: Sequence[Attempt]) -> None:
	now = batch.outbox.now()
	ended = []
	for attempt in attempts:
		if attempt.xero:
			ended.append((attempt, _voided(attempt)))
		elif attempt.unconfirmed_until and now < attempt.unconfirmed_until:
			batch.hold([attempt], _may_arrive(attempt), attempt.unconfirmed_until)
		else:
			ended.append((attempt, unsent(attempt)))
	_finish(batch, ended)


def _void_live(batch: Batch, xero_type: XeroType, live: dict[Attempt, list[XeroDocument]]) -> None:
	if not live:
		return
	targets = [
		(attempt, _free(batch, attempt, document)) for attempt, found in live.items() for document in found
	]
	documents = [document for _attempt, document in targets]
	attempts = list(live)
	key = idempotency_key("void", attempts, [[document.id, document.status] for document in documents])
	try:
		results = batch.xero.void(documents, key)
	except Rejected as error:
		if len(live) > 1:
			for attempt, found in live.items():
				_void_live(batch, xero_type, {attempt: found})
			return
		results = [ValidationErrors((str(error.sentence),)) for _document in documents]
	rejected: dict[Attempt, ValidationErrors] = {}
	if None in results and len(live) > 1:
		# Which result is whose cannot be told. A status change may be sent again, and alone its result is its own.
		for attempt, found in live.items():
			_void_live(batch, xero_type, {attempt: found})
		return
	for (attempt, document), result in zip(targets, results, strict=True):
		if isinstance(result, XeroDocument):
			attempt.xero = result
		else:
			attempt.xero = document
			rejected[attempt] = result
	_finish(batch, [(attempt, _voided(attempt)) for attempt in attempts if attempt not in rejected])
	for attempt, errors in rejected.items():
		_after_rejection(batch, attempt, errors)


def _free(batch: Batch, attempt: Attempt, document: XeroDocument) -> XeroDocument:
	"""Remove our own allocation from a credit note: Xero voids nothing that is allocated. Others' allocations stay."""
	if not (document.xero_type.is_credit_note and _original_id(batch, attempt)):
		return document
	note = _read(batch, document)
	ours = _our_allocations(batch, attempt, note)
	for allocation in ours:
		batch.xero.remove_allocation(note.id, allocation.id)
	return _read(batch, note) if ours else note


def _our_allocations(batch: Batch, attempt: Attempt, note: XeroDocument) -> list[Allocation]:
	original = _original_id(batch, attempt)
	return [allocation for allocation in note.allocations if original and allocation.invoice_id == original]


def _original_id(batch: Batch, attempt: Attempt) -> str:
	"""The id of the Xero invoice that this return was allocated to, or "" if there is none."""
	document = attempt.document
	if not (document and document.return_against):
		return ""
	return batch.documents.xero_id(DocumentRef(document.ref.doctype, document.return_against))


def _read(batch: Batch, document: XeroDocument) -> XeroDocument:
	return next(iter(batch.xero.read(document.xero_type, [document.id])), document)


def _after_rejection(batch: Batch, attempt: Attempt, errors: ValidationErrors) -> None:
	"""Find out why Xero rejected the void, and end the attempt accordingly.

	Somebody may have voided the document by hand, our own allocation may have arrived late, or it may have
	something else applied to it.
	"""
	assert attempt.xero is not None
	current = _read(batch, attempt.xero)
	attempt.xero = current
	if not current.is_live:
		_finish(batch, [(attempt, _voided(attempt))])
		return
	if _our_allocations(batch, attempt, current):
		sentence = Sentence(
			_("{document} was allocated in Xero while it was being voided."), document=attempt.link
		)
		_finish(batch, [(attempt, batch.try_again(attempt, sentence))])
		return
	if current.applied and batch.documents.return_is_waiting(attempt.claim.document):
		sentence = Sentence(
			_(
				"{document} can be voided in Xero once its return has been processed. The return is still in progress."
			),
			document=attempt.link,
		)
		_finish(batch, [(attempt, batch.try_again(attempt, sentence))])
		return
	if current.applied:
		sentence = Sentence(
			_(
				"{document} is cancelled here, but still {status} in Xero as {number}, because {applied} is applied to"
				" it there. Remove that in Xero, then press Void in Xero."
			),
			document=attempt.link,
			status=current.status,
			number=current.number,
			applied=", ".join(current.applied),
		)
	else:
		sentence = Sentence(
			_(
				"{document} is cancelled here, but still {status} in Xero as {number}. Xero did not void it: {messages}"
				" Fix the cause, then press Void in Xero."
			),
			document=attempt.link,
			status=current.status,
			number=current.number,
			messages=explained(errors, attempt.link, attempt.document),
		)
	_finish(batch, [(attempt, needs_person(attempt, sentence))])


def _finish(batch: Batch, ends: Iterable[tuple[Attempt, Outcome]]) -> None:
	"""End attempts of cancelled documents.

	A submitted one (ERPNext gave the name of a deleted document to a new one) goes back to the queue to be pushed.
	"""
	for attempt in batch.finish(ends):
		batch.give_back(
			[attempt], Sentence(_("{document} is submitted and waiting to be sent."), document=attempt.link)
		)


def _voided(attempt: Attempt) -> Outcome:
	assert attempt.xero is not None
	sentence = Sentence(
		_("{document} is cancelled here and {status} in Xero, number {number}."),
		document=attempt.link,
		status=attempt.xero.status,
		number=attempt.xero.number,
	)
	return Outcome(Status.VOIDED, sentence, xero=attempt.xero)


def never_sent(document: DocumentRef) -> Sentence:
	"""Why a cancelled document needs nothing in Xero."""
	return Sentence(
		_("{document} was cancelled before it was in Xero. Nothing was sent."),
		document=DocLink(document.doctype, document.name),
	)


def unsent(attempt: Attempt) -> Outcome:
	"""The outcome for a cancelled document that was never sent."""
	return Outcome(Status.SKIPPED, never_sent(attempt.claim.document))


def _may_arrive(attempt: Attempt) -> Sentence:
	return Sentence(
		_(
			"{document} is cancelled and not in Xero, but an earlier attempt was never confirmed and may still"
			" arrive. We will check again at {time}."
		),
		document=attempt.link,
		time=attempt.unconfirmed_until,
	)
