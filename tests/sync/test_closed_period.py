"""A cancel in a closed period: a person's word, a remark, or simply a void."""

from __future__ import annotations

from datetime import date

import pytest

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from sandbox.erp import samples
from sandbox.stage import Stage
from tests.sync.test_allocate import message, setting, submitted, wire
from tests.sync.test_states import push

POSTED = samples.POSTED_ON.isoformat()


def cancelled(stage: Stage, document: DocumentRef, **booked: str) -> DocumentRef:
	"""Cancel it; `booked`: what ERPNext's ledger says of the cancellation."""
	stage.erp.desk.cancel(document)
	for field, value in booked.items():
		stage.erp.database.execute(
			f"UPDATE invoice SET body = json_set(body, '$.{field}', ?) WHERE name = ?", value, document.name
		)
	push(stage)
	return document


def invoice(stage: Stage) -> DocumentRef:
	return submitted(stage, samples.sales_invoice(stage.erp))


def test_a_locked_date_waits_for_a_persons_word_and_then_xero_decides(stage: Stage) -> None:
	document = invoice(stage)
	setting(stage, lock_date=POSTED)
	before = stage.admin.marker()
	cancelled(stage, document)
	assert "in a period that is locked in Xero (period lock date 2026-07-15)" in message(
		stage, document, "Failed"
	)
	assert stage.admin.count(before, method="POST") == 0
	stage.erp.desk.retry(document)
	push(stage)
	assert wire(stage, document)["Status"] == "VOIDED"


def test_the_day_after_the_lock_date_is_open(stage: Stage) -> None:
	document = invoice(stage)
	setting(stage, lock_date="2026-07-14")
	cancelled(stage, document)
	assert wire(stage, document)["Status"] == "VOIDED"


@pytest.mark.parametrize(
	("reversed_on", "asks"), [("2026-07-31", False), ("2026-08-01", True), ("2025-07-15", True)]
)
def test_a_reversal_in_another_month_waits_for_a_persons_word(
	stage: Stage, reversed_on: str, asks: bool
) -> None:
	document = cancelled(stage, invoice(stage), reversed_on=reversed_on)
	if asks:
		said = message(stage, document, "Failed")
		assert f"ERPNext booked the cancellation on {date.fromisoformat(reversed_on)}" in said
		assert "enter a credit note dated" in said
	assert wire(stage, document)["Status"] == ("AUTHORISED" if asks else "VOIDED")


def test_a_draft_in_xero_is_deleted_whatever_the_dates(stage: Stage) -> None:
	setting(stage, status="DRAFT")
	document = invoice(stage)
	setting(stage, lock_date=POSTED)
	cancelled(stage, document, reversed_on="2026-09-01")
	assert wire(stage, document)["Status"] == "DELETED"


def test_a_period_closed_in_erpnext_is_remarked_upon(stage: Stage) -> None:
	document = cancelled(stage, invoice(stage), closed_until="2026-07-31")
	assert "ERPNext's books are closed until 2026-07-31" in message(stage, document, "Voided")
	assert wire(stage, document)["Status"] == "VOIDED"
