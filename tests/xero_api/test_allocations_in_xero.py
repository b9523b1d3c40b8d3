"""Allocations of credit notes to invoices, against the running Xero sandbox."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.errors import OutcomeUnknown
from nexwave_xero_connector.sync.records import ValidationErrors, XeroDocument

from .xero_stand_in import StandIn

ON = date(2026, 11, 3)


@pytest.mark.parametrize("invoice_type", [XeroType.ACCREC, XeroType.ACCPAY])
def test_an_allocation_shows_on_both_documents_and_can_be_removed(
	stand_in: StandIn, invoice_type: XeroType
) -> None:
	credit_note_type = XeroType.ACCRECCREDIT if invoice_type.is_sales else XeroType.ACCPAYCREDIT
	invoice = stand_in.create(invoice_type, "DOC-1", "100.00")
	credit_note = stand_in.create(credit_note_type, "CN-1", "40.00")
	assert stand_in.xero.allocate(credit_note.id, invoice.id, Decimal("30.50"), ON, "key") is None

	(credit_note,) = stand_in.xero.read(credit_note_type, [credit_note.id])
	(allocation,) = credit_note.allocations
	assert (allocation.amount, allocation.invoice_id) == (Decimal("30.50"), invoice.id)
	assert allocation.id
	assert credit_note.remaining_credit == Decimal("15.50")
	(invoice,) = stand_in.xero.read(invoice_type, [invoice.id])
	assert invoice.amount_due == Decimal("84.50")
	assert len(invoice.applied) == 1 and "CN-1 of 30.50" in invoice.applied[0]

	refused = stand_in.xero.void([credit_note], "void-1")[0]
	assert isinstance(refused, ValidationErrors)
	stand_in.xero.remove_allocation(credit_note.id, allocation.id)
	(credit_note,) = stand_in.xero.read(credit_note_type, [credit_note.id])
	assert credit_note.allocations == ()
	voided = stand_in.xero.void([credit_note], "void-2")[0]
	assert isinstance(voided, XeroDocument) and voided.status == "VOIDED"


@pytest.mark.parametrize("answer", ["bare", "full"])
def test_removing_an_allocation_that_is_already_gone_is_no_error(stand_in: StandIn, answer: str) -> None:
	stand_in.admin.switch(allocation_delete_answer=answer)
	invoice = stand_in.create(XeroType.ACCREC, "SI-1")
	credit_note = stand_in.create(XeroType.ACCRECCREDIT, "CN-1", "40.00")
	stand_in.xero.allocate(credit_note.id, invoice.id, Decimal("10.00"), ON, "key")
	(allocation,) = stand_in.xero.read(XeroType.ACCRECCREDIT, [credit_note.id])[0].allocations
	stand_in.xero.remove_allocation(credit_note.id, allocation.id)
	stand_in.xero.remove_allocation(credit_note.id, allocation.id)
	assert stand_in.xero.read(XeroType.ACCRECCREDIT, [credit_note.id])[0].allocations == ()


def test_a_removal_with_an_unreadable_response_is_settled_by_reading_the_credit_note(
	stand_in: StandIn,
) -> None:
	invoice = stand_in.create(XeroType.ACCREC, "SI-1")
	credit_note = stand_in.create(XeroType.ACCRECCREDIT, "CN-1", "40.00")
	stand_in.xero.allocate(credit_note.id, invoice.id, Decimal("10.00"), ON, "key")
	(allocation,) = stand_in.xero.read(XeroType.ACCRECCREDIT, [credit_note.id])[0].allocations
	stand_in.admin.fault("garbage_before", method="DELETE")
	with pytest.raises(OutcomeUnknown):
		stand_in.xero.remove_allocation(credit_note.id, allocation.id)
	stand_in.admin.fault("garbage_after", method="DELETE")
	stand_in.xero.remove_allocation(credit_note.id, allocation.id)
	assert stand_in.xero.read(XeroType.ACCRECCREDIT, [credit_note.id])[0].allocations == ()


def test_allocating_more_than_is_owed_is_refused(stand_in: StandIn) -> None:
	invoice = stand_in.create(XeroType.ACCREC, "SI-1", "10.00")
	credit_note = stand_in.create(XeroType.ACCRECCREDIT, "CN-1", "40.00")
	refused = stand_in.xero.allocate(credit_note.id, invoice.id, Decimal("20.00"), ON, "key")
	assert isinstance(refused, ValidationErrors) and refused.messages[0]
	assert stand_in.xero.read(XeroType.ACCRECCREDIT, [credit_note.id])[0].allocations == ()


@pytest.mark.parametrize("fault", ["drop_after", "error_after", "garbage_after"])
def test_an_allocation_whose_response_is_lost_is_made_once(stand_in: StandIn, fault: str) -> None:
	invoice = stand_in.create(XeroType.ACCREC, "SI-1")
	credit_note = stand_in.create(XeroType.ACCRECCREDIT, "CN-1", "40.00")
	stand_in.admin.fault(fault, method="PUT", path="Allocations")
	with pytest.raises(OutcomeUnknown):
		stand_in.xero.allocate(credit_note.id, invoice.id, Decimal("10.00"), ON, "key")
	(credit_note,) = stand_in.xero.read(XeroType.ACCRECCREDIT, [credit_note.id])
	assert [allocation.amount for allocation in credit_note.allocations] == [Decimal("10.00")]
