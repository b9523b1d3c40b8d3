"""What an answer says of Xero's limits, and who is told so: https://developer.xero.com/documentation/guides/oauth2/limits"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from nexwave_xero_connector.xero_api.response import Response


@dataclass(frozen=True, slots=True)
class RateLimits:
	"""How many calls are left for the organisation, None where Xero has not said; and, of a 429, why and how long.

	exceeded: `minute`, `concurrent`, `appminute` or `day`; "" when Xero took the call.
	retry_after: seconds; None where Xero names none, as for `concurrent`.
	"""

	minute: int | None = None
	day: int | None = None
	exceeded: str = ""
	retry_after: int | None = None


class CallRateLimiter(Protocol):
	"""Whom a client asks before each call for an organisation."""

	def acquire(self) -> str:
		"""Wait until a call may begin; a name for it. Raises Throttled where that would take too long."""

	def release(self, turn: str, rate_limits: RateLimits | None) -> None:
		"""The call is over; None where no answer came. Must not raise."""


def rate_limits_of(response: Response) -> RateLimits:
	def number(header: str) -> int | None:
		value = (response.headers.get(header) or "").strip()
		return int(value) if value.isascii() and value.isdigit() else None

	refused = response.status == 429
	problem = (response.headers.get("X-Rate-Limit-Problem") or "").strip().lower()
	if refused and number("X-AppMinLimit-Remaining") == 0:
		# Xero's documents do not say by which word it calls this limit.
		problem = "appminute"
	return RateLimits(
		minute=number("X-MinLimit-Remaining"),
		day=number("X-DayLimit-Remaining"),
		exceeded=(problem or "minute") if refused else "",
		retry_after=number("Retry-After") if refused else None,
	)
