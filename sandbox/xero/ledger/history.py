"""What happened to a document or contact, when, and by whom."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..storage import Storage
from ..wire import instant_string, ms_instant


@dataclass(frozen=True)
class Actor:
	"""The author of a change: a person in Xero's pages (`by_api` is False) or an app through the API."""

	name: str
	by_api: bool
	client_id: str | None = None


class History:
	def __init__(self, storage: Storage) -> None:
		self._storage = storage

	def note(
		self, tenant: str, subject_id: str, at: int, actor: Actor, change: str, details: str = ""
	) -> None:
		self._storage.execute(
			"INSERT INTO history (tenant, subject_id, at, actor, by_api, change, details) VALUES (?, ?, ?, "
			"?, ?, ?, ?)",
			(tenant, subject_id, at, actor.name, int(actor.by_api), change, details),
		)

	def of(self, subject_id: str) -> list[dict[str, Any]]:
		"""Oldest first, as plain values."""
		rows = self._storage.rows("SELECT * FROM history WHERE subject_id = ? ORDER BY sequence", subject_id)
		return [
			{
				"at": row["at"],
				"when": instant_string(row["at"]),
				"actor": row["actor"],
				"by_api": bool(row["by_api"]),
				"change": row["change"],
				"details": row["details"],
			}
			for row in rows
		]

	def wire(self, subject_id: str) -> list[dict[str, Any]]:
		"""Newest first, as the History endpoint writes it."""
		return [
			{
				"Changes": entry["change"],
				"DateUTCString": entry["when"],
				"DateUTC": ms_instant(entry["at"]),
				"User": entry["actor"],
				"Details": entry["details"],
			}
			for entry in reversed(self.of(subject_id))
		]
