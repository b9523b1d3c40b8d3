"""How a run of tests ended."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Result:
	"""Counts, or why there are none. A run that could not be made as it should counts as one failure."""

	passed: int = 0
	failed: int = 0
	skipped: int = 0
	reason: str = ""

	def __str__(self) -> str:
		return self.reason or f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"
