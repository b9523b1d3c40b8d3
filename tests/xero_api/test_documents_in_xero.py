"""Documents against the running Xero sandbox: look-ups find everything, and each write happens once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.errors import Rejected
from nexwave_xero_connector.sync.records import ValidationErrors, XeroDocument
from nexwave_xero_connector.xero_api import lists

from .xero_stand_in import StandIn


def numbers(found: list[XeroDocument]) -> list[str]:
	return sorted(document.number for document in found)


@pytest.mark.parametrize("xero_type", list(XeroType))
def test_a_document_is_created_and_found_again(stand_in: StandIn, xero_type: XeroType) -> None:
	extra = {"Url": "https://erp.example/app/invoice/1"} if xero_type.has_url else {}
	created = stand_in.create(xero_type, "DOC-1", "10.10", **extra)
	assert (created.total, created.total_tax) == (Decimal("11.62"), Decimal("1.52"))
	(found,) = stand_in.xero.find(xero_type, ["DOC-1", "DOC-2"])
	assert found.id == created.id
	assert found.status == "AUTHORISED" and found.is_live
	assert (found.total, found.currency) == (Decimal("11.62"), "NZD")
	assert found.date == date(2026, 11, 2)
	assert found.contact_id == (stand_in.contact_id if xero_type.is_sales else stand_in.supplier_id)
	assert found.url == extra.get("Url", "")
	assert (
		stand_in.xero.read(xero_type, [created.id]) == stand_in.xero.read(xero_type, [created.id] * 2) != []
	)


def test_the_types_do_not_see_each_other(stand_in: StandIn) -> None:
	ids = {xero_type: stand_in.create(xero_type, "SAME-1").id for xero_type in XeroType}
	for xero_type in XeroType:
		assert [document.id for document in stand_in.xero.find(xero_type, ["SAME-1"])] == [ids[xero_type]]
		assert [document.id for document in stand_in.xero.read(xero_type, list(ids.values()))[:1]] == [
			ids[xero_type]
		]


@pytest.mark.parametrize("xero_type", [XeroType.ACCREC, XeroType.ACCPAY, XeroType.ACCRECCREDIT])
def test_odd_numbers_are_found(stand_in: StandIn, xero_type: XeroType) -> None:
	odd = ["A,B", 'He said "no"', "INV/2026/1", "50% & more + 1", "a(b) OR c", "C,D", "back\\slash", "it's"]
	for number in odd:
		stand_in.create(xero_type, number)
	assert numbers(stand_in.xero.find(xero_type, odd)) == sorted(odd)
	for number in odd:
		assert numbers(stand_in.xero.find(xero_type, [number])) == [number]


def test_a_number_in_another_case_is_found_with_xeros_spelling(stand_in: StandIn) -> None:
	stand_in.create(XeroType.ACCREC, "SI-Abc")
	assert numbers(stand_in.xero.find(XeroType.ACCREC, ["si-aBC"])) == ["SI-Abc"]


def test_voided_and_deleted_documents_are_found(stand_in: StandIn) -> None:
	voided = stand_in.create(XeroType.ACCREC, "SI-1")
	deleted = stand_in.create(XeroType.ACCREC, "SI-2", Status="DRAFT")
	stand_in.xero.void([voided, deleted], "key")
	found = stand_in.xero.find(XeroType.ACCREC, ["SI-1", "SI-2"])
	assert sorted((document.number, document.status) for document in found) == [
		("SI-1", "VOIDED"),
		("SI-2", "DELETED"),
	]


def test_a_bill_of_an_archived_supplier_is_found(stand_in: StandIn) -> None:
	bill = stand_in.create(XeroType.ACCPAY, "PI-1")
	stand_in.admin.act(stand_in.tenant, "archive_contact", contact_id=stand_in.supplier_id)
	assert [found.id for found in stand_in.xero.find(XeroType.ACCPAY, ["PI-1"])] == [bill.id]
	assert [found.id for found in stand_in.xero.read(XeroType.ACCPAY, [bill.id])] == [bill.id]


@pytest.mark.parametrize("xero_type", [XeroType.ACCPAY, XeroType.ACCPAYCREDIT])
def test_more_numbers_than_one_query_holds_are_all_found(stand_in: StandIn, xero_type: XeroType) -> None:
	wanted = [f"PURCHASE-{number:05}-{'x' * 40}" for number in range(120)]
	for start in range(0, 120, 40):
		bodies = [stand_in.body(xero_type, number) for number in wanted[start : start + 40]]
		created = stand_in.xero.create(xero_type, bodies, f"key-{start}")
		assert all(isinstance(document, XeroDocument) for document in created)
	found = stand_in.xero.find(xero_type, wanted)
	assert numbers(found) == wanted
	if not xero_type.is_credit_note:
		assert len(stand_in.xero.read(xero_type, [document.id for document in found])) == 120


def test_more_documents_than_one_page_holds_are_all_found(
	stand_in: StandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr(lists, "PAGE_SIZE", 2)
	for attempt in range(5):
		stand_in.create(XeroType.ACCPAY, "PI-SAME", Reference=str(attempt))
	assert numbers(stand_in.xero.find(XeroType.ACCPAY, ["PI-SAME"])) == ["PI-SAME"] * 5


def test_one_bad_document_does_not_stop_the_others(stand_in: StandIn) -> None:
	bodies = [stand_in.body(XeroType.ACCREC, f"SI-{number}") for number in (1, 2, 3)]
	bodies[1]["LineItems"][0]["AccountCode"] = "999"
	first, second, third = stand_in.xero.create(XeroType.ACCREC, bodies, "key")
	assert (first.number, third.number) == ("SI-1", "SI-3")
	assert isinstance(second, ValidationErrors) and "999" in second.messages[0]
	assert stand_in.in_xero("SI-2") == []


def test_a_sales_number_that_is_taken_is_refused_and_nothing_is_overwritten(stand_in: StandIn) -> None:
	for xero_type in (XeroType.ACCREC, XeroType.ACCRECCREDIT):
		stand_in.create(xero_type, "TAKEN-1", "100.00")
		(refused,) = stand_in.xero.create(
			xero_type, [stand_in.body(xero_type, "TAKEN-1", "5.00")], f"again {xero_type}"
		)
		assert isinstance(refused, ValidationErrors) and refused.number_is_taken
		(found,) = stand_in.xero.find(xero_type, ["TAKEN-1"])
		assert found.total == Decimal("115.00")


def test_a_bill_never_overwrites_another_with_its_number(stand_in: StandIn) -> None:
	stand_in.create(XeroType.ACCPAY, "PI-1", "25.00")
	stand_in.create(XeroType.ACCPAY, "PI-1", "30.00")
	totals = sorted(bill.total for bill in stand_in.xero.find(XeroType.ACCPAY, ["PI-1"]))
	assert totals == [Decimal("28.75"), Decimal("34.50")]


def test_the_same_key_and_body_create_one_document_and_another_body_is_refused(stand_in: StandIn) -> None:
	first = stand_in.body(XeroType.ACCPAY, "PI-1", "25.00")
	(created,) = stand_in.xero.create(XeroType.ACCPAY, [first], "one-key")
	(replayed,) = stand_in.xero.create(XeroType.ACCPAY, [first], "one-key")
	assert created.id == replayed.id
	assert stand_in.in_xero("PI-1") == ["AUTHORISED"]
	with pytest.raises(Rejected) as raised:
		stand_in.xero.create(XeroType.ACCPAY, [stand_in.body(XeroType.ACCPAY, "PI-1", "26.00")], "one-key")
	assert "different request" in str(raised.value.sentence)


def test_an_unknown_contact_refuses_the_whole_call(stand_in: StandIn) -> None:
	nobody = {"ContactID": "99999999-9999-4999-8999-999999999999"}
	with pytest.raises(Rejected):
		stand_in.create(XeroType.ACCREC, "SI-1", Contact=nobody)
	assert stand_in.in_xero("SI-1") == []


def test_an_archived_contact_is_refused_with_xeros_message(stand_in: StandIn) -> None:
	body = stand_in.body(XeroType.ACCREC, "SI-1", Contact={"ContactID": stand_in.contact("CUST-ARCHIVED")})
	(refused,) = stand_in.xero.create(XeroType.ACCREC, [body], "key")
	assert isinstance(refused, ValidationErrors) and "archived" in refused.messages[0]


@pytest.mark.parametrize("xero_type", list(XeroType))
@pytest.mark.parametrize(
	("status", "voided"), [("DRAFT", "DELETED"), ("SUBMITTED", "DELETED"), ("AUTHORISED", "VOIDED")]
)
def test_each_status_is_voided_or_deleted_as_xero_requires(
	stand_in: StandIn, xero_type: XeroType, status: str, voided: str
) -> None:
	created = stand_in.create(xero_type, "DOC-1", Status=status)
	(answer,) = stand_in.xero.void([created], "key")
	assert isinstance(answer, XeroDocument) and answer.status == voided
	assert stand_in.in_xero("DOC-1") == [voided]


def test_a_document_with_four_decimal_prices_can_be_voided(stand_in: StandIn) -> None:
	line = {
		"Description": "Screws",
		"Quantity": Decimal("1000"),
		"UnitAmount": Decimal("0.0333"),
		"AccountCode": "200",
		"TaxType": "OUTPUT2",
	}
	created = stand_in.create(XeroType.ACCREC, "SI-1", LineItems=[line])
	assert created.total == Decimal("38.30")
	(voided,) = stand_in.xero.void([created], "key")
	assert isinstance(voided, XeroDocument) and voided.status == "VOIDED"


def test_a_paid_invoice_is_not_voided_and_says_what_is_applied(stand_in: StandIn) -> None:
	paid = stand_in.create(XeroType.ACCREC, "SI-1")
	free = stand_in.create(XeroType.ACCREC, "SI-2")
	stand_in.admin.act(stand_in.tenant, "pay", id=paid.id, amount=60, date="2026-11-03")
	refused, voided = stand_in.xero.void([paid, free], "key")
	assert isinstance(refused, ValidationErrors) and "payments or credit notes" in refused.messages[0]
	assert isinstance(voided, XeroDocument)
	assert stand_in.in_xero("SI-1") == ["AUTHORISED"]
	(read,) = stand_in.xero.read(XeroType.ACCREC, [paid.id])
	assert read.amount_due == Decimal("55.00")
	assert len(read.applied) == 1 and "60.00 dated 2026-11-03" in read.applied[0]


def test_voiding_again_is_refused_and_not_reported_as_voided(stand_in: StandIn) -> None:
	created = stand_in.create(XeroType.ACCREC, "SI-1")
	stand_in.admin.act(stand_in.tenant, "void", id=created.id)
	(refused,) = stand_in.xero.void([created], "key")
	assert isinstance(refused, ValidationErrors)


def test_a_void_is_by_id_and_not_by_number(stand_in: StandIn) -> None:
	first = stand_in.create(XeroType.ACCPAY, "PI-1", "25.00")
	second = stand_in.create(XeroType.ACCPAY, "PI-1", "30.00")
	(voided,) = stand_in.xero.void([replace(second, number="PI-1")], "key")
	assert voided.id == second.id
	statuses = {bill.id: bill.status for bill in stand_in.xero.find(XeroType.ACCPAY, ["PI-1"])}
	assert statuses == {first.id: "AUTHORISED", second.id: "VOIDED"}


def test_an_unknown_id_is_left_out_of_a_read(stand_in: StandIn) -> None:
	nothing = "99999999-9999-4999-8999-999999999999"
	for xero_type in XeroType:
		created = stand_in.create(xero_type, "DOC-1")
		assert [found.id for found in stand_in.xero.read(xero_type, [nothing, created.id])] == [created.id]


@pytest.mark.parametrize("xero_type", [XeroType.ACCREC, XeroType.ACCPAY])
def test_xero_says_what_this_app_has_made(stand_in: StandIn, xero_type: XeroType) -> None:
	typed = stand_in.admin.act(
		stand_in.tenant,
		"enter",
		type=xero_type.value,
		number="A,B",
		due_date="2026-12-20",
		contact="Somebody",
		lines=[{"quantity": 1, "unit_amount": 10, "account": "200", "tax_type": "NONE"}],
	)
	ours = [stand_in.create(xero_type, number).id for number in ("DOC-1", "DOC-2")]
	numbers_asked = ["doc-1", "DOC-2", "A,B"]
	assert {found.id for found in stand_in.xero.find(xero_type, numbers_asked)} == {*ours, typed["id"]}
	assert stand_in.xero.ids_made_by_this_app(xero_type, numbers_asked) == set(ours)


def test_who_has_made_a_credit_note_cannot_be_asked(stand_in: StandIn) -> None:
	with pytest.raises(ValueError, match="which app"):
		stand_in.xero.ids_made_by_this_app(XeroType.ACCPAYCREDIT, ["DOC-1"])
