"""What the worker itself costs: CPU and memory for 10,000 documents in one process, 50 per batch. Needs a bench.

A worker forks for each job, which ends after five minutes, and its memory with it. Here one process does everything, so
this is the worst case. Memory is the resident set, including what the process shares with others.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.figures import Figure, spread
from benchmarks.two_companies import NZ, TwoCompanies

DOCUMENTS = 10_000
PART = 1000
PROFILED = 500
"""The profile of the CPU time is printed, so that somebody can improve it."""
MEGABYTE = 2**20
NO_GROWTH = 2
"""Megabytes; a few pages do not count as growth."""


def measure_worker_cost(world: TwoCompanies) -> Sequence[Figure]:
	with world.hand() as hand:
		bare = hand.do("memory_of_a_bare_worker")
	parts = []
	with world.hand() as maker, world.hand() as hand:
		for first in range(500_001, 500_001 + DOCUMENTS, PART):
			maker.do("backlog", company=NZ, first=first, last=first + PART - 1)
			parts += hand.do("drain", company=NZ)
		maker.do("backlog", company=NZ, first=first + PART, last=first + PART + PROFILED - 1)
		print(hand.do("profile", company=NZ), flush=True)
	each = [1000 * part["seconds"] / part["documents"] for part in parts]
	above = (parts[-1]["memory"] - bare) / MEGABYTE
	half = parts[len(parts) // 2 - 1]["memory"]
	growth = (parts[-1]["memory"] - half) / MEGABYTE
	return [
		Figure(
			"Worker CPU per document, 50 a batch",
			"at most 15 ms",
			statistics.median(each),
			f"{spread(each, 1)} ms",
			15,
		),
		Figure(
			f"Worker memory above a bare worker, after {DOCUMENTS:,} documents",
			"at most 60 MB",
			above,
			f"{above:.0f} MB (a bare worker has {bare / MEGABYTE:.0f} MB)",
			60,
		),
		Figure(
			f"... and its growth over the last {DOCUMENTS // 2:,}",
			f"none (at most {NO_GROWTH} MB)",
			growth,
			f"{growth:+.1f} MB",
			NO_GROWTH,
		),
	]
