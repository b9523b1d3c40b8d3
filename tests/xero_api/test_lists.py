"""A look-up finds everything, whatever the numbers look like and however many there are."""

from __future__ import annotations

import pytest

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.errors import Unavailable
from nexwave_xero_connector.xero_api import contacts, documents, lists
from nexwave_xero_connector.xero_api.client import Client
from nexwave_xero_connector.xero_api.lists import chunked, equals

from .scripted_server import ScriptedServer

MAX_QUERY_LENGTH = 2_048


def invoice(id_: int, type_: str = "ACCREC") -> dict[str, object]:
	return {"InvoiceID": str(id_), "InvoiceNumber": f"SI-{id_}", "Type": type_, "Status": "AUTHORISED"}


def page(*ids: int, page_count: int = 1) -> dict[str, object]:
	return {"pagination": {"pageCount": page_count}, "Invoices": [invoice(id_) for id_ in ids]}


def ids(client: Client) -> list[str]:
	return [document.id for document in documents.find(client, XeroType.ACCREC, ["SI-1"])]


def test_a_full_page_is_not_the_end(
	server: ScriptedServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr(lists, "PAGE_SIZE", 2)
	server.answer({"Invoices": [invoice(1), invoice(2)]}).answer({"Invoices": [invoice(2), invoice(3)]})
	server.answer({"Invoices": []})
	assert ids(client) == ["1", "2", "3"]
	assert [seen.query["page"] for seen in server.seen] == [["1"], ["2"], ["3"]]
	assert {seen.query["pageSize"][0] for seen in server.seen} == {"2"}


def test_xeros_own_page_count_is_used_if_pages_are_smaller(server: ScriptedServer, client: Client) -> None:
	server.answer(page(1, 2, page_count=2)).answer(page(3, page_count=2))
	assert ids(client) == ["1", "2", "3"]


def test_a_list_that_never_ends_is_a_failed_read(
	server: ScriptedServer, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
	monkeypatch.setattr(lists, "PAGE_SIZE", 2)
	server.answer(page(1, 2))
	with pytest.raises(Unavailable):
		ids(client)
	assert len(server.seen) == 2


def test_a_failed_second_page_is_a_failed_look_up(server: ScriptedServer, client: Client) -> None:
	server.answer(page(1, page_count=2)).answer(status=500)
	with pytest.raises(Unavailable):
		ids(client)


def test_an_unreadable_document_is_a_failed_look_up(server: ScriptedServer, client: Client) -> None:
	server.answer({"Invoices": [invoice(1), {"InvoiceID": "2", "Type": "ACCREC", "Total": 5}]})
	with pytest.raises(Unavailable):
		ids(client)


def test_documents_of_another_type_are_not_found(server: ScriptedServer, client: Client) -> None:
	server.answer({"Invoices": [invoice(1), invoice(2, "ACCPAY"), {"InvoiceID": "3", "Type": "FUTURE"}]})
	assert ids(client) == ["1"]
	assert [document.id for document in documents.read(client, XeroType.ACCPAY, ["1", "2"])] == ["2"]


@pytest.mark.parametrize("xero_type", list(XeroType))
@pytest.mark.parametrize(
	"number", ["SI-2026-{:05}", 'A "B" {} & Co + 5%', "rechnung/ä {}", "{}, 2nd", "x" * 130 + "{}"]
)
def test_every_number_is_looked_up_in_queries_that_xero_accepts(
	server: ScriptedServer, client: Client, xero_type: XeroType, number: str
) -> None:
	server.answer({"Invoices": [], "CreditNotes": []})
	numbers = [number.format(each) for each in range(120)]
	documents.find(client, xero_type, numbers * 2)
	asked: list[str] = []
	for seen in server.seen:
		assert seen.query_length < MAX_QUERY_LENGTH
		assert seen.query["page"] == ["1"] and seen.query["unitdp"] == ["4"]
		where = seen.query["where"][0]
		assert where.startswith(f'Type=="{xero_type.value}"')
		if "InvoiceNumbers" in seen.query:
			asked += [equals("n", each) for each in seen.query["InvoiceNumbers"][0].split(",")]
		else:
			asked += where.removeprefix(f'Type=="{xero_type.value}" AND (').removesuffix(")").split(" OR ")
	assert [term.partition("==")[2] for term in asked] == [
		equals("n", each).partition("==")[2] for each in numbers
	]


def test_an_invoice_look_up_includes_the_documents_of_archived_contacts(
	server: ScriptedServer, client: Client
) -> None:
	server.answer(page())
	documents.find(client, XeroType.ACCPAY, ["PI-1", "PI,2"])
	documents.read(client, XeroType.ACCPAY, ["1"])
	assert [seen.query["includeArchived"] for seen in server.seen] == [["True"]] * 3


def test_ids_are_read_in_queries_that_xero_accepts(server: ScriptedServer, client: Client) -> None:
	server.answer(page())
	wanted = [f"{each:08}-1111-4111-8111-111111111111" for each in range(120)]
	documents.read(client, XeroType.ACCREC, wanted)
	assert all(seen.query_length < MAX_QUERY_LENGTH for seen in server.seen)
	assert [id_ for seen in server.seen for id_ in seen.query["IDs"][0].split(",")] == wanted


def test_contacts_are_looked_up_in_queries_that_xero_accepts(server: ScriptedServer, client: Client) -> None:
	server.answer({"Contacts": []})
	names = [f'Kauri "Timber" & Söhne {each}' for each in range(60)]
	contacts.find_contacts(client, ["CUST-1"], names)
	assert all(seen.query_length < MAX_QUERY_LENGTH for seen in server.seen)
	assert all(seen.query["includeArchived"] == ["True"] for seen in server.seen)
	asked = [term for seen in server.seen for term in seen.query["where"][0].split(" OR ")]
	assert asked == [equals("ContactNumber", "CUST-1"), *(equals("Name", name) for name in names)]


def test_a_term_that_is_too_long_for_one_call_is_sent_alone() -> None:
	assert list(chunked(["a", "b" * 3000, "c"], ",")) == [["a"], ["b" * 3000], ["c"]]
