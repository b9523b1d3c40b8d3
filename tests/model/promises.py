"""The five promises, as they can be checked in ERPNext and in Xero.

They know whose copy each document in Xero is from its line, whatever names, numbers, ids and links say (see
`erp_model.document`): what the protocol concludes from those is what is checked.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from nexwave_xero_connector.mapping.erp_document import ErpDocument
from nexwave_xero_connector.sync.records import ErrorClass, Status, XeroDocument
from tests.model.erp_model import Row, incarnation_of

if TYPE_CHECKING:
	from tests.model.world import World


ENDLESS = 2000
"""More steps than any run takes that comes to rest."""


class Broken(AssertionError):
	"""A promise is broken. The message says which one, and what led to it."""

	def __init__(self, promise: str, world: World) -> None:
		rows = "\n".join(f"    {row}" for row in world.erp.rows)
		documents = "\n".join(f"    {document}" for document in world.xero.documents.values())
		steps = "\n".join(f"    {step}" for step in world.trace)
		super().__init__(f"{promise}\n  what happened:\n{steps}\n  log:\n{rows}\n  Xero:\n{documents}")


def check_always(world: World) -> None:
	"""No duplicate and no overwrite hold at every moment, and each void of ours must be of something withdrawn here."""
	ours = [d for d in world.xero.documents.values() if d.id not in world.foreign]
	made = Counter(
		(world.xero.made_of[d.id], world.xero.organisation_of.get(d.id)) for d in ours if d.is_live
	)
	for (incarnation, _organisation), count in made.items():
		if count > 1:
			raise Broken(f"No duplicate: {incarnation} is live {count} times in Xero", world)
	for xero_id, before in world.foreign.items():
		found = world.xero.documents[xero_id]
		if xero_id in world.used.values():
			# Whoever says that it is ours lets us allocate it.
			found = replace(
				found,
				allocations=before.allocations,
				remaining_credit=before.remaining_credit,
				applied=before.applied,
				amount_due=before.amount_due,
			)
		if found != before:
			raise Broken(f"No overwrite: {xero_id} is not ours and was changed", world)
	for xero_id in world.xero.wrongly_voided:
		incarnation = world.xero.made_of.get(xero_id, xero_id)
		raise Broken(f"No loss: {incarnation} was voided, and nobody has cancelled it here", world)


def check_comes_to_rest(world: World) -> None:
	"""Nothing is given back without an end, nor looked for again at each sweep."""
	if len(world.trace) > ENDLESS:
		raise Broken("Rest: it goes on for ever", world)


def check_all_succeeded(world: World) -> None:
	"""Nobody is asked where nothing is wrong, or only with another document."""
	newest = {row.incarnation: row for row in world.erp.rows}
	for document in world.erp.documents.values():
		row = newest.get(incarnation_of(document))
		if document.ref.name in world.xero.disliked:
			continue
		if document.docstatus == 1 and row and row.status is not Status.SUCCESS:
			raise Broken(f"No needless question: {document.ref} is {row.status.value}, {row.sentence}", world)


def check_retry_cures(world: World) -> None:
	"""Once the cause is fixed, one press of Retry sends a failed document to Xero."""
	for ref, document in world.erp.documents.items():
		newest = world.erp.rows_of(ref)[-1:]
		if document.docstatus == 1 and newest and newest[0].error_class is ErrorClass.NEEDS_PERSON:
			raise Broken(f"Retry cures: {ref} still fails, {newest[0].sentence}", world)


def check_allocated(world: World) -> None:
	"""Nothing is left of a return and due on its invoice, once both are in Xero. A crash may leave it to the sweep."""
	by_number = {d.number: d for d in world.xero.documents.values() if d.is_live and d.status == "AUTHORISED"}
	for ref, document in world.erp.documents.items():
		note, invoice = by_number.get(ref.name), by_number.get(document.return_against)
		if (
			document.docstatus == 1
			and note
			and invoice
			and not {note.id, invoice.id} & (world.touched | world.foreign.keys())
			and min(note.remaining_credit, invoice.amount_due) > 0
		):
			raise Broken(f"Allocated: {ref} is in Xero beside its invoice and not allocated to it", world)


def check_at_rest(world: World) -> None:
	"""No ghost, no loss and no lie hold once nothing is under way any more."""
	if any(row.due_at for row in world.erp.rows):
		raise Broken("No loss: a row waits forever", world)
	newest: dict[str, Row] = {row.incarnation: row for row in world.erp.rows}
	copies: dict[str, list[XeroDocument]] = defaultdict(list)
	for found in world.xero.documents.values():
		if found.id not in world.foreign:
			copies[world.xero.made_of[found.id]].append(found)
	here = {incarnation_of(document): document for document in world.erp.documents.values()}
	for incarnation in here.keys() | newest.keys() | copies.keys():
		live = [found for found in copies[incarnation] if found.is_live]
		document, row = here.get(incarnation), newest.get(incarnation)
		if document and document.docstatus == 1:
			_check_submitted(world, document, row, copies[incarnation], live)
		else:
			_check_withdrawn(world, incarnation, document, row, copies[incarnation], live)


def _check_submitted(
	world: World, document: ErpDocument, row: Row | None, copies: list[XeroDocument], live: list[XeroDocument]
) -> None:
	incarnation = incarnation_of(document)
	if row is None:
		raise Broken(f"No loss: {incarnation} is submitted and in no row", world)
	if used := world.used.get(incarnation):
		if live or (row.status, row.xero_id) != (Status.SUCCESS, used):
			raise Broken(f"No lie: somebody has said that {incarnation} is {used}", world)
		return
	if row.seen and not _agrees(world, document, row.seen):
		raise Broken(f"No lie: {incarnation} is Success, and was seen to differ in Xero", world)
	if row.seen and row.seen.is_live and row.xero_id in world.touched and not live:
		return  # A person voided it in Xero after it was read: nobody can know before the daily check.
	if not live and row.status is not Status.FAILED:
		raise Broken(f"No loss: {incarnation} is {row.status.value} and not in Xero", world)
	if row.status is Status.SUCCESS and row.xero_id not in {found.id for found in live}:
		raise Broken(f"No lie: {incarnation} is Success, and not live in Xero", world)
	if row.status in (Status.VOIDED, Status.SKIPPED) and live:
		raise Broken(f"No lie: {incarnation} is {row.status.value}, and live in Xero", world)
	if (
		row.status is Status.FAILED
		and live
		and row.error_class is not ErrorClass.CONFLICT
		and not _is_asked(row)
	):
		raise Broken(f"No lie: {incarnation} is Failed, and live in Xero", world)
	if row.status is Status.FAILED and "waits until" in row.sentence:
		raise Broken(f"No lie: {incarnation} waits for a document that nobody is withdrawing", world)
	_check_words(world, incarnation, row, copies)


def _check_withdrawn(
	world: World,
	incarnation: str,
	document: ErpDocument | None,
	row: Row | None,
	copies: list[XeroDocument],
	live: list[XeroDocument],
) -> None:
	"""Cancelled, deleted, or a draft: what is live of it in Xero is said on its row, or it is a ghost."""
	state = {None: "deleted", 0: "a draft", 2: "cancelled"}[document and document.docstatus]
	if row is None:
		if live and not world.is_restored:
			promise = "No copy" if document else "No ghost"
			raise Broken(f"{promise}: {incarnation} is {state} and in no row, and live in Xero", world)
		return
	was_cancelled = incarnation in world.erp.cancelled
	is_for_a_person = state == "a draft" or not was_cancelled
	told = _is_told(world, is_for_a_person, row, live) or _is_told_where(world, row, live) or _is_asked(row)
	if live and not (told or _is_checked_daily(was_cancelled, row, live)):
		raise Broken(f"No ghost: {incarnation} is {state} and live in Xero", world)
	if row.status is Status.SUCCESS and document and document.docstatus == 2:
		raise Broken(f"No lie: {incarnation} is cancelled, and Success", world)
	_check_words(world, incarnation, row, copies)


def _is_told(world: World, is_for_a_person: bool, row: Row, live: list[XeroDocument]) -> bool:
	"""Whether its row asks a person: about a draft, which may have been deleted since if nobody had cancelled it,
	knowing it as its own; or about what somebody has changed or copied in Xero."""
	is_known = is_for_a_person and {found.id for found in live} == {row.xero_id}
	return row.status is Status.FAILED and (is_known or all(found.id in world.touched for found in live))


def _is_asked(row: Row) -> bool:
	"""Whether its row asks somebody to look in Xero: too many workers have died on it, and nobody knows."""
	return (
		row.error_class is ErrorClass.BUG and "Check whether it is in Xero, then press Retry" in row.sentence
	)


def _is_told_where(world: World, row: Row, live: list[XeroDocument]) -> bool:
	"""Whether its row says that it is in an organisation to which the company does not send now."""
	out_of_reach = not any(world.xero.is_in(world.erp.organisation, found) for found in live)
	return out_of_reach and row.status is Status.FAILED and "Xero organisation" in row.sentence


def _is_checked_daily(was_cancelled: bool, row: Row, live: list[XeroDocument]) -> bool:
	"""Whether the daily check says it: the log knows the id, and a script set the document back without an event."""
	return (
		not was_cancelled and row.status is Status.SUCCESS and {found.id for found in live} == {row.xero_id}
	)


def _agrees(world: World, document: ErpDocument, seen: XeroDocument) -> bool:
	"""A document stays with the contact of the party that it had when it was sent."""
	parties = (document.party.name, *world.erp.former_parties.get(incarnation_of(document), ()))
	contacts = {f"contact-{party}" for party in parties}
	contacts |= {world.xero.merged.get(contact, contact) for contact in contacts}
	return seen.contact_id in contacts and (
		seen.date,
		seen.total,
		seen.total_tax,
	) == (
		document.posting_date,
		abs(document.total),
		abs(sum(tax.amount for tax in document.taxes)),
	)


def _check_words(world: World, incarnation: str, row: Row, copies: list[XeroDocument]) -> None:
	used = world.used.get(incarnation)
	if used and row.status is not Status.FAILED and world.xero.documents[used].is_live:
		raise Broken(f"No lie: {used} is live, and nobody is asked what becomes of it", world)
	if copies and "Nothing was sent" in row.sentence:
		raise Broken(f"No lie: {incarnation} was sent, and its row says that nothing was", world)
