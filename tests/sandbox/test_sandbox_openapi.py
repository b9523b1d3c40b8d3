"""The responses compared with Xero's own OpenAPI document.

That document is loose: nothing is required, and dates are strings, as is /Date(ms)/. So these tests check two things:
the types and enums of what the document knows and, as far as possible, that no field is sent that Xero does not have.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import requests
import yaml
from sandbox_api import Api, line

FOLDER = Path(
	os.environ.get("XERO_OPENAPI_DIR")
	or Path(__file__).resolve().parents[2].parent / "shared" / "xero-openapi"
)
pytestmark = pytest.mark.skipif(
	not (FOLDER / "xero_accounting.yaml").exists(),
	reason=f"Xero's OpenAPI documents are not in {FOLDER}; set XERO_OPENAPI_DIR",
)

# Observed on the wire (recorded), but not in the document.
UNDOCUMENTED = {
	"Id",
	"Status",
	"ProviderName",
	"DateTimeUTC",
	"DateString",
	"DueDateString",
	"ExpectedPaymentDateString",
	"PlannedPaymentDateString",
	"InvoicePaymentServices",
	"ID",
	"ValidationErrors",
	"HasErrors",
	"HasValidationErrors",
	"DateUTCString",
	"AllocationId",
	"IsArchived",
	"IsActive",
	"IsDeleted",
	"UpdatedDateUTCString",
	"Warnings",
	"Allocations",
	"InvoiceAddresses",
	"FullyPaidOnDate",
	"ReportingCode",
}


@cache
def document(name: str) -> dict[str, Any]:
	return yaml.load((FOLDER / name).read_text(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


@cache
def validator(schema: str) -> jsonschema.Draft4Validator:
	components = document("xero_accounting.yaml")["components"]
	return jsonschema.Draft4Validator({"$ref": f"#/components/schemas/{schema}", "components": components})


def check(response: requests.Response, schema: str) -> None:
	assert response.status_code == 200, response.text
	body = response.json()
	errors = [f"{list(error.path)}: {error.message}" for error in validator(schema).iter_errors(body)]
	assert errors == []
	assert list(unknown_fields(body, {"$ref": f"#/components/schemas/{schema}"}, "")) == []


def unknown_fields(value: Any, schema: dict[str, Any], path: str) -> Iterator[str]:
	while "$ref" in schema:
		schema = document("xero_accounting.yaml")["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
	if isinstance(value, list):
		for item in value:
			yield from unknown_fields(item, schema.get("items", {}), path)
	elif isinstance(value, dict) and "properties" in schema:
		for key, item in value.items():
			if key in schema["properties"]:
				yield from unknown_fields(item, schema["properties"][key], f"{path}/{key}")
			elif key not in UNDOCUMENTED:
				yield f"{path}/{key}"


@pytest.fixture
def busy(api: Api) -> Api:
	"""Documents of every kind, with payments and an allocation."""
	tracked = [
		line(Tracking=[{"Name": "Region", "Option": "North"}], DiscountRate=10),
		{"Description": "Words"},
	]
	invoice = api.create(api.invoice("A", Url="https://erp.example/1", LineItems=tracked, CurrencyCode="USD"))
	note = api.create(api.credit_note("C", CurrencyCode="USD"))
	api.create(api.bill("B", ExpectedPaymentDate="2026-12-01"))
	api.admin.act(
		api.tenant,
		"allocate",
		credit_note_id=note["CreditNoteID"],
		invoice_id=invoice["InvoiceID"],
		amount=50,
	)
	api.admin.act(api.tenant, "pay", number="A", amount=3)
	api.admin.act(api.tenant, "apply_prepayment", number="A", amount=2, reference="R")
	api.admin.act(api.tenant, "apply_overpayment", number="A", amount=1)
	api.admin.act(api.tenant, "pay", number="B")
	return api


@pytest.mark.parametrize(
	("path", "schema"),
	[
		("/Invoices?page=1", "Invoices"),
		("/Invoices", "Invoices"),
		("/Invoices?summaryOnly=true", "Invoices"),
		("/Invoices/A", "Invoices"),
		("/Invoices/B", "Invoices"),
		("/CreditNotes?page=1", "CreditNotes"),
		("/CreditNotes/C", "CreditNotes"),
		("/Payments?page=1", "Payments"),
		("/Contacts?page=1&includeArchived=true", "Contacts"),
		("/Contacts/CUST-0001", "Contacts"),
		("/Accounts", "Accounts"),
		("/TaxRates", "TaxRates"),
		("/Organisation", "Organisations"),
		("/Organisation/Actions", "Actions"),
		("/Currencies", "Currencies"),
		("/TrackingCategories", "TrackingCategories"),
		("/BrandingThemes", "BrandingThemes"),
		("/Invoices/A/History", "HistoryRecords"),
	],
)
def test_reads(busy: Api, path: str, schema: str) -> None:
	check(busy.call("GET", path), schema)


@pytest.mark.parametrize("country", ["AU", "GB"])
def test_the_other_organisations_settings(api: Api, country: str) -> None:
	api.tenant = api.admin.tenant(country)
	api.token = api.admin.mint(api.tenant)
	for path, schema in (
		("/TaxRates", "TaxRates"),
		("/Organisation", "Organisations"),
		("/Accounts", "Accounts"),
	):
		check(api.get(path), schema)


def test_writes(api: Api) -> None:
	check(api.put("/Invoices", api.invoice()), "Invoices")
	batch = {"Invoices": [api.invoice("B"), api.invoice("B")]}
	check(api.put("/Invoices", batch, summarizeErrors="false"), "Invoices")
	check(api.put("/CreditNotes", api.credit_note()), "CreditNotes")
	check(
		api.put("/Contacts", {"Name": "New", "Phones": [{"PhoneType": "MOBILE", "PhoneNumber": "1"}]}),
		"Contacts",
	)
	ids = {document["number"]: document["id"] for document in api.admin.documents()}
	body = {"Amount": 5, "Invoice": {"InvoiceID": ids["B"]}, "Date": "2026-11-02"}
	check(api.put(f"/CreditNotes/{ids['CN-1']}/Allocations", body), "Allocations")
	payment = {"Invoice": {"InvoiceID": ids["B"]}, "Account": {"Code": "090"}, "Amount": 5}
	check(api.put("/Payments", payment), "Payments")
	check(api.put(f"/Invoices/{ids['B']}/Attachments/a.pdf", {"x": 1}), "Attachments")


def test_the_400_body(api: Api) -> None:
	refused = api.put("/Invoices", api.invoice(Contact=None))
	api.admin.limits(records=0)
	api.create(api.invoice())
	too_many = api.get("/Invoices", where="Total==1")
	for response in (refused, too_many):
		assert response.status_code == 400
		assert [str(error) for error in validator("Error").iter_errors(response.json())] == []


def test_connections(api: Api) -> None:
	headers = {"Authorization": f"Bearer {api.token['access_token']}"}
	rows = requests.get(f"{api.sandbox.url}/connections", headers=headers, timeout=5).json()
	known = document("xero-identity.yaml")["components"]["schemas"]["Connection"]["properties"]
	assert rows and all(set(row) == set(known) for row in rows)
