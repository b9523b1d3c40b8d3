"""Faults on demand: which calls they hit, how often, and what they do."""

from __future__ import annotations

import asyncio
import random
import re
from dataclasses import dataclass, field
from typing import Any

from .calls import Call
from .storage import Storage
from .wire import dumps, loads

# In the order in which they act on one call.
KINDS: dict[str, str] = {
	"token_expired": "the access token is expired from now on",
	"disconnect": "the organisation is disconnected from the app from now on",
	"lock_date": "the organisation's lock date is set (date, end_of_year) before the call is handled",
	"rate_limit": "429 (problem: minute, day or concurrent; retry_after)",
	"unavailable": "503 before anything is saved (retry_after: seconds, or none)",
	"forbidden": "401, 402 or 403 (status) with `detail` in Xero's own form, or with a page (page)",
	"latency_before": "wait (seconds) before anything is saved",
	"hold_before": "hold until released, before anything is saved",
	"drop_before": "drop the connection; nothing is saved",
	"late_write": "drop the connection now, or let the client time out (mode: drop or timeout; hang: "
	"seconds); the very same call is applied later (seconds)",
	"key_store_down": "500 for a call with an Idempotency-Key; nothing is saved, nothing is kept",
	"error_before": "answer with a 5xx or 412 (status); nothing is saved; the key keeps it unless kept: false",
	"error_partway": "answer with a 5xx (status) after saving the first elements of a batch (saved); the key keeps it "
	"unless kept: false",
	"refused_partway": "answer 400 to a batch, with the validation error `message` for its last element, after saving "
	"the first elements (saved: all but the last); the key keeps it unless kept: false",
	"garbage_before": "answer 200 with a body that is not JSON (body); nothing is saved",
	"refuse": "an element that contains `contains` fails with the validation error `message`",
	"latency_after": "wait (seconds) between saving and answering",
	"hold_after": "hold until released, after saving and before answering",
	"drop_after": "drop the connection after saving",
	"error_after": "answer with a 5xx (status) after saving; the key keeps it unless kept: false",
	"garbage_after": "answer 200 with a body that is not JSON (body) after saving",
	"cut_short": "only the first `bytes` (1) of the request's body arrive, and are saved: for files",
	"reordered": "the elements of the answer to a batch come in reverse order",
	"unknown_enum": "every `field` (Status) of the answer gets the value `value` (FUTURE)",
}
_ORDER = {kind: position for position, kind in enumerate(KINDS)}
_MATCHING = ("method", "path", "contains", "tenant", "skip", "count", "probability", "seed")


@dataclass
class Fault:
	"""A rule. `path` is a regular expression searched in the path, `contains` a text in the query or body."""

	kind: str
	method: str | None = None
	path: str | None = None
	contains: str | None = None
	tenant: str | None = None
	skip: int = 0
	count: int | None = 1
	probability: float = 1.0
	seed: int = 0
	options: dict[str, Any] = field(default_factory=dict)
	id: int = 0
	matched: int = 0
	fired: int = 0

	def option(self, name: str, default: Any = None) -> Any:
		return self.options.get(name, default)

	def fits(self, call: Call) -> bool:
		return (
			(self.method is None or self.method.upper() == call.method)
			and (self.path is None or re.search(self.path, call.path, re.IGNORECASE) is not None)
			and (self.kind != "key_store_down" or bool(call.idempotency_key))
			and (self.tenant is None or self.tenant == call.headers.get("xero-tenant-id", "").lower())
			and (
				self.contains is None
				or self.contains in call.body.decode(errors="replace")
				or self.contains in " ".join(call.query.values())
			)
		)

	def strikes(self) -> bool:
		"""Whether the rule fires on the current matching call.

		The draw depends only on the seed and the call's number.
		"""
		self.matched += 1
		if self.matched <= self.skip or (self.count is not None and self.fired >= self.count):
			return False
		if self.probability < 1 and random.Random(f"{self.seed}/{self.matched}").random() >= self.probability:
			return False
		self.fired += 1
		return True


def fault_from(request: dict[str, Any]) -> Fault:
	"""Raises ValueError with a readable message for a rule that makes no sense."""
	fields = dict(request)
	kind = fields.pop("kind", None)
	if kind not in KINDS:
		raise ValueError(f"kind is one of {', '.join(KINDS)}")
	matching = {name: fields.pop(name) for name in _MATCHING if name in fields}
	if matching.get("path"):
		re.compile(matching["path"])
	matching["probability"] = float(matching.get("probability", 1))
	return Fault(kind=kind, options=fields, **matching)


@dataclass
class Hold:
	"""A call that is held, and the event that releases it."""

	id: int
	fault_id: int
	call: Call
	stage: str
	released: asyncio.Event = field(default_factory=asyncio.Event)

	def describe(self) -> dict[str, Any]:
		return {
			"id": self.id,
			"fault": self.fault_id,
			"stage": self.stage,
			"method": self.call.method,
			"path": self.call.path,
			"query": self.call.raw_query,
			"body": self.call.body[:4000].decode(errors="replace"),
		}


class Faults:
	"""The current rules, stored in the file.

	Also the calls held now, which a restart releases.
	"""

	def __init__(self, storage: Storage) -> None:
		self._storage = storage
		self._rules = [
			Fault(**{**loads(row["json"]), "id": row["id"]})
			for row in storage.rows("SELECT id, json FROM faults ORDER BY id")
		]
		for rule in self._rules:
			rule.probability = float(rule.probability)
		self._holds: dict[int, Hold] = {}
		self._next_hold = 1
		self._changed = asyncio.Condition()

	def add(self, fault: Fault) -> Fault:
		fault.id = self._storage.execute("INSERT INTO faults (json) VALUES ('')").lastrowid or 0
		self._rules.append(fault)
		self._save(fault)
		return fault

	def remove(self, fault_id: int) -> bool:
		"""Removes a rule and releases what it holds."""
		found = [rule for rule in self._rules if rule.id == fault_id]
		self._rules = [rule for rule in self._rules if rule.id != fault_id]
		self._storage.execute("DELETE FROM faults WHERE id = ?", (fault_id,))
		self.release(fault_id=fault_id)
		return bool(found)

	def clear(self) -> None:
		self._rules = []
		self._storage.execute("DELETE FROM faults")
		self.release()

	def all(self) -> list[dict[str, Any]]:
		return [vars(rule) for rule in self._rules]

	def take(self, call: Call) -> list[Fault]:
		"""The rules that fire on this call, in the order in which they act."""
		struck = []
		for rule in self._rules:
			if rule.fits(call):
				if rule.strikes():
					struck.append(rule)
				self._save(rule)
		return sorted(struck, key=lambda rule: _ORDER[rule.kind])

	async def hold(self, fault: Fault, call: Call, stage: str) -> None:
		"""Returns when the call is released."""
		hold = Hold(self._next_hold, fault.id, call, stage)
		self._next_hold += 1
		self._holds[hold.id] = hold
		async with self._changed:
			self._changed.notify_all()
		try:
			await hold.released.wait()
		finally:
			self._holds.pop(hold.id, None)

	async def wait_for_holds(self, count: int, seconds: float) -> list[dict[str, Any]]:
		"""The held calls, once there are `count` of them or the time is over."""
		async with self._changed:
			try:
				await asyncio.wait_for(self._changed.wait_for(lambda: len(self._holds) >= count), seconds)
			except asyncio.TimeoutError:
				pass
		return [hold.describe() for hold in self._holds.values()]

	def release(self, hold_id: int | None = None, fault_id: int | None = None) -> int:
		"""Releases one held call, those of one rule, or all. Returns their number."""
		chosen = [
			hold
			for hold in self._holds.values()
			if (hold_id is None or hold.id == hold_id) and (fault_id is None or hold.fault_id == fault_id)
		]
		for hold in chosen:
			self._holds.pop(hold.id)
			hold.released.set()
		return len(chosen)

	def _save(self, fault: Fault) -> None:
		self._storage.put("faults", id=fault.id, json=dumps(vars(fault)))
