"""A backlog when Xero is back, with its real limits and half a second per call. Needs a bench and its workers.

The time is compared with two formulas, for the N calls that were made:

* at 60 calls per minute they take N seconds;
* a perfect schedule, in which no call waits for the response to another, would make five at a time and 60 in a row, so
  that call number i (from 0) ends at 60 s * (i // 60) + 0.5 s * (1 + (i % 60) // 5).
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.figures import Figure
from benchmarks.two_companies import CALL_SECONDS, CALLS_A_MINUTE, MAX_AT_A_TIME, NZ, TwoCompanies

WORKERS = 4
BACKLOGS = (("new", 1000, None), ("known", 1000, 1.5), ("known", 5000, None))
"""Contacts, documents, and at most how many times as long as a perfect schedule. In this order: the customers are
new to Xero at first, and known after that."""
CALLS_OF_TUTORIAL = 2
"""Calls per document, at least: see benchmarks/calls.py."""
PATIENCE_SECONDS = 600
POLL_SECONDS = 0.1


def measure_outage(world: TwoCompanies) -> Sequence[Figure]:
	figures, first = [], 400_001
	for contacts, backlog, most in BACKLOGS:
		seconds, calls, refused = _work_off(world, first, backlog)
		first += backlog
		name = f"Backlog of {backlog:,} after an outage, contacts {contacts}"
		shown = f"{seconds:.0f} s for {calls} calls, {WORKERS} workers"
		perfect, tutorial = least_seconds(calls), CALLS_OF_TUTORIAL * backlog
		figures += [
			Figure(
				f"{name}: time against 60 calls a minute",
				"at most 1.2 x",
				seconds / calls,
				f"{seconds / calls:.2f} x: {shown}",
				1.2,
				f"{least_seconds(tutorial) / 60:.0f} minutes at least for its {tutorial:,} calls",
			),
			Figure(
				f"{name}: time against a perfect schedule",
				f"at most {most:g} x" if most else "told",
				seconds / perfect,
				f"{seconds / perfect:.1f} x: {seconds:.0f} / {perfect:.1f} s",
				most,
			),
			Figure(f"{name}: 429s", "none", refused, str(refused), 0),
		]
	return figures


def _work_off(world: TwoCompanies, first: int, backlog: int) -> tuple[float, int, int]:
	"""Seconds, calls and 429s until nothing waits."""
	with ExitStack() as stack:
		hand = stack.enter_context(world.hand())
		hand.do("backlog", company=NZ, first=first, last=first + backlog - 1)
		stack.enter_context(world.real_limits())
		stack.enter_context(world.slow_xero())
		stack.enter_context(world.workers(WORKERS))
		marker, began = world.admin.marker(), time.monotonic()
		hand.do("wake", company=NZ)
		while hand.do("waiting", company=NZ):
			time.sleep(POLL_SECONDS)
			assert time.monotonic() - began < PATIENCE_SECONDS, "the backlog does not end"
		seconds = time.monotonic() - began
		calls = world.calls_since(marker)
	return seconds, len(calls), sum(call["status"] == 429 for call in calls)


def least_seconds(calls: int) -> float:
	"""The shortest time in which that many calls can be made."""
	minutes, rest = divmod(calls - 1, CALLS_A_MINUTE)
	return 60 * minutes + CALL_SECONDS * (1 + rest // MAX_AT_A_TIME)
