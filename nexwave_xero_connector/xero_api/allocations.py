"""Allocate credit notes to invoices, and remove allocations."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from nexwave_xero_connector.sync.errors import Rejected
from nexwave_xero_connector.sync.records import ValidationErrors
from nexwave_xero_connector.xero_api.client import Client
from nexwave_xero_connector.xero_api.documents import read_credit_note
from nexwave_xero_connector.xero_api.errors import ValidationFailed, readable
from nexwave_xero_connector.xero_api.exact_json import exact_json
from nexwave_xero_connector.xero_api.response import Response, validation_errors_of


def allocate(
	client: Client, credit_note_id: str, invoice_id: str, amount: Decimal, on: date, idempotency_key: str
) -> ValidationErrors | None:
	"""Allocate `amount`, in the documents' currency, to the invoice. None if Xero accepted it.

	Not idempotent: if sent twice, it allocates twice, as far as both balances allow.
	"""
	body = {"Allocations": [{"Invoice": {"InvoiceID": invoice_id}, "Amount": amount, "Date": on}]}
	try:
		response = client.call(
			client.accounting.create_credit_note_allocation,
			credit_note_id,
			exact_json(body),
			idempotency_key=idempotency_key,
		)
	except ValidationFailed as failed:
		return failed.errors
	with readable(response):
		(element,) = response.elements("Allocations", count=1)
		return validation_errors_of(element)


def remove_allocation(client: Client, credit_note_id: str, allocation_id: str) -> None:
	"""Remove an allocation. It is no error if it is already gone.

	If the response does not say that it was deleted, the credit note is read again to find out.
	"""
	try:
		response = client.call(
			client.accounting.delete_credit_note_allocations, credit_note_id, allocation_id
		)
	except Rejected:
		if not _is_gone(client, credit_note_id, allocation_id):
			raise
		return
	with readable(response):
		if not _says_deleted(response) and not _is_gone(client, credit_note_id, allocation_id):
			raise ValueError("the allocation is still there")


def _says_deleted(response: Response) -> bool:
	"""Whether the response shows the allocation as deleted: on its own, as Xero documents it, or in a list."""
	try:
		body = response.json()
		element = body["Allocations"][0] if "Allocations" in body else body
		return element["IsDeleted"] is True
	except (ValueError, LookupError, TypeError):
		return False


def _is_gone(client: Client, credit_note_id: str, allocation_id: str) -> bool:
	credit_note = read_credit_note(client, credit_note_id)
	return credit_note is not None and all(
		allocation.id != allocation_id for allocation in credit_note.allocations
	)
