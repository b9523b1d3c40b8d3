"""Allocate a credit note to the invoice that it returns, or as ERPNext has set it against invoices since.

Allocations have no number or other key in Xero: sending one twice makes two, as far as the balances allow. So each is
noted on the row before it is sent. An allocation whose response was lost is looked for, and while it may still arrive
and would find a balance beside a second one, no second one is sent.

What is noted, and the id that Xero gives it, also says which allocations are ours: only these are ever removed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument
from nexwave_xero_connector.mapping.money import ZERO
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import DocLink, Sentence, _, join
from nexwave_xero_connector.sync.attempt import Attempt, idempotency_key
from nexwave_xero_connector.sync.batch import Batch
from nexwave_xero_connector.sync.errors import OutcomeUnknown, Rejected, XeroError
from nexwave_xero_connector.sync.explain import explained
from nexwave_xero_connector.sync.records import Allocation, DocStatus, XeroDocument

APPROVED = ("AUTHORISED", "PAID")


class _Ended(Exception):
	"""The attempt ends or waits, and has been given back; nothing more is done for it here."""


@dataclass(frozen=True, slots=True)
class Plan:
	"""How much of a credit note belongs to each invoice, in its currency. `remarks`: why the rest belongs to none.

	is_open: because it is not known yet to which one the rest belongs.
	"""

	amounts: Mapping[DocumentRef, Decimal]
	remarks: tuple[Sentence, ...] = ()
	is_open: bool = False


def allocate(batch: Batch, attempts: Sequence[Attempt]) -> list[Attempt]:
	"""Allocate the credit notes among the documents in Xero. Returns the attempts that continue.

	What cannot be allocated stays unallocated in Xero, with a remark that says why. The attempt ends here only if an
	invoice is still waiting to be sent, if it was cancelled, if Xero could not be reached, or if the time of the batch
	is up: each takes several calls. The next attempt finds the credit note and allocates it.
	"""
	continuing = []
	for attempt in attempts:
		if attempt.document and attempt.document.is_return:
			if batch.paused or (continuing and batch.is_time_up):
				batch.return_to_place([attempt])
				continue
			try:
				attempt.remarks += _allocate(batch, attempt, attempt.document)
			except _Ended:
				continue
			except XeroError as error:
				batch.fail([attempt], error)
				continue
		continuing.append(attempt)
	return continuing


def queue_returns(batch: Batch, invoices: Sequence[Attempt]) -> None:
	"""Queue the returns of invoices that have just arrived in Xero: sent earlier, they could not be allocated."""
	arrived = [attempt.claim.document for attempt in invoices if attempt.xero and not attempt.claim.xero_id]
	if arrived:
		batch.outbox.queue_returns(arrived)


def queue_again_if_invoice_arrived(batch: Batch, credit_notes: Sequence[Attempt]) -> None:
	"""Queue the credit notes whose invoice arrived after it was looked for and before their outcome was written.

	Whoever writes last, this worker or the invoice's, sees what the other one wrote.
	"""
	missing = {ref for attempt in credit_notes for ref in attempt.not_in_xero}
	if arrived := [ref for ref in sorted(missing, key=str) if batch.documents.xero_id(batch.company, ref)]:
		batch.outbox.queue_returns(arrived)


def plan(document: ErpDocument, *, only_as_erpnext: bool) -> Plan:
	"""To which invoices a return is allocated, and how much.

	What ERPNext has reconciled with other invoices goes there. The rest goes to the invoice that it returns, or that
	billed the delivery which it takes back; with `only_as_erpnext`, only if ERPNext itself reduces its balance.
	"""
	amounts: dict[DocumentRef, Decimal] = {}
	remarks: list[Sentence] = []
	rest = abs(document.total)
	link = DocLink(document.ref.doctype, document.ref.name)
	for part in document.set_against:
		rest -= part.amount
		if part.invoice:
			amounts[part.invoice] = amounts.get(part.invoice, ZERO) + part.amount
		else:
			remarks.append(
				Sentence(
					_(
						"Not allocated: in ERPNext, {voucher} uses {amount} of {document}. Do the same in Xero."
					),
					voucher=DocLink(part.voucher.doctype, part.voucher.name),
					amount=part.amount,
					document=link,
				)
			)
	if rest <= 0:
		return Plan(amounts, tuple(remarks))
	is_open = False
	billed_by = (document.return_against,) if document.return_against else document.billed_by
	keeps_balance = document.update_outstanding_for_self or not document.return_against
	if only_as_erpnext and keeps_balance:
		remarks.append(
			Sentence(
				_(
					"Not allocated: in ERPNext, {document} keeps a balance of {amount}, not set against an invoice."
				),
				document=link,
				amount=rest,
			)
		)
	elif len(billed_by) == 1:
		original = DocumentRef(document.ref.doctype, billed_by[0])
		amounts[original] = amounts.get(original, ZERO) + rest
	else:
		is_open = True
		remarks.append(_returns_no_invoice(document, billed_by))
	return Plan(amounts, tuple(remarks), is_open)


def _returns_no_invoice(document: ErpDocument, billed_by: Sequence[str]) -> Sentence:
	link = DocLink(document.ref.doctype, document.ref.name)
	if not billed_by:
		return Sentence(
			_(
				"Not allocated: ERPNext does not say which invoice {document} returns. Set it against one with Payment"
				" Reconciliation in ERPNext, and it is allocated automatically; or allocate it in Xero."
			),
			document=link,
		)
	return Sentence(
		_(
			"Not allocated: what {document} takes back was billed by {invoices}, and ERPNext does not say how much"
			" belongs to each. Set it against them with Payment Reconciliation in ERPNext, and it is allocated"
			" automatically; or allocate it in Xero."
		),
		document=link,
		invoices=join(
			(Sentence("{invoice}", invoice=DocLink(document.ref.doctype, name)) for name in billed_by), ", "
		),
	)


def ours(noted: Sequence[Allocation], found: Sequence[Allocation]) -> list[Allocation]:
	"""Which of a credit note's allocations in Xero we made.

	One without an id is recognised by invoice and amount: its response was lost, and nothing else identifies it.
	"""
	ids = {allocation.id for allocation in noted if allocation.id}
	recognised = [allocation for allocation in found if allocation.id in ids]
	for sent in noted:
		if not sent.id:
			recognised += [
				allocation
				for allocation in found
				if allocation not in recognised
				and (allocation.invoice_id, allocation.amount) == (sent.invoice_id, sent.amount)
			][:1]
	return recognised


def not_seen(noted: Sequence[Allocation], found: Sequence[Allocation]) -> list[Allocation]:
	"""Which of those without a response are not among what Xero has. Two equal ones need two there."""
	left = [allocation for allocation in found if allocation.id not in {sent.id for sent in noted}]
	missing = []
	for sent in (sent for sent in noted if not sent.id):
		match = [
			found for found in left if (found.invoice_id, found.amount) == (sent.invoice_id, sent.amount)
		]
		if match:
			left.remove(match[0])
		else:
			missing.append(sent)
	return missing


def gone(noted: Sequence[Allocation], found: Sequence[Allocation]) -> list[Allocation]:
	"""Which of those that Xero has given an id it does not have any more: we removed them, or a person did."""
	ids = {allocation.id for allocation in found}
	return [sent for sent in noted if sent.id and sent.id not in ids]


def others(noted: Sequence[Allocation], found: Sequence[Allocation]) -> list[Allocation]:
	"""Which of a credit note's allocations in Xero somebody else made."""
	our_own = ours(noted, found)
	return [allocation for allocation in found if allocation not in our_own]


def _allocate(batch: Batch, attempt: Attempt, document: ErpDocument) -> list[Sentence]:
	"""Allocate one credit note. Returns what was done, and why the rest was not."""
	planned = plan(document, only_as_erpnext=batch.mapping_settings.allocates_only_as_erpnext)
	ids = {ref: batch.documents.xero_id(batch.company, ref) for ref in planned.amounts}
	for ref, xero_id in ids.items():
		if not xero_id and batch.documents.is_waiting(ref):
			batch.give_back([attempt], _waits_for(attempt, ref), batch.policy.outage_pause)
			raise _Ended
	attempt.not_in_xero += [ref for ref, xero_id in ids.items() if not xero_id]
	remarks = list(planned.remarks)
	if any(ids.values()) or attempt.allocations:
		note = _begin(batch, attempt)
		if note is None or not note.is_live:
			return [Sentence(_("Not allocated: the credit note is not active in Xero."))]
		note = _take_back(batch, attempt, document, note, remarks)
		for ref, amount in planned.amounts.items():
			if ids[ref]:
				link = DocLink(ref.doctype, ref.name)
				note = _allocate_to(batch, attempt, note, ids[ref], link, amount, remarks)
		told = gone(attempt.allocations, note.allocations)
		attempt.allocations = tuple(noted for noted in attempt.allocations if noted not in told)
		attempt.xero = note
	allocated = attempt.xero.allocations if attempt.xero else ()
	done = sum((allocation.amount for allocation in allocated), ZERO)
	attempt.is_unallocated = planned.is_open or sum(planned.amounts.values(), ZERO) > done
	remarks += [
		Sentence(_("Not allocated: {invoice} is not in Xero."), invoice=DocLink(ref.doctype, ref.name))
		for ref in attempt.not_in_xero
	]
	return remarks


def _begin(batch: Batch, attempt: Attempt) -> XeroDocument | None:
	"""Read the credit note, and find out what became of allocations that were sent earlier."""
	note = _read_note(batch, attempt)
	if note is None:
		return None
	until = attempt.claim.unconfirmed_until
	may_arrive = until is not None and batch.outbox.now() < until
	lost = not_seen(attempt.allocations, note.allocations) if may_arrive else []
	noted, found = attempt.allocations, note.allocations
	attempt.allocations = (*ours(noted, found), *gone(noted, found), *lost)
	attempt.unconfirmed_until = until if lost else None
	return note


def _take_back(
	batch: Batch, attempt: Attempt, document: ErpDocument, note: XeroDocument, remarks: list[Sentence]
) -> XeroDocument:
	"""Remove our own allocations where ERPNext has since set the credit note against something else.

	What was removed stays noted until the attempt has told it: one that ends too early leaves that to the next one.
	"""
	allowed = {
		batch.documents.xero_id(batch.company, ref): amount
		for ref, amount in plan(document, only_as_erpnext=False).amounts.items()
	}
	our_own = ours(attempt.allocations, note.allocations)
	for invoice_id in dict.fromkeys(allocation.invoice_id for allocation in our_own):
		mine = [allocation for allocation in our_own if allocation.invoice_id == invoice_id]
		if sum((allocation.amount for allocation in mine), ZERO) <= allowed.get(invoice_id, ZERO):
			continue
		number = mine[0].invoice_number
		try:
			for allocation in mine:
				batch.xero.remove_allocation(note.id, allocation.id)
		except Rejected as error:
			remarks.append(
				Sentence(
					_("Still allocated to {number} in Xero, though no longer in ERPNext: {reason}"),
					number=number,
					reason=error.sentence,
				)
			)
			continue
		note = _read_note(batch, attempt) or note
	removed = gone(attempt.allocations, note.allocations)
	for invoice_id in dict.fromkeys(allocation.invoice_id for allocation in removed):
		earlier = [allocation for allocation in removed if allocation.invoice_id == invoice_id]
		number = earlier[0].invoice_number
		if number and sum((part.amount for part in earlier), ZERO) > allowed.get(invoice_id, ZERO):
			remarks.append(Sentence(_("No longer allocated to {number}, as in ERPNext."), number=number))
	return note


def _allocate_to(
	batch: Batch,
	attempt: Attempt,
	note: XeroDocument,
	invoice_id: str,
	link: DocLink,
	planned: Decimal,
	remarks: list[Sentence],
) -> XeroDocument:
	"""Allocate up to `planned` of the credit note to one invoice. Returns the credit note as it is afterwards."""
	invoice = _read(batch, XeroType.of(link.doctype, is_return=False), invoice_id)
	if invoice is None or not invoice.is_live:
		remarks.append(Sentence(_("Not allocated: {invoice} has nothing due in Xero."), invoice=link))
		return note
	amount = min(planned - _allocated(note, invoice_id), note.remaining_credit, invoice.amount_due)
	if amount > 0:
		if note.status not in APPROVED or invoice.status not in APPROVED:
			remarks.append(
				Sentence(
					_(
						"Not allocated: both {invoice} and the credit note must be approved in Xero first. The daily"
						" check allocates it once they are."
					),
					invoice=link,
				)
			)
			return note
		note, reason = _send(batch, attempt, note, invoice, amount)
		if reason:
			remarks.append(Sentence(_("Not allocated to {invoice}: {reason}"), invoice=link, reason=reason))
			return note
	done = _allocated(note, invoice_id)
	if done:
		remarks.append(Sentence(_("{amount} is allocated to {invoice}."), amount=done, invoice=link))
	if done < planned:
		remarks.append(_why_not_more(planned - done, done, note, link))
	return note


def _why_not_more(rest: Decimal, done: Decimal, note: XeroDocument, link: DocLink) -> Sentence:
	if note.remaining_credit <= 0:
		template = _(
			"Not allocated: {amount} of the credit note has been used in Xero for something other than {invoice}."
		)
	elif done:
		template = _("Not allocated: the other {amount}, as {invoice} has no more due in Xero.")
	else:
		return Sentence(_("Not allocated: {invoice} has nothing due in Xero."), invoice=link)
	return Sentence(template, amount=rest, invoice=link)


def _send(
	batch: Batch, attempt: Attempt, note: XeroDocument, invoice: XeroDocument, amount: Decimal
) -> tuple[XeroDocument, Sentence | None]:
	"""Send one allocation. Returns the credit note as Xero has it then, and why nothing was allocated, or None."""
	assert attempt.document is not None
	_wait_for_lost(batch, attempt, invoice.id, amount, min(note.remaining_credit, invoice.amount_due))
	noted, until = attempt.allocations, attempt.unconfirmed_until
	_mark_allocating(batch, attempt, (*noted, Allocation("", invoice.id, amount)))
	reason = None
	try:
		errors = batch.xero.allocate(
			note.id,
			invoice.id,
			amount,
			attempt.document.posting_date,
			idempotency_key("allocate", [attempt], [note.id, invoice.id, amount]),
		)
		reason = explained(errors, attempt.link, attempt.document) if errors else None
	except OutcomeUnknown:
		attempt.unconfirmed_until = batch.outbox.now() + batch.policy.late_write_window
		raise
	except Rejected as error:
		reason = error.sentence
	except XeroError:
		attempt.allocations, attempt.unconfirmed_until = noted, until
		raise
	before, sent = _allocated(note, invoice.id), attempt.allocations
	note = _read_note(batch, attempt) or note
	lost = not_seen(sent, note.allocations)[: len([earlier for earlier in noted if not earlier.id])]
	found = note.allocations
	attempt.allocations = (*ours(sent, found), *gone(sent, found), *lost)
	attempt.unconfirmed_until = until
	# Refused because an earlier one, whose response was lost, has just arrived: then all is well.
	return note, reason if _allocated(note, invoice.id) == before else None


def _wait_for_lost(
	batch: Batch, attempt: Attempt, invoice_id: str, amount: Decimal, both_fit: Decimal
) -> None:
	"""Hold the attempt while an allocation that was sent earlier may arrive and find a balance beside this one."""
	lost = [sent for sent in attempt.allocations if not sent.id and sent.invoice_id == invoice_id]
	if lost and attempt.unconfirmed_until and any(sent.amount + amount <= both_fit for sent in lost):
		batch.hold([attempt], _may_arrive(attempt), attempt.unconfirmed_until)
		raise _Ended


def _mark_allocating(batch: Batch, attempt: Attempt, allocations: tuple[Allocation, ...]) -> None:
	"""Note on the row, and commit, that an allocation may be under way. Not sent for a document cancelled meanwhile."""
	until = batch.write_horizon(attempt)
	with batch.outbox.locked([held.claim for held in batch.lease_allows_call([attempt])]) as rows:
		for claim in rows.claims:
			attempt.docstatus = rows.docstatus(claim)
			if attempt.docstatus is DocStatus.SUBMITTED:
				attempt.allocations, attempt.unconfirmed_until = allocations, until
				rows.mark_allocating(claim, allocations, until)
				return
			batch.cancelled.append(attempt)
	raise _Ended


def _allocated(note: XeroDocument, invoice_id: str) -> Decimal:
	return sum((found.amount for found in note.allocations if found.invoice_id == invoice_id), ZERO)


def _waits_for(attempt: Attempt, invoice: DocumentRef) -> Sentence:
	return Sentence(
		_("{document} is in Xero and waiting for {invoice} to be sent before it can be allocated."),
		document=attempt.link,
		invoice=DocLink(invoice.doctype, invoice.name),
	)


def _may_arrive(attempt: Attempt) -> Sentence:
	return Sentence(
		_(
			"{document} is in Xero, but Xero did not confirm its allocation, which may still arrive. We will check"
			" again at {time}. Nothing is sent before then, so that it is not allocated twice."
		),
		document=attempt.link,
		time=attempt.unconfirmed_until,
	)


def _read_note(batch: Batch, attempt: Attempt) -> XeroDocument | None:
	assert attempt.xero is not None
	return _read(batch, attempt.xero.xero_type, attempt.xero.id)


def _read(batch: Batch, xero_type: XeroType, xero_id: str) -> XeroDocument | None:
	return next(iter(batch.xero.read(xero_type, [xero_id])), None)
