"""The port Outbox on the Xero Sync Log: claims, leases and pauses. For a session at READ COMMITTED."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import frappe
from frappe.utils import now_datetime

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.connection.installation import belonging_of
from nexwave_xero_connector.erp.connection.pause import pause as pause_company
from nexwave_xero_connector.erp.doctypes import CONNECTION, LOG, SETTINGS
from nexwave_xero_connector.erp.outbox import xero_documents
from nexwave_xero_connector.erp.outbox.locked_rows import FrappeLockedRows
from nexwave_xero_connector.erp.outbox.log import key_of
from nexwave_xero_connector.erp.outbox.realtime import announce
from nexwave_xero_connector.erp.transactions import lock
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.figures import from_json
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.installation import Belonging
from nexwave_xero_connector.sync.records import (
	Claim,
	ErrorClass,
	Operation,
	Origin,
	Priority,
	Status,
	Trigger,
)

CLAIM_INDEX = "company_priority_due_at_index"
WORKER_PATIENCE_SECONDS = 50.0
"""How long a worker waits for a user's transaction that holds one of its rows."""


class FrappeOutbox:
	"""`only`: claim only this document's row. `now`: the clock; the database's own, unless a test moves it.

	`organisation`: the one that the worker is connected to. It claims nothing once another one has been chosen.
	"""

	def __init__(
		self,
		only: DocumentRef | None = None,
		now: Callable[[], datetime] = clock.utc_now,
		organisation: str | None = None,
	) -> None:
		self._only = only
		self._organisation = organisation
		self.now = now

	def has_work(self, company: str) -> bool:
		"""Whether a claim made now would find a row that no worker holds."""
		frappe.db.commit()  # nosemgrep: a new transaction, to see what others have committed
		return not self._waits(company) and any(
			self._due(company, priority).select("name").limit(1).run() for priority in Priority
		)

	def claim(
		self,
		company: str,
		limit: int,
		lease_until: datetime,
		least_urgent: Priority = Priority.BACKFILL,
	) -> list[Claim]:
		frappe.db.commit()  # nosemgrep: the claim is a short transaction of its own at READ COMMITTED
		if self._waits(company):
			return []
		rows = self._lock_most_urgent(company, limit, least_urgent)
		if rows:
			log = frappe.qb.DocType(LOG)
			(
				frappe.qb.update(log)
				.set(log.status, Status.IN_PROGRESS.value)
				.set(log.due_at, clock.to_column(lease_until))
				.set(log.started_at, now_datetime())
				.set(log.times_claimed, log.times_claimed + 1)
				.where(log.name.isin([row.name for row in rows]))
				.run()
			)
		organisation = self._organisation or xero_documents.organisation_of(company)
		claims = _claims(rows, company, organisation, lease_until)
		for claim in claims:
			announce(claim.row, claim.company, claim.document)
		frappe.db.commit()  # nosemgrep: no lock is held while the worker talks to Xero
		return claims

	@contextmanager
	def locked(self, claims: Sequence[Claim]) -> Iterator[FrappeLockedRows]:
		if not claims:
			# Nothing is left of the batch; MariaDB rejects an empty list.
			yield FrappeLockedRows({}, self.now)
			return
		log = frappe.qb.DocType(LOG)
		query = (
			frappe.qb.from_(log)
			.select(log.name, log.status, log.due_at, log.reference_doctype, log.reference_name)
			.where(log.name.isin([claim.row for claim in claims]))
			.orderby(log.name)
			.for_update(nowait=True)
		)
		try:
			found = {row.name: row for row in lock(query, WORKER_PATIENCE_SECONDS, new_transaction=True)}
			ours = [claim for claim in claims if _is_ours(claim, found.get(claim.row))]
			yield FrappeLockedRows({claim: _present_name(found[claim.row]) for claim in ours}, self.now)
		except BaseException:
			frappe.db.rollback()
			raise
		frappe.db.commit()  # nosemgrep: what was decided under the lock takes effect here

	def pause(
		self, company: str, until: datetime | None, sentence: Sentence, error_class: ErrorClass
	) -> None:
		pause_company(company, until, sentence, error_class)

	def _lock_most_urgent(self, company: str, limit: int, least_urgent: Priority) -> list[frappe._dict]:
		"""One priority after the other: each is a range of the index, read in order and no further than needed."""
		log = frappe.qb.DocType(LOG)
		columns = (
			"name reference_doctype reference_name reference_creation operation triggered_by priority attempt"
			" times_claimed due_at"
		)
		for priority in Priority:
			if priority > least_urgent:
				break
			query = self._due(company, priority).select(*(log[field] for field in columns.split()))
			query = query.orderby(log.due_at).limit(limit)
			if rows := query.for_update(skip_locked=True).run(as_dict=True):
				return rows
		return []

	def _due(self, company: str, priority: Priority) -> object:
		log = frappe.qb.DocType(LOG)
		# With few priorities in use, MariaDB sometimes chooses another index, and reads through a whole backfill.
		query = (
			frappe.qb.from_(log)
			.force_index(CLAIM_INDEX)
			.where(
				(log.company == company)
				& (log.priority == priority.value)
				& (log.due_at <= clock.to_column(self.now()))
			)
		)
		if self._only:
			query = query.where(
				(log.reference_doctype == self._only.doctype) & (log.reference_name == self._only.name)
			)
		return query

	def _waits(self, company: str) -> bool:
		"""Not enabled, not connected, paused, or connected by another installation, of which this site is a copy.

		Also if the company now sends to another organisation than the worker."""
		settings, connection = frappe.qb.DocType(SETTINGS), frappe.qb.DocType(CONNECTION)
		rows = (
			frappe.qb.from_(settings)
			.join(connection)
			.on(connection.company == settings.company)
			.select(connection.paused_until, connection.installation, settings.tenant_id)
			.where(
				(settings.company == company) & (settings.enabled == 1) & (connection.state == "Connected")
			)
			.run()
		)
		if not rows:
			return True
		paused_until, installation, organisation = rows[0]
		if self._organisation not in (None, organisation):
			return True
		paused_until = clock.from_column(paused_until)
		if paused_until and paused_until > self.now():
			return True
		return belonging_of(installation) is not Belonging.OURS


def _present_name(row: frappe._dict) -> DocumentRef:
	"""The document by its name now: a rename in ERPNext renames it in the row, but not in a claim made before."""
	return DocumentRef(row.reference_doctype, row.reference_name)


def _is_ours(claim: Claim, row: frappe._dict | None) -> bool:
	"""A lease is identified by its end: a worker that takes the row over sets another one."""
	return bool(
		row and row.status == Status.IN_PROGRESS.value and row.due_at == clock.to_column(claim.lease_until)
	)


def _claims(
	rows: Sequence[frappe._dict], company: str, organisation: str, lease_until: datetime
) -> list[Claim]:
	if not rows:
		return []
	known = xero_documents.known(organisation, [key_of(row.name) for row in rows])
	return [
		_claim(row, known.get(key_of(row.name)) or frappe._dict(), company, organisation, lease_until)
		for row in rows
	]


def _claim(
	row: frappe._dict, known: frappe._dict, company: str, organisation: str, lease_until: datetime
) -> Claim:
	return Claim(
		row=row.name,
		document=DocumentRef(row.reference_doctype, row.reference_name),
		company=company,
		operation=Operation(row.operation),
		trigger=Trigger(row.triggered_by),
		attempt=row.attempt,
		times_claimed=row.times_claimed + 1,
		lease_until=lease_until,
		key=key_of(row.name),
		created=row.reference_creation,
		organisation=organisation,
		xero_type=XeroType(known.xero_type) if known.xero_type else None,
		number=known.xero_number or "",
		link=known.link or "",
		figures=from_json(known.figures),
		xero_id=known.xero_id or "",
		origin=Origin(known.origin or Origin.MADE_BY_US),
		unconfirmed_until=clock.from_column(known.unconfirmed_until),
		priority=Priority(row.priority),
		due=clock.from_column(row.due_at),
	)
