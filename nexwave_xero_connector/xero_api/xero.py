"""The port Xero (sync.ports.Xero) for one organisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.records import ValidationErrors, XeroContact, XeroDocument, XeroFile
from nexwave_xero_connector.xero_api import allocations, attachments, contacts, documents, organisation
from nexwave_xero_connector.xero_api.client import Client


class XeroApi:
	"""sync.ports.Xero and XeroFiles on the Accounting API.

	The ports and the functions called here say what each method guarantees.
	"""

	def __init__(self, client: Client) -> None:
		self._client = client
		self.tenant_id = client.tenant_id
		"""The organisation that every call of this port is for."""

	def probe(self) -> str:
		return organisation.plan(self._client)

	def find(self, xero_type: XeroType, numbers: Sequence[str]) -> list[XeroDocument]:
		return documents.find(self._client, xero_type, numbers)

	def ids_made_by_this_app(self, xero_type: XeroType, numbers: Sequence[str]) -> set[str]:
		return documents.ids_made_by_this_app(self._client, xero_type, numbers)

	def read(self, xero_type: XeroType, ids: Sequence[str]) -> list[XeroDocument]:
		return documents.read(self._client, xero_type, ids)

	def all_credit_notes(self, xero_type: XeroType) -> list[XeroDocument]:
		return documents.all_credit_notes(self._client, xero_type)

	def changed_since(self, xero_type: XeroType, since: datetime) -> list[XeroDocument]:
		return documents.changed_since(self._client, xero_type, since)

	def create(
		self, xero_type: XeroType, bodies: Sequence[Mapping[str, object]], idempotency_key: str
	) -> list[XeroDocument | ValidationErrors | None]:
		return documents.create(self._client, xero_type, bodies, idempotency_key)

	def void(
		self, voided: Sequence[XeroDocument], idempotency_key: str
	) -> list[XeroDocument | ValidationErrors | None]:
		return documents.void(self._client, voided, idempotency_key)

	def find_contacts(self, numbers: Sequence[str], names: Sequence[str]) -> list[XeroContact]:
		return contacts.find_contacts(self._client, numbers, names)

	def read_contacts(self, ids: Sequence[str]) -> list[XeroContact]:
		return contacts.read_contacts(self._client, ids)

	def merged_contacts(self, ids: Sequence[str]) -> dict[str, str]:
		return contacts.merged_contacts(self._client, ids)

	def create_contacts(
		self, bodies: Sequence[Mapping[str, object]], idempotency_key: str
	) -> list[XeroContact | ValidationErrors | None]:
		return contacts.create_contacts(self._client, bodies, idempotency_key)

	def allocate(
		self, credit_note_id: str, invoice_id: str, amount: Decimal, on: date, idempotency_key: str
	) -> ValidationErrors | None:
		return allocations.allocate(self._client, credit_note_id, invoice_id, amount, on, idempotency_key)

	def remove_allocation(self, credit_note_id: str, allocation_id: str) -> None:
		allocations.remove_allocation(self._client, credit_note_id, allocation_id)

	def attachments(self, xero_type: XeroType, xero_id: str) -> list[XeroFile]:
		return attachments.attachments(self._client, xero_type, xero_id)

	def attach(
		self,
		xero_type: XeroType,
		xero_id: str,
		name: str,
		content: bytes,
		idempotency_key: str,
		include_online: bool = False,
	) -> XeroFile:
		return attachments.attach(
			self._client, xero_type, xero_id, name, content, idempotency_key, include_online
		)

	def replace_attachment(
		self, xero_type: XeroType, xero_id: str, name: str, content: bytes, idempotency_key: str
	) -> XeroFile:
		return attachments.replace(self._client, xero_type, xero_id, name, content, idempotency_key)
