"""A share of an organisation's calls of a day, for what can go on tomorrow: comparing with Xero, attachments."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import TYPE_CHECKING

import frappe
import redis
from frappe.utils import nowdate

from nexwave_xero_connector.erp.connection.rate_limiter import OrganisationRateLimiter
from nexwave_xero_connector.erp.connection.tokens import tenant_of
from nexwave_xero_connector.sentence import Sentence, _
from nexwave_xero_connector.sync.errors import Throttled
from nexwave_xero_connector.sync.records import Priority

if TYPE_CHECKING:
	from collections.abc import Callable

	from nexwave_xero_connector.xero_api.rate_limit_headers import RateLimits

PERCENT = 10
"""Of the calls that are left today and those that this share has already used."""
CALLS_A_DAY = 1000
"""What Xero's smallest plan allows: as long as Xero has not said lately what is left."""
COUNTED_FOR = timedelta(days=2)
PATIENCE_SECONDS = 65.0
"""The minute's limit is waited for, the day's is not."""
SLICE_SECONDS = 0.25


class DayShare:
	"""The port CallRateLimiter: an OrganisationRateLimiter that allows no more than a share of the day's calls.

	`purpose`: each has a share of its own. The day is the site's. If Redis does not respond, this process counts its
	own calls only.
	"""

	def __init__(
		self, company: str, priority: Priority, purpose: str = "compared", percent: int = PERCENT
	) -> None:
		tenant_id = tenant_of(company)
		self._priority = priority
		self._limiter = OrganisationRateLimiter(company, tenant_id)
		self._limiter.begin(priority)
		self._percent = percent
		self._key = frappe.cache.make_key(f"nexwave_xero_connector_{purpose}:{tenant_id}:{nowdate()}")
		self._own_calls = 0

	@property
	def is_used_up(self) -> bool:
		return self.used >= self.size

	@property
	def size(self) -> int:
		"""How many calls it is today, as far as is known."""
		return (self._limiter.day_remaining(CALLS_A_DAY) + self.used) * self._percent // 100

	def begin_part(self) -> bool:
		"""Whether the next few calls may be made; waits as long as the minute's limit asks for."""
		self._limiter.begin(self._priority)
		if self.is_used_up:
			return False
		while (least_urgent := self._limiter.least_urgent()) is None or least_urgent < self._priority:
			if not self._limiter.rest():
				return False
		return True

	def wait_for_room(self, may_wait: Callable[[], bool]) -> bool:
		"""Whether the next few calls may be made; if need be, once the minute has room for them.

		may_wait: asked four times a second. Not BatchRateLimiter.rest, which sends away the company's other workers.
		"""
		self._limiter.begin(self._priority)
		give_up_at = time.monotonic() + PATIENCE_SECONDS
		while not self.is_used_up and may_wait():
			least_urgent = self._limiter.least_urgent()
			if least_urgent is not None and least_urgent >= self._priority:
				return True
			if time.monotonic() > give_up_at:
				return False
			time.sleep(SLICE_SECONDS)
		return False

	def acquire(self) -> str:
		if self.is_used_up:
			raise Throttled(
				Sentence(
					_(
						"Today's share of Xero's calls for this purpose, {percent}%, is used up. It continues tomorrow."
					),
					percent=self._percent,
				)
			)
		turn = self._limiter.acquire()
		self._count()
		return turn

	def release(self, turn: str, rate_limits: RateLimits | None) -> None:
		self._limiter.release(turn, rate_limits)

	@property
	def used(self) -> int:
		"""How many of its calls have been made today."""
		try:
			# nosemgrep: frappe-cache-breaks-multitenancy -- make_key adds the site
			used = frappe.cache.get(self._key)
			return max(int(used or 0), self._own_calls)
		except redis.RedisError:
			return self._own_calls

	def _count(self) -> None:
		self._own_calls += 1
		try:
			frappe.cache.incr(self._key)
			frappe.cache.expire(self._key, COUNTED_FOR)
		except redis.RedisError as failure:
			frappe.logger("xero").warning(f"A call was not counted for the day: {failure!r}")
