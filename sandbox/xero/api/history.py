"""History of invoices, credit notes and contacts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..calls import Call
from ..ledger.incoming import Element, read_elements
from ..problems import validation
from ..wire import Answer, envelope, instant_string, ms_instant
from .documents import actor_of
from .subjects import subject_id

if TYPE_CHECKING:
	from ..world import World

LONGEST_NOTE = 2500


def read(world: World, call: Call, found: list[str]) -> Answer:
	records = world.history.wire(subject_id(world, call, *found))
	return envelope(world.clock.milliseconds(), HistoryRecords=records)


def write(world: World, call: Call, found: list[str]) -> Answer:
	subject = subject_id(world, call, *found)
	answers: list[dict[str, Any]] = []
	for raw in read_elements(call.body, "HistoryRecords", "HistoryRecord"):
		details = Element(raw).text("Details") or ""
		if not details or len(details) > LONGEST_NOTE:
			message = f"Details must be specified and not be longer than {LONGEST_NOTE} characters."
			raise validation([{**raw, "ValidationErrors": [{"Message": message}]}])
		now = world.clock.milliseconds()
		world.history.note(call.tenant or "", subject, now, actor_of(call), "Note", details)
		answers.append(
			{
				"DateUTCString": instant_string(now),
				"DateUTC": ms_instant(now),
				"Details": details,
				"ValidationErrors": [],
			}
		)
	return envelope(world.clock.milliseconds(), HistoryRecords=answers)
