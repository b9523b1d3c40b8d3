"""The running Xero sandbox, with a client connected to its New Zealand organisation."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.records import XeroDocument
from nexwave_xero_connector.xero_api import contacts, documents
from nexwave_xero_connector.xero_api.client import Client
from nexwave_xero_connector.xero_api.oauth import Token
from nexwave_xero_connector.xero_api.xero import XeroApi
from sandbox.xero.launcher import AdminClient

NOW = datetime(2026, 11, 22, 9, 30)


@dataclass
class StandIn:
	admin: AdminClient
	settings: object

	def __post_init__(self) -> None:
		self._keys = itertools.count()
		self.tenant = self.admin.tenant("NZ")
		self.client = self.connect()
		self.xero = XeroApi(self.client)
		self.contact_id = self.contact("CUST-0001")
		self.supplier_id = self.contact("SUPP-0001")
		self.began = self.admin.marker()

	def token(self, **options: object) -> Token:
		minted = self.admin.mint(self.tenant, **options)
		expires_at = datetime.now(timezone.utc) + timedelta(seconds=minted["expires_in"])
		return Token(minted["access_token"], minted.get("refresh_token", ""), expires_at, minted["scope"])

	def connect(self, token: Token | None = None, timeout: tuple[float, float] = (2, 10)) -> Client:
		return Client(
			token or self.token(),
			self.tenant,
			settings=self.settings,
			now=lambda: NOW,
			api_url=self.admin.url,
			timeout=timeout,
		)

	def contact(self, number: str) -> str:
		(found,) = contacts.find_contacts(self.client, [number], [])
		return found.id

	def body(
		self, xero_type: XeroType, number: str, amount: str = "100.00", **changes: object
	) -> dict[str, object]:
		"""A document with one line that Xero accepts."""
		return {
			"Type": xero_type.value,
			"CreditNoteNumber" if xero_type.is_credit_note else "InvoiceNumber": number,
			"Contact": {"ContactID": self.contact_id if xero_type.is_sales else self.supplier_id},
			"Date": "2026-11-02",
			**({} if xero_type.is_credit_note else {"DueDate": "2026-12-02"}),
			"LineAmountTypes": "Exclusive",
			"Status": "AUTHORISED",
			"CurrencyCode": "NZD",
			"LineItems": [
				{
					"Description": "Timber",
					"Quantity": Decimal("1"),
					"UnitAmount": Decimal(amount),
					"AccountCode": "200" if xero_type.is_sales else "300",
					"TaxType": "OUTPUT2" if xero_type.is_sales else "INPUT2",
				}
			],
			**changes,
		}

	def create(
		self, xero_type: XeroType, number: str, amount: str = "100.00", **changes: object
	) -> XeroDocument:
		body = self.body(xero_type, number, amount, **changes)
		(created,) = documents.create(self.client, xero_type, [body], f"create {next(self._keys)}")
		assert isinstance(created, XeroDocument), created
		return created

	def writes(self) -> int:
		"""How many writes have reached Xero since the test began."""
		requests = self.admin.requests(self.began, path="/api.xro/")
		return sum(request["method"] != "GET" for request in requests)

	def in_xero(self, number: str) -> list[str]:
		"""The statuses of the documents that are in Xero with this number."""
		return [document["status"] for document in self.admin.documents(tenant=self.tenant, number=number)]
