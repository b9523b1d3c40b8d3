"""Records on the company's connection how many calls are left today, and which documents have to wait."""

from __future__ import annotations

from collections.abc import Sequence

import frappe

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.doctypes import CONNECTION, LOG
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.sentence import Sentence, _
from nexwave_xero_connector.sync.records import Priority


def note_day(company: str, remaining: int | None, held_back: Sequence[Priority]) -> None:
	"""Once per job: record Xero's remaining calls on the Xero Connection, and why rows of a priority have to wait.

	`remaining`: None if Xero did not say. `held_back`: priorities of which no batch may start. A current pause keeps
	its own reason; a reason without the time of a pause comes from here. Commits.
	"""
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- a transaction of its own
	values: dict[str, object] = {} if remaining is None else {"day_calls_remaining": remaining}
	connection = frappe.db.get_value(CONNECTION, company, ["state", "paused_until"], as_dict=True)
	if not connection:
		return  # the company was renamed or deleted while the job was running
	paused_until = clock.from_column(connection.paused_until)
	if connection.state == "Connected" and not (paused_until and paused_until > clock.utc_now()):
		waiting = _waiting(company, held_back)
		reason = plain_text(_reason(remaining or 0, waiting, held_back)) if waiting else None
		values |= {"pause_reason": reason, "paused_until": None}
	if values:
		frappe.db.set_value(CONNECTION, company, values, update_modified=False)
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- to be visible at once


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
				"{remaining} Xero calls are left today. They are reserved for your own actions. The other {waiting}"
				" documents will be sent automatically as calls become available again, a day after they were made."
			),
			remaining=remaining,
			waiting=waiting,
		)
	return Sentence(
		_(
			"{remaining} Xero calls are left today. They are reserved for new documents and for your own actions. The"
			" backfill's {waiting} documents will be sent automatically as calls become available again, a day after"
			" they were made."
		),
		remaining=remaining,
		waiting=waiting,
	)
