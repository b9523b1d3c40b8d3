"""Void cancelled documents in Xero: void approved ones, delete drafts, and leave documents alone that are not ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from nexwave_xero_connector.sentence import Sentence, _
from nexwave_xero_connector.sync.allocate import others, ours
from nexwave_xero_connector.sync.attempt import Attempt, by_xero_type, idempotency_key, needs_person
from nexwave_xero_connector.sync.batch import Batch
from nexwave_xero_connector.sync.closed_period import locked, why_a_person_decides
from nexwave_xero_connector.sync.contacts import know_contacts
from nexwave_xero_connector.sync.errors import Blocked, Rejected, XeroError
from nexwave_xero_connector.sync.explain import explained, lock_in
from nexwave_xero_connector.sync.isolation import in_parts
from nexwave_xero_connector.sync.lookup import look_up, standing_of
from nexwave_xero_connector.sync.ownership import Standing
from nexwave_xero_connector.sync.records import (
	DocStatus,
	Operation,
	Origin,
	Outcome,
	Trigger,
	ValidationErrors,
	XeroDocument,
)
from nexwave_xero_connector.sync.void_outcomes import (
	draft_in_xero,
	made_by_somebody,
	may_arrive,
	not_ours,
	not_told_apart,
	still_applied,
	unsent,
	voided,
)


def void(batch: Batch, attempts: Sequence[Attempt]) -> None:
	"""Ensure that nothing that we made of these documents is live in Xero, and record what was done.

	What somebody else made there is only changed if a person asks for it: see `_is_left_to_a_person`.
	"""
	know_elsewhere(batch, attempts)
	known = [attempt for attempt in attempts if attempt.xero_type and not _is_unsent_draft(attempt)]
	_finish(batch, [(attempt, unsent(attempt)) for attempt in attempts if attempt not in known])
	know_contacts(batch, known)
	# Credit notes first: an invoice can be voided only after the credit notes allocated to it.
	for _xero_type, whole in sorted(by_xero_type(known), key=lambda pair: not pair[0].is_credit_note):
		for group, _found in in_parts(batch, whole, lambda some: look_up(batch, some)):
			_void_found(batch, group)


def know_elsewhere(batch: Batch, attempts: Sequence[Attempt]) -> None:
	"""Learn which of these documents have copies in other organisations, so that none is said to be in none."""
	elsewhere = batch.documents.elsewhere(batch.company, [attempt.claim.key for attempt in attempts])
	for attempt in attempts:
		attempt.elsewhere = elsewhere.get(attempt.claim.key, ())


def _void_found(batch: Batch, group: Sequence[Attempt]) -> None:
	"""Void what the latest look-up has found of these documents."""
	try:
		found = {attempt: standing_of(attempt) for attempt in group}
		for attempt in group:
			attempt.xero = found[attempt].newest
		_end_where_nothing_is_live(batch, {a: f for a, f in found.items() if not f.live})
		found = _without_ambiguous(batch, found)
		live = {attempt: f.only for attempt, f in found.items() if f.only}
		_void_live(batch, _ready_to_void(batch, _still_to_void(batch, live)))
	except XeroError as error:
		# A status change may be sent again: it is looked up first, and it can lead to nothing but that status.
		batch.fail([attempt for attempt in group if attempt in batch.open], error)


def _without_ambiguous(batch: Batch, found: dict[Attempt, Standing]) -> dict[Attempt, Standing]:
	"""Leave it to a person if somebody copied ours in Xero before we knew its id: nothing tells them apart."""
	ambiguous = {attempt: what for attempt, what in found.items() if what.live and len(what.ours) > 1}
	for attempt in ambiguous:
		attempt.xero = None
	_finish(batch, [(a, needs_person(a, not_told_apart(a, what))) for a, what in ambiguous.items()])
	return {attempt: what for attempt, what in found.items() if attempt not in ambiguous}


def _is_unsent_draft(attempt: Attempt) -> bool:
	is_sent = attempt.claim.xero_type or attempt.xero or attempt.unconfirmed_until
	return attempt.docstatus is DocStatus.DRAFT and not is_sent


def _still_to_void(batch: Batch, live: dict[Attempt, XeroDocument]) -> dict[Attempt, XeroDocument]:
	"""What is live in Xero of documents that ERPNext, asked once more under the lock, does not have as submitted.

	A document that was renamed since the claim looked deleted, and a deleted one's name may have been given again. A
	draft that nobody cancelled is left to a person.
	"""
	if not live:
		return {}
	submitted: list[Attempt] = []
	by_claim = {attempt.claim: attempt for attempt in live}
	with batch.outbox.locked(list(by_claim)) as rows:
		held = [by_claim[claim] for claim in rows.claims]
		for attempt in held:
			attempt.docstatus = rows.docstatus(attempt.claim)
			if attempt.docstatus is DocStatus.SUBMITTED:
				submitted.append(attempt)
	_give_back_submitted(batch, submitted)
	drafts = [
		attempt
		for attempt in held
		if attempt.docstatus is DocStatus.DRAFT and attempt.claim.operation is not Operation.VOID
	]
	_finish(batch, [(attempt, needs_person(attempt, draft_in_xero(attempt))) for attempt in drafts])
	to_void = [attempt for attempt in held if attempt not in submitted and attempt not in drafts]
	theirs = [attempt for attempt in to_void if _is_left_to_a_person(attempt)]
	_finish(batch, [(attempt, needs_person(attempt, made_by_somebody(attempt))) for attempt in theirs])
	return {attempt: live[attempt] for attempt in to_void if attempt not in theirs}


def _is_left_to_a_person(attempt: Attempt) -> bool:
	"""Whether somebody made the copy in Xero and linked it here, and has not pressed Void in Xero."""
	is_pressed = attempt.claim.operation is Operation.VOID and attempt.claim.trigger is Trigger.RETRY
	return attempt.claim.origin is Origin.FOUND_THERE and not is_pressed


def _end_where_nothing_is_live(batch: Batch, found: Mapping[Attempt, Standing]) -> None:
	now = batch.outbox.now()
	ended = []
	for attempt, standing in found.items():
		if attempt.xero:
			ended.append((attempt, voided(attempt)))
			continue
		if attempt.unconfirmed_until and now < attempt.unconfirmed_until:
			batch.hold([attempt], may_arrive(attempt), attempt.unconfirmed_until)
			continue
		_end_doubt(attempt)
		if standing.rival and standing.rival.is_live and not standing.rival_owner:
			ended.append((attempt, needs_person(attempt, not_ours(attempt, standing.rival))))
		else:
			ended.append((attempt, unsent(attempt)))
	_finish(batch, ended)


def _end_doubt(attempt: Attempt) -> None:
	"""What has not arrived by now never will. Otherwise the sweep would look for it again, for ever."""
	attempt.unconfirmed_until = None


def _void_live(batch: Batch, live: dict[Attempt, XeroDocument]) -> None:
	"""Void documents of one type. Where a call fails for one of them, the others are voided without it."""
	for part, results in in_parts(batch, list(live), lambda some: _send(batch, {a: live[a] for a in some})):
		if None in results and len(part) > 1:
			# Which result is whose cannot be told. A status change may be sent again, and alone its result is its own.
			for attempt in part:
				_void_live(batch, {attempt: live[attempt]})
			continue
		rejected: dict[Attempt, ValidationErrors] = {}
		for attempt, result in zip(part, results, strict=True):
			if isinstance(result, XeroDocument):
				attempt.xero = result
			else:
				attempt.xero = live[attempt]
				rejected[attempt] = result
		_finish(batch, [(attempt, voided(attempt)) for attempt in part if attempt not in rejected])
		for number, (attempt, errors) in enumerate(rejected.items()):
			if number and batch.is_time_up:
				break
			_after_rejection(batch, attempt, errors)


def _send(
	batch: Batch, live: dict[Attempt, XeroDocument]
) -> Sequence[XeroDocument | ValidationErrors | None]:
	documents = list(live.values())
	key = idempotency_key("void", list(live), [[document.id, document.status] for document in documents])
	try:
		return batch.xero.void(documents, key)
	except Rejected as error:
		if len(documents) > 1 or isinstance(error, Blocked):
			raise
		return [ValidationErrors((str(error.sentence),))]


def _ready_to_void(batch: Batch, live: dict[Attempt, XeroDocument]) -> dict[Attempt, XeroDocument]:
	"""What may be voided now, with our own allocations removed: Xero voids no credit note that is allocated.

	Where something else is applied to a credit note, nothing is removed; that, and figures of a closed period, are for
	a person to decide. Credit notes for which there is no time, as each takes several calls, stay open.
	"""
	ready: dict[Attempt, XeroDocument] = {}
	left: list[tuple[Attempt, Outcome]] = []
	for attempt, found in live.items():
		if ready and batch.is_time_up:
			break
		if found.xero_type.is_credit_note:
			found = _read(batch, found)
		why_not = why_a_person_decides(attempt, found, batch.mapping_settings)
		if not why_not and (applied := _applied_by_others(attempt, found)):
			why_not = still_applied(attempt, found, applied)
		if why_not:
			left.append((attempt, needs_person(attempt, why_not)))
		else:
			ready[attempt] = _without_our_allocations(batch, attempt, found)
	_finish(batch, left)
	return ready


def _applied_by_others(attempt: Attempt, document: XeroDocument) -> list[Sentence | str]:
	"""What somebody in Xero has done with a credit note; for an invoice, Xero's answer to the void says it."""
	if not document.xero_type.is_credit_note:
		return []
	allocations = others(attempt.allocations, document.allocations)
	return [
		*document.applied,
		*(
			Sentence(_("{amount} to {number}"), amount=found.amount, number=found.invoice_number)
			for found in allocations
		),
	]


def _without_our_allocations(batch: Batch, attempt: Attempt, document: XeroDocument) -> XeroDocument:
	if not document.xero_type.is_credit_note:
		return document
	our_own = ours(attempt.allocations, document.allocations)
	for allocation in our_own:
		batch.xero.remove_allocation(document.id, allocation.id)
	return _read(batch, document) if our_own else document


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
		_finish(batch, [(attempt, voided(attempt))])
		return
	if ours(attempt.allocations, current.allocations) and not _applied_by_others(attempt, current):
		sentence = Sentence(
			_("{document} was allocated in Xero while it was being voided."), document=attempt.link
		)
		_finish(batch, [(attempt, batch.try_again(attempt, sentence))])
		return
	if current.applied and attempt.claim.attempt == 1:
		# ERPNext no longer sets a credit note against a cancelled invoice, and no event says so.
		batch.outbox.queue_returns([attempt.claim.document])
	if current.applied and batch.documents.return_is_waiting(attempt.claim.document):
		sentence = Sentence(
			_(
				"{document} can be voided in Xero once its return has been processed. The return is still in progress."
			),
			document=attempt.link,
		)
		_finish(batch, [(attempt, batch.try_again(attempt, sentence))])
		return
	if lock := lock_in(errors):
		sentence = locked(attempt, current, *lock)
	elif applied := _applied_by_others(attempt, current) or current.applied:
		sentence = still_applied(attempt, current, applied)
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
	_give_back_submitted(batch, batch.finish(ends))


def _give_back_submitted(batch: Batch, attempts: Sequence[Attempt]) -> None:
	for attempt in attempts:
		sentence = Sentence(_("{document} is submitted and waiting to be sent."), document=attempt.link)
		batch.give_back([attempt], sentence, batch.policy.outage_pause)
