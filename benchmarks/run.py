"""All benchmarks, or those named: ``make benchmark``, ``make benchmark ONLY="calls submit"``.

Without a bench (BENCH_PATH, default ~/frappe-bench; BENCH_SITE, default xero.test), the benchmarks that need one are
skipped with a message. They run on a throw-away copy of the site, with its own MariaDB, Redis, Xero sandbox and
workers. A full run on a bench writes its table into docs/performance.md: one for each version of ERPNext.
"""

from __future__ import annotations

import argparse
import signal
import sys
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from benchmarks import report
from benchmarks.attachments import measure_attachments
from benchmarks.attention import measure_attention
from benchmarks.calls import measure_calls
from benchmarks.changed_in_xero import measure_changed
from benchmarks.fairness import measure_backfill, measure_single, measure_two_companies
from benchmarks.figures import Figure, Group
from benchmarks.log_size import measure_log_size
from benchmarks.long_weekend import measure_long_weekend, measure_poison
from benchmarks.many_lines import measure_many_lines
from benchmarks.orphan_check import measure_orphan_check
from benchmarks.outage import measure_outage
from benchmarks.simulation import simulate
from benchmarks.submit import measure_submit
from benchmarks.throwaway_bench import BenchUnusable
from benchmarks.tutorial import measure_tutorial
from benchmarks.two_companies import TwoCompanies, two_companies, why_no_bench
from benchmarks.worker_cost import measure_worker_cost

GROUPS = (
	Group("calls", "calls per document", measure_calls),
	Group("lines", "an invoice of thousands of lines", measure_many_lines),
	Group("tutorial", "the tutorial's connector on a bad minute", measure_tutorial),
	Group("weekend", "72 hours without Xero", measure_long_weekend),
	Group("poison", "documents that spoil a batch", measure_poison),
	Group("outage", "a backlog after an outage", measure_outage, needs_bench=True),
	Group("submit", "what Submit costs", measure_submit, needs_bench=True),
	Group("single", "a single invoice, nothing else waiting", measure_single, needs_bench=True),
	Group("worker", "CPU and memory of a worker", measure_worker_cost, needs_bench=True),
	Group("backfill", "a single invoice in the middle of a backfill", measure_backfill, needs_bench=True),
	Group("companies", "two companies, one with a backlog", measure_two_companies, needs_bench=True),
	Group("orphans", "calls of the orphan check", measure_orphan_check, needs_bench=True),
	Group("changed", "what people change in Xero", measure_changed, needs_bench=True, has_own_bench=True),
	Group("attachments", "files behind documents", measure_attachments, needs_bench=True),
	Group("log", "a million rows in the log", measure_log_size, needs_bench=True),
	Group("attention", "thousands of rows that need attention", measure_attention, needs_bench=True),
)


SIMULATION = "simulation"


class LazyBench:
	"""One bench for all groups that need one, created when first needed, and tried once."""

	def __init__(self, stack: ExitStack) -> None:
		self._stack = stack
		self._world: TwoCompanies | None = None
		self._failure: Exception | None = None

	@property
	def world(self) -> TwoCompanies:
		if self._failure:
			raise self._failure
		if self._world is None:
			try:
				self._world = self._stack.enter_context(two_companies())
			except Exception as failure:
				self._failure = failure
				raise
		return self._world


def measure(groups: Sequence[Group]) -> list[Figure]:
	"""Measure one group. If it fails, its target counts as missed, and the others are still measured."""
	figures: list[Figure] = []
	missing = why_no_bench()
	with ExitStack() as stack:
		bench = LazyBench(stack)
		for group in groups:
			if group.needs_bench and missing:
				print(f"{group.name}: left out, {missing}", flush=True)
				figures.append(Figure(group.what, "", None, f"left out: {missing}"))
				continue
			with _told(group):
				try:
					figures += _measured(group, bench)
				except Exception as failure:
					shown = f"did not run: {why(failure)}"
					print(f"{group.name}: {shown}", flush=True)
					if not isinstance(failure, BenchUnusable):
						traceback.print_exc()
					figures.append(Figure(group.what, "", None, shown, most=0))
	return figures


def _measured(group: Group, bench: LazyBench) -> Sequence[Figure]:
	if not group.needs_bench:
		return group.measure()
	if group.has_own_bench:
		with two_companies() as world:
			return group.measure(world)
	return group.measure(bench.world)


def why(failure: Exception) -> str:
	"""One line of at most 200 characters."""
	last_line = str(failure).strip().rpartition("\n")[2]
	is_ours = isinstance(failure, BenchUnusable)
	return last_line[:200] if is_ours else f"{type(failure).__name__}: {last_line}"[:200]


@contextmanager
def _told(group: Group) -> Iterator[None]:
	print(f"{group.name}: {group.what} ...", flush=True)
	began = time.monotonic()
	yield
	print(f"{group.name}: {time.monotonic() - began:.0f} s", flush=True)


def main() -> int:
	parser = argparse.ArgumentParser(description="Measures what docs/performance.md tells.")
	parser.add_argument("only", nargs="*", help=", ".join([*(group.name for group in GROUPS), SIMULATION]))
	only = parser.parse_args().only
	by_name = {group.name: group for group in GROUPS}
	if unknown := [name for name in only if name not in (*by_name, SIMULATION)]:
		parser.error(f"no benchmark {', '.join(unknown)}; there are {', '.join(by_name)}, {SIMULATION}")
	figures = measure([by_name[name] for name in only or by_name if name in by_name])
	circumstances, marker = report.circumstances(), report.marker()
	moved = report.what_moved(figures, marker)
	if figures:
		report.show(figures)
		print(circumstances)
		print(moved)
	simulated = simulate() if not only or SIMULATION in only else ""
	print(simulated)
	if not only and marker:
		report.write(marker, f"{report.as_markdown(figures)}\n\n{circumstances}\n\n{moved}")
		report.write("simulation", simulated)
	return 1 if any(figure.is_reached is False for figure in figures) else 0


if __name__ == "__main__":
	# Ensure that a terminated run also ends its processes.
	signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
	sys.exit(main())
