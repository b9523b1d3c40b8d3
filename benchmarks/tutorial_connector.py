"""What a user would otherwise have: a connector as the usual tutorial writes it.

The invoice is sent inside Submit, with xero-python set up as in its README: look up the contact by name, create it if
it is missing, create the invoice. Nothing is stored, retried, batched, or looked up first.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from xero_python.accounting import AccountingApi, Contact, Contacts, Invoice, Invoices, LineItem
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token


@dataclass(frozen=True)
class Line:
	description: str
	quantity: Decimal
	unit_amount: Decimal
	account_code: str
	tax_type: str


class TutorialConnector:
	"""`token` is the token endpoint's response; `api_url` is Xero's own unless the sandbox replaces it."""

	def __init__(self, token: dict, tenant_id: str, client_id: str, client_secret: str, api_url: str) -> None:
		self._token = token
		self._tenant_id = tenant_id
		configuration = Configuration()
		# As an argument it would be lost if the process had created another client before.
		configuration.oauth2_token = OAuth2Token(client_id=client_id, client_secret=client_secret)
		client = ApiClient(
			configuration,
			oauth2_token_getter=lambda: self._token,
			oauth2_token_saver=self._keep,
		)
		self._accounting = AccountingApi(client, base_url=f"{api_url}/api.xro/2.0")

	def _keep(self, token: dict) -> None:
		self._token = token

	def send(self, type_: str, number: str, party: str, on: date, lines: list[Line]) -> str:
		"""The id of the new invoice (ACCREC) or bill (ACCPAY). Raises whatever xero-python raises."""
		invoice = Invoice(
			type=type_,
			invoice_number=number,
			contact=Contact(contact_id=self._contact(party)),
			date=on,
			due_date=on,
			line_items=[
				LineItem(
					description=line.description,
					quantity=line.quantity,
					unit_amount=line.unit_amount,
					account_code=line.account_code,
					tax_type=line.tax_type,
				)
				for line in lines
			],
			status="AUTHORISED",
		)
		created = self._accounting.create_invoices(self._tenant_id, Invoices(invoices=[invoice]))
		return created.invoices[0].invoice_id

	def _contact(self, name: str) -> str:
		found = self._accounting.get_contacts(self._tenant_id, where=f'Name=="{name}"').contacts
		if not found:
			new = Contacts(contacts=[Contact(name=name)])
			found = self._accounting.create_contacts(self._tenant_id, new).contacts
		return found[0].contact_id
