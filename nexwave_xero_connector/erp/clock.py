"""The database's clock, which all hosts of a bench share: leases and due times are measured by it.

`due_at`, `unconfirmed_until`, `paused_until` and `expires_at` are stored in UTC. In the site's local time, a lease
taken just before the clocks go forward would expire at once.
"""

from __future__ import annotations

from datetime import datetime, timezone

import frappe
from frappe.query_builder import CustomFunction

_utc_timestamp = CustomFunction("UTC_TIMESTAMP", ["digits"])


def utc_timestamp() -> object:
	"""The database's time as a query term, to the microsecond."""
	return _utc_timestamp(6)


def utc_now() -> datetime:
	return from_column(frappe.qb.select(utc_timestamp()).run()[0][0])


def from_column(value: datetime | None) -> datetime | None:
	return value.replace(tzinfo=timezone.utc) if value else None


def to_column(value: datetime | None) -> datetime | None:
	return value.astimezone(timezone.utc).replace(tzinfo=None) if value else None
