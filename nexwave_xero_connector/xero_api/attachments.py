"""Files attached to invoices, bills and credit notes: list them, add one, and put another content in place of one's."""

from __future__ import annotations

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.records import XeroFile
from nexwave_xero_connector.xero_api.client import Client
from nexwave_xero_connector.xero_api.errors import readable
from nexwave_xero_connector.xero_api.response import Response


def attachments(client: Client, xero_type: XeroType, xero_id: str) -> list[XeroFile]:
	"""What is attached to the document, by whomever. One call. Raises the errors of sync.errors."""
	accounting = client.accounting
	operation = (
		accounting.get_credit_note_attachments
		if xero_type.is_credit_note
		else accounting.get_invoice_attachments
	)
	response = client.call(operation, xero_id)
	with readable(response):
		return [_file(element) for element in response.elements("Attachments")]


def attach(
	client: Client,
	xero_type: XeroType,
	xero_id: str,
	name: str,
	content: bytes,
	idempotency_key: str,
	include_online: bool = False,
) -> XeroFile:
	"""Add a file under a name that the document does not have yet, with PUT.

	`include_online`: customers see it with the online invoice; for sales only. Returns what Xero has stored: its length
	says whether all of it has arrived. Raises the errors of sync.errors.
	"""
	accounting = client.accounting
	operation = (
		accounting.create_credit_note_attachment_by_file_name
		if xero_type.is_credit_note
		else accounting.create_invoice_attachment_by_file_name
	)
	parameters = {"include_online": True} if include_online and xero_type.is_sales else {}
	return _stored(
		client.call(operation, xero_id, name, content, idempotency_key=idempotency_key, **parameters), name
	)


def replace(
	client: Client, xero_type: XeroType, xero_id: str, name: str, content: bytes, idempotency_key: str
) -> XeroFile:
	"""Put this content in place of that of the document's file of this name, with POST. Otherwise like `attach`."""
	accounting = client.accounting
	operation = (
		accounting.update_credit_note_attachment_by_file_name
		if xero_type.is_credit_note
		else accounting.update_invoice_attachment_by_file_name
	)
	return _stored(client.call(operation, xero_id, name, content, idempotency_key=idempotency_key), name)


def _stored(response: Response, name: str) -> XeroFile:
	"""The file of that name in the response; a single one is it, whatever Xero has made of the name."""
	with readable(response):
		files = [_file(element) for element in response.elements("Attachments")]
		named = [file for file in files if file.name.casefold() == name.casefold()] or files
		return named[-1]


def _file(element: dict) -> XeroFile:
	return XeroFile(str(element["AttachmentID"]), str(element["FileName"]), int(element["ContentLength"]))
