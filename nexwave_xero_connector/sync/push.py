"""Push submitted documents, one or fifty: look up, map, create, allocate, read ERPNext again, write the outcome.

Start reading at `push`. Every step takes the attempts that are still in progress and returns those that continue. An
attempt ends through the batch, which first reads ERPNext again and collects documents that have since been cancelled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from nexwave_xero_connector.mapping.document import map_document
from nexwave_xero_connector.mapping.errors import CannotMap
from nexwave_xero_connector.sentence import DocLink, Sentence, _, join
from nexwave_xero_connector.sync.agreement import differences
from nexwave_xero_connector.sync.allocate import allocate, queue_again_if_invoice_arrived, queue_returns
from nexwave_xero_connector.sync.attempt import Attempt, by_xero_type, idempotency_key, needs_person
from nexwave_xero_connector.sync.batch import Batch
from nexwave_xero_connector.sync.contacts import ensure_contacts, follow_merge, know_contacts
from nexwave_xero_connector.sync.errors import OutcomeUnknown, Rejected, XeroError, first_line
from nexwave_xero_connector.sync.explain import explained, is_archived_contact, organisation_limit, with_names
from nexwave_xero_connector.sync.isolation import all_are_blocked, create_in_parts, halves, in_parts
from nexwave_xero_connector.sync.lookup import look_up, standing_of
from nexwave_xero_connector.sync.ownership import Standing, gone, taken, twice
from nexwave_xero_connector.sync.records import (
	DocStatus,
	ErrorClass,
	Origin,
	Outcome,
	Status,
	ValidationErrors,
	XeroDocument,
)


def push(batch: Batch, attempts: Sequence[Attempt]) -> None:
	"""Send submitted documents to Xero. Those cancelled in the meantime are left in `batch.cancelled`, to be voided."""
	know_contacts(batch, attempts)
	there, missing = _find(batch, attempts)
	found = [attempt for attempt in _map(batch, there) if _agrees(batch, attempt, attempt.xero)]
	sendable = _still_free(batch, ensure_contacts(batch, missing))
	for _xero_type, group in by_xero_type(_map(batch, sendable)):
		found += create_in_parts(batch, group, _create)
	# Settle invoices first, so that a credit note of the same batch finds its original's id in the log.
	invoices = [attempt for attempt in found if attempt.xero_type and not attempt.xero_type.is_credit_note]
	batch.end((attempt, _in_xero(batch, attempt)) for attempt in invoices)
	queue_returns(batch, invoices)
	credit_notes = allocate(batch, [attempt for attempt in found if attempt not in invoices])
	batch.end((attempt, _in_xero(batch, attempt)) for attempt in credit_notes)
	queue_again_if_invoice_arrived(batch, credit_notes)


def _find(batch: Batch, attempts: Sequence[Attempt]) -> tuple[list[Attempt], list[Attempt]]:
	"""Ask Xero which documents it has. Returns those in Xero, and those that may be created."""
	there: list[Attempt] = []
	missing: list[Attempt] = []
	parts = [
		part
		for _xero_type, group in by_xero_type(attempts)
		for part, _found in in_parts(batch, group, lambda some: look_up(batch, some))
	]
	for group in parts:
		for attempt in group:
			found = standing_of(attempt)
			if found.only:
				_adopt(attempt, found)
				attempt.remarks.append(Sentence(_("It was already in Xero, so nothing was sent.")))
				there.append(attempt)
			elif (
				not found.live
				and attempt.unconfirmed_until
				and batch.outbox.now() < attempt.unconfirmed_until
			):
				batch.hold([attempt], _unconfirmed(attempt), attempt.unconfirmed_until, attempt.claim.detail)
			elif found.ours:
				_end_as_unusable(batch, attempt, found)
			elif attempt.unconfirmed_until:
				attempt.unconfirmed_until = None
				batch.end([(attempt, batch.never_arrived(attempt, _never_arrived(attempt)))])
			else:
				missing.append(attempt)
	return there, _still_free(batch, missing)


def _still_free(batch: Batch, attempts: Sequence[Attempt]) -> list[Attempt]:
	"""Those that no other document in Xero keeps from being created, judged by what the latest look-up found.

	Judged again once the contact is known: only then can a bill be told from one that somebody has typed in Xero.
	"""
	free: list[Attempt] = []
	for attempt in attempts:
		found = standing_of(attempt)
		if found.rival is None:
			free.append(attempt)
		elif found.rival_owner and batch.documents.has_open_row(found.rival_owner.key):
			batch.end([(attempt, batch.try_again(attempt, _waits_for_predecessor(attempt, found)))])
		else:
			batch.end([(attempt, _conflict(attempt, taken(attempt.expected, found)))])
	return free


def _adopt(attempt: Attempt, found: Standing) -> None:
	"""What is in Xero is this document: no create of it can be under way any more."""
	attempt.xero = found.newest
	attempt.unconfirmed_until = None
	if found.copies:
		attempt.remarks.append(
			Sentence(
				_("Somebody has copied it in Xero: {copies}. A copy is not changed from here."),
				copies=", ".join(f"{copy.number} ({copy.status})" for copy in found.copies),
			)
		)


def _end_as_unusable(batch: Batch, attempt: Attempt, found: Standing) -> None:
	"""End an attempt whose document was voided in Xero, or is there more than once."""
	attempt.xero, attempt.unconfirmed_until = None, None
	if len(found.live) > 1:
		sentence = twice(attempt.expected, found.live)
	elif found.live:
		# Which of them was sent from here is not known, so none of them is noted as ours.
		ended = next(document for document in found.ours if not document.is_live)
		sentence = gone(attempt.expected, ended, found.live)
	else:
		attempt.xero = found.newest
		sentence = gone(attempt.expected, found.ours[0], found.copies)
	batch.end([(attempt, _conflict(attempt, sentence))])


def _map(batch: Batch, attempts: Sequence[Attempt]) -> list[Attempt]:
	"""Map each document to its payload. One that cannot be mapped exactly fails here, before anything is sent."""
	mapped: list[Attempt] = []
	for attempt in attempts:
		assert attempt.document is not None
		try:
			payload = map_document(attempt.document, batch.mapping_settings)
			payload = batch.extensions.before_push(attempt.document, payload, batch.mapping_settings)
		except CannotMap as error:
			batch.end([(attempt, _cannot_map(attempt, error))])
			continue
		attempt.payload = replace(
			payload, body={**payload.body, "Contact": {"ContactID": attempt.contact_id}}
		)
		mapped.append(attempt)
	return mapped


def _cannot_map(attempt: Attempt, error: CannotMap) -> Outcome:
	if not attempt.xero:
		return needs_person(attempt, error.sentence)
	sentence = Sentence(
		_("{document} is in Xero as {number}, but cannot be compared with what it says here: {reason}"),
		document=attempt.link,
		number=attempt.xero.number,
		reason=error.sentence,
	)
	return _conflict(attempt, sentence)


def _create(batch: Batch, attempts: Sequence[Attempt]) -> list[Attempt]:
	"""Create documents of one type in Xero. Returns those that are there now."""
	sending = _mark_sending(batch, attempts)
	if not sending:
		return []
	bodies = [attempt.payload.body for attempt in sending if attempt.payload]
	xero_type = sending[0].xero_type
	assert xero_type is not None
	try:
		results = batch.xero.create(xero_type, bodies, idempotency_key("create", sending, bodies))
	except OutcomeUnknown as error:
		return _after_lost_response(batch, sending, error)
	except Rejected as error:
		if len(sending) > 1:
			return _in_parts_again(batch, halves(sending))
		_nothing_under_way(sending)
		if contact := follow_merge(batch, sending[0]):
			batch.give_back(sending, contact)
			return []
		batch.refused_alone(sending[0], error)
		return []
	except XeroError as error:
		_nothing_under_way(sending)
		batch.fail(sending, error)
		return []
	batch.accepted += sum(isinstance(result, XeroDocument) for result in results)
	batch.note_missing_links(
		str(body.get("Url", ""))
		for body, result in zip(bodies, results, strict=True)
		if isinstance(result, XeroDocument) and not result.url
	)
	undecided = [attempt for attempt, result in zip(sending, results, strict=True) if result is None]
	_nothing_under_way(attempt for attempt in sending if attempt not in undecided)
	created = _in_parts_again(batch, [[attempt] for attempt in undecided])
	for attempt, result in zip(sending, results, strict=True):
		if isinstance(result, ValidationErrors):
			created += _after_rejection(batch, attempt, result)
		elif result and _agrees(batch, attempt, result):
			created.append(attempt)
	return created


def _in_parts_again(batch: Batch, parts: Sequence[Sequence[Attempt]]) -> list[Attempt]:
	"""Send a rejected batch in parts, so that only the document that caused it fails; returns those in Xero.

	Xero may have saved the valid ones although it rejected the call (waynerobinson/xeroizer, XeroAPI/xero-ruby#247), so
	it is asked before anything is sent a second time.
	"""
	created: list[Attempt] = []
	missing: set[Attempt] = set()
	waiting = [attempt for part in parts for attempt in part]
	for group, _found in in_parts(batch, waiting, lambda some: look_up(batch, some)):
		for attempt in group:
			found = standing_of(attempt)
			if found.only:
				_adopt(attempt, found)
				created += [attempt] if _agrees(batch, attempt, attempt.xero) else []
			elif found.ours:
				_end_as_unusable(batch, attempt, found)
			else:
				_nothing_under_way([attempt])
				missing.add(attempt)
	for part in parts:
		again = _still_free(batch, [attempt for attempt in part if attempt in missing])
		if batch.paused or all_are_blocked(batch):
			batch.return_to_place(again)
		elif batch.is_time_up:
			batch.return_to_place_one_by_one(again)
		elif again:
			created += _create(batch, again)
	return created


def _mark_sending(batch: Batch, attempts: Sequence[Attempt]) -> list[Attempt]:
	"""Note on the rows, and commit, that a create may be under way: a crash after this leaves the outcome unknown.

	A document is not sent if it has since been cancelled, or if its lease has ended or is too short for a call.
	"""
	sending = []
	by_claim = {attempt.claim: attempt for attempt in batch.lease_allows_call(attempts)}
	with batch.outbox.locked(list(by_claim)) as rows:
		for claim in rows.claims:
			attempt = by_claim[claim]
			attempt.docstatus = rows.docstatus(claim)
			if attempt.docstatus is not DocStatus.SUBMITTED:
				batch.cancelled.append(attempt)
				continue
			assert attempt.xero_type is not None
			attempt.unconfirmed_until = batch.write_horizon(attempt)
			rows.mark_sending(
				claim,
				attempt.xero_type,
				attempt.number,
				attempt.unconfirmed_until,
				link=attempt.link_in_xero if attempt.xero_type.has_url else "",
				figures=attempt.figures,
			)
			sending.append(attempt)
	return sending


def _after_lost_response(batch: Batch, attempts: Sequence[Attempt], error: OutcomeUnknown) -> list[Attempt]:
	"""The create was carried out, or still may be: look the documents up, and wait for those not in Xero yet."""
	sent_by = batch.outbox.now()
	batch.lost(error)
	for attempt in attempts:
		attempt.unconfirmed_until = sent_by + batch.policy.late_write_window
	try:
		look_up(batch, attempts)
	except XeroError:
		for attempt in attempts:
			attempt.candidates = ()
	found = []
	for attempt in attempts:
		standing = standing_of(attempt)
		if standing.only:
			_adopt(attempt, standing)
			attempt.remarks.append(
				Sentence(_("Xero's response was lost, but the document was found in Xero."))
			)
			found += [attempt] if _agrees(batch, attempt, attempt.xero) else []
		else:
			assert attempt.unconfirmed_until is not None
			batch.hold([attempt], _unconfirmed(attempt), attempt.unconfirmed_until, error.detail)
	return found


def _after_rejection(batch: Batch, attempt: Attempt, errors: ValidationErrors) -> list[Attempt]:
	"""Xero rejected one document. If its number is taken, our own document may hold it, created since the look-up."""
	if errors.number_is_taken:
		try:
			look_up(batch, [attempt])
		except XeroError as error:
			batch.fail([attempt], error)
			return []
		found = standing_of(attempt)
		if found.only:
			_adopt(attempt, found)
			return [attempt] if _agrees(batch, attempt, attempt.xero) else []
		if found.ours:
			_end_as_unusable(batch, attempt, found)
			return []
		if not _still_free(batch, [attempt]):
			return []
	if limit := organisation_limit(batch, errors):
		batch.fail([attempt], limit)
		return []
	if is_archived_contact(errors):
		merged = follow_merge(batch, attempt)
		if merged:
			batch.give_back([attempt], merged)
			return []
	sentence = Sentence(
		_("Xero rejected {document}: {messages} Nothing was saved. Fix the cause, then press Retry."),
		document=attempt.link,
		messages=explained(with_names(errors, batch.mapping_settings), attempt.link, attempt.document),
	)
	batch.end([(attempt, needs_person(attempt, sentence))])
	return []


def _agrees(batch: Batch, attempt: Attempt, found: XeroDocument | None) -> bool:
	"""The one way to Success: what Xero has says what ERPNext says, or the attempt ends here as a conflict.

	A document that somebody linked by hand has been compared by that person, so it only gets a remark.
	"""
	assert found is not None and attempt.figures is not None
	attempt.xero = found
	differing = differences(attempt.figures, found)
	if not differing:
		return True
	listed = join(differing, ", ")
	if attempt.claim.origin is Origin.FOUND_THERE:
		attempt.remarks.append(
			Sentence(_("Somebody linked it by hand although it differs: {differences}."), differences=listed)
		)
		return True
	sentence = Sentence(
		_(
			"{document} is in Xero as {number}, {status}, but it differs there: {differences}. Nothing was changed."
			" Correct it in Xero, then press Retry; or cancel and amend it here."
		),
		document=attempt.link,
		number=found.number,
		status=found.status,
		differences=listed,
	)
	batch.end([(attempt, _conflict(attempt, sentence))])
	return False


def _in_xero(batch: Batch, attempt: Attempt) -> Outcome:
	assert attempt.xero is not None and attempt.document is not None
	trouble = batch.extensions.after_push(attempt.document, attempt.xero)
	if trouble:
		attempt.remarks.append(trouble)
	sentence = Sentence(
		_("{document} is in Xero as {number} for {contact}, {status}, {total} {currency}."),
		document=attempt.link,
		number=attempt.xero.number,
		contact=attempt.xero.contact_name or attempt.document.party.title,
		status=attempt.xero.status,
		total=attempt.xero.total,
		currency=attempt.xero.currency,
	)
	return Outcome(
		Status.SUCCESS,
		join([sentence, *attempt.remarks], " "),
		xero=attempt.xero,
		decisions=attempt.payload.decisions if attempt.payload else (),
		allocations=attempt.allocations,
		is_unallocated=attempt.is_unallocated,
	)


def _conflict(attempt: Attempt, sentence: Sentence) -> Outcome:
	return needs_person(attempt, sentence, error_class=ErrorClass.CONFLICT)


def _unconfirmed(attempt: Attempt) -> Sentence:
	return Sentence(
		_(
			"Xero did not confirm whether it saved {document}, and it does not appear there yet. We will check again"
			" at {time}. Nothing is sent before then, to avoid a duplicate."
		),
		document=attempt.link,
		time=attempt.unconfirmed_until,
	)


def _never_arrived(attempt: Attempt) -> Sentence:
	answered = first_line(attempt.claim.detail)
	if not answered:
		return Sentence(
			_("Xero did not save {document}: its response was lost, and the document never appeared there."),
			document=attempt.link,
		)
	return Sentence(
		_(
			"Xero did not save {document}: the response was {answered}, and the document never appeared there. If other"
			" documents are sent, look for unusual text in it, which a firewall may block."
		),
		document=attempt.link,
		answered=answered,
	)


def _waits_for_predecessor(attempt: Attempt, found: Standing) -> Sentence:
	assert found.rival_owner is not None and found.rival is not None
	other = found.rival_owner.document
	return Sentence(
		_("{document} waits until {other}, which has number {number} in Xero, is withdrawn there."),
		document=attempt.link,
		other=DocLink(other.doctype, other.name),
		number=found.rival.number,
	)


def _nothing_under_way(attempts: Iterable[Attempt]) -> None:
	for attempt in attempts:
		attempt.unconfirmed_until = None
