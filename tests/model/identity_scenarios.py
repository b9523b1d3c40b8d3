"""Small worlds in which names, numbers and links do not tell which document is meant.

ERPNext gives names again, renames, deletes, sets back and is restored from a backup; people in Xero type, copy, edit,
renumber and void; Xero answers a batch in another order, or refuses it though it saved some of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta

from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument
from nexwave_xero_connector.mapping.header import SUPPLIER_INVOICE_NO
from nexwave_xero_connector.sync.records import Status
from tests.model.erp_model import MAPPING_SETTINGS, Copy, document
from tests.model.scenarios import (
	BILL,
	CREDIT_NOTE,
	INVOICE,
	SECOND_BILL,
	in_xero,
	link_to,
	submit_and_cancel,
	submit_and_retry,
)
from tests.model.world import Bounds, Scenario, UserAction, World

BILL_RETURN = document("Purchase Invoice", "PRET-1", return_against="PINV-1")
BY_SUPPLIER_NUMBER = replace(MAPPING_SETTINGS, bill_number_source=SUPPLIER_INVOICE_NO)
RENT = document("Purchase Invoice", "PINV-1", bill_no="RENT")
SAME_RENT = document("Purchase Invoice", "PINV-2", bill_no="RENT")
NEXT_RENT = replace(SAME_RENT, posting_date=SAME_RENT.posting_date + timedelta(days=7))
RENT_RETURN = document("Purchase Invoice", "PRET-1", return_against="PINV-1", bill_no="RENT")
SAME_RENT_RETURN = document("Purchase Invoice", "PRET-2", return_against="PINV-1", bill_no="RENT")


def another(of: ErpDocument, days_later: int = 0, dearer: bool = False) -> ErpDocument:
	"""Another document that gets the name of this one, of the same party. Alike, or of another date or amount."""
	assert of.created is not None
	other = replace(
		of,
		created=of.created + timedelta(hours=1),
		posting_date=of.posting_date + timedelta(days=days_later),
		items=tuple(replace(item, description=f"Other {item.description}") for item in of.items),
	)
	if not dearer:
		return other
	return replace(
		other,
		items=tuple(replace(item, net_amount=item.net_amount * 2) for item in other.items),
		taxes=tuple(replace(tax, amount=tax.amount * 2) for tax in other.taxes),
		net_total=of.net_total * 2,
		grand_total=of.grand_total * 2,
	)


def _actions(ref: DocumentRef, *what: str) -> list[UserAction]:
	"""One after the other, each at any time after the one before."""
	return [
		UserAction(action, ref, (position - 1,) if position else ()) for position, action in enumerate(what)
	]


def _story(name: str, documents: Sequence[ErpDocument], *what: str, **more: object) -> Callable:
	"""What users do with the first document, in this order, at any time."""

	def scenario(bounds: Bounds) -> Scenario:
		ref = documents[0].ref
		return Scenario(f"{ref}: {name}", documents, _actions(ref, *what), bounds, **more)  # type: ignore[arg-type]

	scenario.__name__ = f"{documents[0].ref.name}: {name}"
	return scenario


def _with_invoice_in_xero(world: World) -> None:
	"""The original of a return is in Xero, so that the return can be allocated to it."""
	for original in (INVOICE, BILL):
		if original.ref in world.erp.documents:
			found = in_xero(original.xero_type, original.ref.name, link_to(original))
			world.xero.documents[found.id] = found
			world.erp.submit(original.ref)
			row = world.erp.rows[-1]
			row.due_at, row.status = None, Status.SUCCESS
			row.xero_id, row.xero_type, row.number = found.id, found.xero_type, found.number
			world.erp.copies[row.key] = Copy(found.xero_type, found.number, found.url, xero_id=found.id)


def _name_given_again(first: ErpDocument, *before: str, **how: object) -> Callable:
	"""The document loses its name by what users do, and another one gets it. It is cancelled at the end."""
	other = another(first, **how)  # type: ignore[arg-type]
	name = f"{', '.join(before)}, {'a dearer one' if how else 'one like it'} gets the name and is cancelled"
	return _story(name, [first], *before, "submit another", "cancel", later=[other])


def _restored(
	first: ErpDocument, before: Sequence[str], lost: Sequence[str], *after: str, **how: object
) -> Callable:
	"""The database goes back to a backup; what users did since then is lost, and then they go on."""
	other = another(first, **how)  # type: ignore[arg-type]
	what = [*before, "back up", *lost, "restore the backup", *after]
	return _story(", ".join(what), [first], *what, later=[other])


def _restored_without_it(first: ErpDocument, **how: object) -> Callable:
	"""The document did not exist yet at the backup, and another one gets its name."""
	other = another(first, **how)  # type: ignore[arg-type]
	name = f"lost by a restore, {'a dearer one' if how else 'one like it'} gets the name and is cancelled"

	def scenario(bounds: Bounds) -> Scenario:
		ref = first.ref
		actions = _actions(
			ref, "back up", "insert and submit", "restore the backup", "submit another", "cancel"
		)
		return Scenario(f"{ref}: {name}", [], actions, bounds, later=[first, other])

	scenario.__name__ = f"{first.ref.name}: {name}"
	return scenario


def in_one_batch(
	first: ErpDocument, second: ErpDocument, *beside: ErpDocument, cancelled: bool = True
) -> Callable:
	"""Two documents that agree in number, party and figures, sent together; the second is cancelled at any time."""

	def scenario(bounds: Bounds) -> Scenario:
		actions = [UserAction("submit", first.ref), UserAction("submit", second.ref, (0,))]
		if cancelled:
			actions.append(UserAction("cancel", second.ref, (1,)))
		return Scenario(
			f"{first.ref} and {second.ref}, number {first.bill_no or first.ref.name}",
			[first, second, *beside],
			actions,
			bounds,
			prepare=_with_invoice_in_xero if beside else None,
			ours_from_the_start=tuple(document.ref.name for document in beside),
			settings=BY_SUPPLIER_NUMBER,
		)

	scenario.__name__ = f"{first.ref.name} and {second.ref.name} alike"
	return scenario


def _typed(first: ErpDocument, typed: str, *then: str, **more: object) -> Callable:
	"""A person types it in Xero at any time, before or after ours is there."""

	def scenario(bounds: Bounds) -> Scenario:
		actions = [*_actions(first.ref, "submit", *then), UserAction(typed, first.ref)]
		beside = _originals(first)
		return Scenario(
			f"{first.ref}: {typed}, {', '.join(then)}",
			[first, *beside],
			actions,
			bounds,
			prepare=_with_invoice_in_xero if beside else None,
			ours_from_the_start=tuple(document.ref.name for document in beside),
			**more,  # type: ignore[arg-type]
		)

	scenario.__name__ = f"{first.ref.name}: {typed}, {', '.join(then)}"
	return scenario


def _used(first: ErpDocument) -> Callable:
	"""Somebody has typed it in Xero; here, somebody presses Use This One. It is cancelled in the end."""

	def scenario(bounds: Bounds) -> Scenario:
		ref = first.ref
		beside = _originals(first)
		what = (TYPED[0], "submit", "use this one", "cancel")
		return Scenario(
			f"{ref}: {', '.join(what)}",
			[first, *beside],
			_actions(ref, *what),
			bounds,
			prepare=_with_invoice_in_xero if beside else None,
			ours_from_the_start=tuple(document.ref.name for document in beside),
		)

	scenario.__name__ = f"{first.ref.name}: typed in Xero, used, cancelled"
	return scenario


def _lost_and_deleted(first: ErpDocument) -> Callable:
	"""A credit note is deleted while nobody knows whether Xero has it: it has no link, and ERPNext has no figures."""

	def scenario(bounds: Bounds) -> Scenario:
		beside = _originals(first)
		return Scenario(
			f"{first.ref}: {', '.join(DELETED)}",
			[first, *beside],
			_actions(first.ref, *DELETED),
			bounds,
			prepare=_with_invoice_in_xero,
			ours_from_the_start=tuple(document.ref.name for document in beside),
		)

	scenario.__name__ = f"{first.ref.name}: {', '.join(DELETED)}"
	return scenario


def lost_its_name(bounds: Bounds) -> Scenario:
	"""A bill is cancelled and deleted while its worker has created it, and at once another one gets its name."""
	return Scenario(
		"bill: submit, lose its name while a worker has it",
		[BILL],
		_actions(BILL.ref, "submit", "lose its name while a worker has it"),
		bounds,
		later=[another(BILL)],
	)


def amended_under_one_number(bounds: Bounds) -> Scenario:
	"""A bill under its supplier's number is cancelled, and amended while the first one may still be there."""
	amended = document("Purchase Invoice", "PINV-1-1", bill_no="RENT")
	return Scenario(
		"bill under its supplier's number: submit, cancel, amend",
		[RENT, amended],
		[
			UserAction("submit", RENT.ref),
			UserAction("cancel", RENT.ref, (0,)),
			UserAction("submit", amended.ref, (1,)),
		],
		bounds,
		settings=BY_SUPPLIER_NUMBER,
		succeeds=True,
	)


def _originals(document: ErpDocument) -> list[ErpDocument]:
	return [original for original in (INVOICE, BILL) if original.ref.name == document.return_against]


def _done_to_ours(first: ErpDocument, what: str, *beside: str, **more: object) -> Callable:
	"""A person in Xero does that to ours, and users do the rest, each at any time."""

	def scenario(bounds: Bounds) -> Scenario:
		actions = [
			UserAction("submit", first.ref),
			UserAction(what, first.ref),
			*(UserAction(action, first.ref, (0,)) for action in beside),
		]
		name = f"{first.ref}: {', '.join([what, *beside])}"
		return Scenario(name, [first], actions, bounds, **more)  # type: ignore[arg-type]

	scenario.__name__ = f"{first.ref.name}: {', '.join([what, *beside])}"
	return scenario


def without_links(factory: Callable[[Bounds], Scenario]) -> Callable[[Bounds], Scenario]:
	"""The same world, in an organisation that does not keep the links which are sent with documents."""

	def scenario(bounds: Bounds) -> Scenario:
		base = factory(bounds)

		def prepare(world: World) -> None:
			if base.prepare:
				base.prepare(world)
			world.xero.shows_links = False

		# Two things at once, a lost response and no links, may need a person.
		return replace(base, name=f"without links: {base.name}", prepare=prepare, succeeds=False)

	scenario.__name__ = f"without links, {factory.__name__}"
	return scenario


CALM = Bounds(workers=1, network_faults=0, crashes=0, frozen=0)
FAULT = Bounds(workers=1, network_faults=1, crashes=0, frozen=0)
CRASH = Bounds(workers=1, network_faults=0, crashes=1, frozen=0)
BOTH = Bounds(workers=1, network_faults=1, crashes=1, frozen=0)

DELETED = ("submit", "cancel", "delete")
TYPED = ("type the same in Xero", "type another in Xero", "type another party's in Xero")
DONE_TO_OURS = (
	"copy in Xero",
	"void and copy in Xero",
	"void in Xero",
	"edit the date in Xero",
	"edit the amount in Xero",
)
RENUMBER = "renumber in Xero"
NUMBER_GIVEN_AGAIN = _story(
	"deleted, another one gets the number",
	[INVOICE],
	*DELETED,
	"submit another",
	later=[another(INVOICE, days_later=3)],
)
SET_BACK = _story("submit, set back, submit", [BILL], "submit", "set back to draft", "submit")

WORLDS: list[tuple[Callable[[Bounds], Scenario], Bounds]] = [
	(_name_given_again(BILL, *DELETED), CALM),
	(_name_given_again(INVOICE, *DELETED, days_later=3), CALM),
	*((_name_given_again(first, "submit", "rename"), CALM) for first in (BILL, INVOICE)),
	(NUMBER_GIVEN_AGAIN, FAULT),
	(lost_its_name, CRASH),
	(SET_BACK, FAULT),
	(_story("cancelled, a draft again", [BILL], "submit", "cancel", "set back to draft"), FAULT),
	# A void that arrives after it was submitted again is not seen before the next daily check: no fault here.
	(_story("cancelled, started again", [BILL], "submit", "cancel", "set back to draft", "submit"), CALM),
	(_story("set back and deleted", [BILL], "submit", "set back to draft", "delete"), FAULT),
	*((_restored_without_it(first), FAULT) for first in (BILL, INVOICE)),
	(_restored_without_it(INVOICE, days_later=3), CALM),
	(_restored_without_it(BILL, dearer=True), CALM),
	*((_restored(first, (), ("submit",), "submit"), FAULT) for first in (BILL, INVOICE)),
	# What is under way to Xero while the database is restored is nobody's when it arrives: no fault here.
	*((_restored(first, ("submit",), (), "cancel"), CALM) for first in (BILL, INVOICE)),
	(_restored(BILL, ("submit",), ("cancel",), "retry"), CALM),
	(_restored(BILL, (), ("submit",), "delete"), FAULT),
	*((_typed(first, TYPED[0], "cancel"), FAULT) for first in (BILL, INVOICE)),
	*((_typed(first, typed, "cancel"), CALM) for first in (BILL, INVOICE) for typed in TYPED[1:]),
	*((_typed(first, typed, "cancel"), CALM) for first in (BILL_RETURN, CREDIT_NOTE) for typed in TYPED),
	(_typed(RENT, TYPED[0], "cancel", settings=BY_SUPPLIER_NUMBER), FAULT),
	*((_used(first), CALM) for first in (BILL, INVOICE, BILL_RETURN, CREDIT_NOTE)),
	(amended_under_one_number, FAULT),
	(_lost_and_deleted(CREDIT_NOTE), FAULT),
	*(
		(_done_to_ours(first, what, after), bounds)
		for first, bounds in ((BILL, FAULT), (INVOICE, CALM))
		for what in DONE_TO_OURS
		for after in ("retry", "cancel")
	),
	# Renumbered while the response to the create is lost, it can be found by neither id nor number: no fault here.
	*(
		(_done_to_ours(first, RENUMBER, after), CALM)
		for first in (BILL, INVOICE)
		for after in ("retry", "cancel")
	),
	*((_done_to_ours(first, "copy in Xero", "retry", succeeds=True), CALM) for first in (BILL, INVOICE)),
	(in_one_batch(RENT, SAME_RENT), FAULT),
	(in_one_batch(BILL, SECOND_BILL), FAULT),
	(in_one_batch(RENT_RETURN, SAME_RENT_RETURN, RENT), CALM),
	*((without_links(factory), FAULT) for factory in (submit_and_cancel, submit_and_retry)),
	*((without_links(_typed(first, TYPED[0], "cancel")), FAULT) for first in (BILL, INVOICE)),
	(without_links(_typed(RENT, TYPED[0], "cancel", settings=BY_SUPPLIER_NUMBER)), FAULT),
	(without_links(_restored(BILL, (), ("submit",), "submit")), FAULT),
	(without_links(amended_under_one_number), FAULT),
	# Two that are also of one date are left to a person: see tests/sync/test_links_missing.py.
	(without_links(in_one_batch(RENT, NEXT_RENT)), FAULT),
	(without_links(in_one_batch(BILL, SECOND_BILL)), FAULT),
	*(
		(without_links(_done_to_ours(first, what, "cancel")), bounds)
		for first, bounds in ((BILL, FAULT), (INVOICE, CALM))
		for what in ("copy in Xero", "void and copy in Xero")
	),
]

RENAMED = _name_given_again(BILL, "submit", "rename")
LOST_BY_A_RESTORE = _restored_without_it(BILL)
COPIED = _done_to_ours(BILL, "copy in Xero", "cancel")
COPIED_AND_RETRIED = _done_to_ours(BILL, "copy in Xero", "retry", succeeds=True)
EDITED = _done_to_ours(BILL, "edit the date in Xero", "retry")
RENUMBERED = _done_to_ours(BILL, RENUMBER, "cancel")
CREDIT_NOTE_TYPED = _typed(CREDIT_NOTE, TYPED[0], "cancel")
CREDIT_NOTE_DELETED = _lost_and_deleted(CREDIT_NOTE)
USED = _used(BILL)
CANCELLED_AND_SET_BACK = _story("cancelled, a draft again", [BILL], "submit", "cancel", "set back to draft")
ALIKE = in_one_batch(RENT, SAME_RENT)
TYPED_WITHOUT_LINKS = without_links(_typed(RENT, TYPED[0], "cancel", settings=BY_SUPPLIER_NUMBER))
LOST_WITHOUT_LINKS = without_links(submit_and_cancel)
"""Worlds in which the mutations are looked for."""

DEEPER: list[tuple[Callable[[Bounds], Scenario], Bounds]] = [
	*((_name_given_again(first, *DELETED), FAULT) for first in (BILL, INVOICE)),
	(_name_given_again(BILL, *DELETED, dearer=True), FAULT),
	*((_name_given_again(first, "submit", "rename"), FAULT) for first in (BILL, INVOICE)),
	(_name_given_again(BILL, "submit", "rename", dearer=True), CRASH),
	(_lost_and_deleted(BILL_RETURN), FAULT),
	(SET_BACK, BOTH),
	*((_restored_without_it(first), BOTH) for first in (BILL, INVOICE)),
	*(
		(_typed(first, typed, "cancel"), FAULT)
		for first in (BILL, INVOICE, BILL_RETURN, CREDIT_NOTE)
		for typed in TYPED
	),
	*(
		(_done_to_ours(first, what, "retry", "cancel"), FAULT)
		for first in (BILL, INVOICE)
		for what in DONE_TO_OURS
	),
	*((_done_to_ours(first, RENUMBER, "retry", "cancel"), CRASH) for first in (BILL, INVOICE)),
	(in_one_batch(RENT, SAME_RENT), BOTH),
	(in_one_batch(RENT_RETURN, SAME_RENT_RETURN, RENT), FAULT),
]
