"""A batch that Xero rejects, or whose results come back in another order: each document once, each with its own id."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.sync.drain import drain
from nexwave_xero_connector.sync.policy import Policy
from sandbox.erp import samples
from sandbox.erp.connection import ConnectedXero
from sandbox.erp.documents import EmbeddedDocuments
from sandbox.erp.drafts import Line
from sandbox.stage import Stage


class NumberedBySupplier(EmbeddedDocuments):
	"""Bills have the supplier's number in Xero, which two bills may share."""

	def mapping_settings(self, company: str) -> MappingSettings:
		return replace(super().mapping_settings(company), bill_number_source="Supplier Invoice No")


def push(stage: Stage) -> None:
	erp = stage.erp
	xero = ConnectedXero(samples.COMPANY, stage.sandbox.url, erp.database.path, erp.clock)
	drain(samples.COMPANY, erp.outbox, NumberedBySupplier(erp.database), xero, Policy())


def rents(stage: Stage, count: int) -> list[DocumentRef]:
	"""Submitted bills of one supplier, number and amount, each dated a day before the one made before it."""
	bills = []
	for age in range(count):
		bill = stage.erp.drafts.invoice(
			"Purchase Invoice",
			samples.COMPANY,
			"Tasman Timber",
			[Line("TIMBER", Decimal(1), Decimal(100))],
			samples.POSTED_ON - timedelta(days=age),
			taxes_template=samples.SALES_GST,
			bill_no="RENT",
		)
		stage.erp.desk.submit(bill)
		bills.append(bill)
	return bills


def in_xero(stage: Stage, number: str = "RENT") -> list[dict]:
	return [row["wire"] for row in stage.admin.documents(tenant=stage.tenant, number=number)]


def row_of(stage: Stage, bill: DocumentRef) -> dict:
	return stage.erp.log.latest(bill)


def test_results_in_another_order_belong_to_the_bill_with_their_link(stage: Stage) -> None:
	stage.admin.switch(batch_order="by_date")
	first, second = rents(stage, 2)
	push(stage)
	assert {row_of(stage, bill)["status"] for bill in (first, second)} == {"Success"}
	stage.erp.desk.cancel(second)
	push(stage)
	left = {wire["InvoiceID"]: wire["Status"] for wire in in_xero(stage)}
	assert left[row_of(stage, first)["xero_id"]] == "AUTHORISED"
	assert sorted(left.values()) == ["AUTHORISED", "VOIDED"]


@pytest.mark.parametrize("saved", [0, 1, 2, 3])
def test_a_rejected_batch_of_which_some_was_saved_is_sent_once(stage: Stage, saved: int) -> None:
	bills = rents(stage, 3)
	stage.admin.fault("error_partway", method="PUT", path="/invoices$", status=400, saved=saved)
	push(stage)
	assert [row_of(stage, bill)["status"] for bill in bills] == ["Success"] * 3
	assert len(in_xero(stage)) == 3
	assert len({row_of(stage, bill)["xero_id"] for bill in bills}) == 3


def test_a_supplier_that_starts_its_numbers_again_is_in_nobodys_way(stage: Stage) -> None:
	(last_year,) = rents(stage, 1)
	push(stage)
	(this_year,) = rents(stage, 1)
	push(stage)
	assert [row_of(stage, bill)["status"] for bill in (last_year, this_year)] == ["Success"] * 2
	assert len(in_xero(stage)) == 2


@pytest.mark.parametrize("together", [False, True])
def test_two_equal_returns_are_two_credit_notes(stage: Stage, together: bool) -> None:
	(bill,) = rents(stage, 1)
	push(stage)
	returns = []
	for _ in range(2):
		returns.append(stage.erp.drafts.return_of(bill, qty=Decimal("0.5"), keeps_balance=True))
		stage.erp.desk.submit(returns[-1])
		if not together:
			push(stage)
	push(stage)
	assert [row_of(stage, credit_note)["status"] for credit_note in returns] == ["Success"] * 2
	first, second = (row_of(stage, credit_note)["xero_id"] for credit_note in returns)
	assert first != second
	stage.erp.desk.cancel(returns[1])
	push(stage)
	assert [stage.admin.document(xero_id)["wire"]["Status"] for xero_id in (first, second)] == [
		"PAID",
		"VOIDED",
	]
