"""Documents as Xero writes them, fields in the order observed on the wire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ..money import half_up
from ..storage import Storage
from ..wire import instant_string, ms_date, ms_instant, trimmed
from .contact_rendering import full_contact, trimmed_contact
from .contact_store import ContactRecord, ContactStore
from .model import INVOICE, Document, Line
from .settlement import from_cents


@dataclass
class Related:
	"""Everything related to a set of documents, read in a few queries instead of a few per document."""

	contacts: dict[str, ContactRecord] = field(default_factory=dict)
	payments: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
	by_credit_note: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
	by_invoice: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
	money_ahead: dict[str, list[dict[str, Any]]] = field(default_factory=dict)


def load_related(
	storage: Storage, tenant: str, documents: list[Document], *, settled: bool = True
) -> Related:
	related = Related()
	if not documents:
		return related
	related.contacts = ContactStore(storage).many(tenant, {document.contact_id for document in documents})
	ids = [document.id for document in documents if settled and document.settled]
	if not ids:
		return related
	marks = ", ".join("?" * len(ids))
	for row in storage.rows(
		f"SELECT * FROM payments WHERE status = 'AUTHORISED' AND document_id IN ({marks}) ORDER BY sequence",
		*ids,
	):
		related.payments.setdefault(row["document_id"], []).append(dict(row))
	for row in storage.rows(
		f"SELECT * FROM money_ahead WHERE document_id IN ({marks}) ORDER BY sequence", *ids
	):
		related.money_ahead.setdefault(row["document_id"], []).append(dict(row))
	for column, found in (("credit_note_id", related.by_credit_note), ("invoice_id", related.by_invoice)):
		for row in storage.rows(
			"SELECT a.*, i.number AS invoice_number, c.number AS credit_note_number, c.total AS "
			"credit_note_total FROM allocations a JOIN documents i ON i.id = a.invoice_id JOIN documents c "
			f"ON c.id = a.credit_note_id WHERE a.{column} IN ({marks}) ORDER BY a.sequence",
			*ids,
		):
			found.setdefault(row[column], []).append(dict(row))
	return related


@dataclass(frozen=True)
class Shape:
	"""Which of Xero's renderings to use."""

	price_places: int = 2
	contact_in_full: bool = True
	lines: bool = True
	settlements: bool = True
	url: bool = True
	status_attribute: str | None = None


def render_document(document: Document, related: Related, shape: Shape) -> dict[str, Any]:
	if document.kind == INVOICE.name:
		return _render_invoice(document, related, shape)
	return _render_credit_note(document, related, shape)


def _render_invoice(document: Document, related: Related, shape: Shape) -> dict[str, Any]:
	out: dict[str, Any] = {
		"Type": document.type,
		"InvoiceID": document.id,
		"InvoiceNumber": document.number or "",
		"Reference": document.reference,
	}
	if shape.settlements:
		out["Payments"] = [_payment(row) for row in related.payments.get(document.id, [])]
		out["CreditNotes"] = [_applied_credit_note(row) for row in related.by_invoice.get(document.id, [])]
	ahead = related.money_ahead.get(document.id, [])
	out |= {
		"Prepayments": [_money_ahead(row, "PrepaymentID") for row in ahead if row["kind"] == "prepayment"],
		"Overpayments": [_money_ahead(row, "OverpaymentID") for row in ahead if row["kind"] == "overpayment"],
		"AmountDue": document.amount_due,
		"AmountPaid": document.amount_paid,
	}
	if shape.settlements:
		out["AmountCredited"] = document.amount_credited
	out |= {
		"SentToContact": document.sent_to_contact,
		"CurrencyRate": trimmed(document.currency_rate),
		"IsDiscounted": any(line.discount_rate or line.discount_amount for line in document.lines),
	}
	if shape.lines:
		out["HasAttachments"] = document.has_attachments
	out |= {
		"HasErrors": False,
		"InvoicePaymentServices": [],
		"UpdatedDateUTCString": instant_string(document.updated),
	}
	if document.url and shape.url:
		out["Url"] = document.url
	out["Contact"] = _contact(document, related, shape)
	out |= _dates(document)
	if document.fully_paid_on:
		out["FullyPaidOnDate"] = ms_date(document.fully_paid_on)
	return out | _tail(document, shape)


def _render_credit_note(document: Document, related: Related, shape: Shape) -> dict[str, Any]:
	out: dict[str, Any] = {
		"CreditNoteID": document.id,
		"CreditNoteNumber": document.number or "",
		"Payments": [_payment(row) for row in related.payments.get(document.id, [])],
		"ID": document.id,
		"HasErrors": False,
		"InvoiceAddresses": [],
		"CurrencyRate": trimmed(document.currency_rate),
		"Type": document.type,
		"Reference": document.reference,
		"SentToContact": document.sent_to_contact,
		"RemainingCredit": document.amount_due,
		"Allocations": [_allocation(row) for row in related.by_credit_note.get(document.id, [])],
		"HasAttachments": document.has_attachments,
		"UpdatedDateUTCString": instant_string(document.updated),
		"Contact": _contact(document, related, shape),
	}
	out |= _dates(document)
	if document.fully_paid_on:
		out["FullyPaidOnDate"] = ms_date(document.fully_paid_on)
	return out | _tail(document, shape)


def _dates(document: Document) -> dict[str, Any]:
	out: dict[str, Any] = {"DateString": f"{document.date}T00:00:00", "Date": ms_date(document.date)}
	for name, value in (
		("DueDate", document.due_date),
		("ExpectedPaymentDate", document.expected_payment_date),
		("PlannedPaymentDate", document.planned_payment_date),
	):
		if value:
			out[f"{name}String"] = f"{value}T00:00:00"
			out[name] = ms_date(value)
	return out


def _tail(document: Document, shape: Shape) -> dict[str, Any]:
	out: dict[str, Any] = {"BrandingThemeID": document.branding_theme_id, "Status": document.status}
	out["LineAmountTypes"] = document.line_amount_types
	out["LineItems"] = [_line(line, shape.price_places) for line in document.lines] if shape.lines else []
	out |= {
		"SubTotal": document.sub_total,
		"TotalTax": document.total_tax,
		"Total": document.total,
		"UpdatedDateUTC": ms_instant(document.updated),
		"CurrencyCode": document.currency,
	}
	if shape.status_attribute:
		out["StatusAttributeString"] = shape.status_attribute
	return out


def _line(line: Line, price_places: int) -> dict[str, Any]:
	out: dict[str, Any] = {"ItemCode": line.item_code} if line.item_code else {}
	out["Description"] = line.description
	if line.unit_amount is not None:
		out["UnitAmount"] = half_up(line.unit_amount, price_places)
	if line.tax_type:
		out["TaxType"] = line.tax_type
	out |= {"TaxAmount": line.tax_amount, "LineAmount": line.line_amount}
	if line.account_code:
		out["AccountCode"] = line.account_code
	out["Tracking"] = line.tracking
	if line.quantity is not None:
		out["Quantity"] = line.quantity
	if line.discount_rate is not None:
		out["DiscountRate"] = line.discount_rate
	if line.discount_amount is not None:
		out["DiscountAmount"] = line.discount_amount
	out["LineItemID"] = line.id
	if line.account_id:
		out["AccountID"] = line.account_id
	out["ValidationErrors"] = []
	return out


def _contact(document: Document, related: Related, shape: Shape) -> dict[str, Any]:
	contact = related.contacts.get(document.contact_id)
	if contact is None:
		return {"ContactID": document.contact_id}
	return full_contact(contact) if shape.contact_in_full else trimmed_contact(contact)


def _payment(row: dict[str, Any]) -> dict[str, Any]:
	return {
		"PaymentID": row["id"],
		"Date": ms_date(row["date"]),
		"Amount": from_cents(row["amount"]),
		"Reference": row["reference"],
		"HasAccount": False,
		"HasValidationErrors": False,
	}


def _applied_credit_note(row: dict[str, Any]) -> dict[str, Any]:
	"""The invoice's side of an allocation, which has no allocation id (observed on the wire)."""
	return {
		"CreditNoteID": row["credit_note_id"],
		"CreditNoteNumber": row["credit_note_number"] or "",
		"ID": row["credit_note_id"],
		"HasErrors": False,
		"AppliedAmount": from_cents(row["amount"]),
		"DateString": f"{row['date']}T00:00:00",
		"Date": ms_date(row["date"]),
		"LineItems": [],
		"Total": from_cents(row["credit_note_total"]),
	}


def _money_ahead(row: dict[str, Any], id_field: str) -> dict[str, Any]:
	"""A prepayment or overpayment as the invoice it is applied to shows it; all of it is applied to this one."""
	return {
		id_field: row["id"],
		"ID": row["id"],
		"Reference": row["reference"],
		"HasErrors": False,
		"AppliedAmount": from_cents(row["amount"]),
		"DateString": f"{row['date']}T00:00:00",
		"Date": ms_date(row["date"]),
		"LineItems": [],
		"Total": from_cents(row["amount"]),
	}


def _allocation(row: dict[str, Any]) -> dict[str, Any]:
	return {
		"AllocationID": row["id"],
		"Amount": from_cents(row["amount"]),
		"Date": ms_date(row["date"]),
		"Invoice": {
			"InvoiceID": row["invoice_id"],
			"InvoiceNumber": row["invoice_number"] or "",
			"Payments": [],
			"CreditNotes": [],
			"Prepayments": [],
			"Overpayments": [],
			"HasErrors": False,
			"IsDiscounted": False,
			"LineItems": [],
		},
		"ValidationErrors": [],
	}
