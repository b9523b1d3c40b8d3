"""The results of a benchmark: figures, each with its target."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
	"""A row of the table. `value` is None if nothing could be measured, and `shown` then says why.

	most: the largest value that is good enough; None if there is no target.
	tutorial: the same figure for the connector that tutorials teach.
	"""

	name: str
	to_reach: str
	value: float | None
	shown: str
	most: float | None = None
	tutorial: str = ""

	@property
	def is_reached(self) -> bool | None:
		if self.most is None:
			return None
		return self.value is not None and self.value <= self.most


@dataclass(frozen=True, slots=True)
class Group:
	"""Figures that are measured together. `measure` gets a TwoCompanies if `needs_bench`, otherwise nothing.

	has_own_bench: what other groups have sent to Xero would be in its way.
	"""

	name: str
	what: str
	measure: Callable[..., Sequence[Figure]]
	needs_bench: bool = False
	has_own_bench: bool = False


def spread(values: Sequence[float], digits: int = 0, unit: str = "") -> str:
	"""The median, and the range of the middle half of the values."""
	low, middle, high = quartiles(values)
	return f"{middle:.{digits}f}{unit} ({low:.{digits}f} to {high:.{digits}f})"


def quartiles(values: Sequence[float]) -> tuple[float, float, float]:
	if len(values) < 2:
		return values[0], values[0], values[0]
	low, middle, high = statistics.quantiles(values, n=4, method="inclusive")
	return low, middle, high


def ratio(name: str, most: float, above: Sequence[float], below: Sequence[float], unit: str = "s") -> Figure:
	"""The ratio of the medians, with both in milliseconds or seconds."""
	factor, digits = (1000, 1) if unit == "ms" else (1, 1)
	value = statistics.median(above) / statistics.median(below)
	shown = " / ".join(spread([factor * one for one in side], digits) for side in (above, below))
	return Figure(name, f"at most {most:g} x", value, f"{value:.2f} x: {shown} {unit}", most)
