"""The rows of the Xero Sync Log, one per attempt, written by both the outbox and the enqueuer."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.identity import document_key
from nexwave_xero_connector.sync.records import DocStatus, Operation, Priority, Status, Trigger
from sandbox.erp.database import Database, to_moment, to_text


class SyncLog:
	"""Reads and writes inside the caller's transaction."""

	def __init__(self, database: Database) -> None:
		self._database = database

	def identity(self, document: DocumentRef) -> tuple[str, str]:
		"""Key and time of insert of the document that has this name now; if none has, of the one that had it last."""
		invoice = self._database.row(
			"SELECT created FROM invoice WHERE doctype = ? AND name = ?", document.doctype, document.name
		)
		last = self._database.row(
			"""SELECT key, created FROM sync_log WHERE doctype = ? AND document = ? AND created = coalesce(?, created)
			ORDER BY name DESC LIMIT 1""",
			document.doctype,
			document.name,
			invoice["created"] if invoice else None,
		)
		if last:
			return last["key"], last["created"]
		if not invoice:
			raise LookupError(f"{document} does not exist, and was never in the log")
		created = to_moment(invoice["created"])
		assert created is not None
		return document_key(document, created), invoice["created"]

	def of(self, document: DocumentRef) -> list[sqlite3.Row]:
		"""All attempts, oldest first."""
		key, _created = self.identity(document)
		return self._database.rows("SELECT * FROM sync_log WHERE key = ? ORDER BY name", key)

	def latest(self, document: DocumentRef) -> sqlite3.Row | None:
		key, _created = self.identity(document)
		return self._database.row("SELECT * FROM sync_log WHERE key = ? AND is_latest", key)

	def open_row(self, document: DocumentRef) -> sqlite3.Row | None:
		key, _created = self.identity(document)
		return self._database.row("SELECT * FROM sync_log WHERE open_key = ?", key)

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
		key, created = self.identity(document)
		before = self.latest(document)
		carried = {
			name: before[name] if before else None
			for name in ("xero_type", "number", "xero_id", "unconfirmed_until")
		}
		automatic = before and trigger is Trigger.AUTOMATIC
		self._database.execute("UPDATE sync_log SET is_latest = 0 WHERE key = ? AND is_latest", key)
		self._database.execute(
			"""INSERT INTO sync_log (key, created, doctype, document, company, operation, status, trigger, priority,
				attempt, open_key, due_at, queued_at, xero_type, number, xero_id, unconfirmed_until)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""",
			key,
			created,
			document.doctype,
			document.name,
			company,
			operation.value,
			Status.QUEUED.value,
			trigger.value,
			int(priority),
			before["attempt"] + 1 if automatic else 1,
			key,
			to_text(due),
			to_text(now),
			carried["xero_type"],
			carried["number"] or "",
			carried["xero_id"] or "",
			carried["unconfirmed_until"],
		)

	def skip(self, document: DocumentRef, reason: str, now: datetime) -> None:
		"""End the open row without an attempt."""
		self._database.execute(
			"""UPDATE sync_log SET status = ?, open_key = NULL, due_at = NULL, finished_at = ?, sentence = ?
			WHERE open_key = ?""",
			Status.SKIPPED.value,
			to_text(now),
			reason,
			self.identity(document)[0],
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
