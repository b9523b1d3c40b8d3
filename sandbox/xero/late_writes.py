"""Writes that are applied after the client has given up on them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from .calls import Call, call_from_stored
from .clock import Clock
from .storage import Storage
from .wire import Answer, dumps, loads


class LateWrites:
	"""Waiting calls, stored in the file. They fall due by the sandbox's clock, even when it is moved."""

	def __init__(self, storage: Storage, clock: Clock) -> None:
		self._storage = storage
		self._clock = clock
		self._added = asyncio.Event()

	def add(self, call: Call, seconds: float) -> None:
		self._storage.execute(
			"INSERT INTO late_writes (due_at, call, body) VALUES (?, ?, ?)",
			(self._clock.now() + seconds, dumps(call.stored()), call.body),
		)
		self._added.set()

	def fire_due(self, apply: Callable[[Call], Answer]) -> None:
		"""Applies what is due, as if it arrived now: idempotency and uniqueness are checked now."""
		for row in self._storage.rows(
			"SELECT * FROM late_writes WHERE applied_at IS NULL AND due_at <= ? ORDER BY due_at, id",
			self._clock.now(),
		):
			answer = apply(call_from_stored(loads(row["call"]), row["body"]))
			self._storage.execute(
				"UPDATE late_writes SET applied_at = ?, status = ?, answer = ? WHERE id = ?",
				(self._clock.now(), answer.status, answer.body, row["id"]),
			)

	def next_due(self) -> float | None:
		return self._storage.scalar("SELECT min(due_at) FROM late_writes WHERE applied_at IS NULL")

	def wake(self) -> None:
		"""Must be called when the clock is moved, because the next one may then be due earlier in real time."""
		self._added.set()

	async def run(self, apply: Callable[[Call], Answer]) -> None:
		"""Applies late writes in real time, forever."""
		while True:
			self.fire_due(apply)
			self._added.clear()
			next_due = self.next_due()
			try:
				await asyncio.wait_for(
					self._added.wait(), None if next_due is None else max(0.01, next_due - self._clock.now())
				)
			except asyncio.TimeoutError:
				continue

	def all(self) -> list[dict[str, Any]]:
		"""All late writes, waiting and applied, oldest first."""
		out = []
		for row in self._storage.rows("SELECT * FROM late_writes ORDER BY id"):
			call = loads(row["call"])
			out.append(
				{
					"id": row["id"],
					"method": call["method"],
					"path": call["raw_path"],
					"due_in": round(row["due_at"] - self._clock.now(), 3),
					"applied": row["applied_at"] is not None,
					"status": row["status"],
					"answer": (row["answer"] or b"").decode(errors="replace"),
				}
			)
		return out
