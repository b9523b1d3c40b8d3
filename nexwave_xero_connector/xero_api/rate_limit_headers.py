"""What a response says about Xero's rate limits: https://developer.xero.com/documentation/guides/oauth2/limits"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from nexwave_xero_connector.xero_api.response import Response

LONGEST_MINUTE_WAIT_SECONDS = 120
"""A minute's limit is over within a minute; a longer Retry-After is the day's."""


@dataclass(frozen=True, slots=True)
class RateLimits:
	"""How many calls are left for the organisation, None if Xero did not say; and for a 429, which limit and how long.

	exceeded: `minute`, `concurrent`, `appminute` or `day`; "" if Xero accepted the call.
	retry_after: seconds; None if Xero gives none, as for `concurrent`.
	"""

	minute: int | None = None
	day: int | None = None
	exceeded: str = ""
	retry_after: int | None = None


class CallRateLimiter(Protocol):
	"""What a client asks before each call for an organisation."""

	def acquire(self) -> str:
		"""Wait until a call may start; returns the name of its turn. Raises Throttled if that would take too long."""

	def release(self, turn: str, rate_limits: RateLimits | None) -> None:
		"""The call has ended; `rate_limits` is None if there was no response. Must not raise."""


def rate_limits_of(response: Response) -> RateLimits:
	def number(header: str) -> int | None:
		value = (response.headers.get(header) or "").strip()
		return int(value) if value.isascii() and value.isdigit() else None

	refused = response.status == 429
	problem = (response.headers.get("X-Rate-Limit-Problem") or "").strip().lower()
	retry_after = number("Retry-After")
	if refused and number("X-AppMinLimit-Remaining") == 0:
		# Xero's documentation does not say which word it uses for this limit.
		problem = "appminute"
	elif refused and (
		"day" in problem
		or "daily" in problem
		or number("X-DayLimit-Remaining") == 0
		or (retry_after or 0) > LONGEST_MINUTE_WAIT_SECONDS
	):
		# day, daily, DailyLimit: what counts is that no calls are left, or that the wait is longer than a minute's.
		problem = "day"
	return RateLimits(
		minute=number("X-MinLimit-Remaining"),
		day=number("X-DayLimit-Remaining"),
		exceeded=(problem or "minute") if refused else "",
		retry_after=number("Retry-After") if refused else None,
	)
