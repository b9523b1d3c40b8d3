"""Whose a document in Xero is: every case of the table in docs/protocol.md."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.figures import Figures
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.identity import key_in, link
from nexwave_xero_connector.sync.ownership import Expected, Owner, Owners, relation, standing, taken
from nexwave_xero_connector.sync.records import XeroDocument

PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text()
SITE = "https://erp.example.com"
OURS, OTHERS, NOBODYS = "a" * 20, "b" * 20, "c" * 20
OTHER = Owner(OTHERS, DocumentRef("Purchase Invoice", "PINV-2"))
FIGURES = Figures(
	date=date(2026, 3, 31),
	currency="NZD",
	currency_rate=None,
	contact_id="tasman",
	total=Decimal("115.00"),
	total_tax=Decimal("15.00"),
	tax_by_type={"INPUT2": Decimal("15.00")},
	net={("300", "INPUT2"): Decimal("100.00")},
)
BILL = Expected(
	DocumentRef("Purchase Invoice", "PINV-1"),
	OURS,
	XeroType.ACCPAY,
	"S-4711",
	link(SITE, OURS),
	contact_id="tasman",
	figures=FIGURES,
)
CREDIT_NOTE = replace(BILL, xero_type=XeroType.ACCPAYCREDIT, link="", in_doubt=True)
FOUND = XeroDocument(
	xero_type=XeroType.ACCPAY,
	id="found",
	number="S-4711",
	status="AUTHORISED",
	contact_id="tasman",
	contact_name="Tasman Timber",
	currency="NZD",
	total=Decimal("115.00"),
	total_tax=Decimal("15.00"),
	date=date(2026, 3, 31),
	tax_by_type=(("INPUT2", Decimal("15.00")),),
	net=((("300", "INPUT2"), Decimal("100.00")),),
)
MADE_BY_US = replace(FOUND, is_made_by_this_app=True)
A_PAGE = f"{SITE}/app/purchase-invoice/PINV-1"
Case = tuple[Expected, XeroDocument, Owners]
CASES: dict[str, list[Case]] = {
	"our id": [
		(replace(BILL, known_id="found"), FOUND, Owners()),
		(replace(BILL, known_id="found"), replace(FOUND, number="Renumbered", url=""), Owners()),
		(replace(CREDIT_NOTE, known_id="found"), replace(FOUND, total=Decimal(1)), Owners()),
	],
	"an id that is known to be another document's": [
		(BILL, FOUND, Owners(by_id={"found": OTHER})),
		(BILL, replace(FOUND, url=BILL.link), Owners(by_id={"found": OTHER})),
		(CREDIT_NOTE, FOUND, Owners(by_id={"found": OTHER})),
	],
	"our key, our id not known": [
		(BILL, replace(FOUND, url=BILL.link), Owners()),
		(BILL, replace(FOUND, url=f"http://moved.example.com/xero-document/{OURS}?x=1"), Owners()),
		(BILL, replace(FOUND, url=BILL.link, total=Decimal(1)), Owners()),
		(BILL, replace(FOUND, url=BILL.link), Owners(by_id={"found": Owner(OURS, BILL.document)})),
	],
	"our key, our id known and another one": [
		(replace(BILL, known_id="ours"), replace(FOUND, url=BILL.link), Owners()),
	],
	"a link without a key that we sent before links had one, our id not known": [
		(replace(BILL, link=A_PAGE), replace(FOUND, url=A_PAGE.replace("/app/", "/desk/")), Owners()),
	],
	"the key of another document": [
		(BILL, replace(FOUND, url=link(SITE, OTHERS)), Owners(by_key={OTHERS: OTHER})),
	],
	"a key that nobody here knows": [
		(BILL, replace(FOUND, url=link(SITE, NOBODYS)), Owners()),
		(replace(BILL, in_doubt=True), replace(FOUND, url=link(SITE, NOBODYS)), Owners()),
	],
	"no link; a credit note with our number and all our figures, while a create of ours is in doubt": [
		(CREDIT_NOTE, FOUND, Owners()),
	],
	"no link; an invoice or bill with our number, contact and all our figures that our Xero app has made, while a"
	" create of ours is in doubt": [
		(replace(BILL, in_doubt=True), MADE_BY_US, Owners()),
		(replace(BILL, in_doubt=True, xero_type=XeroType.ACCREC), MADE_BY_US, Owners()),
	],
	"no link, or a page of somebody else": [
		(BILL, FOUND, Owners()),
		(replace(BILL, in_doubt=True), FOUND, Owners()),
		(BILL, replace(FOUND, url="https://shop.example.com/orders/17"), Owners()),
		(BILL, replace(FOUND, url=A_PAGE), Owners()),
		(replace(CREDIT_NOTE, in_doubt=False), FOUND, Owners()),
		(replace(CREDIT_NOTE, figures=None), FOUND, Owners()),
		(CREDIT_NOTE, replace(FOUND, date=date(2026, 4, 1)), Owners()),
		(CREDIT_NOTE, replace(FOUND, net=((("310", "INPUT2"), Decimal(100)),)), Owners()),
		(replace(CREDIT_NOTE, known_id="ours"), FOUND, Owners()),
		(BILL, MADE_BY_US, Owners()),
		(replace(BILL, in_doubt=True), replace(MADE_BY_US, date=date(2026, 4, 1)), Owners()),
		(replace(BILL, in_doubt=True), replace(MADE_BY_US, number="s-4711"), Owners()),
		(replace(BILL, in_doubt=True), replace(MADE_BY_US, url="https://shop.example.com/17"), Owners()),
		(replace(BILL, in_doubt=True, figures=None), MADE_BY_US, Owners()),
		(replace(BILL, in_doubt=True, known_id="ours"), MADE_BY_US, Owners()),
	],
}


def rows() -> dict[str, tuple[str, str]]:
	"""The table: what is found, what it is, and what a push does about it."""
	table = PAGE.split("| In Xero | is | Push")[1].split("\n\n")[0]
	cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]]
	return {found: (what, push) for found, what, push, _cancel in cells}


def test_the_table_has_these_cases() -> None:
	assert list(rows()) == list(CASES)


@pytest.mark.parametrize(
	("found", "case"),
	[
		pytest.param(name, case, id=f"{name} {n}")
		for name, cases in CASES.items()
		for n, case in enumerate(cases)
	],
)
def test_it_is_what_the_table_says(found: str, case: Case) -> None:
	assert relation(*case).value == rows()[found][0]


@pytest.mark.parametrize("found", CASES)
def test_it_is_in_the_way_where_the_table_says_so(found: str) -> None:
	for expected, document, owners in CASES[found]:
		what = standing(expected, [document], owners)
		assert (what.rival is not None) == rows()[found][1].startswith("in the way"), document


def test_a_sales_number_is_taken_by_whatever_has_it_but_a_deleted_draft() -> None:
	invoice = replace(BILL, xero_type=XeroType.ACCREC)
	for status, is_taken in (("AUTHORISED", True), ("VOIDED", True), ("DELETED", False)):
		for owners in (Owners(), Owners(by_id={"found": OTHER})):
			found = replace(FOUND, number="s-4711", status=status, contact_id="somebody else")
			assert (standing(invoice, [found], owners).rival is not None) == is_taken


def test_a_bill_of_another_supplier_or_one_that_is_voided_is_in_nobodys_way() -> None:
	for found in (replace(FOUND, contact_id="somebody else"), replace(FOUND, status="VOIDED")):
		assert standing(BILL, [found], Owners()).rival is None
	assert standing(BILL, [replace(FOUND, number="s-4711")], Owners()).rival is not None
	assert standing(replace(BILL, contact_id=""), [FOUND], Owners()).rival is None


NAMESAKE = Owner(OTHERS, BILL.document)


@pytest.mark.parametrize(
	("owner", "status", "said"),
	[
		(NAMESAKE, "VOIDED", "by an earlier document of that name: Tasman Timber"),
		(OTHER, "VOIDED", "by PINV-2: Tasman Timber"),
		(None, "VOIDED", "by another document: Tasman Timber"),
		(
			NAMESAKE,
			"AUTHORISED",
			"by an earlier document of that name, which was deleted here: Tasman Timber",
		),
		(OTHER, "AUTHORISED", "by PINV-2: Tasman Timber"),
		(None, "AUTHORISED", "by another document: Tasman Timber"),
	],
)
def test_whose_number_it_is_and_what_can_be_done_is_said(owner: Owner | None, status: str, said: str) -> None:
	"""Only what is live can be used, or be given another number: Xero never frees that of a voided document."""
	invoice = replace(BILL, xero_type=XeroType.ACCREC)
	owners = Owners(by_id={"found": owner} if owner else {})
	sentence = str(taken(invoice, standing(invoice, [replace(FOUND, status=status)], owners)))
	assert said in sentence
	assert ("never frees the number" in sentence) == (status == "VOIDED")
	assert ("Use This One" in sentence) == (status != "VOIDED" and owner is not OTHER)


@pytest.mark.parametrize(
	("url", "key"),
	[
		(f"{SITE}/xero-document/{OURS}", OURS),
		(f"{SITE}/xero-document/{OURS}/", OURS),
		(f"{SITE}/desk?to=/xero-document/{OURS}", OURS),
		(f"{SITE}/desk?to=%2Fxero-document%2F{OURS}", OURS),
		(f"{SITE}/desk#xero-document/{OURS}", OURS),
		(f"{SITE}/xero-document/{OURS}0", ""),
		(f"{SITE}/not-xero-document/{OURS}", ""),
		(f"{SITE}/app/purchase-invoice/PINV-1", ""),
		("", ""),
	],
)
def test_the_key_is_read_from_every_part_of_a_link(url: str, key: str) -> None:
	assert key_in(url) == key
