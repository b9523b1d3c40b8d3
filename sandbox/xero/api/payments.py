"""/Payments: pay documents in full or in part, and undo it."""

from __future__ import annotations

import sqlite3
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from ..calls import Call
from ..ledger.incoming import Element, read_elements
from ..ledger.model import CREDIT_NOTE, INVOICE, Document
from ..ledger.settlement import from_cents
from ..money import half_up
from ..problems import not_found, simple_validation, validation
from ..wire import Answer, envelope, instant_string, is_guid, ms_date, ms_instant, trimmed
from .documents import actor_of, find_document
from .listing import UNPAGED_CAP, page_of

if TYPE_CHECKING:
	from ..world import World

_TYPES = {
	"ACCREC": "ACCRECPAYMENT",
	"ACCPAY": "ACCPAYPAYMENT",
	"ACCRECCREDIT": "ARCREDITPAYMENT",
	"ACCPAYCREDIT": "APCREDITPAYMENT",
}


def list_payments(world: World, call: Call, found: list[str]) -> Answer:
	page = page_of(call)
	more = {}
	limit, offset = UNPAGED_CAP, 0
	if page:
		total = world.storage.scalar("SELECT count(*) FROM payments WHERE tenant = ?", call.tenant)
		more["pagination"] = page.pagination(total)
		limit, offset = page.size, (page.number - 1) * page.size
	rows = world.storage.rows(
		"SELECT * FROM payments WHERE tenant = ? ORDER BY updated, id LIMIT ? OFFSET ?",
		call.tenant,
		limit,
		offset,
	)
	return envelope(world.clock.milliseconds(), **more, Payments=[_render(world, row) for row in rows])


def get(world: World, call: Call, found: list[str]) -> Answer:
	return envelope(world.clock.milliseconds(), Payments=[_render(world, _row(world, call, found[0]))])


def create(world: World, call: Call, found: list[str]) -> Answer:
	"""All of the request's payments, or none."""
	answers = []
	for raw in read_elements(call.body, "Payments", "Payment"):
		element = Element(raw)
		document = _document(world, call, element)
		errors: list[str] = []
		account_id = _account_id(world, call, element, errors)
		amount = half_up(element.number("Amount") or Decimal(0))
		date = element.date("Date") or world.clock.today(world.books(document.tenant).zone)
		payment_id = ""
		if not errors:
			payment_id, errors = world.settlement.pay(
				document,
				amount,
				date,
				account_id,
				actor_of(call),
				element.text("Reference") or "",
				element.number("CurrencyRate"),
			)
		if errors:
			raise validation([{**raw, "ValidationErrors": [{"Message": message} for message in errors]}])
		answers.append(_render(world, _row(world, call, payment_id)))
	return envelope(world.clock.milliseconds(), Payments=answers)


def delete(world: World, call: Call, found: list[str]) -> Answer:
	"""POST with Status DELETED is how a payment is removed."""
	element = Element(read_elements(call.body, "Payments", "Payment")[0])
	if element.text("Status") != "DELETED":
		raise simple_validation("Payments can only be deleted, not updated")
	row = _row(world, call, found[0])
	if not world.settlement.remove_payment(row["tenant"], row["id"], actor_of(call)):
		raise simple_validation("Payment not of valid status for modification")
	return envelope(world.clock.milliseconds(), Payments=[_render(world, _row(world, call, row["id"]))])


def _document(world: World, call: Call, element: Element) -> Document:
	for kind, name in ((INVOICE, "Invoice"), (CREDIT_NOTE, "CreditNote")):
		sent = element.object(name)
		key = (sent.guid(kind.id_field) or sent.text(kind.number_field)) if sent else None
		key = key or element.text(kind.number_field)
		if key:
			return find_document(world, call, kind, key)
	raise simple_validation("Invoice must be specified")


def _account_id(world: World, call: Call, element: Element, errors: list[str]) -> str:
	sent = element.object("Account")
	account = world.books(call.tenant or "").account(
		sent.text("Code") if sent else element.text("Code"), sent.guid("AccountID") if sent else None
	)
	if account is None or not account["EnablePaymentsToAccount"] or account["Status"] != "ACTIVE":
		errors.append("Account could not be found, or cannot take payments")
		return ""
	return account["AccountID"]


def _row(world: World, call: Call, payment_id: str) -> sqlite3.Row:
	row = None
	if is_guid(payment_id):
		row = world.storage.row(
			"SELECT * FROM payments WHERE id = ? AND tenant = ?", payment_id.lower(), call.tenant
		)
	if row is None:
		raise not_found()
	return row


def _render(world: World, row: sqlite3.Row) -> dict[str, Any]:
	document = world.documents.get(row["tenant"], row["document_id"])
	account = world.books(row["tenant"]).account(None, row["account_id"])
	assert document and account
	target = (
		{"Invoice": {"Type": document.type, "InvoiceID": document.id, "InvoiceNumber": document.number or ""}}
		if document.kind == INVOICE.name
		else {"CreditNote": {"CreditNoteID": document.id, "CreditNoteNumber": document.number or ""}}
	)
	for value in target.values():
		value["LineItems"] = []
	return {
		"PaymentID": row["id"],
		"Date": ms_date(row["date"]),
		"BankAmount": from_cents(row["amount"]),
		"Amount": from_cents(row["amount"]),
		"Reference": row["reference"],
		"CurrencyRate": trimmed(Decimal(row["currency_rate"])),
		"PaymentType": _TYPES[document.type],
		"Status": row["status"],
		"UpdatedDateUTC": ms_instant(row["updated"]),
		"UpdatedDateUTCString": instant_string(row["updated"]),
		"HasAccount": True,
		"IsReconciled": False,
		"Account": {"AccountID": account["AccountID"], "Code": account["Code"]},
		**target,
		"HasValidationErrors": False,
	}
