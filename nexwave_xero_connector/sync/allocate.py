"""Allocate a credit note to the invoice that it returns.

Allocations have no number or other key in Xero: sending one twice makes two, as far as the balances allow. Ours always
uses up the smaller of the two balances, so a second one finds nothing left. An allocation whose response was lost can
therefore be read again and, if it is not there, sent again.
"""

from __future__ import annotations

from collections.abc import Sequence

from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.batch import Attempt, Batch, idempotency_key
from nexwave_xero_connector.sync.errors import Rejected, XeroError
from nexwave_xero_connector.sync.records import XeroDocument


def allocate(batch: Batch, attempts: Sequence[Attempt]) -> list[Attempt]:
	"""Allocate the credit notes among the documents in Xero. Returns the attempts that continue.

	A credit note that cannot be allocated stays in Xero unallocated, with a remark that says why. The attempt ends here
	only if its original is still waiting to be sent, or if Xero could not be reached. The next attempt finds the credit
	note and allocates it.
	"""
	continuing = []
	for attempt in attempts:
		if attempt.document and wants_allocation(attempt.document):
			if batch.paused:
				batch.return_to_place([attempt])
				continue
			original = _original(attempt.document)
			if not batch.documents.xero_id(batch.company, original) and batch.documents.is_waiting(original):
				batch.give_back([attempt], _waits_for(attempt, original), batch.policy.outage_pause)
				continue
			try:
				attempt.remarks.append(_allocate(batch, attempt, attempt.document))
			except XeroError as error:
				batch.fail([attempt], error)
				continue
		continuing.append(attempt)
	return continuing


def wants_allocation(document: ErpDocument) -> bool:
	"""Whether ERPNext sets this return against its invoice too, instead of keeping it as a separate balance."""
	return document.is_return and bool(document.return_against) and not document.update_outstanding_for_self


def _allocate(batch: Batch, attempt: Attempt, document: ErpDocument) -> Sentence:
	assert attempt.xero is not None and attempt.xero_type is not None
	original = _original(document)
	link = DocLink(original.doctype, original.name)
	invoice_type = XeroType.of(original.doctype, is_return=False)
	invoice_id = batch.documents.xero_id(batch.company, original)
	invoice = _read(batch, invoice_type, invoice_id) if invoice_id else None
	if invoice is None:
		return Sentence(_("Not allocated: {invoice} is not in Xero."), invoice=link)
	note = _read(batch, attempt.xero_type, attempt.xero.id)
	if note is None or not note.is_live:
		return Sentence(_("Not allocated: the credit note is not active in Xero."))
	done = [allocation for allocation in note.allocations if allocation.invoice_id == invoice.id]
	if done:
		amount = sum(allocation.amount for allocation in done)
		return Sentence(_("{amount} is allocated to {invoice}."), amount=amount, invoice=link)
	amount = min(note.remaining_credit, invoice.amount_due)
	if amount <= 0 or not invoice.is_live:
		return Sentence(_("Not allocated: {invoice} has nothing due in Xero."), invoice=link)
	if note.status not in ("AUTHORISED", "PAID") or invoice.status not in ("AUTHORISED", "PAID"):
		return Sentence(
			_("Not allocated: both {invoice} and the credit note must be approved in Xero first."),
			invoice=link,
		)
	try:
		errors = batch.xero.allocate(
			note.id,
			invoice.id,
			amount,
			document.posting_date,
			idempotency_key("allocate", [attempt], [note.id, invoice.id, amount]),
		)
	except Rejected as error:
		return Sentence(_("Not allocated to {invoice}: {reason}"), invoice=link, reason=error.sentence)
	if errors:
		return Sentence(
			_("Not allocated to {invoice}: {reason}"), invoice=link, reason=" ".join(errors.messages)
		)
	return Sentence(_("{amount} is allocated to {invoice}."), amount=amount, invoice=link)


def _original(document: ErpDocument) -> DocumentRef:
	return DocumentRef(document.ref.doctype, document.return_against)


def _waits_for(attempt: Attempt, original: DocumentRef) -> Sentence:
	return Sentence(
		_("{document} is in Xero and waiting for {invoice} to be sent before it can be allocated."),
		document=attempt.link,
		invoice=DocLink(original.doctype, original.name),
	)


def _read(batch: Batch, xero_type: XeroType, xero_id: str) -> XeroDocument | None:
	return next(iter(batch.xero.read(xero_type, [xero_id])), None)
