"""Where Xero keeps or shows no links: no duplicate, no document of others changed, and it is noted for the settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.sync.drain import drain
from nexwave_xero_connector.sync.policy import LATE_WRITE_WINDOW, Policy
from sandbox.erp import samples
from sandbox.erp.connection import ConnectedXero
from sandbox.erp.documents import EmbeddedDocuments
from sandbox.stage import Stage
from sandbox.xero.launcher import SandboxHandle

SHOWN: list[dict[str, str]] = [
	{},
	{"url_query": "dropped"},
	{"url_fragment": "dropped"},
	{"copy_keeps_url": "no"},
]
MISSING: list[dict[str, str]] = [{"url_kept": "dropped"}, {"url_in_lists": "no"}]
SWITCHES = [*SHOWN, *MISSING]
DOCUMENTS: list[tuple[Callable[..., DocumentRef], str]] = [
	(samples.bill, "ERPNext Name"),
	(samples.bill, "Supplier Invoice No"),
	(samples.sales_invoice, "ERPNext Name"),
]


class Numbered(EmbeddedDocuments):
	"""Documents of a company with this *Bill Number in Xero*, and what the worker has noted about links."""

	source = "ERPNext Name"
	noted = False

	def mapping_settings(self, company: str) -> MappingSettings:
		return replace(super().mapping_settings(company), bill_number_source=self.source)

	def note_missing_links(self, company: str) -> None:
		self.noted = True


class Books:
	"""A company and its organisation, with some switches turned."""

	def __init__(self, stage: Stage, switches: dict[str, str]) -> None:
		self.stage = stage
		self.admin = stage.admin
		self.documents = Numbered(stage.erp.database)
		if switches:
			self.admin.switch(**switches)

	def push(self) -> None:
		erp = self.stage.erp
		xero = ConnectedXero(samples.COMPANY, self.stage.sandbox.url, erp.database.path, erp.clock)
		drain(samples.COMPANY, erp.outbox, self.documents, xero, Policy())

	def submit(self, document: DocumentRef) -> DocumentRef:
		self.stage.erp.desk.submit(document)
		self.push()
		return document

	def row(self, document: DocumentRef) -> dict[str, Any]:
		return self.stage.erp.log.latest(document)

	def number(self, document: DocumentRef) -> str:
		is_by_supplier = document.doctype == "Purchase Invoice" and self.documents.source != "ERPNext Name"
		return "TT-8841" if is_by_supplier else document.name

	def there(self, document: DocumentRef) -> list[dict[str, Any]]:
		found = self.admin.documents(tenant=self.stage.tenant, number=self.number(document))
		return [entry["wire"] for entry in found]

	def type_the_same(self, document: DocumentRef, of: dict[str, Any]) -> str:
		"""A person in Xero types from the paper what this document says."""
		lines = [
			{
				"quantity": line["Quantity"],
				"unit_amount": line["UnitAmount"],
				"account": line["AccountCode"],
				"tax_type": line["TaxType"],
			}
			for line in of["LineItems"]
		]
		typed = self.admin.act(
			self.stage.tenant,
			"enter",
			type=of["Type"],
			number=self.number(document),
			contact=of["Contact"]["Name"],
			date=of["DateString"][:10],
			due_date=of["DueDateString"][:10],
			lines=lines,
		)
		return str(typed["id"])

	def wait_until_nothing_can_arrive(self) -> None:
		self.stage.put_forward(LATE_WRITE_WINDOW + timedelta(hours=1))
		self.push()


@pytest.fixture
def books(tmp_path: Path, sandbox: SandboxHandle, request: pytest.FixtureRequest) -> Iterator[Books]:
	sandbox.admin.reset()
	sandbox.admin.limits_off()
	stage = Stage(tmp_path, sandbox)
	try:
		yield Books(stage, request.param)
	finally:
		stage.close()


def named(switches: dict[str, str]) -> str:
	return ", ".join(f"{name} {value}" for name, value in switches.items()) or "as assumed"


every_switch = pytest.mark.parametrize("books", SWITCHES, ids=named, indirect=True)
missing_only = pytest.mark.parametrize("books", MISSING, ids=named, indirect=True)
every_document = pytest.mark.parametrize(
	("make", "source"), DOCUMENTS, ids=lambda value: getattr(value, "__name__", value)
)


@every_switch
@every_document
def test_a_lost_response_heals_without_a_person(
	books: Books, make: Callable[..., DocumentRef], source: str
) -> None:
	books.documents.source = source
	books.admin.fault("drop_after", method="PUT", path="/invoices$")
	document = books.submit(make(books.stage.erp))
	row = books.row(document)
	assert (row["status"], len(books.there(document))) == ("Success", 1), row["sentence"]
	books.stage.erp.desk.cancel(document)
	books.push()
	assert [wire["Status"] for wire in books.there(document)] == ["VOIDED"]


@every_switch
@every_document
def test_a_create_that_arrives_late_is_found_and_voided_once_cancelled(
	books: Books, make: Callable[..., DocumentRef], source: str
) -> None:
	books.documents.source = source
	books.admin.fault("late_write", method="PUT", path="/invoices$", seconds=120, mode="drop")
	document = books.submit(make(books.stage.erp))
	books.stage.erp.desk.cancel(document)
	books.push()
	books.stage.put_forward(timedelta(minutes=3))
	books.wait_until_nothing_can_arrive()
	assert (books.row(document)["status"], [wire["Status"] for wire in books.there(document)]) == (
		"Voided",
		["VOIDED"],
	)


@every_switch
@pytest.mark.parametrize("arrives", [False, True], ids=["lost", "late"])
def test_the_same_bill_typed_while_ours_is_in_doubt_is_left_alone(books: Books, arrives: bool) -> None:
	books.documents.source = "Supplier Invoice No"
	other = books.submit(samples.bill(books.stage.erp))
	(example,) = books.there(other)
	books.stage.erp.desk.cancel(other)
	books.push()
	kind, more = ("late_write", {"seconds": 120, "mode": "drop"}) if arrives else ("drop_before", {})
	books.admin.fault(kind, method="PUT", path="/invoices$", **more)
	bill = books.submit(samples.bill(books.stage.erp))
	typed = books.type_the_same(bill, example)
	books.stage.put_forward(timedelta(minutes=3))
	books.wait_until_nothing_can_arrive()
	row = books.row(bill)
	live = [wire["InvoiceID"] for wire in books.there(bill) if wire["Status"] == "AUTHORISED"]
	if arrives:
		assert (row["status"], sorted(live)) == ("Success", sorted([typed, row["xero_id"]])), row["sentence"]
	else:
		assert (row["status"], row["error_class"], live) == ("Failed", "Conflict", [typed]), row["sentence"]
	books.stage.erp.desk.cancel(bill)
	books.push()
	assert [wire["InvoiceID"] for wire in books.there(bill) if wire["Status"] == "AUTHORISED"] == [typed]


@every_switch
@every_document
def test_a_copy_made_in_xero_is_never_voided(
	books: Books, make: Callable[..., DocumentRef], source: str
) -> None:
	books.documents.source = source
	document = books.submit(make(books.stage.erp))
	is_sales = document.doctype == "Sales Invoice"
	copied = books.admin.act(
		books.stage.tenant,
		"copy",
		id=books.row(document)["xero_id"],
		new_number=f"{document.name} copy" if is_sales else books.number(document),
	)
	books.admin.act(books.stage.tenant, "approve", id=copied["id"])
	books.stage.erp.desk.retry(document)
	books.push()
	assert books.row(document)["status"] == "Success"
	books.stage.erp.desk.cancel(document)
	books.push()
	assert books.row(document)["status"] == "Voided"
	assert books.admin.document(copied["id"])["wire"]["Status"] == "AUTHORISED"


@pytest.mark.parametrize("books", SWITCHES, ids=named, indirect=True)
def test_it_is_noted_where_links_are_missing_and_only_there(
	books: Books, request: pytest.FixtureRequest
) -> None:
	switches = request.node.callspec.params["books"]
	document = books.submit(samples.sales_invoice(books.stage.erp))
	assert books.documents.noted == ("url_kept" in switches)
	books.stage.erp.desk.retry(document)
	books.push()
	assert books.documents.noted == (switches in MISSING)


@missing_only
def test_two_equal_bills_whose_responses_are_lost_are_left_to_a_person(books: Books) -> None:
	books.documents.source = "Supplier Invoice No"
	bills = [samples.bill(books.stage.erp) for _ in range(2)]
	books.admin.fault("drop_after", method="PUT", path="/invoices$")
	for bill in bills:
		books.stage.erp.desk.submit(bill)
	books.push()
	books.wait_until_nothing_can_arrive()
	assert len(books.there(bills[0])) == 2
	for bill in bills:
		row = books.row(bill)
		assert row["status"] == "Failed"
		assert "nothing tells which of them is" in row["sentence"], row["sentence"]


@missing_only
def test_a_bill_of_which_xero_does_not_say_who_made_it_is_left_to_a_person(books: Books) -> None:
	"""Number, contact and figures alone do not make it ours: somebody may have typed it."""
	bill = samples.bill(books.stage.erp)
	books.admin.fault("drop_after", method="PUT", path="/invoices$")
	real = ConnectedXero.ids_made_by_this_app
	try:
		ConnectedXero.ids_made_by_this_app = lambda self, xero_type, numbers: set()  # type: ignore[method-assign]
		books.submit(bill)
		books.wait_until_nothing_can_arrive()
	finally:
		ConnectedXero.ids_made_by_this_app = real  # type: ignore[method-assign]
	row = books.row(bill)
	assert (row["status"], row["error_class"], len(books.there(bill))) == ("Failed", "Conflict", 1)
	assert "Use This One" in row["sentence"]
