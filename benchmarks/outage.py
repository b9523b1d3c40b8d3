"""A backlog of 1,000 when Xero is back, with its real limits and half a second a call. Needs a bench and its workers.

What the limits allow: of the N calls that were made, no schedule can make more than five at a time nor more than 60 in
any minute. So call number i (from 0) ends at the earliest at

    60 s * (i // 60) + 0.5 s * (1 + (i % 60) // 5)
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.bench_world import AT_ONCE, CALL_SECONDS, CALLS_A_MINUTE, NZ, BenchWorld
from benchmarks.figures import Figure

BACKLOG = 1000
WORKERS = 2
PATIENCE_SECONDS = 600


def measure_outage(world: BenchWorld) -> Sequence[Figure]:
	with ExitStack() as stack:
		hand = stack.enter_context(world.hand())
		hand.do("forget_contacts", company=NZ)
		hand.do("backlog", company=NZ, first=400_001, last=400_000 + BACKLOG)
		stack.enter_context(world.real_limits())
		stack.enter_context(world.slow_xero())
		stack.enter_context(world.workers(WORKERS))
		marker, began = world.admin.marker(), time.monotonic()
		hand.do("wake", company=NZ)
		while hand.do("waiting", company=NZ):
			time.sleep(0.2)
			assert time.monotonic() - began < PATIENCE_SECONDS, "the backlog does not end"
		seconds = time.monotonic() - began
		calls = world.calls_since(marker)
	refused = sum(call["status"] == 429 for call in calls)
	allowed = least_seconds(len(calls))
	ratio = seconds / allowed
	return [
		Figure(
			f"Backlog of {BACKLOG:,} after an outage, contacts new: time against what the limits allow",
			"at most 1.2 x",
			ratio,
			f"{ratio:.2f} x: {seconds:.0f} s / {allowed:.1f} s for {len(calls)} calls, {WORKERS} workers",
			1.2,
		),
		Figure(f"Backlog of {BACKLOG:,} after an outage: 429s", "none", refused, str(refused), 0),
	]


def least_seconds(calls: int) -> float:
	"""In which so many calls can be made at all."""
	minutes, rest = divmod(calls - 1, CALLS_A_MINUTE)
	return 60 * minutes + CALL_SECONDS * (1 + rest // AT_ONCE)
