"""Contacts: uniqueness, overwriting, archived and merged ones."""

from __future__ import annotations

import pytest
from sandbox_api import Api, messages


def names(api: Api, **params: str) -> list[str]:
	return [row["Name"] for row in api.get("/Contacts", **params).json()["Contacts"]]


def test_a_name_is_unique_among_active_contacts(api: Api) -> None:
	response = api.put("/Contacts", {"Contacts": [{"Name": "BAYSIDE club"}]})
	assert response.status_code == 400
	assert messages(response) == [
		"The contact name BAYSIDE club is already assigned to another contact. The contact name must be "
		"unique across all active contacts."
	]
	assert api.put("/Contacts", {"Name": "Gone Fishing Ltd"}).status_code == 200


def test_a_contact_number_is_unique_among_all_contacts(api: Api) -> None:
	response = api.put("/Contacts", {"Name": "New", "ContactNumber": "CUST-ARCHIVED"})
	assert messages(response) == [
		"Another contact has this contact number. Please enter a different contact number."
	]


def test_post_overwrites_by_name(api: Api) -> None:
	"""The trap: a POST without an id but with an existing name changes that contact."""
	response = api.post(
		"/Contacts", {"Contacts": [{"Name": "bayside club", "EmailAddress": "other@example.com"}]}
	)
	contact = response.json()["Contacts"][0]
	assert response.status_code == 200
	assert (contact["EmailAddress"], contact["ContactNumber"]) == ("other@example.com", "CUST-0001")


def test_archived_contacts(api: Api) -> None:
	assert "Gone Fishing Ltd" not in names(api)
	assert "Gone Fishing Ltd" in names(api, includeArchived="true")
	contact_id = api.contact_id("Gone Fishing Ltd")
	assert api.get(f"/Contacts/{contact_id}").json()["Contacts"][0]["ContactStatus"] == "ARCHIVED"
	assert messages(api.post(f"/Contacts/{contact_id}", {"Name": "Back"})) == [
		"The specified contact details matched an archived contact. Archived contacts cannot currently be "
		"edited via the API."
	]


def test_merged_contacts_name_the_contact_they_were_merged_into(api: Api) -> None:
	merged = api.get(f"/Contacts/{api.contact_id('Bayside Club (old)')}").json()["Contacts"][0]
	assert merged["MergedToContactID"] == api.contact_id("Bayside Club")


def test_merging_moves_the_documents(api: Api) -> None:
	document = api.create(api.invoice())
	into = api.contact_id("City Limousines")
	api.admin.act(api.tenant, "merge_contact", name="Bayside Club", into=into)
	assert api.get(f"/Invoices/{document['InvoiceID']}").json()["Invoices"][0]["Contact"]["ContactID"] == into


def test_filters(api: Api) -> None:
	assert names(api, where='ContactNumber=="cust-0002"', page="1") == ["City Limousines"]
	assert names(api, where='Name=="cafe maori & sons"') == ["Café Māori & Sons"]
	assert names(api, searchTerm="maori") == ["Café Māori & Sons"]
	assert names(api, IDs=api.contact_id()) == ["Bayside Club"]
	assert names(api, where='EmailAddress!=null&&EmailAddress.Contains("citylimo")') == ["City Limousines"]
	assert api.get("/Contacts", page=1, pageSize=2).json()["pagination"]["itemCount"] == 4


def test_rules(api: Api) -> None:
	body = {
		"Name": "Two  blanks <b>",
		"EmailAddress": "nonsense",
		"Website": "example.com",
		"ContactNumber": "x" * 51,
	}
	found = messages(api.put("/Contacts", body))
	assert "Email address must be valid." in found and "Website must be valid." in found and len(found) == 4


def test_details_sent_with_an_invoice_update_the_contact(api: Api) -> None:
	contact_id = api.contact_id()
	api.create(api.invoice(Contact={"ContactID": contact_id, "EmailAddress": "new@example.com"}))
	assert api.get(f"/Contacts/{contact_id}").json()["Contacts"][0]["EmailAddress"] == "new@example.com"


def test_details_sent_with_an_invoice_drop_the_contacts_persons(api: Api) -> None:
	persons = [{"FirstName": "Ana", "LastName": "Tui"}]
	contact = api.put("/Contacts", {"Name": "Tui Ltd", "ContactPersons": persons}).json()["Contacts"][0]
	path = f"/Contacts/{contact['ContactID']}"
	api.create(api.invoice("A", Contact={"ContactID": contact["ContactID"]}))
	assert api.get(path).json()["Contacts"][0]["ContactPersons"] == persons
	api.create(
		api.invoice("B", Contact={"ContactID": contact["ContactID"], "EmailAddress": "tui@example.com"})
	)
	assert api.get(path).json()["Contacts"][0]["ContactPersons"] == []


@pytest.mark.parametrize("where", ["nested", "document"])
def test_errors_in_contact_details_are_reported_in_the_contact_or_for_the_document(
	api: Api, where: str
) -> None:
	api.admin.switch(contact_errors=where)
	refused = api.invoice(Contact={"Name": "New", "EmailAddress": "nonsense"})
	element = api.put("/Invoices", refused).json()["Elements"][0]
	said = [error["Message"] for error in element["Contact"]["ValidationErrors"]]
	of_the_document = [error["Message"] for error in element["ValidationErrors"]]
	wrong = ["Email address must be valid."]
	assert (said, of_the_document) == ((wrong, []) if where == "nested" else ([], wrong))
	assert api.admin.documents() == [] and "New" not in names(api)


def test_addresses_and_phones_have_limits(api: Api) -> None:
	body = {
		"Name": "Long",
		"Addresses": [
			{"AddressType": "POBOX", "AddressLine1": "x" * 501, "City": "x" * 256, "Country": "x" * 51}
		],
		"Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "1" * 51, "PhoneAreaCode": "1" * 11}],
	}
	assert messages(api.put("/Contacts", body)) == [
		f"The {name} must not be longer than {limit} characters."
		for name, limit in {
			"AddressLine1": 500,
			"City": 255,
			"Country": 50,
			"PhoneNumber": 50,
			"PhoneAreaCode": 10,
		}.items()
	]


def test_a_document_without_a_currency_is_in_its_contacts_currency(api: Api) -> None:
	api.put("/Contacts", {"Name": "Sydney Ltd", "DefaultCurrency": "AUD"})
	api.put("/Contacts", {"Name": "Zurich Ltd", "DefaultCurrency": "CHF"})
	created = [api.create(api.invoice(name, Contact={"Name": name})) for name in ("Sydney Ltd", "Zurich Ltd")]
	assert [document["CurrencyCode"] for document in created] == ["AUD", "NZD"]


def test_summarize_errors_false(api: Api) -> None:
	batch = [{"Name": "Fine"}, {"Name": "Bayside Club"}]
	response = api.put("/Contacts", {"Contacts": batch}, summarizeErrors="false")
	assert [row["StatusAttributeString"] for row in response.json()["Contacts"]] == ["OK", "ERROR"]
	assert "Fine" in names(api)
