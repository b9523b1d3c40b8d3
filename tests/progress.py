"""What a run of all tests prints: a line for each module, the full output of a failing one, the longest tests."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Mapping

from tests.result import Result

LONGEST = 10


class Progress:
	"""Several threads report here; their lines do not mix."""

	def __init__(self) -> None:
		self._lock = threading.Lock()
		self._durations: dict[str, float] = {}

	def say(self, sentence: str) -> None:
		with self._lock:
			print(sentence, flush=True)

	def module(self, name: str, result: Result, seconds: float, output: str = "") -> None:
		"""`output` is printed only where the module failed."""
		outcome = "FAILED" if result.failed else "ok"
		line = f"{outcome:6} {seconds:5.0f} s {result.tests:5} tests  {name}"
		if result.reason:
			line += f": {result.reason}"
		if result.failed and output:
			line = f"{'=' * 100}\n{output.rstrip()}\n{'=' * 100}\n{line}"
		self.say(line)

	def durations(self, seconds: Mapping[str, float]) -> None:
		"""Of single tests, by name."""
		with self._lock:
			self._durations.update(seconds)

	def longest(self) -> str:
		found = heapq.nlargest(LONGEST, self._durations.items(), key=lambda test: test[1])
		return "\n".join(
			[f"The {len(found)} longest tests:", *(f"{took:7.1f} s  {name}" for name, took in found)]
		)
