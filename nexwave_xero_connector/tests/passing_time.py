"""Time passes for the site and for its Xero without any test waiting for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import frappe
from frappe.utils.background_jobs import get_redis_conn

from nexwave_xero_connector.erp.connection.rate_limiter import RATE_LIMIT_KEYS
from nexwave_xero_connector.sync.rate_limit import Usage

if TYPE_CHECKING:
	from sandbox.xero.launcher import AdminClient

STORED_MOMENTS = {
	"Xero Sync Log": ("due_at", "unconfirmed_until", "queued_at", "started_at"),
	"Xero Document": ("unconfirmed_until",),
	"Xero Attachment": ("due_at", "unconfirmed_until"),
	"Xero Connection": ("paused_until", "outage_since", "expires_at"),
}
"""All columns that are compared with the current time."""


def pass_time(by: timedelta, xero: AdminClient) -> None:
	"""Put Xero's clock forward, then move every time that the site has stored back by as much. Commits.

	For the site this is the same as a clock put forward, and it works for real workers. No worker may be running,
	because it recognises its rows by the end of its lease, which moves too.
	"""
	xero.advance(by.total_seconds())
	for doctype, fields in STORED_MOMENTS.items():
		back = ", ".join(
			f"`{field}` = `{field}` - INTERVAL {by // timedelta(microseconds=1)} MICROSECOND"
			for field in fields
		)
		frappe.db.sql(f"UPDATE `tab{doctype}` SET {back}")
	frappe.db.commit()
	_let_calls_grow_old(by.total_seconds())


def pass_time_in_cache(by: timedelta, prefix: str) -> None:
	"""Make the values that the site's cache has under the prefix expire that much earlier."""
	for key in frappe.cache.get_keys(prefix):
		left = frappe.cache.pttl(key) - by // timedelta(milliseconds=1)
		frappe.cache.pexpire(key, left) if left > 0 else frappe.cache.delete(key)


def _let_calls_grow_old(seconds: float) -> None:
	"""The same for the rate limiter, which keeps Redis's time, including turns that a killed worker never returned."""
	connection = get_redis_conn()
	for key in connection.scan_iter(f"{RATE_LIMIT_KEYS}*"):
		kept = connection.get(key).decode()
		if not kept.startswith("{"):
			connection.set(key, float(kept) - seconds, keepttl=True)
			continue
		usage = Usage.from_json(kept)
		usage.ended = [(begun - seconds, ended - seconds) for begun, ended in usage.ended]
		usage.foreign = [time - seconds for time in usage.foreign]
		usage.in_flight = {
			turn: (begun - seconds, deadline - seconds) for turn, (begun, deadline) in usage.in_flight.items()
		}
		usage.blocked_until -= seconds
		usage.day_told_at -= seconds
		connection.set(key, usage.to_json(), keepttl=True)
