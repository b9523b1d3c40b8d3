"""Scheduled jobs with a thousand and with a hundred thousand rows that need attention. Needs a bench."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.figures import Figure
from benchmarks.two_companies import NZ, TwoCompanies

FEW, MANY = 1000, 100_000
QUEUE_TIMEOUT, LONG_QUEUE_TIMEOUT = 300, 1500
"""Seconds after which Frappe kills a scheduled job, in its queue default and in its queue long."""
LIMITS = {"Daily look": LONG_QUEUE_TIMEOUT, "Not in Xero": 10}
WHERE = "50 companies, 20 managers"


def measure_attention(world: TwoCompanies) -> Sequence[Figure]:
	seconds = {}
	with world.hand() as hand:
		for rows in (FEW, MANY):
			hand.do("fill_attention", company=NZ, rows=rows)
			seconds[rows] = hand.do("ask_attention")
	return [_figure(what, seconds[FEW][what], seconds[MANY][what]) for what in seconds[MANY]]


def _figure(what: str, few: float, many: float) -> Figure:
	limit = next((limit for name, limit in LIMITS.items() if what.startswith(name)), QUEUE_TIMEOUT)
	name = f"{what}, {MANY:,} rows that need attention, {WHERE}"
	return Figure(name, f"less than {limit} s", many, f"{many:.1f} s; with {FEW:,} rows {few:.1f} s", limit)
