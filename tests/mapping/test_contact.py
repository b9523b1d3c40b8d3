"""A Customer or Supplier as a new Xero contact."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nexwave_xero_connector.mapping.contact import contact_body, contact_number
from nexwave_xero_connector.mapping.erp_document import Party

PARTY = Party(
	"Customer",
	"CUST-1",
	"Customer One",
	email="office@customer.example",
	tax_id="123-456-789",
	phone="+64 9 123 4567",
	address_line1="1 Queen St",
	address_line2="Level 2",
	city="Auckland",
	region="Auckland",
	postal_code="1010",
	country="New Zealand",
)


def test_all_known_details_are_sent() -> None:
	assert contact_body(PARTY) == {
		"Name": "Customer One",
		"ContactNumber": "CUST-1",
		"EmailAddress": "office@customer.example",
		"TaxNumber": "123-456-789",
		"Addresses": [
			{
				"AddressType": "POBOX",
				"AddressLine1": "1 Queen St",
				"AddressLine2": "Level 2",
				"City": "Auckland",
				"Region": "Auckland",
				"PostalCode": "1010",
				"Country": "New Zealand",
			}
		],
		"Phones": [{"PhoneType": "DEFAULT", "PhoneNumber": "+64 9 123 4567"}],
	}


def test_unknown_details_are_not_sent() -> None:
	assert contact_body(Party("Supplier", "S", "S")) == {"Name": "S", "ContactNumber": "S"}


@pytest.mark.parametrize(
	("title", "name"),
	[
		("  two   blanks ", "two blanks"),
		("a<b>c", "a b c"),
		("&lt;b&gt;Tags &amp; Co&lt;/b&gt;", "b Tags & Co /b"),
		("Raw & Co", "Raw & Co"),
		("n" * 300, "n" * 255),
		("<>", "CUST-1"),
	],
)
def test_a_name_that_xero_accepts(title: str, name: str) -> None:
	assert contact_body(replace(PARTY, title=title))["Name"] == name


def test_a_long_id_has_its_own_stable_number() -> None:
	one, other = replace(PARTY, name="L" * 60 + "1"), replace(PARTY, name="L" * 60 + "2")
	assert contact_number(one) == "L" * 39 + "-" + contact_number(one)[-10:]
	assert len(contact_number(one)) == 50
	assert contact_number(one) == contact_number(replace(one, title="Other"))
	assert contact_number(one) != contact_number(other)
	assert contact_number(replace(PARTY, name="L" * 50)) == "L" * 50


@pytest.mark.parametrize(
	"email", ["nobody", "a@b", "a b@c.nz", "a@c.nz, b@c.nz", "müller@c.nz", "x" * 251 + "@c.nz"]
)
def test_an_email_that_xero_would_reject_is_left_out(email: str) -> None:
	assert "EmailAddress" not in contact_body(replace(PARTY, email=email))


def test_values_that_are_too_long_are_left_out_rather_than_cut() -> None:
	body = contact_body(replace(PARTY, tax_id="1" * 51, phone="1" * 51))
	assert "TaxNumber" not in body and "Phones" not in body


def test_a_country_has_letters_only() -> None:
	body = contact_body(replace(PARTY, country="Côte d'Ivoire"))
	assert body["Addresses"][0]["Country"] == "C te d Ivoire"
