"""The port Outbox on the Xero Sync Log: claims, leases and pauses. For a session at READ COMMITTED."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

import frappe
from frappe.utils import now_datetime

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.connection.installation import belonging_of
from nexwave_xero_connector.erp.connection.pause import begin_probe, outage_since, resume
from nexwave_xero_connector.erp.connection.pause import pause as pause_company
from nexwave_xero_connector.erp.doctypes import CONNECTION, LOG, SETTINGS
from nexwave_xero_connector.erp.foreign_text import as_given
from nexwave_xero_connector.erp.outbox import allocations, xero_documents
from nexwave_xero_connector.erp.outbox.credit_notes import returns_of
from nexwave_xero_connector.erp.outbox.enqueue import FrappeEnqueuer
from nexwave_xero_connector.erp.outbox.locked_rows import FrappeLockedRows
from nexwave_xero_connector.erp.outbox.log import key_of
from nexwave_xero_connector.erp.outbox.realtime import announce
from nexwave_xero_connector.erp.transactions import is_lost, is_passing, reconnect
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.figures import from_json
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.installation import Belonging
from nexwave_xero_connector.sync.ports import OutboxFailed
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
"""How long a worker waits, at the end of its batch, for a user's transaction that holds one of its rows."""
LOOK_AGAIN_SECONDS = 0.05
RECOVERY_SECONDS = 2.0
"""How long a worker leaves a database alone that has dropped its connection."""
LONGEST_RECOVERY_SECONDS = 10.0
"""How long at most it waits before it repeats what the database did not carry out, such as for want of space."""


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
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- a new transaction, to see what others have committed
		return not self.waits(company) and any(
			self._due(company, priority).select("name").limit(1).run() for priority in Priority
		)

	def is_probe_due(self, company: str) -> bool:
		"""Whether it is time to ask Xero whether it responds again."""
		return outage_since(company) is not None and not self.waits(company)

	def claim(
		self,
		company: str,
		limit: int,
		lease_until: datetime,
		least_urgent: Priority = Priority.BACKFILL,
	) -> list[Claim]:
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- the claim is a short transaction at READ COMMITTED
		if self.waits(company):
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
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- no lock is held while the worker talks to Xero
		return claims

	@contextmanager
	def locked(self, claims: Sequence[Claim], wait: bool = False) -> Iterator[FrappeLockedRows]:
		if not claims:
			# Nothing is left of the batch; MariaDB rejects an empty list.
			yield FrappeLockedRows({}, self.now)
			return
		try:
			free, held = self._lock(claims, WORKER_PATIENCE_SECONDS if wait else 0)
			yield FrappeLockedRows(free, self.now, held)
			frappe.db.commit()  # nosemgrep: frappe-manual-commit -- what was decided under the lock takes effect here
		except BaseException as failure:
			_roll_back()
			if is_passing(failure):
				raise OutboxFailed(str(failure)) from failure
			raise

	def _lock(
		self, claims: Sequence[Claim], patience: float
	) -> tuple[dict[Claim, frappe._dict], list[Claim]]:
		"""Lock what can be locked at once, in a new transaction: the rows as they are now, and what is held.

		While it waits for the others it holds nothing, so that it cannot be part of a deadlock.
		"""
		give_up_at = time.monotonic() + patience
		names = [claim.row for claim in claims]
		log = frappe.qb.DocType(LOG)
		query = (
			frappe.qb.from_(log)
			.select(log.name, log.status, log.due_at, log.company, log.reference_doctype, log.reference_name)
			.where(log.name.isin(names))
			.orderby(log.name)
		)
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- a transaction of its own
		while True:
			locked = {row.name: row for row in query.for_update(skip_locked=True).run(as_dict=True)}
			seen = {row.name: row for row in query.run(as_dict=True)} if len(locked) < len(names) else locked
			held = [
				claim for claim in claims if claim.row not in locked and _is_ours(claim, seen.get(claim.row))
			]
			if not held or time.monotonic() > give_up_at:
				break
			frappe.db.rollback()
			time.sleep(LOOK_AGAIN_SECONDS)
		free = [claim for claim in claims if _is_ours(claim, locked.get(claim.row))]
		return {claim: locked[claim.row] for claim in free}, held

	def recover(self, failures: int = 1) -> None:
		time.sleep(min(LOOK_AGAIN_SECONDS * 2 ** (failures - 1), LONGEST_RECOVERY_SECONDS))
		if is_lost():
			time.sleep(RECOVERY_SECONDS)
			reconnect()

	def is_passing(self, error: Exception) -> bool:
		return isinstance(error, OutboxFailed) or is_passing(error)

	def queue_returns(self, invoices: Sequence[DocumentRef]) -> None:
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- a new transaction, to see what others have committed
		for document in returns_of(invoices):
			try:
				FrappeEnqueuer().retry(document, Trigger.AUTOMATIC)
				frappe.db.commit()  # nosemgrep: frappe-manual-commit -- no lock is held while waiting for the next row
			except Exception as failure:
				_roll_back()
				if not is_passing(failure):
					raise
				# Somebody is at work on it; the sweep finds it.

	def pause(
		self,
		company: str,
		until: datetime | None,
		sentence: Sentence,
		error_class: ErrorClass,
		outage_since: datetime | None = None,
	) -> None:
		pause_company(company, until, sentence, error_class, outage_since)

	def outage_since(self, company: str) -> datetime | None:
		return outage_since(company)

	def begin_probe(self, company: str, until: datetime) -> bool:
		return begin_probe(company, until, self.now())

	def resume(self, company: str, outage_is_over: bool = False) -> None:
		resume(company, outage_is_over)

	def _lock_most_urgent(self, company: str, limit: int, least_urgent: Priority) -> list[frappe._dict]:
		"""One priority after the other: each is a range of the index, read in order and no further than needed."""
		log = frappe.qb.DocType(LOG)
		columns = (
			"name reference_doctype reference_name reference_creation operation triggered_by priority attempt"
			" times_claimed due_at detail"
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

	def waits(self, company: str) -> bool:
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


def _roll_back() -> None:
	try:
		frappe.db.rollback()
	except Exception as failure:
		# The connection is gone, and with it the transaction.
		frappe.logger("xero").warning(f"Nothing to roll back: {failure!r}")


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
		number=as_given(known.xero_number or ""),
		link=as_given(known.link or ""),
		figures=from_json(known.figures),
		xero_id=as_given(known.xero_id or ""),
		origin=Origin(known.origin or Origin.MADE_BY_US),
		unconfirmed_until=clock.from_column(known.unconfirmed_until),
		priority=Priority(row.priority),
		due=clock.from_column(row.due_at),
		allocations=allocations.from_column(known.allocations),
		detail=(row.detail or "") if known.unconfirmed_until else "",
	)
