"""Reading documents from Xero's JSON: what is applied to them, their allocations, their tax and their dates."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.records import Allocation
from nexwave_xero_connector.xero_api.document_response import read_document
from nexwave_xero_connector.xero_api.response import day


def test_everything_that_prevents_voiding_an_invoice_is_named() -> None:
	invoice = read_document(
		XeroType.ACCREC,
		{
			"InvoiceID": "inv-1",
			"Status": "PAID",
			"Payments": [
				{"Reference": "BANK 5", "Amount": Decimal("60.5"), "Date": "/Date(1767312000000+0000)/"}
			],
			"Prepayments": [{"AppliedAmount": Decimal("10")}],
			"Overpayments": [{"AppliedAmount": 5}],
			"CreditNotes": [
				{"CreditNoteID": "cn-1", "CreditNoteNumber": "CN-1", "AppliedAmount": Decimal("39.5")}
			],
		},
	)
	assert invoice.applied == (
		"Payment BANK 5 of 60.50 dated 2026-01-02",
		"Prepayment of 10.00",
		"Overpayment of 5.00",
		"Credit note CN-1 of 39.50",
	)
	assert invoice.allocations == ()


def test_the_tax_of_each_type_is_added_up_if_the_lines_are_listed() -> None:
	lines = [
		{"TaxType": "OUTPUT2", "TaxAmount": Decimal("1.5")},
		{"Description": "nothing but text"},
		{"TaxType": "NONE", "TaxAmount": 0},
		{"TaxType": "OUTPUT2", "TaxAmount": Decimal("-0.25")},
	]
	invoice = {"InvoiceID": "inv-1", "Status": "AUTHORISED"}
	assert read_document(XeroType.ACCREC, {**invoice, "LineItems": lines}).tax_by_type == (
		("OUTPUT2", Decimal("1.25")),
	)
	for listed in ({}, {"LineItems": []}, {"LineItems": None}):
		assert read_document(XeroType.ACCREC, {**invoice, **listed}).tax_by_type == ()


def test_a_credit_note_has_its_allocations_and_refunds() -> None:
	allocation = {
		"AllocationID": "a-1",
		"Amount": Decimal("39.5"),
		"Invoice": {"InvoiceID": "inv-1", "InvoiceNumber": "SI-1"},
	}
	credit_note = read_document(
		XeroType.ACCRECCREDIT,
		{
			"CreditNoteID": "cn-1",
			"CreditNoteNumber": "CN-1",
			"Status": "AUTHORISED",
			"RemainingCredit": Decimal("60.5"),
			"Payments": [{"Amount": 7}],
			"Allocations": [allocation],
		},
	)
	assert credit_note.remaining_credit == Decimal("60.5")
	assert credit_note.applied == ("Payment of 7.00",)
	assert credit_note.allocations == (Allocation(id="a-1", invoice_id="inv-1", amount=Decimal("39.5")),)


@pytest.mark.parametrize(
	("element", "expected"),
	[
		({"DateString": "2026-09-14T00:00:00", "Date": "/Date(0)/"}, date(2026, 9, 14)),
		({"Date": "/Date(1789344000000+0000)/"}, date(2026, 9, 14)),
		({"Date": "/Date(1789344000000)/"}, date(2026, 9, 14)),
		({"Date": "2026-09-14"}, date(2026, 9, 14)),
		({}, None),
	],
)
def test_a_date_is_the_documents_own_day(element: dict[str, object], expected: date | None) -> None:
	assert day(element, "Date") == expected
