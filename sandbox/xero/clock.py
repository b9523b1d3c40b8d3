"""One clock for everything: tokens, idempotency, limits, timestamps and late writes."""

from __future__ import annotations

import time
from datetime import datetime, timezone
from zoneinfo import ZoneInfo

from .storage import Storage


class Clock:
	"""Real time plus an offset that a test may move. The offset survives a restart."""

	def __init__(self, storage: Storage) -> None:
		self._storage = storage
		self._offset = float(storage.value("clock_offset", 0))

	@property
	def offset(self) -> float:
		return self._offset

	def now(self) -> float:
		"""Seconds since the epoch, as the sandbox sees it."""
		return time.time() + self._offset

	def milliseconds(self) -> int:
		return int(self.now() * 1000)

	def today(self, zone: str) -> str:
		"""Today's ISO date for an organisation in `zone`."""
		return datetime.fromtimestamp(self.now(), ZoneInfo(zone)).date().isoformat()

	def utc(self) -> datetime:
		return datetime.fromtimestamp(self.now(), timezone.utc)

	def advance(self, seconds: float) -> None:
		"""Moves the clock. Gateway.advance does so and also applies what falls due on the way."""
		self._move(self._offset + seconds)

	def reset(self) -> None:
		self._move(0.0)

	def _move(self, offset: float) -> None:
		self._offset = offset
		self._storage.remember("clock_offset", offset)
