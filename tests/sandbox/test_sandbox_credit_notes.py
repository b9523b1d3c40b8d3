"""Credit notes, allocations and payments."""

from __future__ import annotations

import pytest
from sandbox_api import Api, line, messages


@pytest.fixture
def pair(api: Api) -> tuple[Api, str, str]:
	"""A credit note of 115.00 and an invoice of 230.00."""
	invoice = api.create(api.invoice(LineItems=[line(Quantity=4)]))
	return api, api.create(api.credit_note())["CreditNoteID"], invoice["InvoiceID"]


def allocate(api: Api, credit_note: str, invoice: str, amount: float):
	body = {"Invoice": {"InvoiceID": invoice}, "Amount": amount, "Date": "2026-11-02"}
	return api.put(f"/CreditNotes/{credit_note}/Allocations", {"Allocations": [body]})


def test_allocating_moves_both_balances(pair: tuple[Api, str, str]) -> None:
	api, credit_note, invoice = pair
	response = allocate(api, credit_note, invoice, 60.5)
	assert "AllocationID" not in response.json()["Allocations"][0]
	got = api.get(f"/CreditNotes/{credit_note}").json()["CreditNotes"][0]
	assert (got["RemainingCredit"], got["Status"]) == (54.5, "AUTHORISED")
	assert got["Allocations"][0]["Invoice"]["InvoiceID"] == invoice and got["Allocations"][0]["AllocationID"]
	other = api.get(f"/Invoices/{invoice}").json()["Invoices"][0]
	assert (other["AmountCredited"], other["AmountDue"], other["AmountPaid"]) == (60.5, 169.5, 0)
	assert other["CreditNotes"][0]["AppliedAmount"] == 60.5 and "AllocationID" not in other["CreditNotes"][0]


def test_allocating_twice_allocates_twice(pair: tuple[Api, str, str]) -> None:
	api, credit_note, invoice = pair
	assert [allocate(api, credit_note, invoice, 50).status_code for _ in range(3)] == [200, 200, 400]
	assert len(api.get(f"/CreditNotes/{credit_note}").json()["CreditNotes"][0]["Allocations"]) == 2


def test_an_allocation_locks_both_ends_until_it_is_removed(pair: tuple[Api, str, str]) -> None:
	api, credit_note, invoice = pair
	allocate(api, credit_note, invoice, 115)
	got = api.get(f"/CreditNotes/{credit_note}").json()["CreditNotes"][0]
	assert got["Status"] == "PAID" and "FullyPaidOnDate" in got
	assert messages(api.post(f"/CreditNotes/{credit_note}", {"Status": "VOIDED"})) == [
		"This document cannot be edited as it has a payment or credit note allocated to it."
	]
	for text, message in (
		(
			"void",
			"The status VOIDED cannot be applied to the credit note because it has payments or credit notes "
			"allocated to it.",
		),
		("status", "Credit Note not of valid status for modification"),
	):
		api.admin.switch(allocated_credit_note_void=text)
		assert messages(api.post(f"/CreditNotes/{credit_note}", {"Status": "VOIDED"})) == [message]
	assert "cannot be applied" in messages(api.post(f"/Invoices/{invoice}", {"Status": "VOIDED"}))[0]
	allocation = got["Allocations"][0]["AllocationID"]
	removed = api.call("DELETE", f"/CreditNotes/{credit_note}/Allocations/{allocation}")
	assert removed.status_code == 200
	assert set(removed.json()["Allocations"][0]) == {"AllocationId", "Date", "IsDeleted"}
	assert api.get(f"/CreditNotes/{credit_note}").json()["CreditNotes"][0]["Status"] == "AUTHORISED"
	for path in (f"/CreditNotes/{credit_note}", f"/Invoices/{invoice}"):
		assert api.post(path, {"Status": "VOIDED"}).status_code == 200


def test_invalid_allocations_are_refused(pair: tuple[Api, str, str]) -> None:
	api, credit_note, invoice = pair
	assert messages(allocate(api, credit_note, invoice, 116)) == [
		"Credit Note cannot be allocated as amount is greater than amount outstanding"
	]
	api.admin.act(api.tenant, "pay", id=invoice)
	assert messages(allocate(api, credit_note, invoice, 10)) == [
		"The invoice you are trying to allocate to has already been paid off",
		"Credit Note cannot be allocated as amount is greater than amount outstanding",
	]
	bill = api.create(api.bill())["InvoiceID"]
	assert messages(allocate(api, credit_note, bill, 10)) == [
		"Credit Note cannot be allocated to an incorrect invoice type"
	]
	other = api.create(api.invoice("B", Contact={"Name": "City Limousines"}))["InvoiceID"]
	assert "another contact" in messages(allocate(api, credit_note, other, 10))[0]
	foreign = api.create(api.invoice("C", CurrencyCode="USD"))["InvoiceID"]
	assert "another currency" in messages(allocate(api, credit_note, foreign, 10))[0]


def test_drafts_can_neither_allocate_nor_be_allocated_to(api: Api) -> None:
	draft = api.create(api.credit_note(Status="DRAFT"))["CreditNoteID"]
	invoice = api.create(api.invoice(Status="DRAFT"))["InvoiceID"]
	assert len(messages(allocate(api, draft, invoice, 1))) == 2
	assert api.post(f"/CreditNotes/{draft}", {"Status": "DELETED"}).status_code == 200


def test_a_payment_through_the_api_and_its_removal(api: Api) -> None:
	invoice = api.create(api.invoice())["InvoiceID"]
	body = {
		"Invoice": {"InvoiceID": invoice},
		"Account": {"Code": "090"},
		"Amount": 115,
		"Date": "2026-11-05",
	}
	payment = api.put("/Payments", {"Payments": [body]}).json()["Payments"][0]
	assert (payment["PaymentType"], payment["Status"]) == ("ACCRECPAYMENT", "AUTHORISED")
	assert api.get(f"/Invoices/{invoice}").json()["Invoices"][0]["Status"] == "PAID"
	assert messages(api.put("/Payments", body)) == [
		"Payments can only be made against Authorised documents",
		"Payment amount exceeds the amount outstanding on this document",
	]
	path = f"/Payments/{payment['PaymentID']}"
	assert api.post(path, {"Payments": [{"Status": "DELETED"}]}).json()["Payments"][0]["Status"] == "DELETED"
	assert api.get(f"/Invoices/{invoice}").json()["Invoices"][0]["Status"] == "AUTHORISED"
	assert len(api.get("/Payments", page=1).json()["Payments"]) == 1
