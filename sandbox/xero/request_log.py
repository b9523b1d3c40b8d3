"""Every call that reached the Xero side, so that a test can count them."""

from __future__ import annotations

from typing import Any

from .calls import Call
from .clock import Clock
from .storage import Storage
from .wire import dumps, loads

BODY_KEPT = 4000


class RequestLog:
	def __init__(self, storage: Storage, clock: Clock) -> None:
		self._storage = storage
		self._clock = clock

	def add(
		self, call: Call, *, at: float, status: int | None, milliseconds: float, bytes_out: int, counted: bool
	) -> None:
		"""`status` is None if the connection was dropped without a response.

		Secrets in token calls are not stored.
		"""
		body = (
			""
			if call.raw_path.lower().startswith("/connect/")
			else call.body[:BODY_KEPT].decode(errors="replace")
		)
		self._storage.execute(
			"INSERT INTO requests (at, method, path, query, client_id, tenant, status, milliseconds, "
			"bytes_in, bytes_out, faults, counted, idempotency_key, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, "
			"?, ?, ?, ?, ?, ?)",
			(
				at,
				call.method,
				call.path,
				call.raw_query,
				call.caller.client_id if call.caller else None,
				call.tenant,
				status,
				round(milliseconds, 3),
				len(call.body),
				bytes_out,
				dumps(call.faults),
				int(counted),
				call.idempotency_key,
				body,
			),
		)

	def marker(self) -> int:
		"""The newest entry's id; everything from now on comes after it."""
		return self._storage.scalar("SELECT max(id) FROM requests") or 0

	def find(
		self,
		after: int = 0,
		method: str | None = None,
		path: str | None = None,
		tenant: str | None = None,
		status: int | None = None,
		limit: int = 1000,
	) -> list[dict[str, Any]]:
		"""Oldest first. `path` is a part of the path, ignoring case."""
		conditions, parameters = ["id > ?"], [after]
		for column, value in (("method", method), ("tenant", tenant), ("status", status)):
			if value is not None:
				conditions.append(f"{column} = ?")
				parameters.append(value.upper() if column == "method" else value)
		if path:
			conditions.append("instr(lower(path), ?) > 0")
			parameters.append(path.lower())
		rows = self._storage.rows(
			f"SELECT * FROM requests WHERE {' AND '.join(conditions)} ORDER BY id LIMIT ?", *parameters, limit
		)
		return [
			{**dict(row), "faults": loads(row["faults"]), "counted": bool(row["counted"])} for row in rows
		]
