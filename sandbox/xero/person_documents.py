"""What a person does with documents in Xero's own pages: type, edit, renumber, recode, copy, approve, void, delete.

Everything passes the ledger's own rules. A person has no field for Url: it is there through the API only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .ledger.document_writing import WriteOptions
from .ledger.history import Actor
from .ledger.incoming import Element
from .ledger.model import CREDIT_NOTE, INVOICE, KINDS, Document, Kind, Line
from .world import World

PERSON = Actor("Alex Taylor", by_api=False)

HEADER_FIELDS = {
	"date": "Date",
	"due_date": "DueDate",
	"currency": "CurrencyCode",
	"rate": "CurrencyRate",
	"reference": "Reference",
	"line_amount_types": "LineAmountTypes",
}
LINE_FIELDS = {
	"description": "Description",
	"quantity": "Quantity",
	"unit_amount": "UnitAmount",
	"account": "AccountCode",
	"tax_type": "TaxType",
	"tax_amount": "TaxAmount",
}


class CannotDo(Exception):
	"""The action makes no sense as asked; the text says why."""


def document_named(world: World, tenant: str, arguments: Element) -> Document:
	"""The document with the `id`, or with the `number`, whatever its type."""
	if document_id := arguments.text("id"):
		document = world.documents.get(tenant, document_id)
	else:
		number = arguments.text("number") or ""
		found = [
			*world.documents.by_number(tenant, INVOICE, number),
			*world.documents.by_number(tenant, CREDIT_NOTE, number),
		]
		document = found[0] if found else None
	if document is None:
		raise CannotDo("There is no document with that id or number")
	return document


def set_status(wanted: str, allowed: tuple[str, ...], change: str) -> Callable[..., dict[str, Any]]:
	def action(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
		document = document_named(world, tenant, arguments)
		if document.status not in allowed or document.settled:
			raise CannotDo(
				f"A document that is {document.status} or has something applied cannot be {wanted}"
			)
		document.status = wanted
		world.settlement.set_paid(document, document.date)
		document.updated = world.clock.milliseconds()
		world.documents.save(document)
		world.history.note(tenant, document.id, document.updated, PERSON, change)
		return _summary(document)

	return action


def enter(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	"""Types a new document, under any number that the rules allow."""
	kind = _kind_of(arguments.text("type") or "")
	lines = [_typed(line, LINE_FIELDS) for line in arguments.objects("lines") or []]
	typed = {
		"Type": arguments.text("type"),
		kind.number_field: arguments.text("number"),
		"Contact": _contact(world, tenant, arguments),
		"Status": arguments.text("status") or "AUTHORISED",
		**_typed(arguments, HEADER_FIELDS),
		"LineItems": [{"Description": "Typed by hand", "Quantity": 1, **line} for line in lines],
	}
	return _write(world, tenant, kind, typed)


def edit(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	"""Changes fields of the header, the contact, or of one `line`, counted from 1 (default: the first)."""
	document = document_named(world, tenant, arguments)
	typed = _typed(arguments, HEADER_FIELDS)
	if arguments.has("contact") or arguments.has("contact_id"):
		typed["Contact"] = _contact(world, tenant, arguments)
	change = _typed(arguments, LINE_FIELDS)
	if change:
		position = int(arguments.number("line") or 1)
		if not 1 <= position <= len(document.lines):
			raise CannotDo(f"The document has {len(document.lines)} lines")
		typed["LineItems"] = [
			_wire(line, change if number == position else {})
			for number, line in enumerate(document.lines, start=1)
		]
	if "CurrencyCode" not in typed:
		# In the pages, a rate stays until somebody changes it or the currency.
		typed = {"CurrencyRate": document.currency_rate, **typed}
	return _write(world, tenant, KINDS[document.kind], typed, document)


def renumber(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	document = document_named(world, tenant, arguments)
	kind = KINDS[document.kind]
	return _write(world, tenant, kind, {kind.number_field: arguments.text("new_number")}, document)


def recode(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	"""Find & Recode, which advisers have: moves every line of one account to another; amounts and tax stay."""
	code, new_code = arguments.text("account"), arguments.text("new_account")
	account = world.books(tenant).account(new_code, None)
	if account is None or account["Status"] != "ACTIVE":
		raise CannotDo("new_account is the code of an active account")
	changed = []
	for row in world.storage.rows("SELECT id FROM documents WHERE tenant = ? ORDER BY sequence", tenant):
		document = world.documents.get(tenant, row["id"])
		assert document
		lines = [line for line in document.lines if line.account_code == code]
		if not lines or document.status not in ("AUTHORISED", "PAID"):
			continue
		for line in lines:
			line.account_code, line.account_id = new_code, account["AccountID"]
		document.updated = world.clock.milliseconds()
		world.documents.save(document)
		world.history.note(tenant, document.id, document.updated, PERSON, "Edited", f"Recoded to {new_code}")
		changed.append(document.id)
	return {"documents": changed}


def copy_to(world: World, tenant: str, arguments: Element) -> dict[str, Any]:
	"""Copy to: a draft dated today with the same content, under the number that the person enters.

	Also of a voided document, as Xero's help advises to correct one: void it, copy it, approve the copy.
	"""
	original = document_named(world, tenant, arguments)
	kind = KINDS[original.kind]
	today = world.clock.today(world.books(tenant).zone)
	typed = {
		"Type": original.type,
		kind.number_field: arguments.text("new_number"),
		"Contact": {"ContactID": original.contact_id},
		"Date": today,
		"DueDate": today,
		"Reference": original.reference,
		"Status": "DRAFT",
		"LineAmountTypes": original.line_amount_types,
		"CurrencyCode": original.currency,
		"CurrencyRate": original.currency_rate,
		"LineItems": [_wire(line, {}, keep_id=False) for line in original.lines],
	}
	if original.url and world.switches.get("copy_keeps_url") == "yes":
		typed["Url"] = original.url
	return _write(world, tenant, kind, typed)


def _write(
	world: World, tenant: str, kind: Kind, typed: dict[str, Any], existing: Document | None = None
) -> dict[str, Any]:
	"""Saves what the person typed, or says why Xero's page refuses it."""
	options = WriteOptions(
		create_only=existing is None,
		atomic=False,
		price_places=4,
		path_id=existing.id if existing else None,
	)
	(written,) = world.writing.write(kind, world.books(tenant), [typed], options, PERSON)
	if errors := [
		error["Message"]
		for part in (written, written.get("Contact") or {})
		for error in part.get("ValidationErrors") or []
	]:
		raise CannotDo("; ".join(errors))
	document = world.documents.get(tenant, written[kind.id_field])
	assert document
	return _summary(document)


def _summary(document: Document) -> dict[str, Any]:
	return {"id": document.id, "number": document.number, "status": document.status}


def _kind_of(type_: str) -> Kind:
	for kind in KINDS.values():
		if type_ in kind.types:
			return kind
	raise CannotDo("type is one of ACCREC, ACCPAY, ACCRECCREDIT, ACCPAYCREDIT")


def _typed(arguments: Element, fields: dict[str, str]) -> dict[str, Any]:
	return {field: arguments.raw[name] for name, field in fields.items() if arguments.has(name)}


def _contact(world: World, tenant: str, arguments: Element) -> dict[str, str]:
	"""The contact chosen by id or by name; a new name makes a new contact."""
	if contact_id := arguments.text("contact_id"):
		return {"ContactID": contact_id}
	name = arguments.text("contact") or ""
	found = world.contacts.by_name(tenant, name)
	return {"ContactID": found.id} if found else {"Name": name}


def _wire(line: Line, change: dict[str, Any], *, keep_id: bool = True) -> dict[str, Any]:
	"""The line as the page sends it. After a change of what the tax depends on, the page calculates it again."""
	fields: dict[str, Any] = {"LineItemID": line.id} if keep_id else {}
	fields |= {
		"Description": line.description,
		"Quantity": line.quantity,
		"UnitAmount": line.unit_amount,
		"AccountCode": line.account_code,
		"TaxType": line.tax_type,
		"TaxAmount": line.tax_amount,
		"DiscountRate": line.discount_rate,
		"DiscountAmount": line.discount_amount,
		"Tracking": line.tracking,
		**change,
	}
	if change.keys() & {"TaxType", "Quantity", "UnitAmount"} and "TaxAmount" not in change:
		del fields["TaxAmount"]
	return fields
