"""The clock of the embedded ERP. It can be moved forward for all processes, so that no test has to wait."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from sandbox.erp.database import Database


class Clock:
	"""Timezone-aware UTC."""

	def __init__(self, database: Database) -> None:
		self._database = database

	def now(self) -> datetime:
		return datetime.now(timezone.utc) + self._ahead_by()

	def put_forward(self, by: timedelta) -> None:
		"""Commits, or joins the caller's transaction."""
		ahead_by = (self._ahead_by() + by).total_seconds()
		self._database.execute(
			"INSERT OR REPLACE INTO clock (rowid, ahead_by_seconds) VALUES (1, ?)", ahead_by
		)

	def _ahead_by(self) -> timedelta:
		row = self._database.row("SELECT ahead_by_seconds FROM clock")
		return timedelta(seconds=row["ahead_by_seconds"]) if row else timedelta()
