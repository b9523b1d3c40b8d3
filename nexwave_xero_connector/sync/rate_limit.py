"""When one organisation may be called, and when a batch may start: Xero's limits, shared out by urgency.

Xero lets an app make 60 calls per minute (in any 60 seconds), five at a time, and some thousands per day, for each
organisation. Anything above that gets a 429. We count our own calls, so we rarely need to be told.

This module is only arithmetic on times in seconds, given by the caller. erp/connection/rate_limiter.py stores the state
for the workers of all hosts.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field

from nexwave_xero_connector.sync.policy import TURN_LIFETIME
from nexwave_xero_connector.sync.records import Priority

MINUTE = 60.0
CALLS_A_MINUTE = 60
TURN_LIFETIME_SECONDS = TURN_LIFETIME.total_seconds()
DAY_COUNT_LIFETIME = 900.0
"""How long Xero's count of the day's remaining calls is trusted. Each call becomes available again a day later."""
CALLS_TO_COME = 3
"""How many more calls the batch of a running call usually needs: find contacts, create contacts, create documents."""
LOOK_AGAIN = 0.1
"""When to check again for a free one of the five; nobody knows when a call will end."""
BLOCKED_WITHOUT_A_TIME = 5.0
"""The wait after a 429 that gives none: the one for too many calls at a time."""


@dataclass(frozen=True, slots=True)
class Share:
	"""How much of an organisation's calls a priority may use; the rest is reserved for more urgent ones.

	batch_starts: a batch starts only if at most this many of the minute's calls are used, so that it can finish.
	calls, at_a_time: a batch that has started may use up to this many of the minute's calls, and of the five.
	day_batch, day_call: if no more of the day's calls are left than this, no batch starts, and no call is made; the
		difference lets a batch that has started finish.
	"""

	batch_starts: int
	calls: int
	at_a_time: int
	day_batch: int
	day_call: int


SHARES = {
	Priority.PERSON: Share(batch_starts=59, calls=60, at_a_time=5, day_batch=0, day_call=0),
	Priority.CURRENT: Share(batch_starts=50, calls=57, at_a_time=4, day_batch=50, day_call=25),
	Priority.BACKFILL: Share(batch_starts=40, calls=50, at_a_time=3, day_batch=200, day_call=150),
}


class Unlimited:
	"""The port BatchRateLimiter if nothing limits the calls."""

	def least_urgent(self) -> Priority:
		return Priority.BACKFILL

	def begin(self, priority: Priority) -> None:
		pass

	def more_is_due(self) -> None:
		pass

	def rest(self) -> bool:
		return False

	def is_needed_elsewhere(self, idle: bool) -> bool:
		return False


UNLIMITED = Unlimited()


@dataclass(slots=True)
class Usage:
	"""What is known about one organisation's calls. Every method is given the time, in seconds, which never decreases.

	ended: begin and end of our calls. Xero counted each at some time between the two. It counts here until a minute
		after its end, so that slow connections cannot bring 61 calls into one of Xero's minutes.
	foreign: assumed times of calls Xero counted that were not ours: another site's, or ours before Redis lost them.
	in_flight: begin and deadline of the calls that are under way, by turn.
	blocked_until: when the wait that Xero asked for (Retry-After) is over.
	day_remaining, day_told_at: how many of the day's calls Xero last said are left, and when.
	waiting: by company, until when a worker waits for its turn.
	"""

	ended: list[tuple[float, float]] = field(default_factory=list)
	foreign: list[float] = field(default_factory=list)
	in_flight: dict[str, tuple[float, float]] = field(default_factory=dict)
	blocked_until: float = 0.0
	day_remaining: int | None = None
	day_told_at: float = 0.0
	waiting: dict[str, float] = field(default_factory=dict)

	def wait_before_batch(self, priority: Priority, now: float, beside: int = 0) -> float:
		"""Seconds until a batch of the priority may start; 0 means now. It may have to wait again after that.

		`beside`: batches that start before it. Calls needed by batches already running are reserved; a user's request
		is not held back by them.
		"""
		share = SHARES[priority]
		to_come = CALLS_TO_COME * len(self.in_flight) + (1 + CALLS_TO_COME) * beside
		calls = share.batch_starts + 1 - (0 if priority is Priority.PERSON else to_come)
		return self._wait(calls, share.at_a_time, share.day_batch, priority, now)

	def wait_before_call(self, priority: Priority, now: float) -> float:
		"""Seconds until a call of the priority may begin; 0 means now. It may have to wait again after that."""
		share = SHARES[priority]
		return self._wait(share.calls, share.at_a_time, share.day_call, priority, now)

	def day_wait(self, priority: Priority, now: float) -> float:
		"""Seconds for which batches of the priority wait because the day's last calls are reserved for others."""
		return self._day_wait(SHARES[priority].day_batch, priority, now)

	def wait_for(self, company: str, seconds: float, now: float) -> bool:
		"""Note that a worker waits for the company's turn. False if another already does: it sees all due rows."""
		if self.waiting.get(company, 0.0) > now:
			return False
		self.waiting[company] = now + seconds
		return True

	def begin(self, turn: str, now: float) -> None:
		"""Note that a call begins, as `turn`. The caller has checked that wait_before_call is 0."""
		self.in_flight[turn] = (now, now + TURN_LIFETIME_SECONDS)
		if self.day_remaining is not None and now - self.day_told_at >= DAY_COUNT_LIFETIME:
			# Let one call through to refresh the day's remaining count; the others wait for its result.
			self.day_told_at = now

	def end(
		self, turn: str, now: float, minute_remaining: int | None = None, day_remaining: int | None = None
	) -> None:
		"""Note that the call is over, with the remaining counts from Xero's response, if there was one.

		After a 429, leave out the minute's count: Xero's Retry-After decides, see `block`.
		"""
		begun, _deadline = self.in_flight.pop(turn, (now, now))
		self._forget(now)
		self.ended.append((begun, now))
		if minute_remaining is not None:
			self._reconcile(begun, now, CALLS_A_MINUTE - minute_remaining)
		if day_remaining is not None:
			self.day_remaining, self.day_told_at = day_remaining, now

	def block(self, now: float, retry_after: float | None) -> None:
		"""Xero responded with a 429: make no call for `retry_after` seconds."""
		seconds = BLOCKED_WITHOUT_A_TIME if retry_after is None else retry_after
		self.blocked_until = max(self.blocked_until, now + seconds)

	def used(self, now: float) -> int:
		"""How many calls Xero may be counting in its current minute."""
		self._forget(now)
		return len(self.ended) + len(self.foreign) + len(self.in_flight)

	def to_json(self) -> str:
		return json.dumps(asdict(self))

	@classmethod
	def from_json(cls, text: str) -> Usage:
		values = json.loads(text)
		values["ended"] = [(begun, ended) for begun, ended in values["ended"]]
		values["in_flight"] = {turn: (begun, end) for turn, (begun, end) in values["in_flight"].items()}
		return cls(**values)

	def _wait(self, calls: int, at_a_time: int, day: int, priority: Priority, now: float) -> float:
		waits = [0.0, self.blocked_until - now, self._day_wait(day, priority, now)]
		too_many = self.used(now) - calls
		if too_many >= 0:
			waits.append(self._leaving()[too_many] - now)
		if len(self.in_flight) >= at_a_time:
			waits.append(LOOK_AGAIN)
		return max(waits)

	def _day_wait(self, reserve: int, priority: Priority, now: float) -> float:
		"""A user's request may try even with nothing left: Xero then says how long to wait."""
		if priority is Priority.PERSON or self.day_remaining is None or self.day_remaining > reserve:
			return 0.0
		return max(0.0, self.day_told_at + DAY_COUNT_LIFETIME - now)

	def _leaving(self) -> list[float]:
		"""When each counted call stops counting, earliest first."""
		times = [ended + MINUTE for _begun, ended in self.ended]
		times += [time + MINUTE for time in self.foreign]
		times += [deadline + MINUTE for _begun, deadline in self.in_flight.values()]
		return sorted(times)

	def _forget(self, now: float) -> None:
		"""Drop calls that can no longer count in Xero's minute, and free the turns of killed workers."""
		for turn, (begun, deadline) in list(self.in_flight.items()):
			if deadline <= now:
				del self.in_flight[turn]
				self.ended.append((begun, deadline))
		self.ended = [(begun, ended) for begun, ended in self.ended if ended + MINUTE > now]
		self.foreign = [time for time in self.foreign if time + MINUTE > now]

	def _reconcile(self, begun: float, now: float, counted: int) -> None:
		"""Correct our count by Xero's, which includes the call that has just ended.

		If Xero counts more calls than we know of, somebody else called too; their calls are assumed to be spread evenly
		over the last minute. If it counts fewer than it must have seen, which are the calls that ended before this one
		began, then calls of others have left its minute, or its limits are off. Responses may come out of order, so
		calls that ran at the same time as this one are taken neither as counted nor as not counted.
		"""
		unknown = counted - self.used(now)
		if unknown > 0:
			self.foreign += [now - MINUTE * (1 - number / unknown) for number in range(1, unknown + 1)]
			return
		others = self.ended[:-1]
		seen = [call for call in others if call[0] > now - MINUTE and call[1] <= begun]
		seen_foreign = [time for time in self.foreign if time <= begun]
		gone = len(seen) + len(seen_foreign) + 1 - counted
		for time in seen_foreign[: max(0, gone)]:
			self.foreign.remove(time)
		for call in seen[: max(0, gone - len(seen_foreign))]:
			self.ended.remove(call)
