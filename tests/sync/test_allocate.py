"""Credit notes and the invoices they return: what is allocated, what is not and why, and what a cancel takes off."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest

from nexwave_xero_connector.mapping.erp_document import DocumentRef, SetAgainst
from sandbox.erp import samples
from sandbox.stage import Stage
from tests.sync.test_states import push

JOURNAL = DocumentRef("Journal Entry", "ACC-JV-2026-00001")
REFUND = DocumentRef("Payment Entry", "ACC-PAY-2026-00001")
TOTAL = Decimal("343.85")
"""Of the sample invoice, and of its return."""


def submitted(stage: Stage, document: DocumentRef) -> DocumentRef:
	stage.erp.desk.submit(document)
	push(stage)
	return document


def invoice(stage: Stage) -> DocumentRef:
	return submitted(stage, samples.sales_invoice(stage.erp))


def returned(stage: Stage, original: DocumentRef, **values: object) -> DocumentRef:
	return submitted(stage, stage.erp.drafts.return_of(original, **values))


def message(stage: Stage, document: DocumentRef, status: str = "Success") -> str:
	row = stage.erp.log.latest(document)
	assert row["status"] == status, row["sentence"]
	return row["sentence"]


def wire(stage: Stage, document: DocumentRef) -> dict:
	(entry,) = stage.in_xero(document)
	return entry


def allocations(stage: Stage, credit_note: DocumentRef) -> dict[str, Decimal]:
	"""The allocated amounts by the number of the invoice, from the sandbox's ledger."""
	found: dict[str, Decimal] = {}
	for part in wire(stage, credit_note).get("Allocations", []):
		number = part["Invoice"]["InvoiceNumber"]
		found[number] = found.get(number, Decimal(0)) + Decimal(str(part["Amount"]))
	return found


def by_hand(stage: Stage, credit_note: DocumentRef, other: DocumentRef, amount: str = "") -> str:
	"""A person allocates it in Xero; returns the allocation's id."""
	answer = stage.admin.act(
		stage.tenant,
		"allocate",
		credit_note_id=wire(stage, credit_note)["CreditNoteID"],
		invoice_id=wire(stage, other)["InvoiceID"],
		**({"amount": amount} if amount else {}),
	)
	return answer["allocation_id"]


def setting(stage: Stage, **values: object) -> None:
	for column, value in values.items():
		stage.erp.database.execute(f"UPDATE xero_settings SET {column} = ?", value)


@pytest.mark.parametrize("make", [samples.sales_invoice, samples.bill])
@pytest.mark.parametrize("keeps_balance", [True, False])
def test_a_return_is_allocated_to_its_invoice(
	stage: Stage, make: Callable[..., DocumentRef], keeps_balance: bool
) -> None:
	original = submitted(stage, make(stage.erp))
	credit_note = returned(stage, original, keeps_balance=keeps_balance)
	total = stage.erp.documents.read([original])[original].total
	assert allocations(stage, credit_note) == {original.name: total}
	assert f"{total} is allocated to {original.name}." in message(stage, credit_note)


def test_the_message_shows_the_status_after_the_allocation(stage: Stage) -> None:
	credit_note = returned(stage, invoice(stage))
	assert wire(stage, credit_note)["Status"] == "PAID"
	assert ", PAID, 343.85 NZD" in message(stage, credit_note)


def test_only_as_erpnext_does_leaves_a_balance_of_its_own_alone_and_says_so(stage: Stage) -> None:
	setting(stage, allocates_only_as_erpnext=1)
	original = invoice(stage)
	keeps = returned(stage, original, qty=Decimal(1))
	assert f"in ERPNext, {keeps.name} keeps a balance of 171.92" in message(stage, keeps)
	assert allocations(stage, keeps) == {}
	reduces = returned(stage, original, qty=Decimal(1), keeps_balance=False)
	assert allocations(stage, reduces) == {original.name: Decimal("171.92")}


@pytest.mark.parametrize("only_as_erpnext", [0, 1])
def test_a_reconciliation_with_another_invoice_before_the_push_is_followed(
	stage: Stage, only_as_erpnext: int
) -> None:
	setting(stage, allocates_only_as_erpnext=only_as_erpnext)
	original, other = invoice(stage), invoice(stage)
	credit_note = stage.erp.drafts.return_of(original)
	stage.erp.desk.submit(credit_note)
	stage.erp.desk.reconcile(credit_note, SetAgainst(Decimal("100.00"), JOURNAL, other))
	push(stage)
	expected = {other.name: Decimal("100.00")}
	if not only_as_erpnext:
		expected[original.name] = TOTAL - 100
	assert allocations(stage, credit_note) == expected


def test_a_reconciliation_with_another_invoice_after_the_push_moves_the_allocation(stage: Stage) -> None:
	original, other = invoice(stage), invoice(stage)
	credit_note = returned(stage, original)
	stage.erp.desk.reconcile(credit_note, SetAgainst(TOTAL, JOURNAL, other))
	push(stage)
	assert allocations(stage, credit_note) == {other.name: TOTAL}
	said = message(stage, credit_note)
	assert f"No longer allocated to {original.name}, as in ERPNext." in said
	assert f"{TOTAL} is allocated to {other.name}." in said
	stage.erp.desk.reconcile(credit_note)
	push(stage)
	assert allocations(stage, credit_note) == {original.name: TOTAL}


@pytest.mark.parametrize("fault", ["drop_after", "drop_before"])
def test_a_move_that_takes_two_attempts_is_told_by_the_last_one(stage: Stage, fault: str) -> None:
	"""Taken off the one invoice, and then there is no response about the other one."""
	original, other = invoice(stage), invoice(stage)
	credit_note = returned(stage, original)
	stage.erp.desk.reconcile(credit_note, SetAgainst(TOTAL, JOURNAL, other))
	stage.admin.fault(fault, method="PUT", path="/allocations$")
	push(stage)
	assert stage.erp.log.latest(credit_note)["status"] == "Queued"
	for _ in range(4):
		stage.put_forward(timedelta(minutes=6))
		push(stage)
	assert allocations(stage, credit_note) == {other.name: TOTAL}
	assert f"No longer allocated to {original.name}, as in ERPNext." in message(stage, credit_note)
	stage.erp.desk.retry(credit_note)
	push(stage)
	assert "No longer allocated" not in message(stage, credit_note)


def test_an_allocation_by_a_person_is_not_moved_and_the_row_says_so(stage: Stage) -> None:
	setting(stage, allocates_only_as_erpnext=1)
	original, other = invoice(stage), invoice(stage)
	credit_note = returned(stage, original)
	by_hand(stage, credit_note, original)
	stage.erp.desk.reconcile(credit_note, SetAgainst(TOTAL, JOURNAL, other))
	push(stage)
	assert allocations(stage, credit_note) == {original.name: TOTAL}
	assert f"has been used in Xero for something other than {other.name}" in message(stage, credit_note)


def test_what_was_paid_out_in_erpnext_is_not_allocated(stage: Stage) -> None:
	original = invoice(stage)
	credit_note = stage.erp.drafts.return_of(original)
	stage.erp.desk.submit(credit_note)
	stage.erp.desk.reconcile(credit_note, SetAgainst(Decimal("300.00"), REFUND))
	push(stage)
	assert allocations(stage, credit_note) == {original.name: TOTAL - 300}
	assert f"{REFUND.name} uses 300.00 of {credit_note.name}. Do the same in Xero." in message(
		stage, credit_note
	)


def test_a_return_that_names_no_invoice_says_so(stage: Stage) -> None:
	credit_note = stage.erp.drafts.return_of(invoice(stage))
	stage.erp.database.execute(
		"UPDATE invoice SET body = json_set(body, '$.return_against', '') WHERE name = ?", credit_note.name
	)
	submitted(stage, credit_note)
	assert f"ERPNext does not say which invoice {credit_note.name} returns" in message(stage, credit_note)


def body(stage: Stage, document: DocumentRef, **values: object) -> None:
	"""Change what ERPNext has of the document, before it is submitted."""
	for field, value in values.items():
		stage.erp.database.execute(
			"UPDATE invoice SET body = json_set(body, ?, json(?)) WHERE name = ?",
			f"$.{field}",
			json.dumps(value),
			document.name,
		)


@pytest.mark.parametrize("only_as_erpnext", [0, 1])
def test_a_return_of_a_delivery_goes_to_the_one_invoice_that_billed_it(
	stage: Stage, only_as_erpnext: int
) -> None:
	setting(stage, allocates_only_as_erpnext=only_as_erpnext)
	original = invoice(stage)
	credit_note = stage.erp.drafts.return_of(original)
	body(stage, credit_note, return_against="", billed_by=[original.name])
	submitted(stage, credit_note)
	assert allocations(stage, credit_note) == ({} if only_as_erpnext else {original.name: TOTAL})
	if only_as_erpnext:
		assert f"{credit_note.name} keeps a balance of {TOTAL}" in message(stage, credit_note)


def test_a_return_of_a_delivery_that_two_invoices_billed_says_so(stage: Stage) -> None:
	originals = [invoice(stage).name for _ in range(2)]
	credit_note = stage.erp.drafts.return_of(DocumentRef("Sales Invoice", originals[0]))
	body(stage, credit_note, return_against="", billed_by=originals)
	submitted(stage, credit_note)
	assert f"takes back was billed by {', '.join(originals)}" in message(stage, credit_note)
	assert allocations(stage, credit_note) == {}


def test_a_credit_note_is_allocated_once_its_invoice_arrives(stage: Stage) -> None:
	original = submitted(stage, samples.invoice_without_tax_mapping(stage.erp))
	message(stage, original, "Failed")
	setting(stage, allocates_only_as_erpnext=0)
	# The return goes through: it has the document's tax, unlike its invoice.
	credit_note = stage.erp.drafts.return_of(original)
	stage.erp.database.execute(
		"UPDATE invoice SET body = json_set(body, '$.taxes_template', ?, '$.items[0].item_tax_template', '',"
		" '$.items[0].default_tax_templates', json('[]')) WHERE name = ?",
		samples.EXPORTS,
		credit_note.name,
	)
	submitted(stage, credit_note)
	assert f"Not allocated: {original.name} is not in Xero." in message(stage, credit_note)
	stage.erp.desk.map_tax(samples.COMPANY, "Item Tax Template", samples.EXEMPT, "NONE", "NONE")
	stage.erp.desk.retry(original)
	push(stage)
	assert allocations(stage, credit_note) == {original.name: Decimal("980.00")}
	assert "Not allocated" not in message(stage, credit_note)
	assert len(stage.erp.log.of(credit_note)) == 2


def test_more_than_the_invoice_has_due_is_not_allocated_and_the_row_says_so(stage: Stage) -> None:
	original = invoice(stage)
	stage.admin.act(stage.tenant, "pay", number=original.name, amount="300")
	credit_note = returned(stage, original)
	assert allocations(stage, credit_note) == {original.name: TOTAL - 300}
	assert f"Not allocated: the other 300.00, as {original.name} has no more due in Xero." in message(
		stage, credit_note
	)


def test_drafts_are_not_allocated_and_the_row_says_so(stage: Stage) -> None:
	original = invoice(stage)
	setting(stage, status="DRAFT")
	credit_note = returned(stage, original)
	assert "must be approved in Xero first" in message(stage, credit_note)
	assert stage.erp.log.latest(credit_note)["is_unallocated"]
	stage.admin.act(stage.tenant, "approve", number=credit_note.name)
	stage.erp.desk.retry(credit_note)
	push(stage)
	assert allocations(stage, credit_note) == {original.name: TOTAL}
	assert not stage.erp.log.latest(credit_note)["is_unallocated"]


def test_a_cancel_takes_off_what_was_allocated(stage: Stage) -> None:
	original = invoice(stage)
	credit_note = returned(stage, original)
	stage.erp.desk.cancel(credit_note)
	stage.erp.desk.delete(credit_note)
	push(stage)
	assert wire(stage, credit_note)["Status"] == "VOIDED"
	assert wire(stage, original)["AmountDue"] == float(TOTAL)


def test_a_cancel_leaves_what_a_person_allocated_and_asks(stage: Stage) -> None:
	"""Nothing is taken off, not even ours: half of it would help nobody."""
	original, other = invoice(stage), invoice(stage)
	stage.admin.act(stage.tenant, "pay", number=original.name, amount="300")
	credit_note = returned(stage, original)
	theirs = by_hand(stage, credit_note, other, "50")
	before = allocations(stage, credit_note)
	stage.erp.desk.cancel(credit_note)
	push(stage)
	assert f"somebody has allocated or paid it out there (50.00 to {other.name})" in message(
		stage, credit_note, "Failed"
	)
	assert allocations(stage, credit_note) == before == {original.name: TOTAL - 300, other.name: 50}
	remove(stage, credit_note, theirs)
	stage.erp.desk.retry(credit_note)
	push(stage)
	assert wire(stage, credit_note)["Status"] == "VOIDED"


def test_a_persons_allocation_to_the_same_invoice_is_theirs(stage: Stage) -> None:
	"""Made before ours could be, or in its place."""
	setting(stage, status="DRAFT")
	original = invoice(stage)
	credit_note = returned(stage, original)
	for document in (original, credit_note):
		stage.admin.act(stage.tenant, "approve", number=document.name)
	by_hand(stage, credit_note, original)
	stage.erp.desk.retry(credit_note)
	push(stage)
	assert f"{TOTAL} is allocated to {original.name}." in message(stage, credit_note)
	stage.erp.desk.cancel(credit_note)
	push(stage)
	message(stage, credit_note, "Failed")
	assert allocations(stage, credit_note) == {original.name: TOTAL}


def test_an_allocation_that_a_person_made_in_place_of_ours_is_theirs(stage: Stage) -> None:
	original = invoice(stage)
	credit_note = returned(stage, original)
	remove(stage, credit_note, wire(stage, credit_note)["Allocations"][0]["AllocationID"])
	by_hand(stage, credit_note, original)
	stage.erp.desk.cancel(credit_note)
	push(stage)
	message(stage, credit_note, "Failed")
	assert allocations(stage, credit_note) == {original.name: TOTAL}


def test_a_cancel_does_not_take_back_a_refund_that_a_person_paid_in_xero(stage: Stage) -> None:
	setting(stage, allocates_only_as_erpnext=1)
	credit_note = returned(stage, invoice(stage))
	stage.admin.act(stage.tenant, "pay", number=credit_note.name, amount="20")
	stage.erp.desk.cancel(credit_note)
	push(stage)
	assert "somebody has allocated or paid it out there (Payment" in message(stage, credit_note, "Failed")


@pytest.mark.parametrize("fault", ["drop_after", "drop_before"])
def test_an_allocation_without_a_response_is_made_once(stage: Stage, fault: str) -> None:
	original = invoice(stage)
	stage.admin.fault(fault, method="PUT", path="/allocations$")
	credit_note = returned(stage, original)
	for _ in range(4):
		stage.put_forward(timedelta(minutes=6))
		push(stage)
	assert allocations(stage, credit_note) == {original.name: TOTAL}
	assert len(wire(stage, credit_note)["Allocations"]) == 1
	assert f"{TOTAL} is allocated to {original.name}." in message(stage, credit_note)
	stage.erp.desk.cancel(credit_note)
	push(stage)
	assert wire(stage, credit_note)["Status"] == "VOIDED"


def test_a_late_allocation_of_a_part_is_waited_for(stage: Stage) -> None:
	"""Both balances would have room for a second one of the same amount."""
	setting(stage, allocates_only_as_erpnext=1)
	original, other = invoice(stage), invoice(stage)
	credit_note = stage.erp.drafts.return_of(original)
	stage.erp.desk.submit(credit_note)
	stage.erp.desk.reconcile(credit_note, SetAgainst(Decimal("50.00"), JOURNAL, other))
	stage.admin.fault("late_write", method="PUT", path="/allocations$", seconds=300, mode="drop")
	push(stage)
	stage.put_forward(timedelta(minutes=2))
	push(stage)
	assert "may still arrive" in message(stage, credit_note, "Queued")
	stage.erp.desk.retry(credit_note)
	push(stage)
	assert "may still arrive" in message(stage, credit_note, "Queued")
	for _ in range(3):
		stage.put_forward(timedelta(minutes=10))
		push(stage)
	assert allocations(stage, credit_note) == {other.name: Decimal("50.00")}
	message(stage, credit_note)


def remove(stage: Stage, credit_note: DocumentRef, allocation_id: str) -> None:
	"""A person removes an allocation in Xero."""
	stage.admin.act(
		stage.tenant,
		"remove_allocation",
		credit_note_id=wire(stage, credit_note)["CreditNoteID"],
		allocation_id=allocation_id,
	)
