"""Draft, submitted, cancelled and gone: what becomes of a document's copy in Xero in each state."""

from __future__ import annotations

from datetime import timedelta

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.drain import drain
from nexwave_xero_connector.sync.policy import Policy
from sandbox.erp import samples
from sandbox.erp.connection import ConnectedXero
from sandbox.stage import Stage


def push(stage: Stage) -> None:
	erp = stage.erp
	xero = ConnectedXero(samples.COMPANY, stage.sandbox.url, erp.database.path, erp.clock)
	drain(samples.COMPANY, erp.outbox, erp.documents, xero, Policy())


def pushed_bill(stage: Stage) -> DocumentRef:
	bill = samples.bill(stage.erp)
	stage.erp.desk.submit(bill)
	push(stage)
	assert stage.erp.log.latest(bill)["status"] == "Success"
	return bill


def is_a_draft_now(stage: Stage, document: DocumentRef) -> None:
	"""ERPNext gave the name of a deleted document to a new draft, or an app set the document back."""
	stage.erp.database.execute(
		"UPDATE invoice SET docstatus = 0 WHERE doctype = ? AND name = ?", document.doctype, document.name
	)


def statuses_in_xero(stage: Stage, document: DocumentRef) -> list[str]:
	return [wire["Status"] for wire in stage.in_xero(document)]


def test_a_draft_under_the_name_of_a_deleted_bill_does_not_keep_the_bill_alive(stage: Stage) -> None:
	bill = pushed_bill(stage)
	stage.erp.desk.cancel(bill)
	is_a_draft_now(stage, bill)
	before = stage.admin.marker()
	push(stage)
	assert statuses_in_xero(stage, bill) == ["VOIDED"]
	assert stage.erp.log.latest(bill)["status"] == "Voided"
	assert stage.admin.count(before) < 5


def test_a_bill_that_was_set_back_to_draft_is_left_to_a_user(stage: Stage) -> None:
	bill = pushed_bill(stage)
	stage.erp.desk.retry(bill)
	is_a_draft_now(stage, bill)
	push(stage)
	row = stage.erp.log.latest(bill)
	assert row["status"] == "Failed"
	assert "is a draft here, but AUTHORISED in Xero" in row["sentence"]
	assert statuses_in_xero(stage, bill) == ["AUTHORISED"]


def test_a_draft_of_which_nothing_was_sent_needs_nothing(stage: Stage) -> None:
	bill = samples.bill(stage.erp)
	stage.erp.desk.submit(bill)
	is_a_draft_now(stage, bill)
	before = stage.admin.marker()
	push(stage)
	row = stage.erp.log.latest(bill)
	assert (row["status"], "is a draft. Nothing was sent" in row["sentence"]) == ("Skipped", True)
	assert stage.admin.count(before) == 0


def test_a_lost_create_of_a_deleted_bill_is_voided_when_it_arrives(stage: Stage) -> None:
	bill = samples.bill(stage.erp)
	stage.erp.desk.submit(bill)
	stage.admin.fault("late_write", method="PUT", path="/invoices$", seconds=120, mode="drop")
	push(stage)
	stage.erp.desk.cancel(bill)
	stage.erp.desk.delete(bill)
	push(stage)
	assert "may still arrive" in stage.erp.log.latest(bill)["sentence"]
	stage.put_forward(timedelta(minutes=12))
	push(stage)
	assert statuses_in_xero(stage, bill) == ["VOIDED"]
	assert stage.erp.log.latest(bill)["status"] == "Voided"


def test_what_left_us_and_never_arrived_is_not_called_never_sent(stage: Stage) -> None:
	bill = samples.bill(stage.erp)
	stage.erp.desk.submit(bill)
	stage.admin.fault("drop_before", method="PUT", path="/invoices$")
	push(stage)
	stage.erp.desk.cancel(bill)
	stage.erp.desk.delete(bill)
	stage.put_forward(timedelta(minutes=12))
	push(stage)
	row = stage.erp.log.latest(bill)
	assert row["status"] == "Skipped"
	assert "never arrived" in row["sentence"]


def test_a_lost_credit_note_is_voided_when_it_arrives_though_it_was_deleted(stage: Stage) -> None:
	bill = pushed_bill(stage)
	credit_note = stage.erp.drafts.return_of(bill)
	stage.erp.desk.submit(credit_note)
	stage.admin.fault("late_write", method="PUT", path="/creditnotes$", seconds=120, mode="drop")
	push(stage)
	stage.erp.desk.cancel(credit_note)
	stage.erp.desk.delete(credit_note)
	for _ in range(3):
		stage.put_forward(timedelta(minutes=12))
		push(stage)
	assert statuses_in_xero(stage, credit_note) == ["VOIDED"]
	assert stage.erp.log.latest(credit_note)["status"] == "Voided"
