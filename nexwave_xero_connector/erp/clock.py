"""The database's clock, which all hosts of a bench share, for what leases and due times are measured by.

`due_at`, `unconfirmed_until`, `paused_until` and `expires_at` are kept in UTC. In the site's own time, a lease
taken just before the clocks go forward would run out at once.
"""

from __future__ import annotations

from datetime import datetime, timezone

import frappe
from frappe.query_builder import CustomFunction

_utc_timestamp = CustomFunction("UTC_TIMESTAMP", ["digits"])


def utc_timestamp() -> object:
	"""The database's time as a term of a query, to the microsecond."""
	return _utc_timestamp(6)


def utc_now() -> datetime:
	return from_column(frappe.qb.select(utc_timestamp()).run()[0][0])


def from_column(value: datetime | None) -> datetime | None:
	return value.replace(tzinfo=timezone.utc) if value else None


def to_column(value: datetime | None) -> datetime | None:
	return value.astimezone(timezone.utc).replace(tzinfo=None) if value else None
