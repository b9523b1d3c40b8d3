"""Find, read, create and void invoices, bills and credit notes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.records import ValidationErrors, XeroDocument
from nexwave_xero_connector.xero_api.client import Client
from nexwave_xero_connector.xero_api.document_response import read_document
from nexwave_xero_connector.xero_api.errors import NoSuchId, ValidationFailed, readable
from nexwave_xero_connector.xero_api.exact_json import exact_json
from nexwave_xero_connector.xero_api.lists import all_pages, any_of, chunked, equals
from nexwave_xero_connector.xero_api.response import NO_ID, Response, element_of_each, validation_errors_of

UNITDP = 4
"""Decimal places of a unit price, sent with every call: without it Xero rounds to two, even on a read or a void."""


def find(
	client: Client, xero_type: XeroType, numbers: Sequence[str], **parameters: Any
) -> list[XeroDocument]:
	"""Documents of this type with one of the numbers, in any status. Xero ignores case."""
	is_type = equals("Type", xero_type.value)
	# Credit notes have no such list of numbers. InvoiceNumbers is split at commas after decoding, so a number with a
	# comma is looked up with a filter.
	listed = [] if xero_type.is_credit_note else [number for number in numbers if "," not in number]
	filtered = [number for number in numbers if xero_type.is_credit_note or "," in number]
	found = [
		document
		for part in chunked(listed, ",")
		for document in _list(client, xero_type, where=is_type, invoice_numbers=part, **parameters)
	]
	number_field = _number_field(xero_type)
	for part in chunked((equals(number_field, number) for number in filtered), " OR "):
		found += _list(client, xero_type, where=f"{is_type} AND ({any_of(part)})", **parameters)
	return found


def ids_made_by_this_app(client: Client, xero_type: XeroType, numbers: Sequence[str]) -> set[str]:
	"""The ids of those that this Xero app has created, and not a person or another app. Not for credit notes.

	https://developer.xero.com/documentation/api/accounting/invoices#get-invoices describes createdByMyApp.
	"""
	if xero_type.is_credit_note:
		raise ValueError("Xero does not say which app has created a credit note")
	return {document.id for document in find(client, xero_type, numbers, created_by_my_app=True)}


def read(client: Client, xero_type: XeroType, ids: Sequence[str]) -> list[XeroDocument]:
	"""The documents with these ids, and what is applied to them. An id that Xero does not have is left out."""
	if xero_type.is_credit_note:
		# One by one: Xero's list of credit notes has no filter by id, and only a single credit note is sure to include
		# its allocations.
		credit_notes = (read_credit_note(client, id_) for id_ in dict.fromkeys(ids))
		return [
			credit_note for credit_note in credit_notes if credit_note and credit_note.xero_type is xero_type
		]
	return [document for part in chunked(ids, ",") for document in _list(client, xero_type, i_ds=part)]


def all_credit_notes(client: Client, xero_type: XeroType) -> list[XeroDocument]:
	"""Every credit note of this type, in any status: 1,000 per call, where a look-up by number finds about thirty."""
	return _list(client, xero_type, where=equals("Type", xero_type.value))


def changed_since(client: Client, xero_type: XeroType, since: datetime) -> list[XeroDocument]:
	"""Documents of this type that have changed since then, in any status and whoever did it: 1,000 per call."""
	return _list(client, xero_type, where=equals("Type", xero_type.value), if_modified_since=since)


def read_credit_note(client: Client, id_: str) -> XeroDocument | None:
	"""One credit note with its allocations, or None if Xero does not have this id."""
	try:
		response = client.call(client.accounting.get_credit_note, id_, unitdp=UNITDP)
	except NoSuchId:
		return None
	with readable(response):
		(element,) = response.elements("CreditNotes", count=1)
		return read_document(XeroType(element["Type"]), element)


def create(
	client: Client, xero_type: XeroType, bodies: Sequence[Mapping[str, object]], idempotency_key: str
) -> list[XeroDocument | ValidationErrors | None]:
	"""Create with PUT, which never overwrites; POST would, by number. One result per body, in order.

	A result is None if the response does not show which element belongs to the body.
	"""
	operation = (
		client.accounting.create_credit_notes
		if xero_type.is_credit_note
		else client.accounting.create_invoices
	)

	def judge(element: dict) -> XeroDocument | ValidationErrors:
		return validation_errors_of(element, _id_field(xero_type)) or read_document(xero_type, element)

	fields = ["Url", _number_field(xero_type)]
	return _write(client, xero_type, operation, bodies, fields, idempotency_key, judge)


def void(
	client: Client, documents: Sequence[XeroDocument], idempotency_key: str
) -> list[XeroDocument | ValidationErrors | None]:
	"""Delete documents that are DRAFT or SUBMITTED, void the others. One result each, in order; all of one type.

	A result is None if the response does not show which element belongs to the document. Only the id and the status are
	sent: Xero leaves all other fields as they are. Raises ValueError if an id is missing: Xero would look the document
	up by its number, or create one.
	"""
	if not documents:
		return []
	xero_type = documents[0].xero_type
	if any(document.xero_type != xero_type for document in documents):
		raise ValueError("documents of one type only")
	if any(document.id in ("", NO_ID) for document in documents):
		raise ValueError("a document without its Xero id cannot be voided")
	accounting = client.accounting
	operation = (
		accounting.update_or_create_credit_notes
		if xero_type.is_credit_note
		else accounting.update_or_create_invoices
	)
	bodies = [
		{
			_id_field(xero_type): document.id,
			"Status": "DELETED" if document.status in ("DRAFT", "SUBMITTED") else "VOIDED",
		}
		for document in documents
	]

	def judge(element: dict) -> XeroDocument | ValidationErrors:
		errors = validation_errors_of(element)
		if errors:
			return errors
		document = read_document(xero_type, element)
		if document.is_live:
			return ValidationErrors(
				(f"Xero reported no error, but the document is still {document.status}.",)
			)
		return document

	return _write(client, xero_type, operation, bodies, [_id_field(xero_type)], idempotency_key, judge)


def _write(
	client: Client,
	xero_type: XeroType,
	operation: Callable[..., Response],
	bodies: Sequence[Mapping[str, object]],
	fields: Sequence[str],
	idempotency_key: str,
	judge: Callable[[dict], XeroDocument | ValidationErrors],
) -> list[XeroDocument | ValidationErrors | None]:
	"""Send one batch, in which each element succeeds or fails on its own (summarizeErrors=false).

	`fields`: what identifies an element of the response, best first.
	"""
	if not bodies:
		return []
	collection = _collection(xero_type)
	try:
		response = client.call(
			operation,
			exact_json({collection: list(bodies)}),
			summarize_errors=False,
			unitdp=UNITDP,
			idempotency_key=idempotency_key,
		)
	except ValidationFailed as failed:
		if len(bodies) == 1:
			return [failed.errors]
		raise
	with readable(response):
		elements = response.elements(collection, count=len(bodies))
		found = element_of_each(bodies, elements, fields)
		return [judge(element) if element is not None else None for element in found]


def _list(client: Client, xero_type: XeroType, **parameters: Any) -> list[XeroDocument]:
	operation = client.accounting.get_invoices
	if xero_type.is_credit_note:
		operation = client.accounting.get_credit_notes
	else:
		# Without it Xero hides the documents of archived contacts, and their numbers would appear to be unused.
		parameters["include_archived"] = True
	documents = all_pages(
		client,
		operation,
		_collection(xero_type),
		_id_field(xero_type),
		lambda element: _of_type(xero_type, element),
		unitdp=UNITDP,
		**parameters,
	)
	return [document for document in documents if document]


def _of_type(xero_type: XeroType, element: dict) -> XeroDocument | None:
	return read_document(xero_type, element) if element["Type"] == xero_type.value else None


def _collection(xero_type: XeroType) -> str:
	return "CreditNotes" if xero_type.is_credit_note else "Invoices"


def _id_field(xero_type: XeroType) -> str:
	return "CreditNoteID" if xero_type.is_credit_note else "InvoiceID"


def _number_field(xero_type: XeroType) -> str:
	return "CreditNoteNumber" if xero_type.is_credit_note else "InvoiceNumber"
