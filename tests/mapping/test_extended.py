"""What another app may change in a document's body before it is sent."""

from __future__ import annotations

from copy import deepcopy

import pytest

from nexwave_xero_connector.mapping.errors import CannotMap
from nexwave_xero_connector.mapping.extended import with_body
from nexwave_xero_connector.mapping.payload import XeroPayload
from nexwave_xero_connector.sentence import DocLink
from tests.mapping.nz import D, invoice, mapping_settings, payload

DOCUMENT = DocLink("Sales Invoice", "SINV-0001")


def extended(body: dict) -> XeroPayload:
	return with_body(payload(invoice()), body, mapping_settings(), DOCUMENT, "an_app.hook")


def refused(body: dict) -> str:
	with pytest.raises(CannotMap) as caught:
		extended(body)
	return str(caught.value)


def changed(**fields: object) -> dict:
	body = deepcopy(payload(invoice()).body)
	body["LineItems"][0].update(fields)
	return body


def test_other_fields_may_change() -> None:
	body = payload(invoice()).body | {"Reference": "R-1", "BrandingThemeID": "b"}
	assert extended(body).body == body


def test_a_line_may_be_split_and_its_tax_type_changed() -> None:
	body = changed(UnitAmount=50, TaxAmount=7.5)
	body["LineItems"].append(deepcopy(body["LineItems"][0]))
	assert extended(body).tax_by_type == {"OUTPUT2": D("15.0")}


@pytest.mark.parametrize("fields", [{"UnitAmount": 101}, {"TaxAmount": "14.99"}, {"TaxType": "ZERORATED"}])
def test_totals_may_not_change(fields: dict) -> None:
	message = refused(changed(**fields))
	assert "an_app.hook changed SINV-0001 to" in message
	assert "but in ERPNext it is 100.00 plus 15.00 tax" in message


@pytest.mark.parametrize("field", ["Type", "InvoiceNumber", "CurrencyCode", "LineAmountTypes", "Url"])
def test_fields_that_identify_the_document_may_not_change(field: str) -> None:
	assert f"changed {field} of SINV-0001" in refused(payload(invoice()).body | {field: "X"})


def test_a_contact_may_not_be_added() -> None:
	"""Xero would update the contact with what the document says."""
	assert "changed Contact" in refused(payload(invoice()).body | {"Contact": {"Name": "X"}})


@pytest.mark.parametrize("fields", [{"UnitAmount": "much"}, {"TaxType": "NO_SUCH"}, {"Quantity": None}])
def test_lines_that_cannot_be_added_up(fields: dict) -> None:
	assert "left lines in SINV-0001 that cannot be added up" in refused(changed(**fields))


def test_missing_lines() -> None:
	body = payload(invoice()).body
	del body["LineItems"]
	assert "cannot be added up" in refused(body)
