"""Pauses a company: until a given time, or until somebody has connected it again. Also since when Xero is away."""

from __future__ import annotations

from datetime import datetime

import frappe
from frappe.query_builder.functions import Coalesce
from frappe.utils import convert_utc_to_system_timezone, format_datetime, now_datetime

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.doctypes import CONNECTION
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.sentence import Sentence, _
from nexwave_xero_connector.sync.records import ErrorClass


def pause(
	company: str,
	until: datetime | None,
	sentence: Sentence,
	error_class: ErrorClass,
	since: datetime | None = None,
) -> None:
	"""sync.ports.Outbox.pause: claim() returns none of the company's rows until the pause ends. Commits."""
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- a transaction of its own
	connection = frappe.qb.DocType(CONNECTION)
	reason = plain_text(sentence)
	query = frappe.qb.update(connection).where(connection.company == company)
	if until:
		paused_until = clock.to_column(until)
		# Never shortened: another worker may have been told to wait longer.
		query = query.where(connection.paused_until.isnull() | (connection.paused_until < paused_until))
		query = query.set(connection.paused_until, paused_until)
	else:
		query = query.set(connection.state, "Reconnect needed").set(connection.last_error, reason)
	if since:
		query = query.set(connection.outage_since, Coalesce(connection.outage_since, clock.to_column(since)))
	query.set(connection.pause_reason, reason).set(connection.modified, now_datetime()).run()
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- other workers of the company stop now
	frappe.clear_document_cache(CONNECTION, company)
	frappe.logger("xero").warning(f"{company} waits ({error_class.value}): {reason}")


def outage_since(company: str) -> datetime | None:
	"""sync.ports.Outbox.outage_since."""
	return clock.from_column(frappe.db.get_value(CONNECTION, company, "outage_since"))


def begin_probe(company: str, until: datetime, now: datetime) -> bool:
	"""sync.ports.Outbox.begin_probe, under the row's lock: of two workers only one asks. Commits."""
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- a transaction of its own
	row = frappe.db.get_value(CONNECTION, company, ["state", "paused_until"], as_dict=True, for_update=True)
	paused_until = clock.from_column(row.paused_until) if row else None
	may_ask = bool(row) and row.state == "Connected" and not (paused_until and paused_until > now)
	if may_ask:
		frappe.db.set_value(
			CONNECTION, company, "paused_until", clock.to_column(until), update_modified=False
		)
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- no lock is held while Xero is asked
	return may_ask


def resume(company: str, outage_is_over: bool = False) -> None:
	"""sync.ports.Outbox.resume. Commits."""
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- a transaction of its own
	values: dict[str, object] = {"paused_until": None}
	if outage_is_over:
		values |= {"outage_since": None, "pause_reason": None}
	frappe.db.set_value(CONNECTION, company, values, update_modified=False)
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- to be visible to other workers at once
	frappe.clear_document_cache(CONNECTION, company)


def ask_again_now(company: str) -> None:
	"""Let the next job ask Xero at once whether an outage is over: somebody has pressed a button. Does not commit."""
	if outage_since(company):
		frappe.db.set_value(CONNECTION, company, "paused_until", None, update_modified=False)


def outage_sentence(since: datetime, reason: str | None) -> Sentence:
	"""Since when the company waits, and what was last answered. `since`: as stored, in UTC."""
	return Sentence(
		_("Waiting for Xero since {time}. {reason} Xero is asked again automatically."),
		time=format_datetime(convert_utc_to_system_timezone(since)),
		reason=reason or "",
	)
