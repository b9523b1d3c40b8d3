"""What is left of the day's calls, and who has to wait for tomorrow's, written where the company's people look."""

from __future__ import annotations

from collections.abc import Sequence

import frappe

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.doctypes import CONNECTION, LOG
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.sentence import Sentence, _
from nexwave_xero_connector.sync.records import Priority


def note_day(company: str, remaining: int | None, held_back: Sequence[Priority]) -> None:
	"""Once a job: keep Xero's word on the company's Xero Connection, with the reason why rows of a priority wait.

	`remaining`: None where Xero has not said. `held_back`: the priorities of which no batch starts. A pause that is
	under way keeps its own reason; a reason without the time of a pause is one from here. Commits.
	"""
	frappe.db.commit()  # nosemgrep: a transaction of its own
	values: dict[str, object] = {} if remaining is None else {"day_calls_remaining": remaining}
	connection = frappe.db.get_value(CONNECTION, company, ["state", "paused_until"], as_dict=True)
	paused_until = clock.from_column(connection.paused_until)
	if connection.state == "Connected" and not (paused_until and paused_until > clock.utc_now()):
		waiting = _waiting(company, held_back)
		reason = plain_text(_reason(remaining or 0, waiting, held_back)) if waiting else None
		values |= {"pause_reason": reason, "paused_until": None}
	frappe.db.set_value(CONNECTION, company, values, update_modified=False)
	frappe.db.commit()  # nosemgrep: to be seen now


def _waiting(company: str, held_back: Sequence[Priority]) -> int:
	"""How many rows of these priorities are open."""
	priorities = [priority.value for priority in held_back]
	if not priorities:
		return 0
	return frappe.db.count(LOG, {"company": company, "priority": ("in", priorities), "due_at": ("is", "set")})


def _reason(remaining: int, waiting: int, held_back: Sequence[Priority]) -> Sentence:
	if Priority.CURRENT in held_back:
		return Sentence(
			_(
				"Xero takes {remaining} more calls today. They are kept for what you ask for with a button; the other"
				" {waiting} documents go by themselves as calls come back, a day after they were made."
			),
			remaining=remaining,
			waiting=waiting,
		)
	return Sentence(
		_(
			"Xero takes {remaining} more calls today. They are kept for new documents and for what you ask for with a"
			" button; the backfill's {waiting} documents go by themselves as calls come back, a day after they were"
			" made."
		),
		remaining=remaining,
		waiting=waiting,
	)
