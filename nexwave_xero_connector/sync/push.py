"""Push submitted documents, one or fifty: look up, map, create, allocate, read ERPNext again, write the outcome.

Start reading at `push`. Every step takes the attempts that are still in progress and returns those that continue. An
attempt ends through the batch, which first reads ERPNext again and collects documents that have since been cancelled.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from nexwave_xero_connector.mapping.document import map_document
from nexwave_xero_connector.mapping.errors import CannotMap
from nexwave_xero_connector.mapping.money import ZERO
from nexwave_xero_connector.sentence import Sentence, _, join
from nexwave_xero_connector.sync.allocate import allocate
from nexwave_xero_connector.sync.batch import Attempt, Batch, by_xero_type, idempotency_key, needs_person
from nexwave_xero_connector.sync.contacts import ensure_contacts, follow_merge, know_contacts
from nexwave_xero_connector.sync.errors import OutcomeUnknown, Rejected, XeroError
from nexwave_xero_connector.sync.explain import explained, is_archived_contact, with_names
from nexwave_xero_connector.sync.lookup import judge_all
from nexwave_xero_connector.sync.ownership import OwnershipVerdict, differences
from nexwave_xero_connector.sync.records import (
	DocStatus,
	ErrorClass,
	Outcome,
	Status,
	ValidationErrors,
	XeroDocument,
)


def push(batch: Batch, attempts: Sequence[Attempt]) -> None:
	"""Send submitted documents to Xero. Those cancelled in the meantime are left in `batch.cancelled`, to be voided."""
	know_contacts(batch, attempts)
	found, missing = _find(batch, attempts)
	sendable = ensure_contacts(batch, missing)
	mapped = _map(batch, sendable)
	for _xero_type, group in by_xero_type(mapped):
		found += _create(batch, group)
	# Settle invoices first, so that a credit note of the same batch finds its original's id in the log.
	invoices = [attempt for attempt in found if attempt.xero_type and not attempt.xero_type.is_credit_note]
	batch.end((attempt, _in_xero(batch, attempt)) for attempt in invoices)
	credit_notes = allocate(batch, [attempt for attempt in found if attempt not in invoices])
	batch.end((attempt, _in_xero(batch, attempt)) for attempt in credit_notes)


def _find(batch: Batch, attempts: Sequence[Attempt]) -> tuple[list[Attempt], list[Attempt]]:
	"""Ask Xero which documents it has. Returns those in Xero, and those that may be created."""
	found: list[Attempt] = []
	missing: list[Attempt] = []
	for _xero_type, group in by_xero_type(attempts):
		try:
			verdicts = judge_all(batch, group)
		except XeroError as error:
			batch.fail(group, error)
			continue
		for attempt in group:
			verdict = verdicts[attempt]
			if verdict.ours:
				attempt.xero = verdict.ours[0]
				attempt.unconfirmed_until = None
			if verdict.live and not verdict.conflict:
				attempt.remarks.append(Sentence(_("It was already in Xero, so nothing was sent.")))
				found.append(attempt)
			elif attempt.unconfirmed_until and batch.outbox.now() < attempt.unconfirmed_until:
				batch.hold([attempt], _unconfirmed(attempt), attempt.unconfirmed_until)
			elif verdict.conflict:
				batch.end([(attempt, _conflict(attempt, verdict.conflict))])
			elif attempt.unconfirmed_until:
				attempt.unconfirmed_until = None
				batch.end([(attempt, batch.try_again(attempt, _never_arrived(attempt)))])
			else:
				missing.append(attempt)
	return found, missing


def _map(batch: Batch, attempts: Sequence[Attempt]) -> list[Attempt]:
	"""Map each document to its payload. One that cannot be mapped exactly fails here, before anything is sent."""
	mapped: list[Attempt] = []
	for attempt in attempts:
		assert attempt.document is not None
		try:
			payload = map_document(attempt.document, batch.mapping_settings)
			payload = batch.extensions.before_push(attempt.document, payload, batch.mapping_settings)
		except CannotMap as error:
			batch.end([(attempt, needs_person(attempt, error.sentence))])
			continue
		attempt.number = payload.number
		attempt.payload = replace(
			payload, body={**payload.body, "Contact": {"ContactID": attempt.contact_id}}
		)
		mapped.append(attempt)
	return mapped


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
		_nothing_under_way(sending)
		if len(sending) > 1:
			return _one_by_one(batch, sending)
		if contact := follow_merge(batch, sending[0]):
			batch.give_back(sending, contact)
			return []
		batch.end([(sending[0], needs_person(sending[0], error.sentence, error.detail))])
		return []
	except XeroError as error:
		_nothing_under_way(sending)
		batch.fail(sending, error)
		return []
	_nothing_under_way(sending)
	created = _one_by_one(
		batch, [attempt for attempt, result in zip(sending, results, strict=True) if result is None]
	)
	for attempt, result in zip(sending, results, strict=True):
		if result is None:
			continue
		if isinstance(result, ValidationErrors):
			created += _after_rejection(batch, attempt, result)
		else:
			created += _verified(batch, attempt, result)
	return created


def _one_by_one(batch: Batch, attempts: Sequence[Attempt]) -> list[Attempt]:
	"""Send documents of a rejected batch singly, so that only the one that caused it fails; returns those in Xero.

	Xero may have saved the valid ones although it rejected the call (waynerobinson/xeroizer, XeroAPI/xero-ruby#247), so
	it is asked before anything is sent a second time.
	"""
	if not attempts:
		return []
	try:
		verdicts = judge_all(batch, attempts)
	except XeroError as error:
		batch.fail(attempts, error)
		return []
	created: list[Attempt] = []
	for attempt in attempts:
		verdict = verdicts[attempt]
		if verdict.live and not verdict.conflict:
			created += _verified(batch, attempt, verdict.live[0])
		elif verdict.conflict:
			batch.end([(attempt, _conflict(attempt, verdict.conflict))])
		else:
			created += _create(batch, [attempt])
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
			rows.mark_sending(claim, attempt.xero_type, attempt.number, attempt.unconfirmed_until)
			sending.append(attempt)
	return sending


def _after_lost_response(batch: Batch, attempts: Sequence[Attempt], error: OutcomeUnknown) -> list[Attempt]:
	"""The create was carried out, or still may be: look the documents up, and wait for those not in Xero yet."""
	sent_by = batch.outbox.now()
	for attempt in attempts:
		attempt.unconfirmed_until = sent_by + batch.policy.late_write_window
	try:
		verdicts = judge_all(batch, attempts)
	except XeroError:
		verdicts = {attempt: OwnershipVerdict() for attempt in attempts}
	found = []
	for attempt in attempts:
		verdict = verdicts[attempt]
		if verdict.live and not verdict.conflict:
			attempt.remarks.append(
				Sentence(_("Xero's response was lost, but the document was found in Xero."))
			)
			attempt.unconfirmed_until = None
			found += _verified(batch, attempt, verdict.live[0])
		else:
			assert attempt.unconfirmed_until is not None
			batch.hold([attempt], _unconfirmed(attempt), attempt.unconfirmed_until)
	return found


def _after_rejection(batch: Batch, attempt: Attempt, errors: ValidationErrors) -> list[Attempt]:
	"""Xero rejected one document. If its number is taken, our own document may hold it, created since the look-up."""
	if errors.number_is_taken:
		try:
			verdict = judge_all(batch, [attempt])[attempt]
		except XeroError as error:
			batch.fail([attempt], error)
			return []
		if verdict.conflict:
			batch.end([(attempt, _conflict(attempt, verdict.conflict))])
			return []
		if verdict.live:
			return _verified(batch, attempt, verdict.live[0])
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


def _verified(batch: Batch, attempt: Attempt, result: XeroDocument) -> list[Attempt]:
	"""Compare Xero's figures with ERPNext's again, now that Xero has calculated them."""
	attempt.xero = result
	assert attempt.payload is not None
	differing = differences(attempt.expected, result)
	if result.total_tax != attempt.payload.total_tax:
		differing.append(
			Sentence(
				_("tax {theirs} instead of {ours}"), theirs=result.total_tax, ours=attempt.payload.total_tax
			)
		)
	differing += _other_taxes(attempt.payload.tax_by_type, dict(result.tax_by_type))
	if not differing:
		return [attempt]
	sentence = Sentence(
		_(
			"{document} is in Xero as {number}, but Xero calculated {differences}. Correct it in Xero, or cancel and"
			" amend it here. It will not be retried automatically."
		),
		document=attempt.link,
		number=result.number,
		differences=join(differing, ", "),
	)
	batch.end([(attempt, _conflict(attempt, sentence))])
	return []


def _other_taxes(ours: Mapping[str, Decimal], theirs: Mapping[str, Decimal]) -> list[Sentence]:
	"""The tax types whose tax differs in Xero; empty if Xero did not list the lines."""
	return [
		Sentence(_("{tax_type} tax {theirs} instead of {ours}"), tax_type=tax_type, theirs=their, ours=our)
		for tax_type in sorted({*ours, *theirs} if theirs else ())
		if (their := theirs.get(tax_type, ZERO)) != (our := ours.get(tax_type, ZERO))
	]


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
	return Sentence(
		_("Xero did not save {document}: its response was lost, and the document never appeared there."),
		document=attempt.link,
	)


def _nothing_under_way(attempts: Sequence[Attempt]) -> None:
	for attempt in attempts:
		attempt.unconfirmed_until = None
