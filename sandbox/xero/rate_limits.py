"""Xero's limits: five calls at a time, 60 per minute, a daily number, and 10,000 per minute for the whole app."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import defaultdict
from typing import Any

from .clock import Clock
from .storage import Storage
from .switches import Switches
from .wire import Answer

MINUTE, DAY = 60.0, 86_400.0
REMAINING = {
	"minute": "X-MinLimit-Remaining",
	"day": "X-DayLimit-Remaining",
	"appminute": "X-AppMinLimit-Remaining",
}
DEFAULTS: dict[str, int | None] = {
	"concurrent": 5,
	"minute": 60,
	"day": 1000,
	"app_minute": 10_000,
	# Not a limit on calls. With more documents than this, a filter that is not optimised is refused.
	"records": 100_000,
	# Organisations per free app, and uncertified apps per organisation. No app of the seed is certified.
	"connections": 5,
	"uncertified_apps": 2,
}


class RateLimits:
	"""Rolling windows per app and organisation, rebuilt from the request log. A limit of None is off.

	The daily default is that of a free app (documented by Xero); the admin endpoint can set a larger one.
	"""

	def __init__(self, storage: Storage, clock: Clock, switches: Switches) -> None:
		self._storage = storage
		self._clock = clock
		self._switches = switches
		self._limits: dict[str, dict[str, int | None]] = storage.value("limits", {})
		self._calls: dict[tuple[str, str], list[float]] = defaultdict(list)
		self._app_calls: dict[str, list[float]] = defaultdict(list)
		self._in_flight: dict[tuple[str, str], int] = defaultdict(int)
		for row in storage.rows(
			"SELECT client_id, tenant, at FROM requests WHERE counted = 1 AND at > ? ORDER BY at",
			clock.now() - DAY,
		):
			self._calls[row["client_id"], row["tenant"]].append(row["at"])
			self._app_calls[row["client_id"]].append(row["at"])

	def set(self, tenant: str, limits: dict[str, int | None]) -> None:
		"""Sets limits for one organisation, or for all with "*"."""
		unknown = set(limits) - set(DEFAULTS)
		if unknown:
			raise ValueError(f"No limit named {', '.join(sorted(unknown))}")
		self._limits.setdefault(tenant, {}).update(limits)
		self._storage.remember("limits", self._limits)

	def all_off(self) -> None:
		self.set("*", dict.fromkeys(DEFAULTS))

	def limit(self, tenant: str, name: str) -> int | None:
		for scope in (tenant, "*"):
			if name in self._limits.get(scope, {}):
				return self._limits[scope][name]
		return DEFAULTS[name]

	def describe(self) -> dict[str, Any]:
		return {"defaults": DEFAULTS, "set": self._limits}

	def reset(self) -> None:
		self._limits = {}
		self._calls.clear()
		self._app_calls.clear()

	def enter(self, client_id: str, tenant: str) -> Answer | None:
		"""Counts one call, or returns a 429. A call that was admitted must `leave`."""
		key, now = (client_id, tenant), self._clock.now()
		calls, app_calls = self._calls[key], self._app_calls[client_id]
		_forget(calls, now - DAY)
		_forget(app_calls, now - MINUTE)
		for name, taken, window, recent in (
			("day", len(calls), DAY, calls),
			("minute", _since(calls, now - MINUTE), MINUTE, calls),
			("app_minute", len(app_calls), MINUTE, app_calls),
		):
			limit = self.limit(tenant, name)
			if limit is not None and taken >= limit:
				oldest = recent[len(recent) - limit] if limit else now
				answer = self.refusal(name.replace("_", ""), math.ceil(oldest + window - now))
				if name == "app_minute":
					answer.headers["X-Rate-Limit-Problem"] = self._switches.get("app_minute_word")
				return answer
		concurrent = self.limit(tenant, "concurrent")
		if concurrent is not None and self._in_flight[key] >= concurrent:
			return self.refusal("concurrent", None)
		calls.append(now)
		app_calls.append(now)
		self._in_flight[key] += 1
		return None

	def leave(self, client_id: str, tenant: str) -> None:
		self._in_flight[client_id, tenant] -= 1

	@staticmethod
	def refusal(problem: str, retry_after: int | None) -> Answer:
		"""A 429: empty body, no content type.

		Retry-After is missing for too many calls at a time (observed on the wire).
		"""
		headers = {"X-Rate-Limit-Problem": problem}
		if retry_after is not None:
			headers["Retry-After"] = str(max(1, retry_after))
		if problem in REMAINING:
			headers[REMAINING[problem]] = "0"
		return Answer(429, b"", "", headers)

	def headers(self, client_id: str, tenant: str) -> dict[str, str]:
		now = self._clock.now()
		calls, app_calls = self._calls[client_id, tenant], self._app_calls[client_id]
		taken = {
			REMAINING["day"]: ("day", _since(calls, now - DAY)),
			REMAINING["minute"]: ("minute", _since(calls, now - MINUTE)),
			REMAINING["appminute"]: ("app_minute", _since(app_calls, now - MINUTE)),
		}
		out = {}
		for header, (name, count) in taken.items():
			limit = self.limit(tenant, name)
			out[header] = str(DEFAULTS[name] if limit is None else max(0, limit - count))
		return out


def _forget(calls: list[float], before: float) -> None:
	del calls[: bisect_right(calls, before)]


def _since(calls: list[float], moment: float) -> int:
	return len(calls) - bisect_right(calls, moment)
