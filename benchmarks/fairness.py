"""A single invoice, from Submit to Xero, while thousands of others wait. Needs a bench and its workers."""

from __future__ import annotations

import json
import random
import statistics
import subprocess
import time
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.figures import Figure, spread
from benchmarks.site_hand import SiteHand
from benchmarks.throwaway_bench import SITE
from benchmarks.two_companies import AU, CALL_SECONDS, NZ, TwoCompanies

SINGLES = 12
STARTS = 5
BACKFILL, BACKLOG = 20_000, 5_000
PATIENCE_SECONDS = 180
GAP_SECONDS = (3.0, 8.0)
POLL_SECONDS = 0.02


def measure_backfill(world: TwoCompanies) -> Sequence[Figure]:
	with ExitStack() as stack:
		hand, marker = _start(world, stack, workers=1), world.admin.marker()
		hand.do("backlog", company=NZ, first=200_001, last=200_000 + BACKFILL, trigger="Backfill")
		hand.do("wake", company=NZ)
		time.sleep(20)  # until the backfill has used its share of the minute's calls
		seconds = _singles(world, hand, NZ)
		left = hand.do("waiting", company=NZ)
		refused = len(world.calls_since(marker, status=429))
	worst = max(seconds)
	shown = f"longest of {len(seconds)}: {worst:.1f} s; {spread(seconds, 1)} s"
	return [
		Figure(
			f"Single invoice in the middle of a backfill of {BACKFILL:,}: Submit to live in Xero",
			"at most 30 s",
			worst,
			f"{shown}; {refused} x 429; {left:,} still waiting",
			30,
		)
	]


def measure_single(world: TwoCompanies) -> Sequence[Figure]:
	"""A single invoice of a known contact, with an idle worker: against its calls, at half a second each."""
	with ExitStack() as stack:
		hand = _start(world, stack, workers=1)
		seconds, calls = [], []
		for one in range(SINGLES + 1):
			marker = world.admin.marker()
			taken = _single(world, hand, NZ)
			if one:  # the first one creates the contact
				seconds.append(taken)
				calls.append(len(world.calls_since(marker)))
	with ExitStack() as stack:
		hand = _start(world, stack, workers=0)
		starts = [_stages(world, hand) for _ in range(STARTS)]
	least = CALL_SECONDS * statistics.mean(calls)
	value = statistics.median(seconds) / least
	shown = f"{value:.2f} x: {spread(seconds, 2)} / {least:.2f} s for {statistics.mean(calls):g} calls"
	return [
		Figure(
			"Single invoice, nothing else waiting: Submit to live in Xero, against the sum of its calls",
			"at most 1.2 x",
			value,
			shown,
			1.2,
		),
		Figure("... what a job does before its first call", "told", None, _medians(starts)),
	]


def _stages(world: TwoCompanies, hand: SiteHand) -> dict[str, float]:
	"""A job in a process of its own, as a worker forks one: seconds by stage."""
	hand.do("submit_one", company=NZ)
	bench = world.bench
	start = [bench.python, "-m", "benchmarks.job_start", SITE, NZ]
	ended = subprocess.run(
		start, cwd=bench.sites, env=bench.environment(), check=True, stdout=subprocess.PIPE, text=True
	)
	return json.loads(ended.stdout.splitlines()[-1])


def _medians(starts: Sequence[dict[str, float]]) -> str:
	stages = {stage: statistics.median(start[stage] for start in starts) for stage in starts[0]}
	parts = [f"{stage} {1000 * seconds:.0f} ms" for stage, seconds in stages.items()]
	return f"{sum(stages.values()):.2f} s: {', '.join(parts)}"


def measure_two_companies(world: TwoCompanies) -> Sequence[Figure]:
	figures = []
	for count in (1, 2):
		first = 300_001 + count * BACKLOG
		with ExitStack() as stack:
			hand = _start(world, stack, workers=count)
			idle = _singles(world, hand, AU)
			hand.do("backlog", company=NZ, first=first, last=first + BACKLOG - 1)
			hand.do("wake", company=NZ)
			time.sleep(10)
			busy = _singles(world, hand, AU)
			left = hand.do("waiting", company=NZ)
			assert left, "the backlog was over before the other company was measured"
		ratio = statistics.median(busy) / statistics.median(idle)
		workers = f"{count} worker{'s' if count > 1 else ''}"
		figures.append(
			Figure(
				f"Two companies, one with a backlog of {BACKLOG:,}, {workers}: the other's single invoice",
				"at most 1.5 x its time when idle",
				ratio,
				f"{ratio:.2f} x: {spread(busy, 1)} / {spread(idle, 1)} s",
				1.5,
			)
		)
	return figures


def _start(world: TwoCompanies, stack: ExitStack, workers: int) -> SiteHand:
	"""Start Xero with half a second per call and its real limits, workers, and a hand; forget everything that waits."""
	hand = stack.enter_context(world.hand())
	for company in (NZ, AU):
		stack.callback(hand.do, "forget", company=company)
	stack.enter_context(world.real_limits())
	stack.enter_context(world.slow_xero())
	stack.enter_context(world.workers(workers))
	return hand


def _singles(world: TwoCompanies, hand: SiteHand, company: str) -> list[float]:
	"""Seconds from Submit to live in Xero for several invoices, without the first one, which creates the contact."""
	draw = random.Random(1)
	seconds = []
	for _ in range(SINGLES + 1):
		time.sleep(draw.uniform(*GAP_SECONDS))
		seconds.append(_single(world, hand, company))
	return seconds[1:]


def _single(world: TwoCompanies, hand: SiteHand, company: str) -> float:
	"""Seconds from the end of Submit to live in Xero."""
	name = hand.do("submit_one", company=company)
	began = time.monotonic()
	while not world.is_live(company, str(name)):
		time.sleep(POLL_SECONDS)
		assert time.monotonic() - began < PATIENCE_SECONDS, f"{name} is not in Xero"
	return time.monotonic() - began
