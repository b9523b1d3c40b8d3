"""Changing, voiding and deleting."""

from __future__ import annotations

import pytest
from sandbox_api import Api, line, messages

MODIFICATION = "Invoice not of valid status for modification"
SETTLED = "This document cannot be edited as it has a payment or credit note allocated to it."


def change(api: Api, document: dict, body: dict, **params: str):
	return api.post(f"/Invoices/{document['InvoiceID']}", body, **params)


@pytest.mark.parametrize("make", ["invoice", "bill"])
def test_post_by_number_overwrites(api: Api, make: str) -> None:
	"""The trap: a POST with a number in use replaces the document, even for bills."""
	body = getattr(api, make)("N-1")
	first = api.create(body)
	other = {**body, "InvoiceNumber": "n-1", "LineItems": [{**body["LineItems"][0], "UnitAmount": 1}]}
	response = api.post("/Invoices", {"Invoices": [other]})
	assert response.status_code == 200
	assert response.json()["Invoices"][0]["InvoiceID"] == first["InvoiceID"]
	assert response.json()["Invoices"][0]["SubTotal"] == 2
	assert len(api.admin.documents()) == 1


def test_a_bill_may_also_be_matched_by_contact(api: Api) -> None:
	first = api.create(api.bill())
	other = api.bill(Contact={"Name": "Swanston Security"})
	api.admin.switch(bill_post_match="number_and_contact")
	assert api.post("/Invoices", other).json()["Invoices"][0]["InvoiceID"] != first["InvoiceID"]


def test_post_without_a_match_creates(api: Api) -> None:
	assert api.post("/Invoices", api.invoice()).json()["Invoices"][0]["InvoiceNumber"] == "SINV-1"


def test_post_by_number_of_a_voided_or_deleted_document_is_refused(api: Api) -> None:
	for status, end in (("AUTHORISED", "VOIDED"), ("DRAFT", "DELETED")):
		document = api.create(api.invoice(f"N-{end}", Status=status))
		assert change(api, document, {"Status": end}).status_code == 200
		assert messages(api.post("/Invoices", api.invoice(f"N-{end}"))) == [MODIFICATION]


@pytest.mark.parametrize(
	("status", "wanted", "allowed"),
	[
		("DRAFT", "SUBMITTED", True),
		("DRAFT", "DELETED", True),
		("DRAFT", "VOIDED", False),
		("SUBMITTED", "DRAFT", True),
		("SUBMITTED", "DELETED", True),
		("SUBMITTED", "VOIDED", False),
		("AUTHORISED", "VOIDED", True),
		("AUTHORISED", "DELETED", False),
		("AUTHORISED", "DRAFT", False),
		("AUTHORISED", "PAID", False),
	],
)
def test_transitions(api: Api, status: str, wanted: str, allowed: bool) -> None:
	document = api.create(api.invoice(Status=status))
	response = change(api, document, {"InvoiceID": document["InvoiceID"], "Status": wanted})
	assert response.status_code == (200 if allowed else 400)
	assert messages(response) == ([] if allowed else [MODIFICATION])
	assert api.admin.document(document["InvoiceID"])["status"] == (wanted if allowed else status)


def test_a_void_keeps_the_amount_due_and_a_second_void_is_refused(api: Api) -> None:
	document = api.create(api.invoice())
	voided = change(api, document, {"Status": "VOIDED"}, summarizeErrors="False").json()["Invoices"][0]
	assert (voided["Status"], voided["StatusAttributeString"], voided["AmountDue"]) == ("VOIDED", "OK", 115)
	again = change(api, document, {"Status": "VOIDED"}, summarizeErrors="False").json()["Invoices"][0]
	assert (again["Status"], again["StatusAttributeString"]) == ("VOIDED", "ERROR")
	assert again["ValidationErrors"] == [{"Message": MODIFICATION}] and "InvoiceNumber" not in again


@pytest.mark.parametrize("kind", ["prepayment", "overpayment"])
@pytest.mark.parametrize("make", ["invoice", "bill"])
def test_a_prepayment_or_overpayment_blocks_the_voiding(api: Api, kind: str, make: str) -> None:
	document = api.create(getattr(api, make)("N-1"))
	applied = api.admin.act(api.tenant, f"apply_{kind}", number="N-1", amount=15, reference="Bank 7")
	got = api.get(f"/Invoices/{document['InvoiceID']}").json()["Invoices"][0]
	shown = got[f"{kind.title()}s"][0]
	assert (shown[f"{kind.title()}ID"], shown["AppliedAmount"], shown["Reference"]) == (
		applied[f"{kind}_id"],
		15,
		"Bank 7",
	)
	assert (got["AmountCredited"], got["AmountPaid"], got["AmountDue"]) == (15, 0, 100)
	assert messages(change(api, document, {"Status": "VOIDED"})) == [
		"The status VOIDED cannot be applied to the invoice because it has payments or credit notes allocated to "
		"it."
	]
	api.admin.act(api.tenant, f"remove_{kind}", **applied)
	assert change(api, document, {"Status": "VOIDED"}).status_code == 200


def test_a_prepayment_of_the_whole_amount_pays_the_invoice(api: Api) -> None:
	api.create(api.invoice())
	api.admin.act(api.tenant, "apply_prepayment", number="SINV-1")
	assert api.get("/Invoices/SINV-1").json()["Invoices"][0]["Status"] == "PAID"
	with pytest.raises(Exception, match="Authorised"):
		api.admin.act(api.tenant, "apply_overpayment", number="SINV-1", amount=1)


@pytest.mark.parametrize(("status", "end"), [("AUTHORISED", "VOIDED"), ("DRAFT", "DELETED")])
def test_voiding_or_deleting_twice_may_be_accepted(api: Api, status: str, end: str) -> None:
	document = api.create(api.invoice(Status=status))
	api.admin.switch(end_twice="accepted")
	for _ in range(2):
		answer = change(api, document, {"Status": end})
		assert (answer.status_code, answer.json()["Invoices"][0]["Status"]) == (200, end)
	other = "DELETED" if end == "VOIDED" else "VOIDED"
	assert messages(change(api, document, {"Status": other})) == [MODIFICATION]


def test_a_void_must_not_send_the_whole_document(api: Api) -> None:
	document = api.create(api.invoice())
	fetched = api.get(f"/Invoices/{document['InvoiceID']}").json()["Invoices"][0]
	assert messages(change(api, document, {**fetched, "Status": "VOIDED"})) == [MODIFICATION]


def test_voiding_four_decimal_prices_needs_unitdp(api: Api) -> None:
	document = api.create(api.invoice(LineItems=[line(Quantity=100, UnitAmount="0.0149")]))
	assert messages(change(api, document, {"Status": "VOIDED"})) == [
		"The line total 1.49 does not match the expected line total 1.00"
	]
	assert change(api, document, {"Status": "VOIDED"}, unitdp="4").status_code == 200


def test_a_paid_document_cannot_be_voided(api: Api) -> None:
	document = api.create(api.invoice())
	api.admin.act(api.tenant, "pay", id=document["InvoiceID"], amount=15)
	expected = (
		"The status VOIDED cannot be applied to the invoice because it has payments or credit notes "
		"allocated to it."
	)
	assert messages(change(api, document, {"Status": "VOIDED"})) == [expected]
	api.admin.act(api.tenant, "pay", id=document["InvoiceID"])
	assert messages(change(api, document, {"Status": "VOIDED"})) == [expected]
	got = api.get(f"/Invoices/{document['InvoiceID']}").json()["Invoices"][0]
	assert (got["Status"], got["AmountPaid"], got["AmountDue"], len(got["Payments"])) == ("PAID", 115, 0, 2)


def test_some_fields_of_a_part_paid_document_may_change(api: Api) -> None:
	document = api.create(api.invoice())
	api.admin.act(api.tenant, "pay", id=document["InvoiceID"], amount=15)
	line_id = document["LineItems"][0]["LineItemID"]
	fine = {
		"Reference": "R",
		"DueDate": "2026-12-24",
		"InvoiceNumber": "RENAMED",
		"Url": "https://erp.example/1",
	}
	assert change(api, document, fine).status_code == 200
	assert messages(change(api, document, {"Date": "2026-11-02"})) == [
		"Date cannot be changed on an invoice that has payment or credit notes allocated to it."
	]
	assert messages(change(api, document, {"LineItems": [line()]})) == [
		"To update fields on a paid invoice line item, you must supply a LineItemID"
	]
	dearer = line(LineItemID=line_id, UnitAmount=60)
	assert messages(change(api, document, {"LineItems": [dearer]})) == [SETTLED]
	words = line(LineItemID=line_id, Description="New words", AccountCode="260")
	lines = change(api, document, {"LineItems": [words]}).json()["Invoices"][0]["LineItems"]
	assert (lines[0]["Description"], lines[0]["AccountCode"]) == ("New words", "260")
	assert set(messages(api.post("/Invoices", api.invoice("RENAMED")))) == {MODIFICATION, SETTLED}


def test_amounts_of_a_part_paid_bill_are_dropped_silently(api: Api) -> None:
	document = api.create(api.bill())
	api.admin.act(api.tenant, "pay", id=document["InvoiceID"], amount=15)
	dearer = line(LineItemID=document["LineItems"][0]["LineItemID"], UnitAmount=60, AccountCode="429")
	response = change(api, document, {"LineItems": [dearer]})
	assert (response.status_code, response.json()["Invoices"][0]["Total"]) == (200, 115)


def test_lines_are_replaced_as_a_whole_and_keep_known_ids(api: Api) -> None:
	document = api.create(api.invoice(LineItems=[line(), line(Description="Second")]))
	kept = document["LineItems"][1]["LineItemID"]
	lines = change(api, document, {"LineItems": [line(LineItemID=kept), line()]}).json()["Invoices"][0][
		"LineItems"
	]
	assert lines[0]["LineItemID"] == kept
	assert lines[1]["LineItemID"] not in {old["LineItemID"] for old in document["LineItems"]}


def test_updating_lines_of_a_foreign_currency_document_resets_its_rate(api: Api) -> None:
	document = api.create(api.invoice(CurrencyCode="USD", CurrencyRate="0.7"))
	changed = change(api, document, {"LineItems": [line(UnitAmount=1)]}).json()["Invoices"][0]
	assert changed["CurrencyRate"] == 0.599988
	kept = change(api, document, {"LineItems": [line(UnitAmount=2)], "CurrencyRate": "0.7"}).json()[
		"Invoices"
	][0]
	assert kept["CurrencyRate"] == 0.7


def test_a_locked_period_also_blocks_changes(api: Api) -> None:
	document = api.create(api.invoice())
	api.admin.act(api.tenant, "lock", end_of_year="2026-11-30")
	assert (
		"currently dated before the end of year lock date"
		in messages(change(api, document, {"Status": "VOIDED"}))[0]
	)


def test_there_is_no_delete_and_unknown_ids_are_404(api: Api) -> None:
	document = api.create(api.invoice())
	assert api.call("DELETE", f"/Invoices/{document['InvoiceID']}").status_code == 404
	unknown = {"InvoiceID": "11111111-2222-3333-4444-555555555555"}
	assert change(api, unknown, {"Status": "VOIDED"}).status_code == 404
	assert api.post("/Invoices", {**unknown, "Status": "VOIDED"}).status_code == 404


def test_history_says_who_did_what(api: Api) -> None:
	document = api.create(api.invoice())
	path = f"/Invoices/{document['InvoiceID']}/History"
	assert api.put(path, {"HistoryRecords": [{"Details": "Pushed from ERPNext"}]}).status_code == 200
	api.admin.act(api.tenant, "void", number="SINV-1")
	records = api.get(path).json()["HistoryRecords"]
	assert [record["Changes"] for record in records] == ["Voided", "Note", "Created"]
	assert [record["User"] for record in records] == ["Alex Taylor", "NexWave Connector", "NexWave Connector"]
	assert [entry["by_api"] for entry in api.admin.document(document["InvoiceID"])["history"]] == [
		True,
		True,
		False,
	]


def test_attachments(api: Api) -> None:
	document = api.create(api.invoice())
	path = f"/Invoices/{document['InvoiceID']}/Attachments"
	stored = api.put(f"{path}/invoice.pdf", {"any": "bytes"}, IncludeOnline="true").json()["Attachments"][0]
	assert (stored["FileName"], stored["IncludeOnline"]) == ("invoice.pdf", True)
	assert api.get(f"{path}/invoice.pdf").json() == {"any": "bytes"}
	assert len(api.get(path).json()["Attachments"]) == 1
	assert api.get(f"/Invoices/{document['InvoiceID']}").json()["Invoices"][0]["HasAttachments"] is True


def test_emailing_marks_an_invoice_as_sent(api: Api) -> None:
	document, draft = api.create(api.invoice()), api.create(api.invoice("D", Status="DRAFT"))
	assert api.post(f"/Invoices/{document['InvoiceID']}/Email", {}).status_code == 204
	assert api.get("/Invoices/SINV-1").json()["Invoices"][0]["SentToContact"] is True
	refused = messages(api.post(f"/Invoices/{draft['InvoiceID']}/Email", {}))
	assert refused == ["Draft, voided or deleted invoices cannot be emailed"]


def test_tax_follows_a_change_of_line_amount_types(api: Api) -> None:
	document = api.create(api.invoice())
	changed = change(api, document, {"LineAmountTypes": "Inclusive"}).json()["Invoices"][0]
	assert (changed["SubTotal"], changed["TotalTax"], changed["Total"]) == (86.96, 13.04, 100)
