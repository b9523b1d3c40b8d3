"""The port Outbox on SQLite: claims, leases and outcomes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.figures import Figures, from_json, to_json
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.records import (
	Allocation,
	Claim,
	DocStatus,
	ErrorClass,
	Operation,
	Origin,
	Outcome,
	Priority,
	Status,
	Trigger,
)
from sandbox.erp.clock import Clock
from sandbox.erp.database import Database, to_moment, to_text
from sandbox.erp.enqueue import EmbeddedEnqueuer
from sandbox.erp.rendering import rendered
from sandbox.erp.stored import ALLOCATIONS
from sandbox.erp.stored import to_json as stored
from sandbox.erp.sync_log import SyncLog

TAKEABLE = """company = :company AND open_key IS NOT NULL AND priority = :priority AND due_at <= :now AND EXISTS (
	SELECT 1 FROM xero_settings AS settings WHERE settings.company = sync_log.company AND settings.enabled
		AND (NOT settings.paused OR settings.paused_until <= :now))"""


class EmbeddedOutbox:
	def __init__(self, database: Database, clock: Clock) -> None:
		self._database = database
		self._clock = clock

	def now(self) -> datetime:
		return self._clock.now()

	def has_work(self, company: str) -> bool:
		"""Whether a claim would find a row now. A worker checks this between two drains."""
		return any(self._takeable(company, 1, priority) for priority in Priority)

	def claim(
		self,
		company: str,
		limit: int,
		lease_until: datetime,
		least_urgent: Priority = Priority.BACKFILL,
	) -> list[Claim]:
		with self._database.transaction():
			rows = self._most_urgent(company, limit, least_urgent)
			for row in rows:
				self._database.execute(
					"""UPDATE sync_log SET status = ?, due_at = ?, times_claimed = times_claimed + 1,
						started_at = coalesce(started_at, ?) WHERE name = ?""",
					Status.IN_PROGRESS.value,
					to_text(lease_until),
					to_text(self.now()),
					row["name"],
				)
			return [self._claim(row, lease_until) for row in rows]

	def _most_urgent(self, company: str, limit: int, least_urgent: Priority) -> list[sqlite3.Row]:
		for priority in Priority:
			if priority <= least_urgent and (rows := self._takeable(company, limit, priority)):
				return rows
		return []

	def _claim(self, row: sqlite3.Row, lease_until: datetime) -> Claim:
		copy = self._database.row("SELECT * FROM xero_document WHERE key = ?", row["key"])
		return Claim(
			row=str(row["name"]),
			document=DocumentRef(row["doctype"], row["document"]),
			company=row["company"],
			operation=Operation(row["operation"]),
			trigger=Trigger(row["trigger"]),
			attempt=row["attempt"],
			times_claimed=row["times_claimed"] + 1,
			lease_until=lease_until,
			key=row["key"],
			created=to_moment(row["created"]),
			xero_type=XeroType(copy["xero_type"]) if copy else None,
			number=copy["number"] if copy else "",
			link=copy["link"] if copy else "",
			figures=from_json(copy["figures"]) if copy else None,
			xero_id=copy["xero_id"] or "" if copy else "",
			origin=Origin(copy["origin"]) if copy else Origin.MADE_BY_US,
			unconfirmed_until=to_moment(copy["unconfirmed_until"]) if copy else None,
			priority=Priority(row["priority"]),
			due=to_moment(row["due_at"]),
			allocations=ALLOCATIONS.validate_json(copy["allocations"]) if copy else (),
			detail=row["detail"] if copy and copy["unconfirmed_until"] else "",
		)

	def _takeable(self, company: str, limit: int, priority: Priority) -> list[sqlite3.Row]:
		return self._database.rows(
			f"SELECT * FROM sync_log WHERE {TAKEABLE} ORDER BY due_at, name LIMIT :limit",
			company=company,
			priority=int(priority),
			now=to_text(self.now()),
			limit=limit,
		)

	@contextmanager
	def locked(self, claims: Sequence[Claim], wait: bool = False) -> Iterator[EmbeddedLockedRows]:
		"""SQLite has one lock for all rows, and waits for it: no row is ever held."""
		with self._database.transaction():
			ours = [claim for claim in claims if self._is_ours(claim)]
			yield EmbeddedLockedRows(self._database, self._clock, ours)

	def _is_ours(self, claim: Claim) -> bool:
		row = self._database.row("SELECT status, due_at FROM sync_log WHERE name = ?", int(claim.row))
		return bool(
			row and row["status"] == Status.IN_PROGRESS.value and row["due_at"] == to_text(claim.lease_until)
		)

	def queue_returns(self, invoices: Sequence[DocumentRef]) -> None:
		with self._database.transaction():
			for invoice in invoices:
				for row in self._database.rows(
					"""SELECT invoice.doctype, invoice.name FROM invoice JOIN sync_log AS log
						ON log.doctype = invoice.doctype AND log.document = invoice.name
							AND log.created = invoice.created AND log.is_latest
					WHERE invoice.doctype = ? AND return_against = ? AND docstatus = 1
						AND log.status IN ('Success', 'Queued')""",
					invoice.doctype,
					invoice.name,
				):
					EmbeddedEnqueuer(self._database, self._clock).retry(
						DocumentRef(row["doctype"], row["name"]), Trigger.AUTOMATIC
					)

	def is_passing(self, error: Exception) -> bool:
		return False

	def recover(self, failures: int = 1) -> None:
		"""Nothing to do: a transaction of SQLite's waits for the lock, or fails for good."""

	def pause(
		self,
		company: str,
		until: datetime | None,
		sentence: Sentence,
		error_class: ErrorClass,
		outage_since: datetime | None = None,
	) -> None:
		with self._database.transaction():
			self._database.execute(
				"""UPDATE xero_settings SET paused = 1, paused_until = ?, paused_because = ?,
					outage_since = coalesce(outage_since, ?) WHERE company = ?""",
				to_text(until),
				f"{error_class.value}: {rendered(sentence)}",
				to_text(outage_since),
				company,
			)

	def outage_since(self, company: str) -> datetime | None:
		row = self._database.row("SELECT outage_since FROM xero_settings WHERE company = ?", company)
		return to_moment(row["outage_since"]) if row else None

	def begin_probe(self, company: str, until: datetime) -> bool:
		with self._database.transaction():
			begun = self._database.execute(
				"""UPDATE xero_settings SET paused = 1, paused_until = ?
				WHERE company = ? AND (NOT paused OR paused_until <= ?)""",
				to_text(until),
				company,
				to_text(self.now()),
			)
			return begun.rowcount == 1

	def resume(self, company: str, outage_is_over: bool = False) -> None:
		with self._database.transaction():
			self._database.execute(
				"""UPDATE xero_settings SET paused = 0, paused_until = NULL, paused_because = '',
					outage_since = CASE WHEN ? THEN NULL ELSE outage_since END WHERE company = ?""",
				outage_is_over,
				company,
			)


class EmbeddedLockedRows:
	def __init__(self, database: Database, clock: Clock, claims: list[Claim]) -> None:
		self.claims: Sequence[Claim] = claims
		self.held: Sequence[Claim] = ()
		self._database = database
		self._clock = clock
		self._log = SyncLog(database)

	def docstatus(self, claim: Claim) -> DocStatus:
		row = self._database.row(
			"SELECT docstatus FROM invoice WHERE doctype = ? AND name = ? AND created = ?",
			claim.document.doctype,
			claim.document.name,
			to_text(claim.created),
		)
		return DocStatus(row["docstatus"]) if row else DocStatus.GONE

	def mark_sending(
		self,
		claim: Claim,
		xero_type: XeroType,
		number: str,
		unconfirmed_until: datetime,
		link: str = "",
		figures: Figures | None = None,
	) -> None:
		self._must_be_ours(claim)
		self._database.execute(
			"UPDATE sync_log SET xero_type = ?, number = ?, unconfirmed_until = ? WHERE name = ?",
			xero_type.value,
			number,
			to_text(unconfirmed_until),
			int(claim.row),
		)
		self._database.execute(
			"""INSERT INTO xero_document (key, doctype, document, xero_type, number, link, figures, unconfirmed_until)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET xero_type = excluded.xero_type,
				number = excluded.number, link = excluded.link, figures = excluded.figures,
				unconfirmed_until = excluded.unconfirmed_until""",
			claim.key,
			claim.document.doctype,
			claim.document.name,
			xero_type.value,
			number,
			link,
			to_json(figures) if figures else None,
			to_text(unconfirmed_until),
		)

	def mark_allocating(
		self, claim: Claim, allocations: Sequence[Allocation], unconfirmed_until: datetime
	) -> None:
		self._must_be_ours(claim)
		self._database.execute(
			"UPDATE xero_document SET allocations = ?, unconfirmed_until = ? WHERE key = ?",
			stored(ALLOCATIONS, tuple(allocations)),
			to_text(unconfirmed_until),
			claim.key,
		)

	def settle(self, claim: Claim, outcome: Outcome) -> None:
		self._must_be_ours(claim)
		if outcome.status is Status.IN_PROGRESS or (outcome.status is Status.QUEUED and outcome.due is None):
			raise ValueError(f"{outcome.status} is not how an attempt ends or waits")
		waits = outcome.status is Status.QUEUED
		now = self._clock.now()
		self._database.execute(
			"""UPDATE sync_log SET status = ?, open_key = ?, due_at = ?, finished_at = ?, times_claimed = ?,
				xero_type = coalesce(?, xero_type), number = coalesce(?, number), xero_id = coalesce(?, xero_id),
				unconfirmed_until = ?, error_class = ?, sentence = ?, decisions = ?, detail = ?, is_unallocated = ?
			WHERE name = ?""",
			outcome.status.value,
			claim.key if waits else None,
			to_text(outcome.due) if waits else None,
			None if waits else to_text(now),
			outcome.times_claimed,
			outcome.xero.xero_type.value if outcome.xero else None,
			outcome.xero.number if outcome.xero else None,
			outcome.xero.id if outcome.xero else None,
			to_text(outcome.unconfirmed_until),
			outcome.error_class.value if outcome.error_class else None,
			rendered(outcome.sentence),
			"\n".join(rendered(decision) for decision in outcome.decisions),
			outcome.detail,
			outcome.is_unallocated,
			int(claim.row),
		)
		self._note_in_xero(claim, outcome)
		if outcome.retry_at:
			self._log.add(
				claim.document,
				claim.company,
				claim.operation,
				Trigger.AUTOMATIC,
				now,
				outcome.retry_at,
				claim.next_priority,
			)
		self.claims = [other for other in self.claims if other.row != claim.row]

	def _note_in_xero(self, claim: Claim, outcome: Outcome) -> None:
		self._database.execute(
			"UPDATE xero_document SET unconfirmed_until = ? WHERE key = ?",
			to_text(outcome.unconfirmed_until),
			claim.key,
		)
		if outcome.allocations is not None:
			self._database.execute(
				"UPDATE xero_document SET allocations = ? WHERE key = ?",
				stored(ALLOCATIONS, outcome.allocations),
				claim.key,
			)
		if outcome.xero:
			self._database.execute(
				"""INSERT INTO xero_document (key, doctype, document, xero_type, number, xero_id)
				VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (key) DO UPDATE SET xero_type = excluded.xero_type,
					number = excluded.number, xero_id = excluded.xero_id""",
				claim.key,
				claim.document.doctype,
				claim.document.name,
				outcome.xero.xero_type.value,
				outcome.xero.number,
				outcome.xero.id,
			)

	def _must_be_ours(self, claim: Claim) -> None:
		if claim.row not in {ours.row for ours in self.claims}:
			raise ValueError(
				f"Row {claim.row} of {claim.document} is no longer ours: it was settled or taken over"
			)
