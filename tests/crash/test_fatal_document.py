"""A document on which every worker dies is set aside, and takes no other with it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from nexwave_xero_connector.mapping.kinds import Kind
from nexwave_xero_connector.sync.drain import drain
from nexwave_xero_connector.sync.records import XeroDocument
from sandbox.erp import samples
from sandbox.erp.connection import ConnectedXero
from sandbox.xero.launcher import running_sandbox
from tests.crash.stage import MOMENT, POLICY, CrashStage


class Killed(BaseException):
	"""No `except Exception` sees it, and nothing is written after it: for the protocol the same as SIGKILL."""


class FatalFor(ConnectedXero):
	"""Whoever asks Xero for this number dies."""

	number = ""

	def find(self, kind: Kind, numbers: Sequence[str]) -> list[XeroDocument]:
		if self.number in numbers:
			raise Killed
		return super().find(kind, numbers)


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[CrashStage]:
	with running_sandbox(limits=False) as sandbox:
		stage = CrashStage(tmp_path, sandbox)
		try:
			yield stage
		finally:
			stage.close()


@pytest.mark.parametrize("position", [0, 4, 9])
def test_a_fatal_document_is_set_aside_alone(stage: CrashStage, position: int) -> None:
	invoices = [samples.sales_invoice(stage.erp) for _ in range(10)]
	for invoice in invoices:
		stage.submit(invoice)
	xero = FatalFor(samples.COMPANY, stage.sandbox.url, stage.erp.database.path, stage.erp.clock)
	xero.number = invoices[position].name
	for _ in range(POLICY.claims_without_outcome + 5):
		try:
			drain(samples.COMPANY, stage.erp.outbox, stage.erp.books, xero, POLICY)
			break
		except Killed:
			stage.put_forward(POLICY.lease + MOMENT)
	statuses = [stage.erp.log.latest(invoice)["status"] for invoice in invoices]
	expected = ["Success"] * 10
	expected[position] = "Failed"
	assert statuses == expected
	assert "cut short" in stage.erp.log.latest(invoices[position])["sentence"]
