"""Time passes for the site and for its Xero, and nobody waits for it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import frappe

if TYPE_CHECKING:
	from sandbox.xero.launcher import AdminClient

STORED_MOMENTS = {
	"Xero Sync Log": ("due_at", "late_write_until", "queued_at", "started_at"),
	"Xero Connection": ("paused_until", "expires_at"),
}
"""Everything that is measured against the database's clock."""


def pass_time(by: timedelta, xero: AdminClient) -> None:
	"""Put Xero's clock forward, then move every moment that the site has stored back by as much. Commits.

	For the site that is the same as a clock put forward, and works for real workers. None may be running: the end of
	its lease, by which it knows its rows, would move under it.
	"""
	xero.advance(by.total_seconds())
	for doctype, fields in STORED_MOMENTS.items():
		back = ", ".join(
			f"`{field}` = `{field}` - INTERVAL {by // timedelta(microseconds=1)} MICROSECOND"
			for field in fields
		)
		frappe.db.sql(f"UPDATE `tab{doctype}` SET {back}")
	frappe.db.commit()
