"""A share of an organisation's calls of a day, for what can go on tomorrow: comparing what was sent with Xero."""

from __future__ import annotations

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
	from nexwave_xero_connector.xero_api.rate_limit_headers import RateLimits

PART_OF_THE_DAY = 10
"""One call in ten, of those that are left today and those that this share has already used."""
CALLS_A_DAY = 1000
"""What Xero's smallest plan allows, until Xero has said what is left."""
COUNTED_FOR = timedelta(days=2)


class DayShare:
	"""The port CallRateLimiter: an OrganisationRateLimiter that allows no more than a tenth of the day's calls.

	The day is the site's. If Redis does not respond, this process counts its own calls only.
	"""

	def __init__(self, company: str, priority: Priority) -> None:
		tenant_id = tenant_of(company)
		self._priority = priority
		self._limiter = OrganisationRateLimiter(company, tenant_id)
		self._limiter.begin(priority)
		self._key = frappe.cache.make_key(f"nexwave_xero_connector_compared:{tenant_id}:{nowdate()}")
		self._own_calls = 0

	@property
	def is_used_up(self) -> bool:
		remaining, _held_back = self._limiter.day()
		used = self._used()
		return used >= ((CALLS_A_DAY if remaining is None else remaining) + used) // PART_OF_THE_DAY

	def begin_part(self) -> bool:
		"""Whether the next few calls may be made; waits as long as the minute's limit asks for."""
		self._limiter.begin(self._priority)
		if self.is_used_up:
			return False
		while (least_urgent := self._limiter.least_urgent()) is None or least_urgent < self._priority:
			if not self._limiter.rest():
				return False
		return True

	def acquire(self) -> str:
		if self.is_used_up:
			raise Throttled(
				Sentence(
					_("A tenth of today's Xero calls has been used for comparing. It continues tomorrow.")
				)
			)
		turn = self._limiter.acquire()
		self._count()
		return turn

	def release(self, turn: str, rate_limits: RateLimits | None) -> None:
		self._limiter.release(turn, rate_limits)

	def _used(self) -> int:
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
