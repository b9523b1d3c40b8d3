"""Payments and allocations, and the balances and PAID status that follow from them."""

from __future__ import annotations

import uuid
from decimal import Decimal

from ..clock import Clock
from ..money import ZERO, cents, half_up
from ..storage import Storage
from ..switches import Switches
from .document_store import DocumentStore
from .history import Actor, History
from .model import CREDIT_NOTE, INVOICE, Document


def from_cents(value: int) -> Decimal:
	return Decimal(value or 0).scaleb(-2).quantize(ZERO)


class Settlement:
	def __init__(
		self, storage: Storage, clock: Clock, switches: Switches, documents: DocumentStore, history: History
	) -> None:
		self._storage = storage
		self._clock = clock
		self._switches = switches
		self._documents = documents
		self._history = history

	def allocate(
		self, credit_note: Document, invoice: Document, amount: Decimal, date: str, actor: Actor
	) -> tuple[str, list[str]]:
		"""The new allocation's id, or the messages that say why there is none.

		The same request twice allocates twice: there is no key.
		"""
		errors = _allocation_errors(credit_note, invoice, amount)
		if self._switches.get("allocation_repeated") == "refused" and self._is_repeated(
			credit_note, invoice, amount
		):
			errors.append("The same amount of this Credit Note is allocated to the invoice already")
		if errors:
			return "", errors
		allocation_id = str(uuid.uuid4())
		self._storage.put(
			"allocations",
			id=allocation_id,
			tenant=credit_note.tenant,
			credit_note_id=credit_note.id,
			invoice_id=invoice.id,
			amount=cents(amount),
			date=date,
			sequence=1 + (self._storage.scalar("SELECT max(sequence) FROM allocations") or 0),
		)
		for document, other in ((credit_note, invoice), (invoice, credit_note)):
			self.refresh(document, date)
			self._note(
				document, actor, "Credit Applied", f"{half_up(amount)} with {other.number or other.id}"
			)
		return allocation_id, []

	def _is_repeated(self, credit_note: Document, invoice: Document, amount: Decimal) -> bool:
		same = "SELECT 1 FROM allocations WHERE credit_note_id = ? AND invoice_id = ? AND amount = ?"
		return self._storage.row(same, credit_note.id, invoice.id, cents(amount)) is not None

	def remove_allocation(
		self, tenant: str, credit_note_id: str, allocation_id: str, actor: Actor
	) -> dict | None:
		row = self._storage.row(
			"SELECT * FROM allocations WHERE id = ? AND tenant = ? AND credit_note_id = ?",
			allocation_id.lower(),
			tenant,
			credit_note_id,
		)
		if row is None:
			return None
		self._storage.execute("DELETE FROM allocations WHERE id = ?", (row["id"],))
		for document_id in (row["credit_note_id"], row["invoice_id"]):
			document = self._documents.get(tenant, document_id)
			if document:
				self.refresh(document, row["date"])
				self._note(document, actor, "Credit Removed", f"{from_cents(row['amount'])}")
		return dict(row)

	def pay(
		self,
		document: Document,
		amount: Decimal,
		date: str,
		account_id: str,
		actor: Actor,
		reference: str = "",
		currency_rate: Decimal | None = None,
	) -> tuple[str, list[str]]:
		"""The new payment's id, or the messages that say why there is none."""
		errors = []
		if document.status != "AUTHORISED":
			errors.append("Payments can only be made against Authorised documents")
		if amount <= 0:
			errors.append("Payment amount must be greater than zero")
		elif amount > document.amount_due:
			errors.append("Payment amount exceeds the amount outstanding on this document")
		if errors:
			return "", errors
		payment_id = str(uuid.uuid4())
		self._storage.put(
			"payments",
			id=payment_id,
			tenant=document.tenant,
			document_id=document.id,
			account_id=account_id,
			amount=cents(amount),
			date=date,
			reference=reference,
			currency_rate=str(currency_rate or document.currency_rate),
			status="AUTHORISED",
			updated=self._clock.milliseconds(),
			sequence=1 + (self._storage.scalar("SELECT max(sequence) FROM payments") or 0),
		)
		self.refresh(document, date)
		self._note(document, actor, "Paid", f"Payment of {half_up(amount)} on {date}")
		return payment_id, []

	def remove_payment(self, tenant: str, payment_id: str, actor: Actor) -> bool:
		row = self._storage.row(
			"SELECT * FROM payments WHERE id = ? AND tenant = ? AND status = 'AUTHORISED'",
			payment_id.lower(),
			tenant,
		)
		if row is None:
			return False
		self._storage.execute(
			"UPDATE payments SET status = 'DELETED', updated = ? WHERE id = ?",
			(self._clock.milliseconds(), row["id"]),
		)
		document = self._documents.get(tenant, row["document_id"])
		if document:
			self.refresh(document, row["date"])
			self._note(document, actor, "Payment Removed", f"{from_cents(row['amount'])}")
		return True

	def apply_money_ahead(
		self, invoice: Document, kind: str, amount: Decimal, date: str, reference: str, actor: Actor
	) -> tuple[str, list[str]]:
		"""The id of a `kind` (prepayment or overpayment) that is created and applied at once, or why there is none.

		It counts as credited (documented by Xero).
		"""
		if invoice.kind != INVOICE.name or invoice.status != "AUTHORISED":
			return "", ["A prepayment or overpayment can only be applied to an Authorised invoice"]
		if not ZERO < amount <= invoice.amount_due:
			return "", ["The amount must be above zero and not exceed what is due"]
		id_ = str(uuid.uuid4())
		self._storage.put(
			"money_ahead",
			id=id_,
			tenant=invoice.tenant,
			document_id=invoice.id,
			kind=kind,
			amount=cents(amount),
			date=date,
			reference=reference,
			sequence=1 + (self._storage.scalar("SELECT max(sequence) FROM money_ahead") or 0),
		)
		self.refresh(invoice, date)
		self._note(invoice, actor, "Credit Applied", f"{half_up(amount)} of a {kind}")
		return id_, []

	def remove_money_ahead(self, tenant: str, id_: str, actor: Actor) -> bool:
		row = self._storage.row("SELECT * FROM money_ahead WHERE id = ? AND tenant = ?", id_.lower(), tenant)
		if row is None:
			return False
		self._storage.execute("DELETE FROM money_ahead WHERE id = ?", (row["id"],))
		invoice = self._documents.get(tenant, row["document_id"])
		if invoice:
			self.refresh(invoice, row["date"])
			self._note(invoice, actor, "Credit Removed", f"{from_cents(row['amount'])} of a {row['kind']}")
		return True

	def refresh(self, document: Document, date: str) -> None:
		"""Recalculates what is applied, and turns AUTHORISED into PAID or back; stores the document."""
		document.amount_paid = from_cents(
			self._storage.scalar(
				"SELECT sum(amount) FROM payments WHERE document_id = ? AND status = 'AUTHORISED'",
				document.id,
			)
		)
		side = "credit_note_id" if document.kind == CREDIT_NOTE.name else "invoice_id"
		document.amount_credited = from_cents(
			self._storage.scalar(f"SELECT sum(amount) FROM allocations WHERE {side} = ?", document.id)
		) + from_cents(
			self._storage.scalar("SELECT sum(amount) FROM money_ahead WHERE document_id = ?", document.id)
		)
		self.set_paid(document, date)
		document.updated = self._clock.milliseconds()
		self._documents.save(document)

	def set_paid(self, document: Document, date: str) -> None:
		counts_as_paid = document.total > 0 or self._switches.get("zero_total_is_paid") == "yes"
		if document.status == "AUTHORISED" and document.amount_due == 0 and counts_as_paid:
			document.status, document.fully_paid_on = "PAID", date
		elif document.status == "PAID" and document.amount_due > 0:
			document.status, document.fully_paid_on = "AUTHORISED", None

	def _note(self, document: Document, actor: Actor, change: str, details: str) -> None:
		self._history.note(document.tenant, document.id, self._clock.milliseconds(), actor, change, details)


def _allocation_errors(credit_note: Document, invoice: Document, amount: Decimal) -> list[str]:
	"""Several can occur together, as users report."""
	errors: list[str] = []
	if credit_note.kind != CREDIT_NOTE.name or invoice.kind != INVOICE.name:
		return ["Credit Note cannot be allocated to an incorrect invoice type"]
	if invoice.status == "PAID":
		errors.append("The invoice you are trying to allocate to has already been paid off")
	elif invoice.status != "AUTHORISED":
		errors.append("Invoice not of valid status for allocation")
	if credit_note.status not in ("AUTHORISED", "PAID"):
		errors.append("Credit Note not of valid status for allocation")
	if credit_note.type != f"{invoice.type}CREDIT":
		errors.append("Credit Note cannot be allocated to an incorrect invoice type")
	if credit_note.contact_id != invoice.contact_id:
		errors.append("Credit Note cannot be allocated to an invoice of another contact")
	if credit_note.currency != invoice.currency:
		errors.append("Credit Note cannot be allocated to an invoice in another currency")
	if amount <= 0:
		errors.append("Credit Note cannot be allocated as amount must be greater than zero")
	elif amount > min(credit_note.amount_due, invoice.amount_due):
		errors.append("Credit Note cannot be allocated as amount is greater than amount outstanding")
	return errors
