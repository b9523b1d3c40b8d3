"""A document as the ledger stores it: an invoice, a bill, or a credit note for either."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from ..money import ZERO
from ..wire import dumps, loads


@dataclass(frozen=True)
class Kind:
	"""What differs between invoices and credit notes: names of fields and words in messages."""

	name: str
	wrapper: str
	id_field: str
	number_field: str
	word: str
	unique_type: str
	types: tuple[str, ...]
	prefix: str


INVOICE = Kind(
	"invoice", "Invoices", "InvoiceID", "InvoiceNumber", "Invoice", "ACCREC", ("ACCREC", "ACCPAY"), "INV-"
)
CREDIT_NOTE = Kind(
	"credit_note",
	"CreditNotes",
	"CreditNoteID",
	"CreditNoteNumber",
	"Credit Note",
	"ACCRECCREDIT",
	("ACCRECCREDIT", "ACCPAYCREDIT"),
	"CN-",
)
KINDS = {kind.name: kind for kind in (INVOICE, CREDIT_NOTE)}


@dataclass
class Line:
	id: str
	description: str | None
	quantity: Decimal | None
	unit_amount: Decimal | None
	line_amount: Decimal
	tax_type: str | None
	tax_amount: Decimal
	account_code: str | None = None
	account_id: str | None = None
	discount_rate: Decimal | None = None
	discount_amount: Decimal | None = None
	item_code: str | None = None
	tracking: list[dict[str, str]] = field(default_factory=list)

	@property
	def has_amounts(self) -> bool:
		"""False for a line that is only a description."""
		return self.unit_amount is not None


@dataclass
class Document:
	id: str
	tenant: str
	kind: str
	type: str
	number: str | None
	contact_id: str
	status: str
	date: str
	due_date: str | None
	line_amount_types: str
	currency: str
	currency_rate: Decimal
	reference: str = ""
	url: str | None = None
	branding_theme_id: str | None = None
	sent_to_contact: bool = False
	expected_payment_date: str | None = None
	planned_payment_date: str | None = None
	lines: list[Line] = field(default_factory=list)
	sub_total: Decimal = ZERO
	total_tax: Decimal = ZERO
	total: Decimal = ZERO
	amount_paid: Decimal = ZERO
	amount_credited: Decimal = ZERO
	fully_paid_on: str | None = None
	has_attachments: bool = False
	app: str | None = None
	updated: int = 0
	sequence: int = 0

	@property
	def amount_due(self) -> Decimal:
		"""For a credit note: the remaining credit."""
		return self.total - self.amount_paid - self.amount_credited

	@property
	def settled(self) -> bool:
		"""Whether a payment or an allocation is applied."""
		return bool(self.amount_paid or self.amount_credited)

	@property
	def sales_side(self) -> bool:
		return self.type.startswith("ACCREC")

	def to_json(self) -> str:
		return dumps({**vars(self), "lines": [vars(line) for line in self.lines]})


def document_from_json(text: str) -> Document:
	fields: dict[str, Any] = loads(text)
	fields["lines"] = [Line(**line) for line in fields["lines"]]
	return Document(**fields)


def document_from_row(row: sqlite3.Row) -> Document:
	return document_from_json(row["json"])
