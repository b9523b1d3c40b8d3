"""The SQLite file with the whole state."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .wire import dumps, loads

SCHEMA = Path(__file__).with_name("schema.sql")


class Storage:
	"""A SQLite connection with nested transactions.

	The server is single-threaded, so one connection is enough, and a transaction that does not await is atomic for
	every client. The state must survive a killed process but not a power cut: WAL with synchronous off does just that.
	"""

	def __init__(self, path: str) -> None:
		self._connection = sqlite3.connect(path, isolation_level=None)
		self._connection.row_factory = sqlite3.Row
		self._connection.execute("PRAGMA journal_mode = WAL")
		self._connection.execute("PRAGMA synchronous = OFF")
		self._connection.executescript(SCHEMA.read_text())
		self._depth = 0

	def close(self) -> None:
		self._connection.close()

	@contextmanager
	def transaction(self) -> Iterator[None]:
		"""All or nothing; an inner transaction that fails undoes only its own part."""
		name = f"level_{self._depth}"
		self._connection.execute(f"SAVEPOINT {name}")
		self._depth += 1
		try:
			yield
		except BaseException:
			self._connection.execute(f"ROLLBACK TO {name}")
			raise
		finally:
			self._depth -= 1
			self._connection.execute(f"RELEASE {name}")

	def execute(self, sql: str, parameters: tuple[Any, ...] | list[Any] = ()) -> sqlite3.Cursor:
		return self._connection.execute(sql, parameters)

	def rows(self, sql: str, *parameters: Any) -> list[sqlite3.Row]:
		return self._connection.execute(sql, parameters).fetchall()

	def row(self, sql: str, *parameters: Any) -> sqlite3.Row | None:
		return self._connection.execute(sql, parameters).fetchone()

	def scalar(self, sql: str, *parameters: Any) -> Any:
		row = self._connection.execute(sql, parameters).fetchone()
		return row[0] if row else None

	def put(self, table: str, **columns: Any) -> None:
		"""Inserts a row, or replaces the one with the same primary key."""
		names = ", ".join(columns)
		marks = ", ".join("?" * len(columns))
		self._connection.execute(
			f"INSERT OR REPLACE INTO {table} ({names}) VALUES ({marks})", tuple(columns.values())
		)

	def value(self, key: str, default: Any = None) -> Any:
		"""A stored setting of the sandbox itself."""
		row = self.row("SELECT value FROM remembered WHERE key = ?", key)
		return loads(row["value"]) if row else default

	def remember(self, key: str, value: Any) -> None:
		self.put("remembered", key=key, value=dumps(value))

	def clear(self) -> None:
		"""Empties every table."""
		with self.transaction():
			for row in self.rows(
				"SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
			):
				self.execute(f"DELETE FROM {row['name']}")
