"""From 1 to 200 companies and 1 to 32 workers, with the real rate limiter (sync/rate_limit.py) on simulated time.

What is simulated: the queue, first in, first out, with one waiting job per company; workers, which take a job, push
batch after batch as sync/drain.py does, and give way between two batches if another company's job waits; Xero, with
half a second per call. What is not simulated: rejections, lost responses, a host's cores (a worker's CPU time passes,
but workers do not slow each other down), idle workers that join in on a backlog of today's documents (a backfill asks
for none), and the app's 10,000 calls per minute, which are only counted.
"""

from __future__ import annotations

import random
import statistics
from collections import deque
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from itertools import count

import simpy

from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.sync.rate_limit import MINUTE, Usage
from nexwave_xero_connector.sync.records import Priority

COMPANIES, WORKERS = (1, 10, 50, 100, 200), (1, 2, 4, 8, 16, 32)
CALL_SECONDS = 0.5
CALLS_A_BATCH = 2
JOB_SECONDS = 0.6
"""Measured: a worker forks, imports xero-python and opens the organisation."""
DOCUMENT_SECONDS = 0.004
"""Measured: CPU time per document in a batch."""
SLICE_SECONDS = 0.25
MAX_REST_SECONDS = 65.0
WARM_UP_SECONDS, MEASURED_SECONDS = 120.0, 600.0
SUBMITS_AN_HOUR = 60
"""Per company, at random times."""
APP_CALLS_A_MINUTE = 10_000

Steps = Generator[simpy.Event, object, None]


@dataclass(eq=False)
class Company:
	backlog: bool
	usage: Usage = field(default_factory=Usage)
	submitted: deque[float] = field(default_factory=deque)
	job_waits: bool = False

	def take(self, least_urgent: Priority, limit: int) -> tuple[Priority, list[float]]:
		"""Documents for a batch, as the times of their Submit, and their priority; a backfill never runs out."""
		if self.submitted:
			return Priority.CURRENT, [
				self.submitted.popleft() for _ in range(min(limit, len(self.submitted)))
			]
		if self.backlog and least_urgent >= Priority.BACKFILL:
			return Priority.BACKFILL, [-1.0] * limit
		return Priority.CURRENT, []

	@property
	def has_work(self) -> bool:
		return self.backlog or bool(self.submitted)


@dataclass(frozen=True, slots=True)
class Result:
	"""latencies: seconds from Submit to live in Xero, for documents submitted during the measurement."""

	documents_an_hour: float
	calls_a_minute: float
	latencies: list[float]

	@property
	def latency(self) -> str:
		if len(self.latencies) < 2:
			return "-"
		ordered = sorted(self.latencies)
		return f"{_seconds(statistics.median(ordered))} / {_seconds(ordered[int(0.95 * len(ordered))])}"


class Simulation:
	def __init__(self, companies: int, workers: int, with_backlog: int, seed: int = 1) -> None:
		self._env = simpy.Environment()
		self._queue = simpy.Store(self._env)
		self._policy = Policy()
		self._draw = random.Random(seed)
		self._turns = count()
		self._companies = [Company(number < with_backlog) for number in range(companies)]
		self._calls = self._documents = 0
		self._latencies: list[float] = []
		for company in self._companies:
			self._env.process(self._users(company))
			if company.backlog:
				self._wake(company)
		for _ in range(workers):
			self._env.process(self._worker())

	def run(self) -> Result:
		self._env.run(until=WARM_UP_SECONDS)
		self._calls = self._documents = 0
		self._latencies.clear()
		self._env.run(until=WARM_UP_SECONDS + MEASURED_SECONDS)
		# Documents that are still waiting have waited at least this long.
		now = self._env.now
		waiting = [now - at for company in self._companies for at in company.submitted]
		return Result(
			self._documents * 3600 / MEASURED_SECONDS,
			self._calls * MINUTE / MEASURED_SECONDS,
			[*self._latencies, *waiting],
		)

	def _users(self, company: Company) -> Steps:
		while True:
			yield self._env.timeout(self._draw.expovariate(SUBMITS_AN_HOUR / 3600))
			company.submitted.append(self._env.now)
			self._wake(company)

	def _wake(self, company: Company) -> None:
		if not company.job_waits:
			company.job_waits = True
			self._queue.put(company)

	def _worker(self) -> Steps:
		while True:
			company = yield self._queue.get()
			company.job_waits = False
			if company.has_work:
				yield self._env.timeout(JOB_SECONDS)
				yield from self._drain(company)

	def _drain(self, company: Company) -> Steps:
		policy = self._policy
		ends = self._env.now + (policy.job_timeout - policy.batch_time).total_seconds()
		while self._env.now < ends:
			least_urgent = self._least_urgent(company)
			priority, batch = Priority.CURRENT, []
			if least_urgent is not None:
				priority, batch = company.take(least_urgent, policy.batch_size)
			if batch:
				yield from self._push(company, priority, batch)
			elif least_urgent is Priority.BACKFILL or not company.has_work:
				return
			else:
				waits = [company.usage.wait_before_batch(one, self._env.now) for one in Priority]
				wait = min((wait for wait in waits if wait > 0), default=0.0)
				part = max(0.001, min(wait, SLICE_SECONDS))
				if wait > MAX_REST_SECONDS or not company.usage.wait_for("", part, self._env.now):
					return
				yield self._env.timeout(part)
			if any(other is not company for other in self._queue.items):
				break
		if company.has_work:
			self._wake(company)

	def _least_urgent(self, company: Company) -> Priority | None:
		may = [one for one in Priority if company.usage.wait_before_batch(one, self._env.now) <= 0]
		return max(may, default=None)

	def _push(self, company: Company, priority: Priority, batch: list[float]) -> Steps:
		for _ in range(CALLS_A_BATCH):
			while (wait := company.usage.wait_before_call(priority, self._env.now)) > 0:
				yield self._env.timeout(min(wait, SLICE_SECONDS))
			turn = str(next(self._turns))
			company.usage.begin(turn, self._env.now)
			yield self._env.timeout(CALL_SECONDS)
			company.usage.end(turn, self._env.now)
			self._calls += 1
		now = self._env.now
		self._documents += len(batch)
		self._latencies += [now - at for at in batch if at >= WARM_UP_SECONDS]
		yield self._env.timeout(DOCUMENT_SECONDS * len(batch))


def simulate(companies_: Sequence[int] = COMPANIES, workers_: Sequence[int] = WORKERS) -> str:
	"""A Markdown table: all companies with new invoices only, and all with a backfill that never ends."""
	lines = [
		f"Every company submits {SUBMITS_AN_HOUR} invoices an hour at random moments. Latency: from Submit to live in"
		" Xero, median / 95th percentile.",
		"",
		"| Companies | Workers | Latency, no backfill | Calls a minute | All backfill: documents an hour"
		" | Calls a minute | Latency of a new invoice | What limits it |",
		"|---|---|---|---|---|---|---|---|",
	]
	most = 0.0
	for companies in companies_:
		for workers in workers_:
			calm = Simulation(companies, workers, with_backlog=0).run()
			busy = Simulation(companies, workers, with_backlog=companies).run()
			cells = [
				f"{companies}",
				f"{workers}",
				calm.latency,
				f"{calm.calls_a_minute:,.0f}",
				f"{busy.documents_an_hour:,.0f}",
				f"{busy.calls_a_minute:,.0f}",
				busy.latency,
				_limit(companies, busy),
			]
			lines.append(f"| {' | '.join(cells)} |")
			most = max(most, calm.calls_a_minute, busy.calls_a_minute)
	lines += [
		"",
		f"The most calls of the app in a minute: {most:,.0f} of the {APP_CALLS_A_MINUTE:,} that Xero allows.",
	]
	return "\n".join(lines)


def _limit(companies: int, busy: Result) -> str:
	"""The organisations' calls per minute if they are nearly used up, as far as a backfill may use them."""
	if busy.calls_a_minute > 0.95 * APP_CALLS_A_MINUTE:
		return "the app"
	return "the organisations" if busy.calls_a_minute > 0.9 * companies * 40 else "the workers"


def _seconds(value: float) -> str:
	return f"{value:.1f} s" if value < 100 else f"{value:.0f} s"


if __name__ == "__main__":
	print(simulate())
