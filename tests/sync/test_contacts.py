"""Which Xero contact a party's documents get when the embedded ERP pushes them to the sandbox over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import requests

from nexwave_xero_connector.mapping.erp_document import DocumentRef, Party
from nexwave_xero_connector.sync.drain import drain
from nexwave_xero_connector.sync.policy import Policy
from sandbox.erp import samples
from sandbox.erp.connection import ConnectedXero
from sandbox.erp.embedded_erp import EmbeddedErp
from sandbox.erp.stored import PARTY, to_json
from sandbox.stage import Stage
from sandbox.xero.launcher import SandboxHandle, running_sandbox

CLUB = "Bayside Club"
"""A contact of the sandbox's organisation, with this number and e-mail."""
CLUB_NUMBER, CLUB_EMAIL = "CUST-0001", "accounts@bayside.example"


@pytest.fixture(scope="module")
def sandbox() -> Iterator[SandboxHandle]:
	with running_sandbox(limits=False) as sandbox:
		yield sandbox


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
		token = self.admin.mint(self.tenant)["access_token"]
		headers = {"Authorization": f"Bearer {token}", "Xero-Tenant-Id": self.tenant}
		url = f"{self.sandbox.url}/api.xro/2.0/{path}"
		answer = requests.get(url, headers=headers | {"Accept": "application/json"}, timeout=10)
		answer.raise_for_status()
		return answer.json()["Contacts"]


@pytest.fixture
def stage(tmp_path: Path, sandbox: SandboxHandle) -> Iterator[ContactStage]:
	stage = ContactStage(tmp_path, sandbox)
	try:
		yield stage
	finally:
		stage.close()


def test_a_new_customer_becomes_one_contact_with_its_details(stage: ContactStage) -> None:
	stage.make("C-1", "Ahuriri Cafe", email="accounts@ahuriri.example")
	first, second = stage.invoice("C-1"), stage.invoice("C-1")
	stage.push()
	third = stage.invoice("C-1")
	stage.push()
	assert {stage.contact_of(document)["ContactID"] for document in (first, second, third)} == {
		stage.contact_of(first)["ContactID"]
	}
	made = stage.contact_of(first)
	assert (made["Name"], made["ContactNumber"], made["EmailAddress"]) == (
		"Ahuriri Cafe",
		"C-1",
		"accounts@ahuriri.example",
	)
	assert stage.contacts().count("Ahuriri Cafe") == 1


@pytest.mark.parametrize("number", [CLUB_NUMBER, CLUB_NUMBER.lower()])
def test_a_contact_with_the_customers_number_is_linked_unchanged(stage: ContactStage, number: str) -> None:
	"""Xero ignores case in numbers, as MariaDB does in names."""
	stage.make(number, "Bayside Sailing Club Inc.", email="other@example.com")
	document, before, mark = stage.invoice(number), stage.contacts(), stage.admin.marker()
	stage.push()
	contact = stage.contact_of(document)
	assert (contact["Name"], contact["EmailAddress"]) == (CLUB, CLUB_EMAIL)
	assert stage.contacts() == before
	assert stage.admin.requests(mark, method="PUT", path="/Contacts") == []


def test_one_contact_is_created_from_documents_with_different_addresses(stage: ContactStage) -> None:
	stage.make("C-1", "Ahuriri Cafe", city="Napier")
	first = stage.invoice("C-1")
	stage.make("C-1", "Ahuriri Cafe", city="Hastings")
	second, mark = stage.invoice("C-1"), stage.admin.marker()
	stage.push()
	(create,) = stage.admin.requests(mark, method="PUT", path="/Contacts")
	assert len(json.loads(create["body"])["Contacts"]) == 1
	assert stage.contact_of(first) == stage.contact_of(second)
	assert "Napier" in [address.get("City") for address in stage.contact_of(first)["Addresses"]]


def test_a_contact_with_the_customers_name_is_linked_unchanged(stage: ContactStage) -> None:
	"""Xero ignores case in names."""
	stage.make("C-1", CLUB.upper(), email="other@example.com")
	document, before = stage.invoice("C-1"), stage.contacts()
	stage.push()
	contact = stage.contact_of(document)
	assert (contact["Name"], contact["ContactNumber"], contact["EmailAddress"]) == (
		CLUB,
		CLUB_NUMBER,
		CLUB_EMAIL,
	)
	assert stage.contacts() == before


def test_the_number_takes_precedence_over_the_name(stage: ContactStage) -> None:
	stage.make("CUST-0002", CLUB)
	document = stage.invoice("CUST-0002")
	stage.push()
	assert stage.contact_of(document)["Name"] == "City Limousines"


@pytest.mark.parametrize("batch_size", [1, 50], ids=["one after the other", "in one batch"])
def test_customers_with_the_same_name_are_not_mixed_up(stage: ContactStage, batch_size: int) -> None:
	names = ["C-1", "C-2", "C-3"]
	for name in names:
		stage.make(name, "J. Smith")
	documents = [stage.invoice(name) for name in names]
	stage.push(batch_size)
	assert [stage.status(document)[0] for document in documents] == ["Success"] * 3
	contacts = [stage.contact_of(document) for document in documents]
	assert [contact["ContactNumber"] for contact in contacts] == names
	assert sorted(contact["Name"] for contact in contacts) == ["J. Smith", "J. Smith (C-2)", "J. Smith (C-3)"]


def test_a_customer_and_a_supplier_with_the_same_id_are_one_contact(stage: ContactStage) -> None:
	stage.make("Tama", "Tama Ltd")
	stage.make("Tama", "Tama Ltd", "Supplier")
	sold, bought = stage.invoice("Tama"), stage.bill("Tama")
	stage.push()
	assert stage.contact_of(sold) == stage.contact_of(bought)


def test_a_contact_created_between_look_up_and_create_is_linked(stage: ContactStage) -> None:
	"""Another worker creates it with its own batch: both find nothing, and Xero rejects the second create."""
	stage.make("C-1", "Ahuriri Cafe")
	documents = [stage.invoice("C-1"), stage.invoice("C-1")]
	stage.admin.fault("hold_before", method="PUT", path="/Contacts")

	def other_worker() -> None:
		erp = EmbeddedErp(stage.erp.database.path)
		try:
			stage.push(batch_size=1, erp=erp)
		finally:
			erp.close()

	worker = threading.Thread(target=other_worker)
	worker.start()
	(held,) = stage.admin.wait_for_hold()
	stage.push(batch_size=1)
	stage.admin.release(held["id"])
	worker.join()
	assert [stage.status(document)[0] for document in documents] == ["Success"] * 2
	assert stage.contact_of(documents[0]) == stage.contact_of(documents[1])
	assert stage.contacts().count("Ahuriri Cafe") == 1


def test_an_archived_contact_stops_its_own_documents_only(stage: ContactStage) -> None:
	stage.make("C-1", "Ahuriri Cafe")
	stage.make("CUST-ARCHIVED", "Gone Fishing Ltd")
	good, bad = stage.invoice("C-1"), stage.invoice("CUST-ARCHIVED")
	stage.push()
	assert stage.status(good)[0] == "Success"
	status, message = stage.status(bad)
	assert status == "Failed"
	assert (
		"Gone Fishing Ltd" in message
		and "is archived in Xero. Restore it there, then press Retry." in message
	)
	assert stage.in_xero(bad) == []


def test_the_name_of_an_archived_contact_can_be_used(stage: ContactStage) -> None:
	"""Names are unique among active contacts only."""
	stage.make("C-1", "Gone Fishing Ltd")
	document = stage.invoice("C-1")
	stage.push()
	contact = stage.contact_of(document)
	assert (contact["Name"], contact["ContactNumber"]) == ("Gone Fishing Ltd", "C-1")
	assert contact["ContactStatus"] == "ACTIVE"


def test_a_merged_contact_is_followed(stage: ContactStage) -> None:
	stage.make("CUST-MERGED", "Bayside Club (old)")
	document = stage.invoice("CUST-MERGED")
	stage.push()
	assert stage.contact_of(document)["Name"] == CLUB


@pytest.mark.parametrize("title", ['50% "off" \\ & Söhne', "O'Neill || 1==1", "日本株式会社"])
def test_any_name_is_found_again(stage: ContactStage, title: str) -> None:
	stage.make("C-1", title)
	stage.make("C-2", title)
	first = stage.invoice("C-1")
	stage.push()
	assert stage.contact_of(first)["Name"] == title
	second = stage.invoice("C-2")
	stage.push()
	assert stage.contact_of(second)["Name"] == f"{title} (C-2)"


def test_a_document_is_sent_without_contact_details(stage: ContactStage) -> None:
	"""Xero would update the contact from them."""
	stage.make("C-1", CLUB, email="other@example.com")
	mark = stage.admin.marker()
	stage.invoice("C-1")
	stage.push()
	(create,) = stage.admin.requests(mark, method="PUT", path="/Invoices")
	(sent,) = json.loads(create["body"])["Invoices"]
	assert list(sent["Contact"]) == ["ContactID"]
