"""Which Xero contact a party's documents get when the embedded ERP pushes them to the sandbox over HTTP."""

from __future__ import annotations

import json
import threading

import pytest

from sandbox.erp.embedded_erp import EmbeddedErp

from .contact_stage import CLUB, CLUB_EMAIL, CLUB_NUMBER, ContactStage


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
	stage.make("CUST-0001", "Bayside Boating Club")
	stage.add_contact(Name="Bayside Boating Club")
	document = stage.invoice("CUST-0001")
	stage.push()
	assert stage.contact_of(document)["Name"] == CLUB


@pytest.mark.parametrize(
	("number", "theirs", "ours"),
	[
		("13", "Anna Smith", "Bob's Plumbing"),
		("14", "Anna Smith", "Bob Smith"),
		("15", "Tāne & Co Ltd", "Moana & Co Ltd"),
		("16", "東京商事", "大阪物産"),
	],
)
def test_a_number_that_somebody_else_has_given_to_another_is_refused(
	stage: ContactStage, number: str, theirs: str, ours: str
) -> None:
	"""A shop sets contact numbers of its own. Both are named, and what the message advises helps."""
	stage.make(number, ours)
	stage.add_contact(Name=theirs, ContactNumber=number)
	document = stage.invoice(number)
	stage.push()
	status, message = stage.status(document)
	assert status == "Failed"
	assert f"Contact number {number} belongs to {theirs} in Xero, but to {ours} here" in message
	assert stage.in_xero(document) == []
	stage.add_contact(Name=ours)
	stage.retry(document)
	assert stage.contact_of(document)["Name"] == ours


@pytest.mark.parametrize(
	("theirs", "ours"),
	[
		("Kererū Cafe Limited", "Kereru Café"),
		("J.P. Smith", "JP Smith"),
		("The Harbour Trading Co.", "Harbour Traders"),
		("東京商事株式会社", "東京商事"),
	],
)
def test_a_number_with_nearly_the_same_name_is_the_customers(
	stage: ContactStage, theirs: str, ours: str
) -> None:
	stage.make("C-1", ours)
	stage.add_contact(Name=theirs, ContactNumber="C-1")
	document = stage.invoice("C-1")
	stage.push()
	assert stage.contact_of(document)["Name"] == theirs


def test_giving_both_the_same_name_cures_the_refusal(stage: ContactStage) -> None:
	stage.make("13", "Bob's Plumbing")
	stage.add_contact(Name="Robert Ltd", ContactNumber="13")
	document = stage.invoice("13")
	stage.push()
	assert stage.status(document)[0] == "Failed"
	stage.act("rename_contact", name="Robert Ltd", new_name="Bob's Plumbing")
	stage.retry(document)
	assert stage.contact_of(document)["ContactNumber"] == "13"


@pytest.mark.parametrize("batch_size", [1, 50], ids=["one after the other", "in one batch"])
@pytest.mark.parametrize(
	("first", "second"),
	[
		("Te Whānau Ltd", "Te Whanau Ltd"),
		("Café Zoë", "CAFE ZOE"),
		("Łukasz", "łukasz"),
	],
)
def test_customers_whose_names_xero_takes_for_one_get_contacts_of_their_own(
	stage: ContactStage, first: str, second: str, batch_size: int
) -> None:
	stage.make("C-1", first)
	stage.make("C-2", second)
	documents = [stage.invoice("C-1"), stage.invoice("C-2")]
	stage.push(batch_size)
	assert [stage.status(document)[0] for document in documents] == ["Success"] * 2
	contacts = [stage.contact_of(document) for document in documents]
	assert [contact["ContactNumber"] for contact in contacts] == ["C-1", "C-2"]
	assert [contact["Name"] for contact in contacts] == [first, f"{second} (C-2)"]


def test_what_xero_takes_for_the_same_name_is_learnt_from_xero(stage: ContactStage) -> None:
	"""Nothing says how Xero compares an eszett. Asked for one name alone, it shows."""
	stage.make("C-1", "Weiss Gmbh")
	stage.make("C-2", "Weiß Gmbh")
	stage.make("C-3", "Ahuriri Cafe")
	documents = [stage.invoice(customer) for customer in ("C-1", "C-2", "C-3")]
	stage.push()
	assert [stage.status(document)[0] for document in documents] == ["Success"] * 3
	assert len({stage.contact_of(document)["ContactID"] for document in documents}) == 3


def test_a_namesake_with_the_number_of_another_customer_is_that_customers(stage: ContactStage) -> None:
	"""The links were lost: by the contact's number it is still known whose it is."""
	stage.make("C-1", "J. Smith")
	stage.make("C-2", "J. Smith")
	first = stage.invoice("C-1")
	stage.push()
	stage.forget_links()
	second = stage.invoice("C-2")
	stage.push()
	assert stage.contact_of(second)["ContactNumber"] == "C-2"
	assert stage.contact_of(second)["Name"] == "J. Smith (C-2)"
	assert stage.contact_of(first)["ContactNumber"] == "C-1"


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


@pytest.mark.parametrize("links", ["known", "lost"])
def test_a_customer_and_a_supplier_with_one_id_and_two_names_are_two_contacts(
	stage: ContactStage, links: str
) -> None:
	stage.make("13", "Bob's Plumbing")
	stage.make("13", "Swanston Security", "Supplier")
	stage.make("14", "Ahuriri Cafe")
	stage.make("14", "Waka Freight", "Supplier")
	sold = stage.invoice("13"), stage.invoice("14")
	stage.push()
	if links == "lost":
		stage.forget_links()
	bought = stage.bill("14")
	stage.push()
	assert stage.status(bought)[0] == "Success"
	assert stage.contact_of(bought)["Name"] == "Waka Freight"
	assert stage.contact_of(bought)["ContactNumber"] == "Supplier 14"
	assert [stage.contact_of(document)["Name"] for document in sold] == ["Bob's Plumbing", "Ahuriri Cafe"]
	again = stage.bill("14")
	stage.forget_links()
	stage.push()
	assert stage.contact_of(again) == stage.contact_of(bought)
	known = stage.bill("13")
	stage.push()
	assert stage.contact_of(known)["Name"] == "Swanston Security"


def test_the_message_names_the_contact(stage: ContactStage) -> None:
	"""The customer's name here and the contact's in Xero may differ; a wrong link would show."""
	stage.make(CLUB_NUMBER, "Bayside Sailing Club Inc.")
	document = stage.invoice(CLUB_NUMBER)
	stage.push()
	assert f"for {CLUB}, AUTHORISED" in stage.status(document)[1]


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
