"""Where a Url is kept and shown, each doubt as a switch, and what lists show that a comparison needs."""

from __future__ import annotations

from typing import Any

import pytest
from sandbox_api import Api, line

LINK = "https://erp.example.com/xero/document?key=1f3c#key=1f3c"


def listed(api: Api, path: str = "/Invoices", **params: Any) -> dict[str, Any]:
	(found,) = api.get(path, **{"page": 1, "unitdp": 4, **params}).json()[path[1:]]
	return found


def single(api: Api, created: dict[str, Any]) -> dict[str, Any]:
	return api.get(f"/Invoices/{created['InvoiceID']}").json()["Invoices"][0]


def test_a_url_is_kept_whole_and_listed(api: Api) -> None:
	for body in (api.invoice("A", Url=LINK), api.bill("B", Url=LINK)):
		created = api.create(body)
		assert [created["Url"], single(api, created)["Url"]] == [LINK, LINK]
		assert listed(api, InvoiceNumbers=body["InvoiceNumber"])["Url"] == LINK


def test_a_url_that_lists_do_not_show_is_in_the_single_document(api: Api) -> None:
	api.admin.switch(url_in_lists="no")
	created = api.create(api.invoice(Url=LINK))
	assert "Url" not in listed(api) and created["Url"] == LINK
	assert "Url" not in listed(api, IDs=created["InvoiceID"]), "a list by id is a list"
	assert single(api, created)["Url"] == LINK


@pytest.mark.parametrize(
	("switches", "kept"),
	[
		({"url_query": "dropped"}, "https://erp.example.com/xero/document#key=1f3c"),
		({"url_fragment": "dropped"}, "https://erp.example.com/xero/document?key=1f3c"),
		({"url_query": "dropped", "url_fragment": "dropped"}, "https://erp.example.com/xero/document"),
		({"url_kept": "dropped"}, None),
	],
)
def test_a_url_may_lose_its_query_its_fragment_or_all(
	api: Api, switches: dict[str, str], kept: str | None
) -> None:
	api.admin.switch(**switches)
	created = api.create(api.bill(Url=LINK))
	assert [created.get("Url"), listed(api).get("Url"), single(api, created).get("Url")] == [kept] * 3


def test_a_credit_note_has_no_url(api: Api) -> None:
	created = api.create(api.credit_note(Url=LINK))
	assert "Url" not in created and "Url" not in listed(api, "/CreditNotes")


def test_a_url_is_copied_with_its_document_or_not(api: Api) -> None:
	api.create(api.invoice(Url=LINK))
	copied = api.admin.act(api.tenant, "copy", number="SINV-1", new_number="SINV-1b")
	assert listed(api, IDs=copied["id"])["Url"] == LINK
	api.admin.switch(copy_keeps_url="no")
	copied = api.admin.act(api.tenant, "copy", number="SINV-1", new_number="SINV-1c")
	assert "Url" not in listed(api, IDs=copied["id"])


@pytest.mark.parametrize(("path", "credit"), [("/Invoices", False), ("/CreditNotes", True)])
def test_a_paged_list_shows_all_that_was_sent(api: Api, path: str, credit: bool) -> None:
	"""With a page: date, rate, and each line with account, tax type, tax and amount. Without one: no lines."""
	sent = {
		"CurrencyCode": "USD",
		"CurrencyRate": "0.654321",
		"LineItems": [
			line(Quantity=3, UnitAmount="33.3333", TaxType="OUTPUT2", TaxAmount="14.99"),
			line(AccountCode="260", TaxType="NONE"),
		],
	}
	api.create(api.credit_note(**sent) if credit else api.invoice(**sent))
	found = listed(api, path)
	assert (found["DateString"], found["CurrencyCode"]) == ("2026-11-01T00:00:00", "USD")
	assert found["CurrencyRate"] == 0.654321
	fields = ("AccountCode", "TaxType", "TaxAmount", "LineAmount", "UnitAmount")
	assert [[row[name] for name in fields] for row in found["LineItems"]] == [
		["200", "OUTPUT2", 14.99, 100.0, 33.3333],
		["260", "NONE", 0.0, 100.0, 50.0],
	]
	assert listed(api, path, unitdp=2)["LineItems"][0]["UnitAmount"] == 33.33
	(unpaged,) = api.get(path).json()[path[1:]]
	assert unpaged["LineItems"] == [] and unpaged["TotalTax"] == found["TotalTax"]


def test_the_base_currency_has_the_rate_one(api: Api) -> None:
	api.create(api.invoice())
	assert listed(api)["CurrencyRate"] == 1
