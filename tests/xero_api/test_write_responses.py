"""An element of a write counts as saved only if everything in the response says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.errors import OutcomeUnknown, Rejected
from nexwave_xero_connector.sync.records import ValidationErrors, XeroDocument
from nexwave_xero_connector.xero_api import allocations, contacts, documents
from nexwave_xero_connector.xero_api.client import Client
from nexwave_xero_connector.xero_api.response import NO_ID

from .scripted_server import ScriptedServer

ID = "11111111-1111-4111-8111-111111111111"
OTHER_ID = "22222222-2222-4222-8222-222222222222"
DOCUMENT = XeroDocument(
	XeroType.ACCREC, ID, "SI-1", "AUTHORISED", "c-1", "Kauri", "NZD", Decimal("11.50"), Decimal("1.50")
)


def body(number: str = "SI-1") -> dict[str, object]:
	return {"Type": "ACCREC", "InvoiceNumber": number, "Status": "AUTHORISED"}


def element(number: str = "SI-1", id_: str = ID, **changes: object) -> dict[str, object]:
	return {
		"Type": "ACCREC",
		"InvoiceID": id_,
		"InvoiceNumber": number,
		"Status": "AUTHORISED",
		"StatusAttributeString": "OK",
		"HasErrors": False,
		"Contact": {"ContactID": "c-1", "Name": "Kauri", "ValidationErrors": []},
		"LineItems": [{"Description": "x", "ValidationErrors": []}],
		"SubTotal": 10,
		"TotalTax": 1.50,
		"Total": 11.50,
		"CurrencyCode": "NZD",
		"DateString": "2026-09-14T00:00:00",
		**changes,
	}


def create(client: Client, *numbers: str) -> list[XeroDocument | ValidationErrors]:
	return documents.create(client, XeroType.ACCREC, [body(number) for number in numbers], "key")


def test_a_created_document_is_read_with_exact_money(server: ScriptedServer, client: Client) -> None:
	server.answer({"Invoices": [element(Url="https://erp.example/si-1", Reference="PO 7")]})
	(created,) = create(client, "SI-1")
	assert created == replace(DOCUMENT, date=date(2026, 9, 14), url="https://erp.example/si-1")
	assert str(created.total_tax) == "1.5"


@pytest.mark.parametrize(
	("change", "message"),
	[
		({"HasErrors": True}, ""),
		({"StatusAttributeString": "ERROR"}, ""),
		({"InvoiceID": NO_ID}, ""),
		({"InvoiceID": None}, ""),
		({"ValidationErrors": [{"Message": "Invoice # must be unique."}]}, "Invoice # must be unique."),
		({"Contact": {"ValidationErrors": [{"Message": "Contact archived."}]}}, "Contact archived."),
		(
			{"LineItems": [{"ValidationErrors": [{"Message": "Account must be valid."}]}]},
			"Account must be valid.",
		),
		({"LineItems": [{"Tracking": [{"ValidationErrors": [{"Message": "No option."}]}]}]}, "No option."),
	],
)
def test_any_sign_of_an_error_is_a_refusal_whatever_status_is_echoed(
	server: ScriptedServer, client: Client, change: Mapping[str, object], message: str
) -> None:
	server.answer({"Invoices": [element("SI-1"), element("SI-2", OTHER_ID, **change)]})
	done, refused = create(client, "SI-1", "SI-2")
	assert isinstance(done, XeroDocument)
	assert isinstance(refused, ValidationErrors)
	assert message in refused.messages[0] and refused.messages[0]


def test_a_number_that_is_taken_is_recognised(server: ScriptedServer, client: Client) -> None:
	errors = [{"Message": "Invoice # must be unique."}]
	server.answer({"Invoices": [element(id_=NO_ID, HasErrors=True, ValidationErrors=errors)]})
	(refused,) = create(client, "SI-1")
	assert isinstance(refused, ValidationErrors) and refused.number_is_taken


def test_a_warning_is_not_a_refusal(server: ScriptedServer, client: Client) -> None:
	server.answer(
		{"Invoices": [element(StatusAttributeString="WARNING", Warnings=[{"Message": "Odd rate."}])]}
	)
	(created,) = create(client, "SI-1")
	assert isinstance(created, XeroDocument)


@pytest.mark.parametrize(
	"change",
	[
		{"Status": "FUTURE"},
		{"LineAmountTypes": "FUTURE"},
		{"StatusAttributeString": "FUTURE"},
		{"CurrencyCode": "XTS"},
		{"LineItems": None},
		{"Payments": None, "Contact": None},
	],
)
def test_unknown_values_do_not_hide_a_created_document(
	server: ScriptedServer, client: Client, change: Mapping[str, object]
) -> None:
	server.answer({"Invoices": [element(**change)]})
	(created,) = create(client, "SI-1")
	assert isinstance(created, XeroDocument)
	assert created.id == ID and created.is_live


@pytest.mark.parametrize(
	"elements",
	[
		[],
		[element("SI-1")],
		[element("SI-1"), element("SI-2", OTHER_ID), element("SI-3", OTHER_ID)],
		[element("SI-1"), element("SI-3", OTHER_ID)],
		[element("SI-1"), element("SI-2", OTHER_ID, Total="eleven")],
		[element("SI-1"), element("SI-2", OTHER_ID, Total=True)],
		[element("SI-1"), element("SI-2", OTHER_ID, DateString="soon")],
		[element("SI-1"), element("SI-2", OTHER_ID, Contact="Kauri")],
	],
	ids=["none", "fewer", "more", "not sent", "no amount", "true", "no date", "no contact"],
)
def test_a_response_that_does_not_match_the_request_means_an_unknown_outcome(
	server: ScriptedServer, client: Client, elements: list[dict[str, object]]
) -> None:
	server.answer({"Invoices": elements})
	with pytest.raises(OutcomeUnknown):
		create(client, "SI-1", "SI-2")


def test_a_400_for_a_single_document_is_its_refusal(server: ScriptedServer, client: Client) -> None:
	errors = [{"Message": "Invoice # must be unique."}]
	server.answer({"ErrorNumber": 10, "Elements": [{"ValidationErrors": errors}]}, status=400)
	assert create(client, "SI-1") == [ValidationErrors(("Invoice # must be unique.",))]
	with pytest.raises(Rejected):
		create(client, "SI-1", "SI-2")


@pytest.mark.parametrize(
	("status", "sent"), [("AUTHORISED", "VOIDED"), ("DRAFT", "DELETED"), ("SUBMITTED", "DELETED")]
)
def test_a_void_sends_only_the_id_and_the_status(
	server: ScriptedServer, client: Client, status: str, sent: str
) -> None:
	server.answer({"Invoices": [element(Status=sent)]})
	(voided,) = documents.void(client, [replace(DOCUMENT, status=status)], "key")
	assert isinstance(voided, XeroDocument) and not voided.is_live
	(seen,) = server.seen
	assert (seen.method, seen.path) == ("POST", "/api.xro/2.0/Invoices")
	assert seen.query == {"summarizeErrors": ["False"], "unitdp": ["4"]}
	assert seen.body == b'{"Invoices":[{"InvoiceID":"%s","Status":"%s"}]}' % (ID.encode(), sent.encode())


def test_a_refused_void_is_a_refusal_despite_the_status_it_echoes(
	server: ScriptedServer, client: Client
) -> None:
	message = "Invoice not of valid status for modification"
	echo = {
		"InvoiceID": ID,
		"Status": "VOIDED",
		"HasErrors": True,
		"StatusAttributeString": "ERROR",
		"ValidationErrors": [{"Message": message}],
	}
	server.answer({"Invoices": [echo]})
	assert documents.void(client, [DOCUMENT], "key") == [ValidationErrors((message,))]


def test_a_void_that_changed_nothing_is_a_refusal(server: ScriptedServer, client: Client) -> None:
	server.answer({"Invoices": [element(Status="AUTHORISED")]})
	(refused,) = documents.void(client, [DOCUMENT], "key")
	assert isinstance(refused, ValidationErrors) and "AUTHORISED" in refused.messages[0]


@pytest.mark.parametrize("has_errors", [False, True])
def test_a_void_that_returns_another_document_has_an_unknown_outcome(
	server: ScriptedServer, client: Client, has_errors: bool
) -> None:
	server.answer({"Invoices": [element(id_=OTHER_ID, Status="VOIDED", HasErrors=has_errors)]})
	with pytest.raises(OutcomeUnknown):
		documents.void(client, [DOCUMENT], "key")


@pytest.mark.parametrize("id_", ["", NO_ID])
def test_nothing_is_posted_without_an_id(server: ScriptedServer, client: Client, id_: str) -> None:
	server.answer({"Invoices": [element(Status="VOIDED")]})
	with pytest.raises(ValueError):
		documents.void(client, [replace(DOCUMENT, id=id_)], "key")
	assert server.seen == []


def test_documents_voided_together_must_be_of_one_type(server: ScriptedServer, client: Client) -> None:
	with pytest.raises(ValueError):
		documents.void(client, [DOCUMENT, replace(DOCUMENT, xero_type=XeroType.ACCRECCREDIT)], "key")


def test_nothing_to_do_makes_no_call(server: ScriptedServer, client: Client) -> None:
	assert documents.create(client, XeroType.ACCREC, [], "key") == []
	assert documents.void(client, [], "key") == []
	assert documents.find(client, XeroType.ACCREC, []) == []
	assert contacts.create_contacts(client, [], "key") == []
	assert server.seen == []


@pytest.mark.parametrize("xero_type", list(XeroType))
def test_an_empty_number_does_not_list_everything(
	server: ScriptedServer, client: Client, xero_type: XeroType
) -> None:
	with pytest.raises(ValueError):
		documents.find(client, xero_type, ["DOC-1", " "])
	with pytest.raises(ValueError):
		contacts.find_contacts(client, ["CUST-1"], [""])
	assert server.seen == []


def test_documents_in_another_order_are_known_by_their_number(server: ScriptedServer, client: Client) -> None:
	server.answer({"Invoices": [element("SI-2", OTHER_ID), element("SI-1")]})
	first, second = create(client, "SI-1", "SI-2")
	assert (first.id, second.id) == (ID, OTHER_ID)


def test_documents_of_one_number_are_known_by_their_link(server: ScriptedServer, client: Client) -> None:
	links = ["https://erp.example/bill-1", "https://erp.example/bill-2"]
	bodies = [{**body("RENT"), "Url": link} for link in links]
	server.answer({"Invoices": [element("RENT", OTHER_ID, Url=links[1]), element("RENT", Url=links[0])]})
	first, second = documents.create(client, XeroType.ACCPAY, bodies, "key")
	assert (first.id, second.id) == (ID, OTHER_ID)


def test_documents_that_nothing_tells_apart_have_no_result(server: ScriptedServer, client: Client) -> None:
	server.answer({"Invoices": [element("SI-1"), element("RENT", OTHER_ID), element("RENT", OTHER_ID)]})
	first, *doubtful = create(client, "SI-1", "RENT", "RENT")
	assert first.id == ID
	assert doubtful == [None, None]


def test_a_rejected_document_without_its_number_has_no_result_in_a_batch(
	server: ScriptedServer, client: Client
) -> None:
	server.answer({"Invoices": [element("", NO_ID, HasErrors=True), element("SI-1")]})
	first, doubtful = create(client, "SI-1", "SI-2")
	assert first.id == ID
	assert doubtful is None


def test_contacts_in_another_order_are_known_by_their_number(server: ScriptedServer, client: Client) -> None:
	answered = [{"ContactID": f"c-{each}", "Name": "A", "ContactNumber": f"CUST-{each}"} for each in (2, 1)]
	server.answer({"Contacts": answered})
	found = contacts.create_contacts(
		client, [{"ContactNumber": "CUST-1"}, {"ContactNumber": "CUST-2"}], "key"
	)
	assert [contact.id for contact in found] == ["c-1", "c-2"]


@pytest.mark.parametrize(
	"answered", [[], [{"ContactID": "c-1", "Name": "A"}, {"ContactID": "c-2", "Name": "B"}]]
)
def test_contacts_that_do_not_match_the_request_mean_an_unknown_outcome(
	server: ScriptedServer, client: Client, answered: list[object]
) -> None:
	server.answer({"Contacts": answered})
	with pytest.raises(OutcomeUnknown):
		contacts.create_contacts(client, [{"Name": "A"}], "key")


def test_a_contact_with_an_unknown_status_counts_as_archived(server: ScriptedServer, client: Client) -> None:
	server.answer({"Contacts": [{"ContactID": "c-1", "Name": "A", "ContactStatus": "GDPRREQUEST"}]})
	(found,) = contacts.find_contacts(client, ["A"], [])
	assert found.is_archived


def allocate(client: Client) -> ValidationErrors | None:
	return allocations.allocate(client, "cn-1", "inv-1", Decimal("60.50"), date(2026, 1, 2), "key")


def test_an_allocation_is_sent_with_its_exact_amount_and_key(server: ScriptedServer, client: Client) -> None:
	server.answer({"Allocations": [{"Amount": 60.5, "ValidationErrors": []}]})
	assert allocate(client) is None
	(seen,) = server.seen
	assert (seen.method, seen.path) == ("PUT", "/api.xro/2.0/CreditNotes/cn-1/Allocations")
	assert seen.headers["idempotency-key"] == "key"
	assert (
		seen.body == b'{"Allocations":[{"Invoice":{"InvoiceID":"inv-1"},"Amount":60.50,"Date":"2026-01-02"}]}'
	)


def test_a_refused_allocation_has_xeros_message(server: ScriptedServer, client: Client) -> None:
	message = "The invoice you are trying to allocate to has already been paid off"
	errors = [{"Message": message}]
	server.answer({"ErrorNumber": 10, "Elements": [{"ValidationErrors": errors}]}, status=400)
	server.answer({"Allocations": [{"ValidationErrors": errors}]})
	assert allocate(client) == ValidationErrors((message,))
	assert allocate(client) == ValidationErrors((message,))


@pytest.mark.parametrize("answered", [{"Allocations": []}, {"Allocations": [{}, {}]}, {}, b"oops"])
def test_an_allocation_without_a_response_has_an_unknown_outcome(
	server: ScriptedServer, client: Client, answered: object
) -> None:
	server.answer(answered)
	with pytest.raises(OutcomeUnknown):
		allocate(client)


def credit_note(*allocation_ids: str) -> dict[str, object]:
	note = {
		"Type": "ACCRECCREDIT",
		"CreditNoteID": "cn-1",
		"Status": "AUTHORISED",
		"Allocations": [
			{"AllocationID": id_, "Amount": 5, "Invoice": {"InvoiceID": "inv-1"}} for id_ in allocation_ids
		],
	}
	return {"CreditNotes": [note]}


@pytest.mark.parametrize("in_a_list", [False, True])
def test_a_deleted_allocation_is_recognised_without_its_invoice(
	server: ScriptedServer, client: Client, in_a_list: bool
) -> None:
	deleted = {"AllocationId": "a-1", "Date": "/Date(0)/", "IsDeleted": True}
	server.answer({"Allocations": [deleted]} if in_a_list else deleted)
	allocations.remove_allocation(client, "cn-1", "a-1")
	assert [(seen.method, seen.path) for seen in server.seen] == [
		("DELETE", "/api.xro/2.0/CreditNotes/cn-1/Allocations/a-1")
	]


@pytest.mark.parametrize("status", [200, 404, 400])
def test_any_other_response_to_a_removal_is_settled_by_reading_the_credit_note(
	server: ScriptedServer, client: Client, status: int
) -> None:
	server.answer(b"?", status=status).answer(credit_note("a-2"))
	allocations.remove_allocation(client, "cn-1", "a-1")
	assert server.seen[-1].path == "/api.xro/2.0/CreditNotes/cn-1"


@pytest.mark.parametrize(("status", "error"), [(200, OutcomeUnknown), (400, Rejected), (404, Rejected)])
def test_an_allocation_that_still_exists_is_not_reported_as_removed(
	server: ScriptedServer, client: Client, status: int, error: type[Exception]
) -> None:
	server.answer(b"?", status=status).answer(credit_note("a-1", "a-2"))
	with pytest.raises(error):
		allocations.remove_allocation(client, "cn-1", "a-1")


def test_a_removal_from_a_credit_note_that_xero_does_not_have_fails(
	server: ScriptedServer, client: Client
) -> None:
	server.answer(status=404)
	with pytest.raises(Rejected):
		allocations.remove_allocation(client, "cn-1", "a-1")
