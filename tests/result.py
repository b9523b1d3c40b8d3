"""How a run of tests ended."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
	"""Counts, or the reason why there are none. A run that was not possible as intended counts as one failure."""

	passed: int = 0
	failed: int = 0
	skipped: int = 0
	reason: str = ""

	@property
	def tests(self) -> int:
		return self.passed + self.failed + self.skipped

	def __str__(self) -> str:
		return self.reason or f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def total(results: Iterable[Result]) -> Result:
	"""All of them as one. What could not run is among the failures."""
	results = list(results)
	return Result(
		passed=sum(result.passed for result in results),
		failed=sum(result.failed for result in results),
		skipped=sum(result.skipped for result in results),
	)
