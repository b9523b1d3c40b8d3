"""One document that a firewall, a size limit or Xero chokes on ends with a person; its neighbours are sent."""

from __future__ import annotations

from datetime import timedelta
from math import ceil, log2

import pytest

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.policy import Policy
from sandbox.erp import samples
from sandbox.stage import Stage

from .passing_time import rounds_until, statuses, submitted, work

BLOCKED = "<html><body><h1>Request blocked</h1></body></html>"


@pytest.mark.parametrize("guilty_count", [1, 2, 5])
def test_of_fifty_only_the_guilty_end_with_a_person(stage: Stage, guilty_count: int) -> None:
	invoices = submitted(stage, 50)
	guilty = [invoices[position] for position in (3, 11, 24, 30, 49)[:guilty_count]]
	innocent = [invoice for invoice in invoices if invoice not in guilty]
	for invoice in guilty:
		stage.admin.fault("drop_before", method="PUT", contains=invoice.name, count=None)
	stage.mark()
	rounds = rounds_until(stage, lambda: set(statuses(stage, innocent)) == {"Success"})
	creates = len(stage.calls(method="PUT", path="/Invoices"))
	calls = len(stage.calls())
	print(f"\n  {guilty_count} guilty of 50: {rounds} rounds, {creates} creates, {calls} calls")
	assert rounds - 1 <= ceil(log2(50))
	assert all(len(stage.in_xero(invoice)) == 1 for invoice in innocent)
	rounds_until(stage, lambda: set(statuses(stage, guilty)) == {"Failed"} and no_retry(stage, guilty))
	for invoice in guilty:
		sentence = stage.erp.log.latest(invoice)["sentence"]
		assert invoice.name in sentence and "closed connection without response" in sentence
		assert stage.in_xero(invoice) == []
	assert max(attempts(stage, invoice) for invoice in innocent) <= 3


def no_retry(stage: Stage, documents: list[DocumentRef]) -> bool:
	return not any(stage.erp.log.open_row(document) for document in documents)


def attempts(stage: Stage, document: DocumentRef) -> int:
	return stage.erp.log.latest(document)["attempt"]


@pytest.mark.parametrize("fault", ["error_before", "garbage_before", "drop_after"])
def test_whatever_is_answered_to_it_one_document_fails_alone(stage: Stage, fault: str) -> None:
	invoices = submitted(stage, 10)
	stage.admin.fault(fault, method="PUT", path="/invoices$", contains=invoices[4].name, count=None)
	rounds_until(stage, lambda: statuses(stage, invoices).count("Success") >= 9)
	expected = "Success" if fault == "drop_after" else "Queued"
	assert [len(stage.in_xero(invoice)) for invoice in invoices] == [
		int(invoice != invoices[4] or fault == "drop_after") for invoice in invoices
	]
	assert statuses(stage, invoices)[4] == expected


def test_a_firewalls_page_fails_only_the_document_that_it_dislikes(stage: Stage) -> None:
	invoices = submitted(stage, 10)
	stage.admin.fault(
		"forbidden", method="PUT", path="/invoices$", contains=invoices[7].name, page=BLOCKED, count=None
	)
	work(stage)
	assert statuses(stage, invoices) == ["Success"] * 7 + ["Failed"] + ["Success"] * 2
	sentence = stage.erp.log.latest(invoices[7])["sentence"]
	assert "HTTP 403: Request blocked" in sentence and "firewall" in sentence
	assert stage.erp.outbox.outage_since(samples.COMPANY) is None


def test_a_page_for_every_create_is_no_documents_fault(stage: Stage) -> None:
	"""Reads work (XeroAPI/Xero-NetStandard#515). It is told once, and nobody has to press Retry for each document."""
	invoices = submitted(stage, 20)
	page = stage.admin.fault("forbidden", method="PUT", path="/invoices$", page=BLOCKED, count=None)
	stage.mark()
	work(stage)
	assert len(stage.calls(method="PUT", path="/Invoices")) <= 12
	for _ in range(12):
		stage.put_forward(timedelta(minutes=30))
		work(stage)
	assert [(row["status"], row["attempt"]) for row in map(stage.erp.log.open_row, invoices)] == [
		("Queued", 1)
	] * 20
	because = stage.erp.database.row("SELECT paused_because FROM xero_settings")["paused_because"]
	assert "refuses all new documents (HTTP 403: Request blocked)" in because
	stage.admin.remove_fault(page)
	rounds_until(stage, lambda: set(statuses(stage, invoices)) == {"Success"})


@pytest.mark.parametrize("count", [1, 2])
def test_a_few_that_are_blocked_with_nobody_beside_them_end_with_a_person(stage: Stage, count: int) -> None:
	invoices = submitted(stage, count)
	stage.admin.fault("forbidden", method="PUT", path="/invoices$", page=BLOCKED, count=None)
	work(stage)
	assert statuses(stage, invoices) == ["Failed"] * count


@pytest.mark.parametrize("fault", ["drop_before", "error_before", "forbidden"])
def test_a_number_that_cannot_be_looked_up_fails_alone_at_once(stage: Stage, fault: str) -> None:
	invoices = submitted(stage, 10)
	stage.admin.fault(fault, method="GET", contains=invoices[2].name, page=BLOCKED, count=None)
	stage.mark()
	work(stage)
	done = statuses(stage, invoices)
	assert done.count("Success") == 9 and done[2] in ("Queued", "Failed")
	assert len(stage.calls(method="GET", path="/Invoices")) <= 2 * ceil(log2(10)) + 1


def test_a_contact_that_cannot_be_sent_fails_only_its_own_documents(stage: Stage) -> None:
	invoices = [
		samples.sales_invoice(stage.erp, customer)
		for customer in ("Harbour Cafe", "Kowhai Gardens", "Harbour Cafe", "Kowhai Gardens")
	]
	bill = samples.bill(stage.erp)
	for document in (*invoices, bill):
		stage.erp.desk.submit(document)
	stage.admin.fault("drop_before", method="PUT", path="/contacts$", contains="Kowhai", count=None)
	work(stage)
	assert statuses(stage, [invoices[0], invoices[2], bill]) == ["Success"] * 3
	assert statuses(stage, [invoices[1], invoices[3]]) == ["Queued"] * 2


def test_a_void_that_cannot_be_sent_does_not_keep_others_alive(stage: Stage) -> None:
	invoices = submitted(stage, 6)
	work(stage)
	for invoice in invoices:
		stage.erp.desk.cancel(invoice)
	guilty = stage.erp.documents.xero_id(samples.COMPANY, invoices[1])
	stage.admin.fault("drop_before", method="POST", contains=guilty, count=None)
	work(stage)
	assert statuses(stage, invoices).count("Voided") == 5
	assert statuses(stage, invoices)[1] == "Queued"


def test_a_batch_is_bounded_by_bytes(stage: Stage) -> None:
	invoices = submitted(stage, 10)
	stage.mark()
	work(stage, Policy(batch_bytes=2_000))
	assert set(statuses(stage, invoices)) == {"Success"}
	sizes = [len(call["body"]) for call in stage.calls(method="PUT", path="/Invoices")]
	assert len(sizes) > 1 and max(sizes) < 2_200


def test_a_rejected_batch_that_was_saved_in_part_is_looked_up_first(stage: Stage) -> None:
	invoices = submitted(stage, 8)
	stage.admin.fault("drop_after", method="PUT", path="/invoices$", count=1)
	work(stage)
	assert set(statuses(stage, invoices)) == {"Success"}
	assert [len(stage.in_xero(invoice)) for invoice in invoices] == [1] * 8


def test_without_automatic_retries_the_innocent_are_sent_all_the_same(stage: Stage) -> None:
	invoices = submitted(stage, 9)
	stage.admin.fault("drop_before", method="PUT", contains=invoices[0].name, count=None)
	policy = Policy(retry_delays=())
	rounds_until(stage, lambda: no_retry(stage, invoices), policy)
	assert statuses(stage, invoices) == ["Failed"] + ["Success"] * 8


def test_writes_that_are_all_lost_are_no_documents_fault(stage: Stage) -> None:
	"""Reads work. After two parts without any result, Xero is asked again later, one document at a time."""
	invoices = submitted(stage, 20)
	lost = stage.admin.fault("error_before", method="PUT", path="/invoices$", count=None)
	stage.mark()
	for _ in range(12):
		work(stage)
		stage.put_forward(timedelta(minutes=6))
	assert len(stage.calls(method="PUT", path="/Invoices")) <= 14
	assert "Failed" not in statuses(stage, invoices)
	stage.admin.remove_fault(lost)
	rounds_until(stage, lambda: set(statuses(stage, invoices)) == {"Success"})
	assert [len(stage.in_xero(invoice)) for invoice in invoices] == [1] * 20
