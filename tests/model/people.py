"""What people do in Xero's own pages: they type, copy, edit, renumber and void, whatever is under way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from nexwave_xero_connector.mapping.document import document_number
from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument
from nexwave_xero_connector.sync.records import XeroDocument
from tests.model.erp_model import incarnation_of

if TYPE_CHECKING:
	from tests.model.world import World


BY_HAND = Decimal("40.00")
"""How much of a credit note somebody in Xero allocates to another invoice."""


def type_the_same(world: World, ref: DocumentRef) -> None:
	"""The same document, from the paper on the desk: our number, party, date and figures."""
	_enter(world, ref)


def type_another(world: World, ref: DocumentRef) -> None:
	"""Another document of the same party that happens to have our number."""
	_enter(world, ref, total=Decimal("230.00"), total_tax=Decimal("30.00"), amount_due=Decimal("230.00"))


def type_anothers(world: World, ref: DocumentRef) -> None:
	"""A document of another party under our number, of the same amounts."""
	_enter(world, ref, contact_id="contact-OTHER")


def _enter(world: World, ref: DocumentRef, **differences: object) -> None:
	document = _in_erpnext(world, ref)
	number, xero_type = document_number(document, world.erp.settings), document.xero_type
	if not world.xero.is_free(xero_type, number):
		return
	total = Decimal("115.00")
	typed = XeroDocument(
		xero_type=xero_type,
		id=world.xero.new_id(xero_type, number),
		number=number,
		status="AUTHORISED",
		contact_id=f"contact-{document.party.name}",
		contact_name="",
		currency=document.currency,
		total=total,
		total_tax=Decimal("15.00"),
		date=document.posting_date,
		amount_due=Decimal(0) if xero_type.is_credit_note else total,
		remaining_credit=total if xero_type.is_credit_note else Decimal(0),
	)
	_theirs(world, replace(typed, **differences))  # type: ignore[arg-type]


def copy(world: World, ref: DocumentRef) -> None:
	"""Copy to, approved as it is: our link goes along. A sales number is unique, so the copy has one of its own."""
	_copy(world, ours(world, ref))


def void_and_copy(world: World, ref: DocumentRef) -> None:
	"""As Xero's help advises to correct an invoice: void it, copy it, and approve the copy."""
	_copy(world, _change(world, ours(world, ref), status="VOIDED"))


def _copy(world: World, original: XeroDocument) -> None:
	is_unique = original.xero_type.number_is_unique
	number = f"{original.number} copy" if is_unique else original.number
	copied = replace(
		original,
		id=world.xero.new_id(original.xero_type, number),
		number=number,
		status="AUTHORISED",
		allocations=(),
		applied=(),
	)
	world.touched.add(original.id)
	_theirs(world, copied)


def void(world: World, ref: DocumentRef) -> None:
	_change(world, ours(world, ref), status="VOIDED")


def renumber(world: World, ref: DocumentRef) -> None:
	document = ours(world, ref)
	_change(world, document, number=f"{document.number} old")


def edit_the_date(world: World, ref: DocumentRef) -> None:
	"""The date moves, and with it the GST period."""
	document = ours(world, ref)
	assert document.date is not None
	_change(world, document, date=document.date + timedelta(days=40))


def edit_the_amount(world: World, ref: DocumentRef) -> None:
	_change(
		world,
		ours(world, ref),
		total=Decimal("92.00"),
		total_tax=Decimal("12.00"),
		amount_due=Decimal("92.00"),
	)


def allocate_part(world: World, ref: DocumentRef) -> None:
	"""Part of the credit note goes to an invoice that is not ours, if the note is there and has as much left."""
	other = next(d for d in world.xero.documents.values() if d.number == "OTHER")
	for note in _copies(world, ref):
		if world.xero.allocate_one(note.id, other.id, BY_HAND) is None:
			world.touched.add(note.id)
			world.foreign[other.id] = world.xero.documents[other.id]


def _change(world: World, document: XeroDocument, **changes: object) -> XeroDocument:
	changed = world.xero.documents[document.id] = replace(document, **changes)  # type: ignore[arg-type]
	world.touched.add(document.id)
	return changed


def _theirs(world: World, document: XeroDocument) -> None:
	world.xero.documents[document.id] = world.foreign[document.id] = document


def _in_erpnext(world: World, ref: DocumentRef) -> ErpDocument:
	"""The document that users call by this name, whatever has become of it in ERPNext."""
	return next(document for document in world.scenario.documents if document.ref == ref)


def is_there(world: World, ref: DocumentRef) -> bool:
	"""Whether a live copy of the document that we made is there, with nothing applied to it."""
	return any(d.is_live and not (d.allocations or d.applied) for d in _copies(world, ref))


def ours(world: World, ref: DocumentRef) -> XeroDocument:
	return next(d for d in _copies(world, ref) if d.is_live and not (d.allocations or d.applied))


def _copies(world: World, ref: DocumentRef) -> list[XeroDocument]:
	wanted = incarnation_of(_in_erpnext(world, ref))
	return [d for d in world.xero.documents.values() if world.xero.made_of.get(d.id) == wanted]


TYPED: dict[str, Callable[[World, DocumentRef], None]] = {
	"type the same in Xero": type_the_same,
	"type another in Xero": type_another,
	"type another party's in Xero": type_anothers,
}
DONE_TO_OURS: dict[str, Callable[[World, DocumentRef], None]] = {
	"copy in Xero": copy,
	"void and copy in Xero": void_and_copy,
	"void in Xero": void,
	"renumber in Xero": renumber,
	"edit the date in Xero": edit_the_date,
	"edit the amount in Xero": edit_the_amount,
}
"""Only once ours is there. Until then the person waits."""
