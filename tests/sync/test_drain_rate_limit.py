"""A worker's job under the rate limiter: urgent rows first, no busy loop, no worker held that is needed elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone

import pytest

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync import drain as drain_module
from nexwave_xero_connector.sync.batch import Batch
from nexwave_xero_connector.sync.drain import drain
from nexwave_xero_connector.sync.errors import DayLimitReached, Throttled, Unreachable
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.sync.records import Claim, Priority, Status
from tests.model.erp_model import COMPANY, ErpModel, document
from tests.model.erp_ports import DocumentsPort, OutboxPort
from tests.model.schedule import Actor, Steps

A_LONG_TIME = timedelta(minutes=10)


class Job:
	"""One job on the model of the ERP; the test decides what its batches do."""

	def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
		self.erp = ErpModel()
		self.batches: list[tuple[Priority, list[str]]] = []
		self.on_batch: Callable[[Batch, list], None] = self.succeed
		monkeypatch.setattr(drain_module, "work", self.work)

	def work(self, batch: Batch, claims: list[Claim]) -> None:
		self.batches.append((claims[0].priority, [claim.document.name for claim in claims]))
		self.on_batch(batch, batch.begin(claims))

	@staticmethod
	def succeed(batch: Batch, attempts: list) -> None:
		for attempt in attempts:
			batch.outbox.erp.row(attempt.claim.row).status = Status.SUCCESS
			batch.outbox.erp.row(attempt.claim.row).due_at = None

	def submit(self, name: str, priority: Priority = Priority.CURRENT) -> None:
		ref = DocumentRef("Sales Invoice", name)
		self.erp.documents[ref] = document(*_of(ref))
		self.erp.submit(ref)
		self.erp.rows_of(ref)[-1].priority = priority

	def run(self, rate_limiter: ScriptedRateLimiter) -> bool:
		rate_limiter.job = self
		steps = Steps(lambda: Actor("nobody", lambda: None), lambda: self.erp.now, lambda moods: 0)
		steps.step = lambda *_: None
		steps.learn = lambda *_: None
		return drain(
			COMPANY,
			OutboxPort(self.erp, steps),
			DocumentsPort(self.erp, steps),
			None,
			Policy(batch_size=2),
			rate_limiter=rate_limiter,
		)


def _of(ref: DocumentRef) -> tuple[str, str]:
	return ref.doctype, ref.name


class ScriptedRateLimiter:
	"""Lets batches less urgent than `allows` start only after `rests` rests; each rest takes a second."""

	def __init__(
		self,
		allows: Priority | None = Priority.BACKFILL,
		rests: int = 0,
		too_long: bool = False,
		needed_after: int | None = None,
	) -> None:
		self.allows, self.rests, self.too_long, self.needed_after = allows, rests, too_long, needed_after
		self.begun: list[Priority] = []
		self.rested = 0
		self.asked = 0
		self.idle: list[bool] = []
		self.joined_before: list[int] = []
		"""How many batches had started each time more rows were due."""
		self.during_rest: Callable[[int], None] = lambda rested: None
		self.job: Job

	def least_urgent(self) -> Priority | None:
		self.asked += 1
		assert self.asked <= self.rested + len(self.job.batches) + 2, "it spins"
		return Priority.BACKFILL if self.rested >= self.rests else self.allows

	def begin(self, priority: Priority) -> None:
		self.begun.append(priority)

	def more_is_due(self) -> None:
		self.joined_before.append(len(self.job.batches))

	def rest(self) -> bool:
		if self.too_long:
			return False
		self.rested += 1
		self.job.erp.now += timedelta(seconds=1)
		self.during_rest(self.rested)
		return True

	def is_needed_elsewhere(self, idle: bool) -> bool:
		self.idle.append(idle)
		return self.needed_after is not None and len(self.idle) >= self.needed_after


@pytest.fixture
def job(monkeypatch: pytest.MonkeyPatch) -> Job:
	return Job(monkeypatch)


def test_urgent_rows_go_first_and_each_priority_has_its_own_batches(job: Job) -> None:
	for name, priority in [("B1", Priority.BACKFILL), ("C1", Priority.CURRENT), ("P1", Priority.PERSON)]:
		job.submit(name, priority)
	rate_limiter = ScriptedRateLimiter()
	assert job.run(rate_limiter) is False
	assert [names for _priority, names in job.batches] == [["P1"], ["C1"], ["B1"]]
	assert rate_limiter.begun == [Priority.PERSON, Priority.CURRENT, Priority.BACKFILL]


def test_a_new_invoice_overtakes_a_backfill_that_has_to_wait(job: Job) -> None:
	job.submit("B1", Priority.BACKFILL)
	rate_limiter = ScriptedRateLimiter(allows=Priority.CURRENT, rests=5)
	rate_limiter.during_rest = lambda rested: job.submit("C1") if rested == 2 else None
	assert job.run(rate_limiter) is False
	assert [names for _priority, names in job.batches] == [["C1"], ["B1"]]
	assert rate_limiter.rested == 5


def test_no_batch_starts_while_none_may(job: Job) -> None:
	job.submit("P1", Priority.PERSON)
	rate_limiter = ScriptedRateLimiter(allows=None, rests=3)
	job.run(rate_limiter)
	assert (job.batches, rate_limiter.rested) == ([(Priority.PERSON, ["P1"])], 3)


def test_a_worker_that_waits_never_spins(job: Job) -> None:
	job.submit("B1", Priority.BACKFILL)
	rate_limiter = ScriptedRateLimiter(allows=Priority.CURRENT, rests=1_000_000)
	assert job.run(rate_limiter) is True
	assert job.batches == []
	assert rate_limiter.asked == rate_limiter.rested  # a second each


def test_no_worker_is_held_for_a_long_wait(job: Job) -> None:
	job.submit("B1", Priority.BACKFILL)
	rate_limiter = ScriptedRateLimiter(allows=Priority.CURRENT, rests=1_000_000, too_long=True)
	assert job.run(rate_limiter) is False
	assert rate_limiter.asked == 1


def test_no_worker_is_held_if_nothing_waits(job: Job) -> None:
	rate_limiter = ScriptedRateLimiter(allows=Priority.CURRENT, rests=1_000_000)
	assert job.run(rate_limiter) is False
	assert rate_limiter.rested == 0


def test_a_waiting_worker_goes_where_it_is_needed(job: Job) -> None:
	job.submit("B1", Priority.BACKFILL)
	rate_limiter = ScriptedRateLimiter(allows=Priority.CURRENT, rests=1_000_000, needed_after=3)
	assert job.run(rate_limiter) is True
	assert (rate_limiter.rested, rate_limiter.idle) == (3, [True] * 3)


def test_another_company_gets_its_turn_after_each_batch(job: Job) -> None:
	for number in range(5):
		job.submit(f"B{number}", Priority.BACKFILL)
	rate_limiter = ScriptedRateLimiter(needed_after=1)
	assert job.run(rate_limiter) is True
	assert (job.batches, rate_limiter.idle) == ([(Priority.BACKFILL, ["B0", "B1"])], [False])


def test_other_workers_may_join_while_more_than_a_batch_is_due(job: Job) -> None:
	for number in range(5):
		job.submit(f"C{number}")
	rate_limiter = ScriptedRateLimiter()
	job.run(rate_limiter)
	assert [len(names) for _priority, names in job.batches] == [2, 2, 1]
	assert rate_limiter.joined_before == [0, 1]


@pytest.mark.parametrize(
	"error",
	[
		Throttled("Not now.", retry_after=timedelta(seconds=5)),
		DayLimitReached("Not today.", datetime.max.replace(tzinfo=timezone.utc)),
	],
)
def test_rows_stopped_by_too_many_calls_keep_their_place(job: Job, error: Exception) -> None:
	for name in ("C1", "C2", "C3"):
		job.submit(name)
		job.erp.now += timedelta(seconds=1)
	places = [row.due_at for row in job.erp.rows]
	job.on_batch = lambda batch, attempts: batch.fail(attempts, error)
	job.run(ScriptedRateLimiter(needed_after=1))
	assert [(row.status, row.due_at, row.attempt, row.times_claimed) for row in job.erp.rows] == [
		(Status.QUEUED, place, 1, 0) for place in places
	]


def test_too_many_calls_do_not_pause_a_company_but_an_outage_does(job: Job) -> None:
	job.submit("C1")
	job.on_batch = lambda batch, attempts: batch.fail(
		attempts, Throttled("Not now.", retry_after=A_LONG_TIME)
	)
	job.run(ScriptedRateLimiter(needed_after=1))
	assert job.erp.paused_until is None
	job.on_batch = lambda batch, attempts: batch.fail(attempts, Unreachable("Away.", retry_after=A_LONG_TIME))
	job.run(ScriptedRateLimiter())
	assert job.erp.paused_until is not None
