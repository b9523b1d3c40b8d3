"""Finding documents: where, numbers, paging, what lists leave out."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sandbox_api import Api, line


def numbers(api: Api, path: str = "/Invoices", **params: Any) -> list[str]:
	response = api.get(path, **{"page": 1, **params})
	assert response.status_code == 200, response.text
	body = response.json()
	return [
		row.get("InvoiceNumber", row.get("CreditNoteNumber"))
		for row in body["Invoices" if "Inv" in path else "CreditNotes"]
	]


@pytest.fixture
def some(api: Api) -> Api:
	api.create(api.invoice("A-1", Reference="PO 77"))
	api.create(api.invoice('B"2', Status="DRAFT", LineItems=[line(UnitAmount=500)]))
	api.create(api.bill("A-1"))
	api.create(api.invoice("C,3", Contact={"Name": "City Limousines"}, Date="2026-10-01"))
	return api


@pytest.mark.parametrize(
	("where", "expected"),
	[
		('InvoiceNumber=="a-1"', ["A-1", "A-1"]),
		('InvoiceNumber = "A-1"', ["A-1", "A-1"]),
		('Type=="ACCPAY" AND InvoiceNumber=="A-1"', ["A-1"]),
		('Type=="ACCREC"&&Status=="DRAFT"', ['B"2']),
		('InvoiceNumber=="B""2"', ['B"2']),
		('InvoiceNumber=="C,3" OR Status=="DRAFT"', ['B"2', "C,3"]),
		('InvoiceNumber=="C,3"||(Type=="ACCPAY" and Status!="DRAFT")', ["A-1", "C,3"]),
		('Reference!=null&&Reference.StartsWith("po")', ["A-1"]),
		('Contact.Name=="city limousines"', ["C,3"]),
		('Contact.Name.Contains("LIMO")', ["C,3"]),
		("AmountDue>=1000", ['B"2']),
		("Date<DateTime(2026, 10, 15)", ["C,3"]),
		('Date==DateTime.Parse("2026-10-01")', ["C,3"]),
		('InvoiceNumber=="nothing"', []),
	],
)
def test_where(some: Api, where: str, expected: list[str]) -> None:
	assert numbers(some, where=where) == expected


@pytest.mark.parametrize(
	"where",
	[
		'InvoiceNumber=="B"2"',
		'InvoiceNumber=="B\\"2"',
		'InvoiceNumber.StartsWith("A")',
		'Nonsense=="A"',
		"InvoiceNumber==A",
		'InvoiceNumber=="A" AND',
		"InvoiceNumber==5",
		"AmountDue>null",
	],
)
def test_a_where_that_cannot_be_parsed_is_refused(some: Api, where: str) -> None:
	response = some.get("/Invoices", where=where, page=1)
	assert (response.status_code, response.json()["Type"]) == (400, "QueryParseException")


def test_where_by_guid(some: Api) -> None:
	contact = some.contact_id("City Limousines")
	assert numbers(some, where=f'Contact.ContactID==Guid("{contact}")') == ["C,3"]
	assert numbers(some, where=f'Contact.ContactID=="{contact.upper()}"') == ["C,3"]
	assert numbers(some, ContactIDs=contact) == ["C,3"]


def test_invoice_numbers_parameter_splits_on_commas(some: Api) -> None:
	assert numbers(some, InvoiceNumbers='a-1,b"2') == ["A-1", 'B"2', "A-1"]
	assert numbers(some, InvoiceNumbers="C,3") == []


def test_other_parameters(some: Api) -> None:
	some.admin.act(some.tenant, "pay", number="C,3")
	assert numbers(some, Statuses="DRAFT,PAID") == ['B"2', "C,3"]
	assert numbers(some, searchTerm="po 7") == ["A-1"]
	assert numbers(some, order="InvoiceNumber DESC") == ["C,3", 'B"2', "A-1", "A-1"]
	assert numbers(some, createdByMyApp="true") == ["A-1", 'B"2', "A-1", "C,3"]
	ids = [document["id"] for document in some.admin.documents(status="DRAFT")]
	assert numbers(some, IDs=",".join(ids)) == ['B"2']
	assert some.get("/Invoices", order="Sideways").status_code == 400
	assert some.get("/Invoices", page=0).status_code == 400
	assert some.get("/Invoices", page=1, pageSize=1001).status_code == 400


def test_ended_documents_are_listed(some: Api) -> None:
	some.admin.act(some.tenant, "void", number="C,3")
	some.admin.act(some.tenant, "delete", number='B"2')
	assert sorted(numbers(some)) == ["A-1", "A-1", 'B"2', "C,3"]


def test_documents_of_archived_contacts_are_hidden(some: Api) -> None:
	some.admin.act(some.tenant, "archive_contact", name="City Limousines")
	assert "C,3" not in numbers(some)
	assert "C,3" in numbers(some, includeArchived="true")
	some.admin.switch(lists_hide_archived_contacts="no")
	assert "C,3" in numbers(some)


def test_paging(some: Api) -> None:
	body = some.get("/Invoices", page=2, pageSize=3).json()
	assert body["pagination"] == {"page": 2, "pageSize": 3, "pageCount": 2, "itemCount": 4}
	assert len(body["Invoices"]) == 1
	assert some.get("/Invoices", page=3, pageSize=3).json()["Invoices"] == []


def test_paged_lists_trim_the_contact_and_keep_the_lines(some: Api) -> None:
	row = some.get("/Invoices", page=1).json()["Invoices"][0]
	assert row["Contact"]["Name"] == "Bayside Club" and "ContactStatus" not in row["Contact"]
	assert len(row["LineItems"]) == 1 and row["AmountCredited"] == 0
	summary = some.get("/Invoices", summaryOnly="true").json()
	assert "pagination" in summary and "LineItems" not in summary["Invoices"][0]


def test_an_unpaged_list_stops_at_a_hundred_without_lines(api: Api) -> None:
	for start in (0, 60):
		api.put("/Invoices", {"Invoices": [api.invoice(f"N-{start + n}") for n in range(60)]})
	body = api.get("/Invoices").json()
	assert len(body["Invoices"]) == 100 and "pagination" not in body
	assert body["Invoices"][0]["LineItems"] == []
	api.admin.switch(unpaged_lists="complete")
	assert len(api.get("/Invoices").json()["Invoices"]) == 120


def test_modified_since(some: Api) -> None:
	some.admin.advance(100)
	some.admin.act(some.tenant, "edit", number="C,3", reference="new")
	since = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(some.admin.now() - 50))
	response = some.call("GET", "/Invoices", headers={"If-Modified-Since": since}, page=1)
	assert [row["InvoiceNumber"] for row in response.json()["Invoices"]] == ["C,3"]


def test_one_document_by_id_or_number(some: Api) -> None:
	document = some.admin.documents(number="C,3")[0]
	assert (
		some.get(f"/Invoices/{document['id']}").json()["Invoices"][0]["Contact"]["ContactStatus"] == "ACTIVE"
	)
	assert some.get("/invoices/c%2C3").json()["Invoices"][0]["InvoiceID"] == document["id"]
	missing = some.get("/Invoices/11111111-2222-3333-4444-555555555555")
	assert (missing.status_code, missing.content, missing.headers["Content-Type"][:9]) == (
		404,
		b"",
		"text/html",
	)
	some.create(some.invoice("D/4"))
	assert some.get("/Invoices/D%2F4").status_code == 404
	some.admin.switch(encoded_slash_in_path="accepted")
	assert some.get("/Invoices/D%2F4").status_code == 200


def test_a_long_query_is_404(some: Api) -> None:
	ids = ["11111111-2222-3333-4444-555555555555"] * 60
	assert some.get("/Invoices", IDs=",".join(ids[:50]), page=1).status_code == 200
	response = some.get("/Invoices", IDs=",".join(ids), page=1)
	assert (response.status_code, response.text) == (404, "The resource you're looking for cannot be found")


def test_credit_notes_can_be_filtered(some: Api) -> None:
	some.create(some.credit_note("CN-1"))
	assert numbers(some, "/CreditNotes", where='CreditNoteNumber=="cn-1"') == ["CN-1"]
	assert numbers(some, "/CreditNotes", where='Type=="ACCPAYCREDIT"') == []


@pytest.mark.parametrize(
	("where", "status"),
	[
		('Type=="ACCREC" AND InvoiceNumber=="A-1"', 200),
		('InvoiceId==Guid("11111111-2222-3333-4444-555555555555")', 200),
		(
			'InvoiceID=="11111111-2222-3333-4444-555555555555" OR InvoiceID=="21111111-2222-3333-4444-555555555555"',
			200,
		),
		('InvoiceNumber=="A-1" OR InvoiceNumber=="C,3"', 400),
		('Type=="ACCREC" AND (InvoiceNumber=="A-1" OR InvoiceNumber=="C,3")', 400),
		('Type=="ACCREC" AND Total==115', 400),
		('Status!="DRAFT"', 400),
		('InvoiceNumber.StartsWith("A")', 400),
	],
)
def test_many_documents_need_an_optimised_filter(some: Api, where: str, status: int) -> None:
	assert some.get("/Invoices", where=where, page=1).status_code in (200, 400)
	some.admin.limits(records=4)
	assert "HighVolume" not in some.get("/Invoices", where=where, page=1).text
	some.admin.limits(records=3)
	response = some.get("/Invoices", where=where, page=1)
	assert ("HighVolumeException" in response.text) == (status == 400)
	if status == 400:
		assert (response.json()["ErrorNumber"], response.json()["Type"]) == (51, "HighVolumeException")


def test_a_credit_note_number_is_not_optimised_and_a_partly_optimised_filter_may_do(some: Api) -> None:
	some.create(some.credit_note("CN-1"))
	some.admin.limits(records=0)
	where = 'Type=="ACCRECCREDIT" AND CreditNoteNumber=="CN-1"'
	assert some.get("/CreditNotes", where=where).json()["Type"] == "HighVolumeException"
	assert some.get("/CreditNotes", where='Type=="ACCRECCREDIT"').status_code == 200
	some.admin.switch(high_volume_partly_optimised="accepted")
	assert numbers(some, "/CreditNotes", where=where) == ["CN-1"]
	assert some.get("/CreditNotes", where='CreditNoteNumber=="CN-1"').status_code == 400


def test_a_summary_accepts_only_optimised_filters(some: Api) -> None:
	assert numbers(some, where='Type=="ACCPAY"', summaryOnly="true") == ["A-1"]
	response = some.get("/Invoices", where="Total>1000", summaryOnly="true")
	assert (response.status_code, response.json()["ErrorNumber"]) == (400, 16)
	assert numbers(some, where="Total>1000") == ['B"2']
	some.admin.switch(summary_where="all")
	assert numbers(some, where="Total>1000", summaryOnly="true") == ['B"2']


def test_settings_lists(api: Api) -> None:
	accounts = {row["Code"]: row for row in api.get("/Accounts").json()["Accounts"]}
	assert (accounts["280"]["Status"], accounts["200"]["Class"]) == ("ARCHIVED", "REVENUE")
	active = api.get("/Accounts", where='Status=="ACTIVE" AND Class=="REVENUE"').json()["Accounts"]
	assert {row["Code"] for row in active} == {"200", "203", "260", "270"}
	rates = {row["TaxType"]: row for row in api.get("/TaxRates").json()["TaxRates"]}
	assert rates["OUTPUT"]["Status"] == "DELETED" and rates["OUTPUT2"]["EffectiveRate"] == 15
	assert not rates["OUTPUT2"]["CanApplyToExpenses"] and rates["NONE"]["CanApplyToExpenses"]
	assert "USD" in {row["Code"] for row in api.get("/Currencies").json()["Currencies"]}
	categories = api.get("/TrackingCategories").json()["TrackingCategories"]
	assert [row["Name"] for row in categories] == ["Region", "Department"]
	assert api.get("/Organisation/Actions").json()["Actions"]
	assert api.get("/Nonsense").status_code == 404


def test_tracking_is_stored(api: Api) -> None:
	tracked = line(Tracking=[{"Name": "Region", "Option": "North"}])
	stored = api.create(api.invoice(LineItems=[tracked]))["LineItems"][0]["Tracking"][0]
	assert (stored["Name"], stored["Option"]) == ("Region", "North") and stored["TrackingCategoryID"]


def test_lists_are_fast_with_twenty_thousand_documents(api: Api) -> None:
	"""Documents are created through the storage itself, because only reading is measured, in the sandbox's CPU time.

	That does not grow with what else the machine does.
	"""
	template = api.create(api.invoice("T"))
	assert template
	api.sandbox.stop()
	_multiply(api.sandbox.db, 20_000)
	with cpu_seconds() as idle:
		api.sandbox.start()
		api.sandbox.stop()
	with cpu_seconds() as busy:
		api.sandbox.start()
		assert numbers(api, where='InvoiceNumber=="n-12345"') == ["N-12345"]
		assert len(numbers(api, page=150, pageSize=100)) == 100
		assert len(numbers(api, InvoiceNumbers=",".join(f"N-{n}" for n in range(50)))) == 50
		api.sandbox.stop()
	took = busy[0] - idle[0]
	assert took < 1.5, f"three lists took {took:.2f} s"


@contextmanager
def cpu_seconds() -> Iterator[list[float]]:
	"""How much the processes took that were started and ended within it."""
	took: list[float] = []
	before = os.times()
	yield took
	after = os.times()
	took.append(after.children_user + after.children_system - before.children_user - before.children_system)


def _multiply(path: str, count: int) -> None:
	import json
	import sqlite3
	import uuid

	with sqlite3.connect(path) as connection:
		connection.row_factory = sqlite3.Row
		row = dict(connection.execute("SELECT * FROM documents WHERE number = 'T'").fetchone())
		content = json.loads(row["json"])
		columns = ", ".join(row)
		marks = ", ".join(f":{name}" for name in row)
		rows = []
		for n in range(count):
			changes = {"id": str(uuid.UUID(int=n + 1)), "number": f"N-{n}", "sequence": n + 2}
			text = json.dumps({**content, **changes})
			rows.append(
				{**row, **changes, "number_key": f"n-{n}", "updated": row["updated"] + n, "json": text}
			)
		connection.executemany(f"INSERT INTO documents ({columns}) VALUES ({marks})", rows)
