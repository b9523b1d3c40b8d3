"""What people do with documents in Xero's own pages: they type, edit, renumber, recode, copy and void."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox_api import Api, line

OURS = "https://erp.example.com/xero/1f3c"
TYPED_LINE = {"description": "Tea", "quantity": 2, "unit_amount": 50, "account": "200"}


def enter(api: Api, **typed: Any) -> dict[str, Any]:
	"""A person types an invoice of 115.00, or what is given instead."""
	typed = {"type": "ACCREC", "number": "SINV-1", "contact": "Bayside Club", "lines": [TYPED_LINE], **typed}
	return api.admin.act(api.tenant, "enter", **{"date": "2026-11-01", "due_date": "2026-11-30", **typed})


def edit(api: Api, **changes: Any) -> dict[str, Any]:
	"""A person edits the document; what the API shows of it then."""
	return wire(api, api.admin.act(api.tenant, "edit", **{"number": "SINV-1", **changes})["id"])


def wire(api: Api, id_: str) -> dict[str, Any]:
	return api.admin.document(id_)["wire"]


def test_a_person_types_an_invoice_under_the_number_that_we_would_use(api: Api) -> None:
	typed = enter(api)
	found = api.get(f"/Invoices/{typed['id']}").json()["Invoices"][0]
	assert (found["InvoiceNumber"], found["Status"], found["Total"]) == ("SINV-1", "AUTHORISED", 115)
	assert "Url" not in found
	assert api.put("/Invoices", api.invoice()).json()["Elements"][0]["ValidationErrors"] == [
		{"Message": "Invoice # must be unique."}
	]
	history = api.admin.document(typed["id"])["history"]
	assert [(entry["change"], entry["by_api"]) for entry in history] == [("Created", False)]
	assert api.get("/Invoices", createdByMyApp="true", page=1).json()["Invoices"] == []


@pytest.mark.parametrize(
	("type_", "account", "path"),
	[
		("ACCPAY", "429", "/Invoices"),
		("ACCRECCREDIT", "200", "/CreditNotes"),
		("ACCPAYCREDIT", "429", "/CreditNotes"),
	],
)
def test_a_person_types_bills_and_credit_notes_with_or_without_our_figures(
	api: Api, type_: str, account: str, path: str
) -> None:
	"""Only the number is the same, or all of it: date, contact, lines, tax and total."""
	ours = api.bill(LineItems=[line(AccountCode=account)])
	if type_.endswith("CREDIT"):
		ours = api.credit_note("BILL-1", Type=type_, LineItems=[line(AccountCode=account)])
	ours = api.create({**ours, "Type": type_})
	same = {**TYPED_LINE, "description": "Consulting", "account": account}
	number = "BILL-1" if type_ != "ACCRECCREDIT" else "BILL-2"
	like_ours = wire(api, enter(api, type=type_, number=number, lines=[same])["id"])
	as_compared = ("Date", "CurrencyCode", "CurrencyRate", "SubTotal", "TotalTax", "Total", "Type")
	assert [like_ours[name] for name in as_compared] == [ours[name] for name in as_compared]
	assert like_ours["Contact"]["ContactID"] == ours["Contact"]["ContactID"]
	figures = ("AccountCode", "TaxType", "TaxAmount", "LineAmount", "Quantity", "UnitAmount")
	assert [like_ours["LineItems"][0][name] for name in figures] == [
		ours["LineItems"][0][name] for name in figures
	]
	other = enter(
		api,
		type=type_,
		number="OTHER",
		contact="City Limousines",
		currency="USD",
		rate=0.61,
		lines=[{**same, "unit_amount": 70, "tax_type": "NONE"}, same],
		status="DRAFT",
	)
	found = wire(api, other["id"])
	assert (found["Status"], found["CurrencyCode"], found["CurrencyRate"]) == ("DRAFT", "USD", 0.61)
	assert (found["SubTotal"], found["TotalTax"], len(found["LineItems"])) == (240, 15, 2)
	assert len(api.get(path, page=1).json()[path[1:]]) == 3


def test_the_pages_refuse_what_the_rules_refuse(api: Api) -> None:
	enter(api)
	for wrong, words in (
		({}, "must be unique"),
		({"number": "A", "lines": []}, "line items must be specified"),
		({"number": "A", "type": "SALES"}, "type is one of"),
		({"number": "A", "lines": [{**TYPED_LINE, "account": "280"}]}, "archived"),
	):
		with pytest.raises(Exception, match=words):
			enter(api, **wrong)
	assert [entry["number"] for entry in api.admin.documents()] == ["SINV-1"]


def test_a_person_edits_the_date_the_contact_and_the_reference(api: Api) -> None:
	api.create(api.invoice(Url=OURS))
	edited = edit(api, date="2026-12-24", contact="City Limousines", reference="As agreed")
	assert (edited["DateString"], edited["Contact"]["Name"]) == ("2026-12-24T00:00:00", "City Limousines")
	assert (edited["Reference"], edited["Url"], edited["Total"]) == ("As agreed", OURS, 115)
	assert edit(api, contact="A New Party Ltd")["Contact"]["Name"] == "A New Party Ltd"


def test_a_person_edits_account_tax_and_amount_of_a_line(api: Api) -> None:
	api.create(api.invoice(Url=OURS, LineItems=[line(), line(Description="More")]))
	recoded = edit(api, account="260")
	assert [found["AccountCode"] for found in recoded["LineItems"]] == ["260", "200"]
	assert (recoded["TotalTax"], recoded["Url"]) == (30, OURS)
	untaxed = edit(api, line=2, tax_type="NONE")
	assert [found["TaxType"] for found in untaxed["LineItems"]] == ["OUTPUT2", "NONE"]
	assert (untaxed["TotalTax"], untaxed["Total"]) == (15, 215)
	assert edit(api, line=2, tax_type="OUTPUT2", tax_amount="14.99")["TotalTax"] == 29.99
	dearer = edit(api, unit_amount=51, description="Consulting, dearer")
	assert (dearer["SubTotal"], dearer["LineItems"][0]["Description"]) == (202, "Consulting, dearer")
	assert dearer["LineItems"][1]["TaxAmount"] == 14.99, "the other line stays as it is"


def test_an_edit_leaves_the_rate_of_a_foreign_document_alone(api: Api) -> None:
	"""The API would set the day's rate with lines that come without one."""
	api.create(api.invoice(CurrencyCode="USD", CurrencyRate="0.555555"))
	assert edit(api, account="260")["CurrencyRate"] == 0.555555
	assert edit(api, rate="0.6")["CurrencyRate"] == 0.6


def test_a_paid_document_keeps_its_amounts_and_may_be_recoded(api: Api) -> None:
	api.create(api.invoice())
	api.admin.act(api.tenant, "pay", number="SINV-1")
	with pytest.raises(Exception, match="payment or credit note allocated"):
		edit(api, unit_amount=51)
	assert edit(api, account="260")["LineItems"][0]["AccountCode"] == "260"


def test_a_document_that_was_voided_cannot_be_edited(api: Api) -> None:
	api.create(api.invoice())
	api.admin.act(api.tenant, "void", number="SINV-1")
	with pytest.raises(Exception, match="not of valid status"):
		edit(api, date="2026-12-24")


def test_a_person_renumbers_a_document(api: Api) -> None:
	first = api.create(api.invoice(Url=OURS))
	api.create(api.invoice("SINV-2"))
	with pytest.raises(Exception, match="must be unique"):
		api.admin.act(api.tenant, "rename", number="SINV-1", new_number="sinv-2")
	api.admin.act(api.tenant, "rename", number="SINV-1", new_number="SINV-1 old")
	found = wire(api, first["InvoiceID"])
	assert (found["InvoiceNumber"], found["Url"], found["Total"]) == ("SINV-1 old", OURS, 115)
	api.create(api.invoice())


def test_find_and_recode_moves_all_lines_of_an_account(api: Api) -> None:
	invoice = api.create(api.invoice(LineItems=[line(), line(AccountCode="260")]))
	draft = api.create(api.invoice("SINV-2", Status="DRAFT"))
	api.create(api.credit_note())
	api.admin.act(api.tenant, "pay", number="SINV-1")
	changed = api.admin.act(api.tenant, "recode", account="200", new_account="270")["documents"]
	assert len(changed) == 2 and draft["InvoiceID"] not in changed
	found = wire(api, invoice["InvoiceID"])
	assert [part["AccountCode"] for part in found["LineItems"]] == ["270", "260"]
	assert (found["Total"], found["TotalTax"], found["Status"]) == (230, 30, "PAID")
	with pytest.raises(Exception, match="active account"):
		api.admin.act(api.tenant, "recode", account="270", new_account="280")


@pytest.mark.parametrize("type_", ["ACCREC", "ACCPAY"])
def test_a_person_voids_copies_corrects_and_approves(api: Api, type_: str) -> None:
	"""What Xero's help advises where an invoice is wrong: the copy is the person's own document."""
	account = "200" if type_ == "ACCREC" else "429"
	ours = api.create(api.invoice("A-1", Type=type_, Url=OURS, LineItems=[line(AccountCode=account)]))
	api.admin.act(api.tenant, "void", number="A-1")
	number = "A-1a" if type_ == "ACCREC" else "A-1"
	copied = api.admin.act(api.tenant, "copy", id=ours["InvoiceID"], new_number=number)
	assert (copied["number"], copied["status"]) == (number, "DRAFT") and copied["id"] != ours["InvoiceID"]
	edited = edit(api, id=copied["id"], unit_amount=40)
	assert (edited["Total"], edited["Url"]) == (92, OURS)
	api.admin.act(api.tenant, "approve", id=copied["id"])
	assert wire(api, copied["id"])["Status"] == "AUTHORISED"
	assert wire(api, ours["InvoiceID"])["Status"] == "VOIDED"
	made_by_us = api.get("/Invoices", createdByMyApp="true", page=1).json()["Invoices"]
	assert [found["InvoiceID"] for found in made_by_us] == [ours["InvoiceID"]]


def test_a_copy_needs_a_number_of_its_own(api: Api) -> None:
	api.create(api.invoice())
	api.admin.act(api.tenant, "void", number="SINV-1")
	with pytest.raises(Exception, match="must be unique"):
		api.admin.act(api.tenant, "copy", number="SINV-1", new_number="SINV-1")


def test_a_copy_of_a_credit_note_has_its_lines_and_nothing_that_was_applied(api: Api) -> None:
	invoice, note = api.create(api.invoice()), api.create(api.credit_note())
	api.admin.act(
		api.tenant, "allocate", credit_note_id=note["CreditNoteID"], invoice_id=invoice["InvoiceID"]
	)
	copied = wire(api, api.admin.act(api.tenant, "copy", id=note["CreditNoteID"], new_number="CN-2")["id"])
	assert (copied["Allocations"], copied["RemainingCredit"], copied["Total"]) == ([], 115, 115)
	assert copied["LineItems"][0]["LineItemID"] != note["LineItems"][0]["LineItemID"]
