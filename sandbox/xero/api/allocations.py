"""/CreditNotes/{id}/Allocations. No natural key: the same request twice allocates twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..calls import Call
from ..ledger.incoming import Element, read_elements
from ..ledger.model import CREDIT_NOTE, INVOICE, Document
from ..ledger.settlement import from_cents
from ..money import half_up
from ..problems import not_found, simple_validation, validation
from ..wire import Answer, envelope, ms_date
from .documents import actor_of, find_document

if TYPE_CHECKING:
	from ..world import World


def create(world: World, call: Call, found: list[str]) -> Answer:
	"""All of the request's allocations, or none."""
	assert call.tenant
	credit_note_id = find_document(world, call, CREDIT_NOTE, found[0]).id
	answers: list[dict[str, Any]] = []
	for raw in read_elements(call.body, "Allocations", "Allocation"):
		element = Element(raw)
		credit_note = find_document(world, call, CREDIT_NOTE, credit_note_id)
		invoice = _invoice(world, call, element)
		amount = element.number("Amount")
		if amount is None:
			raise simple_validation("Amount must be specified")
		date = element.date("Date") or max(credit_note.date, invoice.date)
		allocation_id, errors = world.settlement.allocate(
			credit_note, invoice, half_up(amount), date, actor_of(call)
		)
		if errors:
			raise validation([{**raw, "ValidationErrors": [{"Message": message} for message in errors]}])
		answer: dict[str, Any] = {"Amount": half_up(amount), "Date": ms_date(date)}
		if world.switches.get("allocation_create_answer") == "with_id":
			answer["AllocationID"] = allocation_id
		answer["Invoice"] = {"InvoiceID": invoice.id, "InvoiceNumber": invoice.number or "", "LineItems": []}
		answer["CreditNote"] = {
			"CreditNoteID": credit_note.id,
			"CreditNoteNumber": credit_note.number or "",
			"LineItems": [],
		}
		answers.append({**answer, "ValidationErrors": []})
	return envelope(world.clock.milliseconds(), Allocations=answers)


def delete(world: World, call: Call, found: list[str]) -> Answer:
	"""The response has AllocationId where others have AllocationID, and no invoice (reported by users)."""
	assert call.tenant
	credit_note = find_document(world, call, CREDIT_NOTE, found[0])
	row = world.settlement.remove_allocation(call.tenant, credit_note.id, found[1], actor_of(call))
	if row is None:
		raise not_found()
	answer: dict[str, Any] = {"AllocationId": row["id"], "Date": ms_date(row["date"])}
	if world.switches.get("allocation_delete_answer") == "full":
		answer |= {
			"Amount": from_cents(row["amount"]),
			"Invoice": {"InvoiceID": row["invoice_id"], "LineItems": []},
		}
	return envelope(world.clock.milliseconds(), Allocations=[{**answer, "IsDeleted": True}])


def _invoice(world: World, call: Call, element: Element) -> Document:
	assert call.tenant
	sent = element.object("Invoice")
	invoice_id = sent.guid("InvoiceID") if sent else None
	number = sent.text("InvoiceNumber") if sent else None
	if not invoice_id and not number:
		raise simple_validation("Invoice must be specified")
	return find_document(world, call, INVOICE, invoice_id or number or "")
