"""Claim, list, cards and sweep with a million rows in the log, compared with a thousand. Needs a bench."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.figures import Figure, ratio
from benchmarks.two_companies import NZ, TwoCompanies

FEW, MANY = 1000, 1_000_000
SLOW_SECONDS = 0.05
"""Slower statements are printed with their plans, so that somebody can improve them."""
NAMES = {
	"claim": "Claim of 50 rows",
	"list": "The list's first page, as it opens, with its count",
	"cards": "The number cards",
	"sweep": "Sweep",
}


def measure_log_size(world: TwoCompanies) -> Sequence[Figure]:
	times = {}
	with world.hand() as hand:
		for rows in (FEW, MANY):
			hand.do("fill_log", company=NZ, rows=rows)
			times[rows] = hand.do("ask_log", company=NZ)
		seconds = hand.do("look_at_everything")
		for plan in hand.do("explain_slow", company=NZ, longer_than=SLOW_SECONDS):
			print(plan, flush=True)
	figures = []
	for what in times[FEW]:
		name = NAMES.get(what) or what.replace("list: ", "The list's filter: ")
		title = f"{name}: {MANY:,} rows of the log / {FEW:,}"
		figures.append(ratio(title, 2, times[MANY][what], times[FEW][what], "ms"))
	daily = f"Daily look at all documents, {MANY:,} rows of the log"
	return [*figures, Figure(daily, "told", seconds, f"{seconds:.1f} s")]
