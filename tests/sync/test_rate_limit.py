"""Rate limiting: whatever happens, Xero never counts more calls than it allows, and urgent work finds room."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from itertools import count

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nexwave_xero_connector.sync.rate_limit import (
	CALLS_A_MINUTE,
	CALLS_TO_COME,
	DAY_COUNT_LIFETIME,
	MINUTE,
	SHARES,
	TURN_LIFETIME_SECONDS,
	Usage,
)
from nexwave_xero_connector.sync.records import Priority, Trigger

AT_A_TIME = 5


@dataclass(frozen=True)
class Burst:
	"""After `gap` seconds, `calls` workers each want to make a call at the same time."""

	gap: float
	calls: int
	priority: Priority
	there: float
	"""Seconds from the call's begin on our clock until Xero counts it."""
	back: float
	dies: bool
	"""Whether the workers are killed before the response."""


BURSTS = st.lists(
	st.builds(
		Burst,
		gap=st.floats(0, 40),
		calls=st.integers(1, 70),
		priority=st.sampled_from(Priority),
		there=st.floats(0, 30),
		back=st.floats(0, 30),
		dies=st.sampled_from([False, False, False, True]),
	),
	min_size=1,
	max_size=25,
)


class Xero:
	"""Counts as Xero does: the calls of the last sixty seconds, by its own clock, and those in progress."""

	def __init__(self) -> None:
		self.arrivals: list[float] = []
		self.at_work = 0
		self.most_in_a_minute = self.most_at_a_time = 0

	def arrive(self, now: float) -> int:
		self.arrivals.append(now)
		self.at_work += 1
		in_minute = sum(time > now - MINUTE for time in self.arrivals)
		self.most_in_a_minute = max(self.most_in_a_minute, in_minute)
		self.most_at_a_time = max(self.most_at_a_time, self.at_work)
		return CALLS_A_MINUTE - in_minute


def live_through(bursts: list[Burst], tells: bool) -> tuple[Xero, Usage, float]:
	"""Workers make every call that the rate limit allows."""
	xero, usage, names = Xero(), Usage(), count()
	events: list[tuple[float, int, str, Burst]] = []
	told: dict[str, int] = {}
	now = 1_000_000.0
	for burst in bursts:
		heapq.heappush(events, (now := now + burst.gap, next(names), "want", burst))
	while events:
		now, _number, what, burst = heapq.heappop(events)
		turn = what.partition(" ")[2]
		if what == "want":
			for _each in range(burst.calls):
				if usage.wait_before_call(burst.priority, now) > 0:
					break
				turn = str(next(names))
				usage.begin(turn, now)
				usage = Usage.from_json(usage.to_json())
				heapq.heappush(events, (now + burst.there, next(names), f"arrive {turn}", burst))
		elif what.startswith("arrive"):
			told[turn] = xero.arrive(now)
			heapq.heappush(events, (now + burst.back, next(names), f"end {turn}", burst))
		else:
			xero.at_work -= 1
			if not burst.dies:
				usage.end(turn, now, told[turn] if tells else None)
	return xero, usage, now


@settings(max_examples=300, deadline=None)
@given(BURSTS, st.booleans())
def test_xero_never_counts_more_than_it_allows(bursts: list[Burst], tells: bool) -> None:
	xero, _usage, _now = live_through(bursts, tells)
	assert xero.most_in_a_minute <= CALLS_A_MINUTE
	assert xero.most_at_a_time <= AT_A_TIME


def made(calls: int, now: float = 0.0, usage: Usage | None = None) -> Usage:
	"""The usage after `calls` calls that began and ended at `now`."""
	usage = usage or Usage()
	for number in range(calls):
		usage.begin(str(number), now)
		usage.end(str(number), now)
	return usage


def test_a_full_minute_waits_for_its_oldest_call_to_leave() -> None:
	usage = made(30, now=0.0)
	made(30, now=20.0, usage=usage)
	assert usage.wait_before_call(Priority.PERSON, 25.0) == pytest.approx(35.0)
	assert usage.wait_before_call(Priority.PERSON, 60.0) == 0


def test_a_call_counts_until_a_minute_after_its_end() -> None:
	usage = Usage()
	for number in range(60):
		usage.begin(str(number), 0.0)
		usage.end(str(number), 40.0)
	assert usage.wait_before_call(Priority.PERSON, 70.0) == pytest.approx(30.0)


@pytest.mark.parametrize("priority", [Priority.BACKFILL, Priority.CURRENT])
def test_the_last_calls_of_a_minute_are_reserved_for_more_urgent_work(priority: Priority) -> None:
	usage = Usage()
	while usage.wait_before_call(priority, 1.0) == 0:
		made(1, now=1.0, usage=usage)
	assert usage.wait_before_batch(priority, 1.0) > 0
	assert usage.wait_before_call(Priority(priority - 1), 1.0) == 0


@pytest.mark.parametrize("priority", [Priority.BACKFILL, Priority.CURRENT])
def test_the_last_of_the_five_are_reserved_for_more_urgent_work(priority: Priority) -> None:
	usage = Usage()
	for turn in range(AT_A_TIME):
		if usage.wait_before_call(priority, 1.0) == 0:
			usage.begin(f"turn {turn}", 1.0)
	assert usage.wait_before_batch(priority, 1.0) > 0
	assert usage.wait_before_call(Priority(priority - 1), 1.0) == 0


@pytest.mark.parametrize("priority", [Priority.BACKFILL, Priority.CURRENT])
def test_a_batch_that_has_started_has_the_calls_to_finish(priority: Priority) -> None:
	usage = Usage()
	while usage.wait_before_batch(priority, 1.0) == 0:
		made(1, now=1.0, usage=usage)
	for _call in range(6):
		assert usage.wait_before_call(priority, 1.0) == 0
		made(1, now=1.0, usage=usage)


@pytest.mark.parametrize("priority", [Priority.BACKFILL, Priority.CURRENT])
@pytest.mark.parametrize("already", range(0, 51, 5))
def test_batches_side_by_side_have_the_calls_to_finish(priority: Priority, already: int) -> None:
	usage, batches = made(already, now=1.0), 0
	while usage.wait_before_batch(priority, 2.0) == 0:
		usage.begin(f"first call of {batches}", 2.0)
		batches += 1
	for batch in range(batches):
		usage.end(f"first call of {batch}", 2.5)
		for _call in range(CALLS_TO_COME):
			assert usage.wait_before_call(priority, 2.5) == 0
			made(1, now=2.5, usage=usage)


def test_a_batch_beside_another_leaves_calls_for_it_from_the_start() -> None:
	"""The other batch has started but has not made a call yet."""
	for already in range(60):
		usage = made(already, now=1.0)
		if usage.wait_before_batch(Priority.CURRENT, 2.0, beside=1) == 0:
			usage.begin("the other", 2.0)
			assert usage.wait_before_batch(Priority.CURRENT, 2.0) == 0
	assert made(30).wait_before_batch(Priority.CURRENT, 2.0, beside=1) == 0


def test_calls_reserved_for_batches_do_not_hold_back_a_user() -> None:
	usage = made(54, now=1.0)
	for turn in range(4):
		usage.begin(str(turn), 1.0)
	assert usage.wait_before_batch(Priority.CURRENT, 1.0) > 0
	assert usage.wait_before_batch(Priority.PERSON, 1.0) == 0


def test_only_one_worker_waits_for_each_company() -> None:
	usage = Usage()
	assert usage.wait_for("NZ", 0.25, now=1.0)
	assert not Usage.from_json(usage.to_json()).wait_for("NZ", 0.25, now=1.2)
	assert usage.wait_for("AU", 0.25, now=1.2)
	# A worker that comes when the wait is over has to wait itself: perhaps nobody has looked yet.
	assert usage.wait_for("NZ", 0.25, now=1.25)


def test_the_turn_of_a_killed_worker_comes_back() -> None:
	usage = Usage()
	for turn in range(AT_A_TIME):
		usage.begin(str(turn), 0.0)
	assert usage.wait_before_call(Priority.PERSON, TURN_LIFETIME_SECONDS - 1) > 0
	assert usage.wait_before_call(Priority.PERSON, TURN_LIFETIME_SECONDS + 1) == 0


def test_the_call_of_a_killed_worker_still_counts() -> None:
	"""It may have reached Xero at the last possible moment."""
	usage = Usage()
	usage.begin("killed", 0.0)
	assert usage.used(TURN_LIFETIME_SECONDS + MINUTE - 1) == 1
	assert usage.used(TURN_LIFETIME_SECONDS + MINUTE + 1) == 0


def test_no_call_is_made_before_the_time_given_with_a_429() -> None:
	usage = Usage()
	usage.block(100.0, retry_after=26)
	for priority in Priority:
		assert usage.wait_before_call(priority, 110.0) == pytest.approx(16.0)
		assert usage.wait_before_batch(priority, 110.0) == pytest.approx(16.0)
		assert usage.wait_before_call(priority, 126.0) == 0


def test_a_shorter_429_does_not_end_a_longer_one() -> None:
	usage = Usage()
	usage.block(100.0, retry_after=50)
	usage.block(101.0, retry_after=None)
	assert usage.wait_before_call(Priority.PERSON, 110.0) == pytest.approx(40.0)


def test_calls_that_xero_counted_for_somebody_else_are_left_to_them() -> None:
	usage = Usage()
	usage.begin("a", 0.0)
	usage.end("a", 0.5, minute_remaining=4)
	assert usage.used(0.5) == 56
	assert usage.wait_before_batch(Priority.CURRENT, 0.5) > 0
	assert usage.wait_before_call(Priority.PERSON, 0.5) == 0
	# For no longer than a minute, and fewer and fewer before that.
	assert usage.used(31.0) < 40
	assert usage.used(61.0) == 0


def test_nothing_waits_while_the_limits_are_off() -> None:
	"""A sandbox without limits always says that all sixty are left."""
	usage = Usage()
	for number in range(1000):
		assert usage.wait_before_batch(Priority.BACKFILL, number / 100) == 0
		assert usage.wait_before_call(Priority.BACKFILL, number / 100) == 0
		usage.begin(str(number), number / 100)
		usage.end(str(number), number / 100 + 0.005, minute_remaining=60)


def test_a_response_that_was_overtaken_drops_no_calls() -> None:
	"""Xero had counted few calls when it sent the response; those counted since then still count."""
	usage = Usage()
	usage.begin("slow", 0.0)
	for number in range(40):
		usage.begin(str(number), 1.0)
		usage.end(str(number), 1.0, minute_remaining=58 - number)
	usage.end("slow", 10.0, minute_remaining=59)
	assert usage.used(10.0) == 41


def test_the_last_calls_of_the_day_are_reserved_for_more_urgent_work() -> None:
	usage = Usage(day_remaining=120, day_told_at=0.0)
	assert usage.wait_before_batch(Priority.BACKFILL, 10.0) == pytest.approx(DAY_COUNT_LIFETIME - 10)
	assert usage.day_wait(Priority.BACKFILL, 10.0) == pytest.approx(DAY_COUNT_LIFETIME - 10)
	assert usage.wait_before_batch(Priority.CURRENT, 10.0) == 0
	usage = Usage(day_remaining=30, day_told_at=0.0)
	assert usage.wait_before_batch(Priority.CURRENT, 10.0) > 0
	usage = Usage(day_remaining=0, day_told_at=0.0)
	assert (
		usage.wait_before_batch(Priority.PERSON, 10.0) == usage.wait_before_call(Priority.PERSON, 10.0) == 0
	)


def test_a_batch_that_has_started_may_finish_within_the_days_reserve() -> None:
	share = SHARES[Priority.BACKFILL]
	usage = Usage(day_remaining=share.day_batch, day_told_at=0.0)
	assert usage.wait_before_batch(Priority.BACKFILL, 1.0) > 0
	assert usage.wait_before_call(Priority.BACKFILL, 1.0) == 0


def test_one_call_goes_through_to_learn_how_many_are_left_for_the_day() -> None:
	"""Xero's day is the last 24 hours: calls become available again, and only a response says how many."""
	later = DAY_COUNT_LIFETIME + 1
	usage = Usage(day_remaining=10, day_told_at=0.0)
	assert usage.wait_before_batch(Priority.BACKFILL, later) == 0
	usage.begin("asks", later)
	assert usage.wait_before_call(Priority.BACKFILL, later) > 0
	usage.end("asks", later + 1, day_remaining=900)
	assert usage.wait_before_call(Priority.BACKFILL, later + 1) == 0


def test_a_users_request_goes_first_and_a_backfill_last() -> None:
	assert [trigger.priority for trigger in Trigger] == [
		Priority.CURRENT,
		Priority.CURRENT,
		Priority.PERSON,
		Priority.CURRENT,
		Priority.BACKFILL,
		Priority.CURRENT,
	]
	assert sorted(Priority) == [Priority.PERSON, Priority.CURRENT, Priority.BACKFILL]
