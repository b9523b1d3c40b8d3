"""The rows of the Xero Sync Log, one per attempt, written by both the outbox and the enqueuer."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.records import DocStatus, Operation, Priority, Status, Trigger
from sandbox.erp.database import Database, to_text


class SyncLog:
	"""Reads and writes inside the caller's transaction."""

	def __init__(self, database: Database) -> None:
		self._database = database

	def of(self, document: DocumentRef) -> list[sqlite3.Row]:
		"""All attempts, oldest first."""
		return self._database.rows(
			"SELECT * FROM sync_log WHERE doctype = ? AND document = ? ORDER BY name",
			document.doctype,
			document.name,
		)

	def latest(self, document: DocumentRef) -> sqlite3.Row | None:
		return self._database.row(
			"SELECT * FROM sync_log WHERE doctype = ? AND document = ? AND is_latest",
			document.doctype,
			document.name,
		)

	def open_row(self, document: DocumentRef) -> sqlite3.Row | None:
		return self._database.row("SELECT * FROM sync_log WHERE open_key = ?", str(document))

	def add(
		self,
		document: DocumentRef,
		company: str,
		operation: Operation,
		trigger: Trigger,
		now: datetime,
		due: datetime,
		priority: Priority,
	) -> None:
		"""Queue an attempt. It inherits what earlier ones sent and found; an automatic one gets the next number."""
		before = self.latest(document)
		carried = {
			name: before[name] if before else None
			for name in ("xero_type", "number", "xero_id", "unconfirmed_until", "allocations")
		}
		automatic = before and trigger is Trigger.AUTOMATIC
		self._database.execute(
			"UPDATE sync_log SET is_latest = 0 WHERE doctype = ? AND document = ? AND is_latest",
			document.doctype,
			document.name,
		)
		self._database.execute(
			"""INSERT INTO sync_log (doctype, document, company, operation, status, trigger, priority,
				attempt, open_key, due_at, queued_at, xero_type, number, xero_id, unconfirmed_until, allocations)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
			document.doctype,
			document.name,
			company,
			operation.value,
			Status.QUEUED.value,
			trigger.value,
			int(priority),
			before["attempt"] + 1 if automatic else 1,
			str(document),
			to_text(due),
			to_text(now),
			carried["xero_type"],
			carried["number"] or "",
			carried["xero_id"] or "",
			carried["unconfirmed_until"],
			carried["allocations"] or "[]",
		)

	def skip(self, document: DocumentRef, reason: str, now: datetime) -> None:
		"""End the open row without an attempt."""
		self._database.execute(
			"""UPDATE sync_log SET status = ?, open_key = NULL, due_at = NULL, finished_at = ?, sentence = ?
			WHERE open_key = ?""",
			Status.SKIPPED.value,
			to_text(now),
			reason,
			str(document),
		)

	def make_due(self, row: sqlite3.Row, now: datetime, priority: Priority) -> None:
		"""Make a waiting row due now and at least this urgent. A row that a worker has is left alone."""
		self._database.execute(
			"""UPDATE sync_log SET due_at = min(due_at, ?), priority = min(priority, ?)
			WHERE name = ? AND status = ?""",
			to_text(now),
			int(priority),
			row["name"],
			Status.QUEUED.value,
		)


def docstatus(database: Database, document: DocumentRef) -> DocStatus:
	row = database.row(
		"SELECT docstatus FROM invoice WHERE doctype = ? AND name = ?", document.doctype, document.name
	)
	return DocStatus(row["docstatus"]) if row else DocStatus.GONE
