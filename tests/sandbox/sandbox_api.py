"""Calls to a running sandbox, and valid bodies from which tests make invalid ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import requests

from sandbox.xero.launcher import AdminClient, SandboxHandle


@dataclass
class Api:
	"""Raw HTTP calls of one connected app."""

	sandbox: SandboxHandle
	tenant: str
	token: dict[str, Any]

	@property
	def admin(self) -> AdminClient:
		return self.sandbox.admin

	def call(
		self,
		method: str,
		path: str,
		body: Any = None,
		*,
		data: str | None = None,
		headers: dict[str, str] | None = None,
		timeout: float = 10,
		**params: Any,
	) -> requests.Response:
		return requests.request(
			method,
			f"{self.sandbox.url}/api.xro/2.0{path}",
			json=body,
			data=data,
			params=params,
			headers={
				"Authorization": f"Bearer {self.token['access_token']}",
				"xero-tenant-id": self.tenant,
				"Accept": "application/json",
				**(headers or {}),
			},
			timeout=timeout,
		)

	def get(self, path: str, **params: Any) -> requests.Response:
		return self.call("GET", path, **params)

	def put(self, path: str, body: Any, **params: Any) -> requests.Response:
		return self.call("PUT", path, body, **params)

	def post(self, path: str, body: Any, **params: Any) -> requests.Response:
		return self.call("POST", path, body, **params)

	def contact_id(self, name: str = "Bayside Club") -> str:
		found = self.get("/Contacts", where=f'Name=="{name}"', includeArchived="true").json()["Contacts"]
		return found[0]["ContactID"]

	def invoice(self, number: str | None = "SINV-1", **changes: Any) -> dict[str, Any]:
		"""The body of a valid sales invoice of 115.00 with `changes` applied.

		None omits a field.
		"""
		body = {
			"Type": "ACCREC",
			"InvoiceNumber": number,
			"Contact": {"Name": "Bayside Club"},
			"Date": "2026-11-01",
			"DueDate": "2026-11-30",
			"Status": "AUTHORISED",
			"LineItems": [line()],
			**changes,
		}
		return {key: value for key, value in body.items() if value is not None}

	def bill(self, number: str | None = "BILL-1", **changes: Any) -> dict[str, Any]:
		lines = [line(AccountCode="429")]
		return self.invoice(number, **{"Type": "ACCPAY", "LineItems": lines, **changes})

	def credit_note(self, number: str = "CN-1", **changes: Any) -> dict[str, Any]:
		body = self.invoice(None, **{"Type": "ACCRECCREDIT", "CreditNoteNumber": number, **changes})
		body.pop("DueDate", None)
		return body

	def create(self, body: dict[str, Any]) -> dict[str, Any]:
		"""Creates a document and returns the response's element."""
		name = "CreditNotes" if body["Type"].endswith("CREDIT") else "Invoices"
		response = self.put(f"/{name}", {name: [body]}, unitdp=4)
		assert response.status_code == 200, response.text
		return response.json()[name][0]


def line(**changes: Any) -> dict[str, Any]:
	"""A line of 100.00 on account 200. None omits a field."""
	body = {"Description": "Consulting", "Quantity": 2, "UnitAmount": 50, "AccountCode": "200", **changes}
	return {key: value for key, value in body.items() if value is not None}


def messages(response: requests.Response) -> list[str]:
	"""The validation messages of a 400, or of a 200 with failed elements."""
	body = response.json()
	elements = body.get("Elements") or next((value for value in body.values() if isinstance(value, list)), [])
	return [error["Message"] for element in elements for error in element.get("ValidationErrors", [])]
