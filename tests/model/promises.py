"""The five promises, as they can be checked in ERPNext and in Xero."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from nexwave_xero_connector.sync.records import ErrorClass, Status

if TYPE_CHECKING:
	from tests.model.world import World


class Broken(AssertionError):
	"""A promise is broken. The message says which one, and what led to it."""

	def __init__(self, promise: str, world: World) -> None:
		rows = "\n".join(f"    {row}" for row in world.erp.rows)
		documents = "\n".join(f"    {document}" for document in world.xero.documents.values())
		steps = "\n".join(f"    {step}" for step in world.trace)
		super().__init__(f"{promise}\n  what happened:\n{steps}\n  log:\n{rows}\n  Xero:\n{documents}")


def check_always(world: World) -> None:
	"""No duplicate and no overwrite hold at every moment."""
	live = Counter(
		document.number
		for document in world.xero.documents.values()
		if document.is_live and document.id not in world.foreign
	)
	for number, count in live.items():
		if count > 1:
			raise Broken(f"No duplicate: {number} is live {count} times in Xero", world)
	for xero_id, before in world.foreign.items():
		if world.xero.documents[xero_id] != before:
			raise Broken(f"No overwrite: {xero_id} is not ours and was changed", world)


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
			and min(note.remaining_credit, invoice.amount_due) > 0
		):
			raise Broken(f"Allocated: {ref} is in Xero beside its invoice and not allocated to it", world)


def check_at_rest(world: World) -> None:
	"""No ghost, no loss and no lie hold once nothing is under way any more."""
	if any(row.due_at for row in world.erp.rows):
		raise Broken("No loss: a row waits forever", world)
	ours = [d for d in world.xero.documents.values() if d.id not in world.foreign]
	for row in world.erp.rows:
		if row.ref not in world.erp.documents and any(d.number == row.number and d.is_live for d in ours):
			raise Broken(f"No ghost: {row.ref} is deleted and live in Xero", world)
	for ref, document in world.erp.documents.items():
		rows = world.erp.rows_of(ref)
		newest = rows[-1] if rows else None
		number = newest.number if newest and newest.number else ref.name
		live = [d for d in ours if d.number == number and d.is_live]
		is_kept = any(
			world.xero.documents[a.invoice_id].id in world.foreign for d in live for a in d.allocations
		)
		if is_kept and document.docstatus == 2 and newest and newest.error_class is ErrorClass.NEEDS_PERSON:
			# Somebody in Xero has used it, and has been asked to undo that.
			continue
		if document.docstatus == 2 and live:
			raise Broken(f"No ghost: {ref} is cancelled and live in Xero", world)
		if document.docstatus == 0 and not rows and live:
			raise Broken(
				f"No copy: {ref} is in Xero, and was only ever submitted on a copy of the site", world
			)
		if document.docstatus == 1:
			if newest is None:
				raise Broken(f"No loss: {ref} is submitted and in no row", world)
			if not live and any(d.number == number for d in ours):
				raise Broken(f"No loss: {ref} is submitted, and what was in Xero of it was voided", world)
			if not live and newest.status is not Status.FAILED:
				raise Broken(f"No loss: {ref} is {newest.status.value} and not in Xero", world)
		if newest is None:
			continue
		if newest.status is Status.SUCCESS and newest.xero_id not in {d.id for d in live}:
			raise Broken(f"No lie: {ref} is Success, and not live in Xero", world)
		if newest.status in (Status.VOIDED, Status.SKIPPED) and live:
			raise Broken(f"No lie: {ref} is {newest.status.value}, and live in Xero", world)
		if newest.status is Status.FAILED and live and newest.error_class is not ErrorClass.CONFLICT:
			raise Broken(f"No lie: {ref} is Failed, and live in Xero", world)
