"""A document that kills every worker fails with its retries stopped, and no other document is affected."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import pytest

from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.drain import drain
from nexwave_xero_connector.sync.ports import Documents, Xero
from nexwave_xero_connector.sync.records import XeroDocument
from sandbox.erp import samples
from sandbox.erp.connection import ConnectedXero
from sandbox.xero.launcher import running_sandbox
from tests.crash.stage import MOMENT, POLICY, CrashStage


class Killed(BaseException):
	"""No `except Exception` catches it, and nothing is written after it: for the protocol it is the same as SIGKILL."""


class FatalFor(ConnectedXero):
	"""A worker that looks up this number in Xero dies."""

	number = ""

	def find(self, xero_type: XeroType, numbers: Sequence[str]) -> list[XeroDocument]:
		if self.number in numbers:
			raise Killed
		return super().find(xero_type, numbers)


class Bug(Exception):
	"""An error raised by a mistake of ours."""


class Unreadable:
	"""The ERP's documents, one of which our code cannot read."""

	def __init__(self, documents: Documents, document: DocumentRef) -> None:
		self._documents = documents
		self._document = document

	def read(self, documents: Sequence[DocumentRef]) -> Mapping[DocumentRef, ErpDocument]:
		if self._document in documents:
			raise Bug
		return self._documents.read(documents)

	def __getattr__(self, name: str) -> object:
		return getattr(self._documents, name)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[CrashStage]:
	with running_sandbox(limits=False) as sandbox:
		stage = CrashStage(tmp_path, sandbox)
		try:
			yield stage
		finally:
			stage.close()


@pytest.mark.parametrize("position", [0, 4, 9])
def test_a_fatal_document_fails_alone(stage: CrashStage, position: int) -> None:
	invoices = ten_submitted(stage)
	xero = FatalFor(samples.COMPANY, stage.sandbox.url, stage.erp.database.path, stage.erp.clock)
	xero.number = invoices[position].name
	work_until_quiet(stage, stage.erp.documents, xero, Killed)
	must_fail_alone(stage, invoices, position)


@pytest.mark.parametrize("position", [0, 4, 9])
def test_a_document_that_cannot_be_read_fails_alone(stage: CrashStage, position: int) -> None:
	invoices = ten_submitted(stage)
	xero = ConnectedXero(samples.COMPANY, stage.sandbox.url, stage.erp.database.path, stage.erp.clock)
	documents = Unreadable(stage.erp.documents, invoices[position])
	work_until_quiet(stage, documents, xero, Bug)
	must_fail_alone(stage, invoices, position)


def test_a_cancelled_fatal_document_needs_no_attention(stage: CrashStage) -> None:
	"""It was never sent, so a Retry would only say that there is nothing to do."""
	invoice = samples.sales_invoice(stage.erp)
	stage.submit(invoice)
	xero = FatalFor(samples.COMPANY, stage.sandbox.url, stage.erp.database.path, stage.erp.clock)
	xero.number = invoice.name
	for _ in range(POLICY.claims_without_outcome):
		with pytest.raises(Killed):
			drain(samples.COMPANY, stage.erp.outbox, stage.erp.documents, xero, POLICY)
		stage.put_forward(POLICY.lease + MOMENT)
	stage.erp.desk.cancel(invoice)
	drain(samples.COMPANY, stage.erp.outbox, stage.erp.documents, xero, POLICY)
	row = stage.erp.log.latest(invoice)
	assert row["status"] == "Skipped"
	assert "cancelled before it was in Xero" in row["sentence"]


def ten_submitted(stage: CrashStage) -> list[DocumentRef]:
	invoices = [samples.sales_invoice(stage.erp) for _ in range(10)]
	for invoice in invoices:
		stage.submit(invoice)
	return invoices


def work_until_quiet(
	stage: CrashStage, documents: Documents, xero: Xero, cut_short: type[BaseException]
) -> None:
	for _ in range(POLICY.claims_without_outcome + 5):
		try:
			drain(samples.COMPANY, stage.erp.outbox, documents, xero, POLICY)
			return
		except cut_short:
			stage.put_forward(POLICY.lease + MOMENT)


def must_fail_alone(stage: CrashStage, invoices: Sequence[DocumentRef], position: int) -> None:
	statuses = [stage.erp.log.latest(invoice)["status"] for invoice in invoices]
	expected = ["Success"] * len(invoices)
	expected[position] = "Failed"
	assert statuses == expected
	assert "interrupted" in stage.erp.log.latest(invoices[position])["sentence"]
