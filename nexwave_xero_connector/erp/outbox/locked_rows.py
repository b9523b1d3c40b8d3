"""The port LockedRows on the Xero Sync Log: what a worker writes while it holds the locks on its rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import cached_property

import frappe
from frappe.utils import now_datetime

from nexwave_xero_connector.erp import clock, rendering
from nexwave_xero_connector.erp.doctypes import LOG, SETTINGS
from nexwave_xero_connector.erp.foreign_text import as_columns, as_stored
from nexwave_xero_connector.erp.outbox import log as sync_log
from nexwave_xero_connector.erp.outbox import xero_documents
from nexwave_xero_connector.erp.outbox.allocations import to_column
from nexwave_xero_connector.erp.outbox.log import IN_XERO, SUBJECT
from nexwave_xero_connector.erp.outbox.realtime import announce
from nexwave_xero_connector.erp.plain_rows import write_columns
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.figures import Figures, to_json
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.records import Allocation, Claim, DocStatus, Outcome, Status, Trigger


class FrappeLockedRows:
	"""Created once the rows are locked, so that the documents are read after that.

	`rows`: the row of each claim, which has the present names of document and company. `held`: claims whose rows a
	user's transaction holds.
	"""

	def __init__(
		self,
		rows: Mapping[Claim, frappe._dict],
		now: Callable[[], datetime],
		held: Sequence[Claim] = (),
	) -> None:
		self.claims: Sequence[Claim] = list(rows)
		self.held = held
		self._companies = {claim: row.company for claim, row in rows.items()}
		documents = {
			claim: DocumentRef(row.reference_doctype, row.reference_name) for claim, row in rows.items()
		}
		self._documents = documents
		self._now = now
		self._found = _found(list(documents.values()))

	def docstatus(self, claim: Claim) -> DocStatus:
		found = self._found.get(self._documents[claim])
		if found is None or found.creation != claim.created:
			return DocStatus.GONE
		return DocStatus(found.docstatus)

	def mark_sending(
		self,
		claim: Claim,
		xero_type: XeroType,
		number: str,
		unconfirmed_until: datetime,
		link: str = "",
		figures: Figures | None = None,
	) -> None:
		self._note(
			claim,
			{
				"xero_type": xero_type.value,
				"xero_number": number,
				"link": link,
				"figures": to_json(figures) if figures else None,
				"unconfirmed_until": clock.to_column(unconfirmed_until),
			},
		)
		self._write(
			claim,
			{
				"xero_type": xero_type.value,
				**as_columns(LOG, {"xero_number": number}),
				"unconfirmed_until": clock.to_column(unconfirmed_until),
			},
		)

	def mark_allocating(
		self, claim: Claim, allocations: Sequence[Allocation], unconfirmed_until: datetime
	) -> None:
		until = clock.to_column(unconfirmed_until)
		known = {"allocations": to_column(allocations), "unconfirmed_until": until}
		self._note(claim, known)
		self._write(claim, {"unconfirmed_until": until})

	def settle(self, claim: Claim, outcome: Outcome) -> None:
		if outcome.status is Status.IN_PROGRESS or (outcome.status is Status.QUEUED and not outcome.due):
			raise ValueError(f"{outcome.status} is not a status in which an attempt ends or waits")
		values = rendering.message(outcome.sentence) | {
			"status": outcome.status.value,
			"error_class": outcome.error_class.value if outcome.error_class else None,
			"unconfirmed_until": clock.to_column(outcome.unconfirmed_until),
			"decisions": "\n".join(rendering.plain_text(decision) for decision in outcome.decisions),
			"detail": as_stored(rendering.without_tokens(outcome.detail)),
			"times_claimed": outcome.times_claimed,
			"is_orphan": self._is_orphan(claim, outcome),
			"is_unallocated": int(outcome.is_unallocated),
		}
		if outcome.xero:
			values |= {
				"xero_type": outcome.xero.xero_type.value,
				**as_columns(LOG, {"xero_number": outcome.xero.number, "xero_id": outcome.xero.id}),
				"xero_url": rendering.xero_page(outcome.xero.xero_type, outcome.xero.id, self._short_code),
			}
		if outcome.status is Status.QUEUED:
			values["due_at"] = clock.to_column(outcome.due)
		else:
			values |= {
				"due_at": None,
				"finished_at": now_datetime(),
				"is_stuck": 0,
				"finding": outcome.finding and rendering.plain_text(outcome.finding),
				"needs_attention": int(
					outcome.status is Status.FAILED or bool(outcome.finding) or values["is_orphan"]
				),
			}
		self._write(claim, values)
		self._note_in_xero(claim, outcome)
		if outcome.retry_at:
			self._queue_next_attempt(claim, outcome.retry_at)
		announce(claim.row, claim.company, claim.document)

	def _note_in_xero(self, claim: Claim, outcome: Outcome) -> None:
		"""Keep the record of the copy in Xero. There is none of a document that was never sent nor found."""
		known: dict[str, object] = {"unconfirmed_until": clock.to_column(outcome.unconfirmed_until)}
		if outcome.xero:
			known |= {
				"xero_type": outcome.xero.xero_type.value,
				"xero_number": outcome.xero.number,
				"xero_status": outcome.xero.status,
			}
		if outcome.allocations is not None:
			known["allocations"] = to_column(outcome.allocations)
		if outcome.xero or outcome.unconfirmed_until or claim.unconfirmed_until or claim.xero_type:
			self._note(claim, known)
		else:
			# Xero may have rejected what this very attempt has sent: nothing of it is in doubt.
			xero_documents.end_doubt(claim)
		if outcome.xero:
			xero_documents.note_id(claim.organisation, claim.key, outcome.xero.id)

	def _note(self, claim: Claim, values: Mapping[str, object]) -> None:
		"""On the record of the claim's document in its organisation."""
		xero_documents.note(claim, self._companies[claim], self._documents[claim], values)

	@cached_property
	def _short_code(self) -> str:
		"""The organisation's, for links to Xero; read once per batch."""
		company = self.claims[0].company
		return frappe.db.get_value(SETTINGS, {"company": company}, "short_code") or ""

	def _queue_next_attempt(self, claim: Claim, due: datetime) -> None:
		sync_log.supersede(claim.row)
		about = frappe.db.get_value(LOG, claim.row, SUBJECT + IN_XERO, as_dict=True)
		sync_log.add_row(
			sync_log.next_row(claim.row),
			self._documents[claim],
			claim.created,
			about,
			claim.operation,
			Trigger.AUTOMATIC,
			attempt=claim.attempt + 1,
			due_at=clock.to_column(due),
			priority=claim.next_priority.value,
		)
		announce(sync_log.next_row(claim.row), claim.company, claim.document)

	def _is_orphan(self, claim: Claim, outcome: Outcome) -> int:
		"""Not submitted here, seen live in Xero, and nothing more will be done about it automatically."""
		is_live = bool(outcome.xero and outcome.xero.is_live)
		if outcome.is_elsewhere:
			return 1
		is_submitted = self.docstatus(claim) is DocStatus.SUBMITTED
		return int(is_live and outcome.status.is_final and not is_submitted)

	def _write(self, claim: Claim, values: dict[str, object]) -> None:
		if claim not in self.claims:
			raise ValueError(f"{claim.document} is not locked")
		write_columns(
			LOG, claim.row, values | {"modified": now_datetime(), "modified_by": frappe.session.user}
		)


def _found(documents: Sequence[DocumentRef]) -> dict[DocumentRef, frappe._dict]:
	"""What has these names now: its docstatus, and when it was inserted."""
	found = {}
	for doctype in {document.doctype for document in documents}:
		table = frappe.qb.DocType(doctype)
		names = [document.name for document in documents if document.doctype == doctype]
		query = frappe.qb.from_(table).select(table.name, table.docstatus, table.creation)
		found |= {
			DocumentRef(doctype, row.name): row
			for row in query.where(table.name.isin(names)).run(as_dict=True)
		}
	return found
