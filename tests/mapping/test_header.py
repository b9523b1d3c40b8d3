"""Number, dates, currency, reference and link of the document."""

from __future__ import annotations

from datetime import date
from decimal import Decimal as D

import pytest

from nexwave_xero_connector.mapping.header import document_number
from nexwave_xero_connector.mapping.xero_type import XeroType
from tests.mapping.nz import bill, cannot_map, gst, invoice, item, mapping_settings, payload

BY_SUPPLIER = mapping_settings(
	bill_number_source="Supplier Invoice No", bill_date_source="Supplier Invoice Date"
)


def test_an_invoice() -> None:
	sent = payload(invoice(due_date=date(2026, 4, 20), customer_purchase_order="PO 7"))
	assert {name: value for name, value in sent.body.items() if name != "LineItems"} == {
		"Type": "ACCREC",
		"InvoiceNumber": "SINV-0001",
		"Reference": "PO 7",
		"Date": "2026-03-31",
		"DueDate": "2026-04-20",
		"Status": "AUTHORISED",
		"LineAmountTypes": "Exclusive",
		"CurrencyCode": "NZD",
		"Url": "https://erp.example/app/sales-invoice/SINV-0001",
	}
	assert (sent.number, sent.date, sent.currency) == ("SINV-0001", date(2026, 3, 31), "NZD")


def test_without_a_due_date_it_is_due_on_the_posting_date() -> None:
	assert payload(invoice()).body["DueDate"] == "2026-03-31"


def test_a_credit_note_has_no_due_date_and_no_url() -> None:
	document = invoice(
		(item(net="-100.00", qty="-1"),), (gst("-15.00"),), is_return=True, due_date=date(2026, 3, 31)
	)
	body = payload(document).body
	assert body["CreditNoteNumber"] == "SINV-0001"
	assert not {"InvoiceNumber", "DueDate", "Url"} & set(body)


def test_a_bill_has_the_suppliers_number_and_date_if_the_settings_say_so() -> None:
	document = bill(bill_no=" INV  99 ", bill_date=date(2026, 3, 1))
	ours = payload(document)
	assert (ours.number, ours.body["Date"]) == ("PINV-0001", "2026-03-31")
	theirs = payload(document, BY_SUPPLIER)
	assert (theirs.number, theirs.body["InvoiceNumber"], theirs.body["Date"]) == (
		"INV 99",
		"INV 99",
		"2026-03-01",
	)


def test_a_bill_without_the_suppliers_number_keeps_its_erpnext_name() -> None:
	assert document_number(bill(), BY_SUPPLIER) == "PINV-0001"


def test_a_sales_invoice_never_has_a_suppliers_number() -> None:
	document = invoice(bill_no="X", bill_date=date(2026, 1, 1))
	assert payload(document, BY_SUPPLIER).number == "SINV-0001"
	assert payload(document, BY_SUPPLIER).body["Date"] == "2026-03-31"


def test_a_bill_has_no_reference() -> None:
	assert "Reference" not in payload(bill(customer_purchase_order="PO")).body


def test_a_reference_is_cut_at_255() -> None:
	assert len(payload(invoice(customer_purchase_order="P" * 300)).body["Reference"]) == 255


@pytest.mark.parametrize(
	("conversion_rate", "currency_rate"),
	[("1.6667", "0.599988"), ("0.0109", "91.743119"), ("3", "0.333333"), ("0.6", "1.666667")],
)
def test_the_currency_rate_is_the_inverse_at_six_places(conversion_rate: str, currency_rate: str) -> None:
	body = payload(invoice(currency="USD", conversion_rate=D(conversion_rate))).body
	assert (body["CurrencyCode"], body["CurrencyRate"]) == ("USD", D(currency_rate))


def test_the_companys_own_currency_has_no_rate() -> None:
	assert "CurrencyRate" not in payload(invoice()).body


STATUSES = {
	XeroType.ACCREC: "AUTHORISED",
	XeroType.ACCRECCREDIT: "SUBMITTED",
	XeroType.ACCPAY: "DRAFT",
	XeroType.ACCPAYCREDIT: "SUBMITTED",
}


@pytest.mark.parametrize("xero_type", XeroType)
def test_each_kind_has_its_own_status(xero_type: XeroType) -> None:
	make = invoice if xero_type.is_sales else bill
	rows = {"items": (item(net="-100.00", qty="-1"),), "taxes": (gst("-15.00"),), "is_return": True}
	document = make(**rows) if xero_type.is_credit_note else make()
	assert document.xero_type is xero_type
	assert payload(document, mapping_settings(statuses=STATUSES)).body["Status"] == STATUSES[xero_type]


BY_BOTH = mapping_settings(bill_number_source="Supplier Invoice No and ERPNext Name")


def test_a_bill_can_have_both_numbers() -> None:
	assert document_number(bill(bill_no=" S-4711 "), BY_BOTH) == "S-4711 - PINV-0001"
	assert document_number(bill(), BY_BOTH) == "PINV-0001"
	assert document_number(bill(bill_no="№ é 7"), BY_BOTH) == "No e 7 - PINV-0001"
	assert document_number(bill(bill_no="票"), BY_BOTH) == "PINV-0001"
	long = document_number(bill(bill_no="9" * 300), BY_BOTH)
	assert (len(long), long[-14:]) == (255, "99 - PINV-0001")


@pytest.mark.parametrize("settings", [BY_SUPPLIER, BY_BOTH], ids=["supplier's", "both"])
def test_a_suppliers_credit_note_always_carries_its_erpnext_name(settings: object) -> None:
	returned = bill(
		items=(item(net="-100.00", qty="-1"),),
		taxes=(gst("-15.00"),),
		is_return=True,
		bill_no="S-4711",
	)
	assert document_number(returned, settings) == "S-4711 - PINV-0001"
	assert document_number(returned, mapping_settings()) == "PINV-0001"


LOCKED = {"lock_date": date(2026, 3, 31), "statuses": dict.fromkeys(XeroType, "SUBMITTED")}


def test_a_draft_that_could_never_be_approved_is_refused() -> None:
	"""An approved document is left to Xero, which knows of a lock date that was moved since."""
	refusal = str(cannot_map(invoice(), mapping_settings(**LOCKED)))
	assert "SINV-0001 could never be approved in Xero: it is dated 2026-03-31" in refusal
	assert payload(invoice(), mapping_settings(lock_date=date(2026, 3, 31)))
	assert payload(invoice(posting_date=date(2026, 4, 1)), mapping_settings(**LOCKED))
