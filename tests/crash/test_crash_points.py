"""Workers are killed by SIGKILL at every numbered step, and their successors carry on, against the Xero sandbox.

For each kind of work, one worker runs to its end to count the steps. Then, each time with a new document, a worker is
killed at every step, from the last to the first. Whatever it left behind, the promises hold once all is at rest.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from decimal import Decimal

import pytest

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.tests.matrix import CELLS, Cell, cell_named
from sandbox.erp import samples
from sandbox.xero.launcher import running_sandbox
from tests.crash.stage import ORDINARY, CrashStage

JUST_WITHIN_THE_WINDOW = 590
"""Seconds after which a late write is carried out: the policy expects none after 600."""
MIN_STEPS = 20
NOTHING = Decimal(0)


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[CrashStage]:
	cell: Cell = request.param
	with running_sandbox(limits=False) as sandbox:
		folder = tmp_path_factory.mktemp("stage")
		stage = CrashStage(folder, sandbox, cell)
		try:
			know_parties(stage)
			yield stage
		finally:
			stage.close()


def know_parties(stage: CrashStage) -> None:
	"""Link the parties of the samples to contacts, so that all runs take the same steps."""
	stage.submit(samples.sales_invoice(stage.erp))
	stage.submit(samples.bill(stage.erp))
	stage.work()


@dataclass(frozen=True, slots=True)
class Work:
	"""What a worker is about to do: a document, and the other documents that this affects."""

	document: DocumentRef
	others: tuple[DocumentRef, ...] = ()
	allocated: Decimal | None = None


def bill_of_a_new_supplier(stage: CrashStage) -> Work:
	"""Xero would accept the same bill twice. The contact is created in the same job."""
	bill = samples.bill(stage.erp, stage.new_supplier())
	stage.enter_anothers_bill(bill)
	stage.submit(bill)
	return Work(bill)


def sales_invoice(stage: CrashStage) -> Work:
	invoice = samples.sales_invoice(stage.erp)
	stage.submit(invoice)
	return Work(invoice)


def allocated_credit_note(stage: CrashStage) -> Work:
	invoice = samples.sales_invoice(stage.erp)
	stage.submit(invoice)
	stage.work()
	credit_note = stage.erp.drafts.return_of(invoice, Decimal(1), keeps_balance=False)
	stage.submit(credit_note)
	return Work(credit_note, (invoice,), Decimal("171.92"))


def credit_note_of_a_bill(stage: CrashStage) -> Work:
	"""Like the bill, it has the supplier's number, if the settings say so; and no link."""
	bill = samples.bill(stage.erp, stage.new_supplier())
	stage.submit(bill)
	stage.work()
	is_allocated = stage.cell.allocates_always
	credit_note = stage.erp.drafts.return_of(bill, Decimal(1), keeps_balance=not is_allocated)
	stage.submit(credit_note)
	return Work(credit_note, (bill,), Decimal("473.80") if is_allocated else NOTHING)


def void_of_a_bill(stage: CrashStage) -> Work:
	bill = samples.bill(stage.erp)
	stage.submit(bill)
	stage.work()
	stage.erp.desk.cancel(bill)
	return Work(bill)


def void_of_an_allocated_credit_note(stage: CrashStage) -> Work:
	work = allocated_credit_note(stage)
	stage.work()
	stage.erp.desk.cancel(work.document)
	return work


def nothing(stage: CrashStage, document: DocumentRef) -> None:
	"""The network works."""


def answer_lost(stage: CrashStage, document: DocumentRef) -> None:
	"""The connection is dropped after Xero has carried out the create."""
	stage.admin.fault("drop_after", method="PUT", contains=document.name)


def arrives_late(stage: CrashStage, document: DocumentRef) -> None:
	"""The connection is dropped. Xero carries out the create at the last moment, long after the first worker died."""
	stage.admin.fault(
		"late_write", method="PUT", contains=document.name, mode="drop", seconds=JUST_WITHIN_THE_WINDOW
	)


def allocation_lost(stage: CrashStage, document: DocumentRef) -> None:
	"""The connection is dropped after Xero has carried out the allocation."""
	stage.admin.fault("drop_after", method="PUT", path="/allocations$")


def allocation_arrives_late(stage: CrashStage, document: DocumentRef) -> None:
	stage.admin.fault(
		"late_write", method="PUT", path="/allocations$", mode="drop", seconds=JUST_WITHIN_THE_WINDOW
	)


def void_lost(stage: CrashStage, document: DocumentRef) -> None:
	"""The connection is dropped after Xero has voided it."""
	stage.admin.fault("drop_after", method="POST")


def left_alone(stage: CrashStage, document: DocumentRef) -> None:
	"""Nobody does anything."""


def cancelled_meanwhile(stage: CrashStage, document: DocumentRef) -> None:
	"""Somebody cancels it while the worker is dead."""
	stage.erp.desk.cancel(document)


BEGINS = {
	bill_of_a_new_supplier: (nothing, answer_lost, arrives_late),
	sales_invoice: (nothing, answer_lost, arrives_late),
	allocated_credit_note: (nothing, answer_lost, arrives_late, allocation_lost, allocation_arrives_late),
}
VOIDS = {
	void_of_a_bill: (nothing, void_lost),
	void_of_an_allocated_credit_note: (nothing, void_lost),
}
CASES = [
	(begin, network, meanwhile)
	for begin, networks in BEGINS.items()
	for network in networks
	for meanwhile in (left_alone, cancelled_meanwhile)
] + [(begin, network, left_alone) for begin, networks in VOIDS.items() for network in networks]
OF_THE_MATRIX = [
	(credit_note_of_a_bill, answer_lost, left_alone),
	(credit_note_of_a_bill, arrives_late, cancelled_meanwhile),
	(bill_of_a_new_supplier, answer_lost, cancelled_meanwhile),
	(void_of_a_bill, void_lost, left_alone),
]
"""What the settings make a difference to. In CI for three corners of the matrix, with DEPTH=2 for all of it."""
CORNERS = [
	cell_named("Supplier Invoice No, Draft"),
	cell_named("Supplier Invoice No and ERPNext Name, Only as ERPNext does"),
	cell_named("Supplier Invoice No, Awaiting approval, Only as ERPNext does"),
]
SEARCHED = CELLS if int(os.environ.get("DEPTH", "1")) > 1 else CORNERS


@pytest.mark.parametrize(
	("stage", "begin", "network", "meanwhile"),
	[(ORDINARY, *case) for case in CASES] + [(cell, *case) for cell in SEARCHED for case in OF_THE_MATRIX],
	indirect=["stage"],
	ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_killed_at_every_step(
	stage: CrashStage,
	begin: Callable[[CrashStage], Work],
	network: Callable[[CrashStage, DocumentRef], None],
	meanwhile: Callable[[CrashStage, DocumentRef], None],
) -> None:
	last, _hit = run(stage, begin, network, meanwhile)
	assert last > MIN_STEPS, "the steps are not counted"
	for fatal in range(last, 0, -1):
		taken, hit = run(stage, begin, network, meanwhile, fatal)
		assert taken == fatal
		if not hit:
			break  # From here to the first step everything goes as on a good network, which is a separate case.
	assert hit == (network is nothing), "the fault is not where it should be"


def run(
	stage: CrashStage,
	begin: Callable[[CrashStage], Work],
	network: Callable[[CrashStage, DocumentRef], None],
	meanwhile: Callable[[CrashStage, DocumentRef], None],
	fatal: int = 0,
) -> tuple[int, bool]:
	"""How many steps the first worker took, and whether it met the network fault."""
	work = begin(stage)
	if not stage.cell.is_approved and work.allocated is not None:
		work = replace(work, allocated=NOTHING)
	network(stage, work.document)
	taken = stage.work_step_by_step(fatal)
	hit = not stage.idle_faults()
	stage.admin.clear_faults()
	meanwhile(stage, work.document)
	stage.follow_up([work.document, *work.others])
	broken = promises(stage, work)
	assert not broken, f"killed at {fatal}: {broken}"
	return taken, hit


def promises(stage: CrashStage, work: Work) -> list[str]:
	broken = stage.broken_promises(work.document, work.allocated)
	for other in work.others:
		broken += stage.broken_promises(other)
	return broken
