"""The SQLite file, opened once by each process or thread that uses it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path

SCHEMA = Path(__file__).with_name("schema.sql")
LOCK_WAIT_SECONDS = 30


class Database:
	"""A connection. Outside `transaction` each statement reads what is committed now."""

	def __init__(self, path: str | Path, schema: Path = SCHEMA) -> None:
		self.path = str(path)
		self._connection = sqlite3.connect(self.path, isolation_level=None, timeout=LOCK_WAIT_SECONDS)
		self._connection.row_factory = sqlite3.Row
		self._connection.execute("PRAGMA journal_mode = WAL")
		# A killed process loses nothing that was committed. A power cut could, but a sandbox need not survive one.
		self._connection.execute("PRAGMA synchronous = OFF")
		if not self.row("SELECT 1 FROM sqlite_master"):
			tables = schema.read_text(encoding="utf-8")
			self._connection.executescript(f"BEGIN IMMEDIATE; {tables} COMMIT;")

	def close(self) -> None:
		self._connection.close()

	@contextmanager
	def transaction(self) -> Iterator[None]:
		"""Wait for the database's write lock, and commit if the block ends without an error.

		Reads inside see what was committed when the lock was acquired: BEGIN IMMEDIATE does both at once.
		"""
		self._connection.execute("BEGIN IMMEDIATE")
		try:
			yield
		except BaseException:
			self._connection.execute("ROLLBACK")
			raise
		self._connection.execute("COMMIT")

	@contextmanager
	def snapshot(self) -> Iterator[None]:
		"""Several reads of the same state, without a lock."""
		self._connection.execute("BEGIN DEFERRED")
		try:
			yield
		finally:
			self._connection.execute("ROLLBACK")

	@property
	def in_transaction(self) -> bool:
		return self._connection.in_transaction

	def execute(self, sql: str, *values: object, **named: object) -> sqlite3.Cursor:
		return self._connection.execute(sql, named or values)

	def rows(self, sql: str, *values: object, **named: object) -> list[sqlite3.Row]:
		return self.execute(sql, *values, **named).fetchall()

	def row(self, sql: str, *values: object, **named: object) -> sqlite3.Row | None:
		return self.execute(sql, *values, **named).fetchone()


def to_text(moment: datetime | None) -> str | None:
	"""A timezone-aware time as text that the database can sort: UTC, always of the same width."""
	return moment.astimezone(timezone.utc).isoformat(timespec="microseconds") if moment else None


def to_moment(text: str | None) -> datetime | None:
	return datetime.fromisoformat(text) if text else None
