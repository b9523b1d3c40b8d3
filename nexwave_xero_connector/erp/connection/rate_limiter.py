"""One organisation's rate limit, shared by the workers of all hosts through the queue's Redis: see sync/rate_limit.py.

Not the libraries `limits` or `pyrate-limiter`: they count a call when it starts, and have no priorities, no turns that
are returned when their worker dies, and no use for Xero's own count of what is left.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TYPE_CHECKING, TypeVar
from uuid import uuid4

import frappe
import redis
from frappe.utils.background_jobs import get_redis_conn

from nexwave_xero_connector.erp.connection.xero_app import READY_MADE, credentials
from nexwave_xero_connector.erp.doctypes import SETTINGS
from nexwave_xero_connector.erp.worker import (
	enqueue_idle_worker,
	job_waits,
	push_of_another_waits,
	queue_answers,
)
from nexwave_xero_connector.sentence import Sentence, _
from nexwave_xero_connector.sync.errors import Throttled
from nexwave_xero_connector.sync.policy import TURN_PATIENCE
from nexwave_xero_connector.sync.rate_limit import DAY_COUNT_LIFETIME, Usage
from nexwave_xero_connector.sync.records import Priority

if TYPE_CHECKING:
	from nexwave_xero_connector.xero_api.rate_limit_headers import RateLimits

T = TypeVar("T")
MAX_REST_SECONDS = 65.0
"""A worker waits for the minute limit, but not for the daily limit."""
SLICE_SECONDS = 0.25
"""How often a waiting worker checks for more urgent rows and for other jobs."""
REMEMBERED_SECONDS = 3600
RATE_LIMIT_KEYS = "rq:nexwave_xero_connector:rate_limit:"
"""A bench with Redis users lets its sites write keys with this prefix."""


class OrganisationRateLimiter:
	"""The ports CallRateLimiter, which gives each call its turn, and BatchRateLimiter, for one job.

	Calls count as a person's until a batch begins. If Redis does not respond, this process counts its own calls only:
	no call is ever refused because of that.
	"""

	def __init__(self, company: str, tenant_id: str) -> None:
		self._company = company
		self._priority = Priority.PERSON
		self._patience = TURN_PATIENCE.total_seconds()
		self._usage = SharedUsage(_client_id(company), tenant_id)

	def acquire(self) -> str:
		turn = uuid4().hex

		def begin(usage: Usage, now: float) -> float:
			wait = usage.wait_before_call(self._priority, now)
			if wait <= 0:
				usage.begin(turn, now)
			return wait

		while (wait := self._usage.change(begin)) > 0:
			if wait > self._patience:
				raise Throttled(_not_sent(wait), retry_after=timedelta(seconds=wait))
			self._patience -= _sleep(wait)
		return turn

	def release(self, turn: str, rate_limits: RateLimits | None) -> None:
		def end(usage: Usage, now: float) -> None:
			exceeded = rate_limits.exceeded if rate_limits else ""
			if rate_limits and not exceeded:
				usage.end(turn, now, rate_limits.minute, rate_limits.day)
				return
			usage.end(turn, now, day_remaining=0 if exceeded == "day" else None)
			if rate_limits and exceeded != "day":
				usage.block(now, rate_limits.retry_after)

		self._usage.change(end, for_the_app=bool(rate_limits and rate_limits.exceeded == "appminute"))

	def least_urgent(self) -> Priority | None:
		def may_start(usage: Usage, now: float) -> list[Priority]:
			return [priority for priority in Priority if usage.wait_before_batch(priority, now) <= 0]

		return max(self._usage.change(may_start), default=None)

	def begin(self, priority: Priority) -> None:
		self._priority, self._patience = priority, TURN_PATIENCE.total_seconds()

	def more_is_due(self) -> None:
		def may_start(usage: Usage, now: float) -> bool:
			return usage.wait_before_batch(self._priority, now, beside=1) <= 0

		# A backfill gets one worker: with more it would not finish sooner, as the day's calls limit it.
		if self._priority is not Priority.BACKFILL and self._usage.change(may_start):
			self._ask_queue(lambda: enqueue_idle_worker(self._company))

	def rest(self) -> bool:
		def wait_alone(usage: Usage, now: float) -> float | None:
			waits = [usage.wait_before_batch(priority, now) for priority in Priority]
			wait = min((wait for wait in waits if wait > 0), default=0.0)
			part = min(wait, SLICE_SECONDS)
			waits_alone = usage.wait_for(f"{frappe.local.site} {self._company}", part, now)
			return part if wait <= MAX_REST_SECONDS and waits_alone else None

		part = self._usage.change(wait_alone)
		if part is None:
			return False
		time.sleep(part)
		return True

	def is_needed_elsewhere(self, idle: bool) -> bool:
		return bool(
			self._ask_queue(
				lambda: push_of_another_waits(self._company) or (idle and job_waits(self._company))
			)
		)

	def _ask_queue(self, question: Callable[[], T]) -> T | None:
		"""What the question returns; None if Redis is unavailable."""
		if not self._usage.is_shared:
			return None
		try:
			return question()
		except redis.RedisError as failure:
			frappe.logger("xero").warning(f"The queue does not respond: {failure!r}")
			return None

	def usage(self) -> dict[str, object]:
		"""For a person: what is known of the organisation's calls now."""

		def look(usage: Usage, now: float) -> dict[str, object]:
			return {
				"calls counted in this minute": usage.used(now),
				"of which are under way": len(usage.in_flight),
				"blocked by a 429 for (seconds)": max(0, round(usage.blocked_until - now)),
				"calls left today, as Xero last said": usage.day_remaining,
				"workers that wait for their turn": sum(until > now for until in usage.waiting.values()),
				"counted by": "all workers, in Redis" if self._usage.is_shared else "this process only",
			}

		return self._usage.change(look)

	def day_remaining(self, at_least: int) -> int:
		"""The calls left today, as Xero last said; `at_least` as many where that is no longer known to hold."""

		def look(usage: Usage, now: float) -> int:
			is_known = usage.day_remaining is not None and now - usage.day_told_at < DAY_COUNT_LIFETIME
			return usage.day_remaining if is_known else max(usage.day_remaining or 0, at_least)

		return self._usage.change(look)

	def day(self) -> tuple[int | None, list[Priority]]:
		"""The calls left today, as Xero last said, and the priorities that must leave them to others."""

		def held_back(usage: Usage, now: float) -> tuple[int | None, list[Priority]]:
			return usage.day_remaining, [
				priority for priority in Priority if usage.day_wait(priority, now) > 0
			]

		return self._usage.change(held_back)


class SharedUsage:
	"""The Usage of one organisation by one Xero app: two sites with the same app share its calls, two apps do not."""

	def __init__(self, client_id: str, tenant_id: str) -> None:
		self._app_key = f"{RATE_LIMIT_KEYS}{client_id}"
		self._key = f"{self._app_key}:{tenant_id}"
		self._alone = Usage()
		self._redis = _connection()

	@property
	def is_shared(self) -> bool:
		"""False once Redis has failed to respond."""
		return self._redis is not None

	def change(self, act: Callable[[Usage, float], T], for_the_app: bool = False) -> T:
		"""Apply `act` to the usage and store the result; if another worker has changed it in the meantime, act again.

		The time is Redis's own, so that the clocks of the hosts do not matter. `for_the_app`: what it blocks is blocked
		for all organisations of the app.
		"""

		def optimistic(pipe: redis.client.Pipeline) -> T:
			seconds, microseconds = pipe.time()
			kept, blocked_until = pipe.mget(self._key, self._app_key)
			usage = Usage.from_json(kept) if kept else Usage()
			usage.blocked_until = max(usage.blocked_until, float(blocked_until or 0))
			result = act(usage, seconds + microseconds / 1_000_000)
			pipe.multi()
			pipe.set(self._key, usage.to_json(), ex=REMEMBERED_SECONDS)
			if for_the_app:
				pipe.set(self._app_key, usage.blocked_until, ex=REMEMBERED_SECONDS)
			return result

		if self._redis is not None:
			try:
				return self._redis.transaction(optimistic, self._key, self._app_key, value_from_callable=True)
			except redis.RedisError as failure:
				frappe.logger("xero").warning(f"Calls to Xero are counted by this process only: {failure!r}")
				self._redis = None
		return act(self._alone, time.monotonic())


def _connection() -> redis.Redis | None:
	try:
		return get_redis_conn() if queue_answers() else None
	except Exception as failure:
		frappe.logger("xero").warning(f"Calls to Xero are counted by this process only: {failure!r}")
		return None


def _client_id(company: str) -> str:
	name = frappe.db.get_value(SETTINGS, company, "connected_app") or READY_MADE
	return credentials(name)[0]


def _sleep(seconds: float) -> float:
	seconds = min(seconds, SLICE_SECONDS)
	time.sleep(seconds)
	return seconds


def _not_sent(wait: float) -> Sentence:
	return Sentence(
		_(
			"Xero's call limit for this organisation is used up for now, or the calls left are reserved for something"
			" more urgent. Nothing was sent. Try again in {seconds} seconds."
		),
		seconds=int(wait) + 1,
	)
