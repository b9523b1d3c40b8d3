"""How many calls a run may make, and how fast."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

MINUTE = 60.0
PER_MINUTE = 55
"""Xero accepts 60; the rest is for anything else that uses the same app."""
LIMIT = 400


class BudgetSpent(Exception):
	"""No calls are left for this."""


@dataclass
class Budget:
	"""`kept_back` calls are reserved for the clean-up, so that a run that uses up all others still cleans up."""

	most: int
	kept_back: int
	per_minute: int | None = PER_MINUTE
	clock: Callable[[], float] = time.monotonic
	sleep: Callable[[float], None] = time.sleep
	spent: int = 0
	_recent: deque[float] = field(default_factory=deque)

	def take(self, *, cleaning: bool = False) -> None:
		"""Waits until one more call may go out, and counts it. Raises BudgetSpent when none is left."""
		if self.spent >= self.most - (0 if cleaning else self.kept_back):
			raise BudgetSpent(f"{self.spent} calls are spent")
		while self.per_minute is not None and self._in_the_last_minute() >= self.per_minute:
			self.sleep(max(0.01, self._recent[0] + MINUTE - self.clock()))
		self.spent += 1
		self._recent.append(self.clock())

	def _in_the_last_minute(self) -> int:
		while self._recent and self._recent[0] <= self.clock() - MINUTE:
			self._recent.popleft()
		return len(self._recent)
