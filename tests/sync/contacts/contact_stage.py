"""The embedded ERP and the sandbox's organisation, with the parties of one and the contacts of the other."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import requests

from nexwave_xero_connector.mapping.erp_document import DocumentRef, Party
from nexwave_xero_connector.sync.drain import drain
from nexwave_xero_connector.sync.policy import Policy
from sandbox.erp import samples
from sandbox.erp.connection import ConnectedXero
from sandbox.erp.embedded_erp import EmbeddedErp
from sandbox.erp.stored import PARTY, to_json
from sandbox.stage import Stage
from sandbox.xero.launcher import SandboxHandle

CLUB = "Bayside Club"
"""A contact of the sandbox's organisation, with this number and e-mail."""
CLUB_NUMBER, CLUB_EMAIL = "CUST-0001", "accounts@bayside.example"


class ContactStage(Stage):
	"""The worker is this process. The organisation has only the contacts that the sandbox starts with."""

	def __init__(self, folder: Path, sandbox: SandboxHandle) -> None:
		sandbox.admin.reset()
		sandbox.admin.limits_off()
		super().__init__(folder, sandbox)

	def make(self, name: str, title: str, doctype: str = "Customer", **details: str) -> None:
		party = Party(doctype, name, title, **details)
		self.erp.database.execute(
			"INSERT OR REPLACE INTO party (doctype, name, body) VALUES (?, ?, ?)",
			doctype,
			name,
			to_json(PARTY, party),
		)

	def invoice(self, customer: str) -> DocumentRef:
		document = samples.sales_invoice(self.erp, customer)
		self.erp.desk.submit(document)
		return document

	def bill(self, supplier: str) -> DocumentRef:
		document = samples.bill(self.erp, supplier)
		self.erp.desk.submit(document)
		return document

	def push(self, batch_size: int = 50, erp: EmbeddedErp | None = None) -> None:
		erp = erp or self.erp
		xero = ConnectedXero(samples.COMPANY, self.sandbox.url, erp.database.path, erp.clock)
		drain(samples.COMPANY, erp.outbox, erp.documents, xero, replace(Policy(), batch_size=batch_size))

	def retry(self, document: DocumentRef) -> None:
		self.erp.desk.retry(document)
		self.push()

	def forget_links(self) -> None:
		self.erp.database.execute("DELETE FROM xero_contact")

	def add_contact(self, **fields: str) -> dict[str, Any]:
		"""A contact that somebody else creates in Xero: a person, a shop, another site."""
		return self.put("Contacts", {"Contacts": [fields]})[0]

	def act(self, action: str, **arguments: str) -> None:
		self.admin.act(self.tenant, action, **arguments)

	def find(self, name: str) -> dict[str, Any]:
		return next(contact for contact in self.get("Contacts") if contact["Name"] == name)

	def status(self, document: DocumentRef) -> tuple[str, str]:
		row = self.erp.log.latest(document)
		return row["status"], row["sentence"]

	def contact_of(self, document: DocumentRef) -> dict[str, Any]:
		(wire,) = self.in_xero(document)
		return self.contact(wire["Contact"]["ContactID"])

	def contact(self, contact_id: str) -> dict[str, Any]:
		return self.get(f"Contacts/{contact_id}")[0]

	def contacts(self) -> list[str]:
		return sorted(contact["Name"] for contact in self.get("Contacts"))

	def get(self, path: str) -> list[dict[str, Any]]:
		return self._call("GET", path)

	def put(self, path: str, body: dict[str, Any]) -> list[dict[str, Any]]:
		return self._call("PUT", path, json=body)

	def _call(self, method: str, path: str, **more: Any) -> list[dict[str, Any]]:
		token = self.admin.mint(self.tenant)["access_token"]
		headers = {"Authorization": f"Bearer {token}", "Xero-Tenant-Id": self.tenant}
		url = f"{self.sandbox.url}/api.xro/2.0/{path}"
		answer = requests.request(
			method, url, headers=headers | {"Accept": "application/json"}, timeout=10, **more
		)
		answer.raise_for_status()
		return answer.json()["Contacts"]
