"""Rows that have been open for too long, marked so that somebody looks at them."""

from __future__ import annotations

from datetime import datetime

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.query_builder.functions import Coalesce
from frappe.utils import add_to_date, now_datetime
from pypika.queries import QueryBuilder

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.connection.installation import why_not_ours
from nexwave_xero_connector.erp.connection.pause import outage_sentence
from nexwave_xero_connector.erp.doctypes import CONNECTION, LOG, SETTINGS
from nexwave_xero_connector.erp.outbox.log import created_of, newest_row, ref_of
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.scheduler import scheduler_trouble
from nexwave_xero_connector.sentence import Sentence, _, settings_link
from nexwave_xero_connector.sync.records import Trigger

STUCK_AFTER_MINUTES = 30
BATCH_SIZE = 1000
"""Rows marked in one transaction."""


def mark_stuck(settings: Document) -> int:
	"""Mark the company's rows that have been open longer than the settings allow. Returns how many. Commits, in parts.

	A row that has never been due yet is waiting, not late. So is the rest of a backfill while it makes progress: with
	Xero's limits, ten thousand documents take longer. If the whole company waits for a known reason, the rows say so.
	On a copy of the site, and while sending is disabled, there is nothing to wait for: due rows are marked at once. A
	row that a user or a worker holds is left to the next sweep.
	"""
	log = DocType(LOG)
	patience = settings.stuck_after_minutes or STUCK_AFTER_MINUTES
	limit = add_to_date(now_datetime(), minutes=0 if _waits_for_a_person(settings.company) else -patience)
	waiting_for_its_time = log.started_at.isnull() & (log.due_at > clock.utc_timestamp())
	query = (
		frappe.qb.from_(log)
		.select(log.name)
		.where((log.company == settings.company) & log.due_at.notnull() & (log.is_stuck == 0))
		.where((log.queued_at < limit) & waiting_for_its_time.negate())
	)
	if _is_moving(settings.company, limit):
		query = query.where(log.started_at.notnull() | (log.triggered_by != Trigger.BACKFILL.value))
	marked = _update_in_parts(query, frappe.qb.update(log).set(log.is_stuck, 1).set(log.needs_attention, 1))
	_say_why(settings.company)
	return marked


def _update_in_parts(query: QueryBuilder, update: QueryBuilder) -> int:
	"""Update the rows that the query finds, and no longer finds afterwards. Returns how many. Commits each part."""
	log, updated = DocType(LOG), 0
	part = query.limit(BATCH_SIZE).for_update(skip_locked=True)
	while names := part.run(pluck=True):
		update.where(log.name.isin(names)).run()
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- no user waits for the locks of thousands of rows
		updated += len(names)
	return updated


def say_that_it_waits(document: Document) -> None:
	"""Ask for attention to the document's open row at once if sending is disabled. Does not commit."""
	if is_enabled(document.company):
		return
	log, name = DocType(LOG), newest_row(ref_of(document), created_of(document))
	(
		frappe.qb.update(log)
		.set(log.is_stuck, 1)
		.set(log.needs_attention, 1)
		.set(log.finding, why_company_waits(document.company))
		.where((log.name == name) & log.due_at.notnull())
		.run()
	)


def is_enabled(company: str) -> bool:
	return bool(frappe.db.get_value(SETTINGS, company, "enabled"))


def _say_why(company: str) -> None:
	log, reason = DocType(LOG), why_company_waits(company)
	if reason is None and (trouble := scheduler_trouble()):
		reason = plain_text(trouble)
	# Stuck rows need attention, and are found by that index: of thousands that wait, few may be stuck.
	query = frappe.qb.from_(log).select(log.name).where((log.needs_attention == 1) & (log.is_stuck == 1))
	query = query.where((log.company == company) & log.due_at.notnull())
	query = query.where(Coalesce(log.finding, "") != (reason or ""))
	_update_in_parts(query, frappe.qb.update(log).set(log.finding, reason))


def _waits_for_a_person(company: str) -> bool:
	return not is_enabled(company) or _is_a_copy(company)


def _is_a_copy(company: str) -> bool:
	connection = _connection(company)
	return connection.state == "Connected" and why_not_ours(company, connection.installation) is not None


def why_company_waits(company: str) -> str | None:
	"""Why the company's rows are not being processed, for a person; None if there is no reason."""
	if not is_enabled(company):
		return plain_text(
			Sentence(
				_(
					"Sending to Xero is disabled for {company}, so nothing is sent or voided. Documents that are"
					" cancelled here stay live in Xero until you enable it in {settings}, or void them in Xero."
				),
				company=company,
				settings=settings_link(company),
			)
		)
	connection = _connection(company)
	if connection.state != "Connected":
		return connection.last_error or plain_text(
			Sentence(
				_(
					"{company} is not connected to Xero. Connect it in {settings}; waiting documents will be sent then."
				),
				company=company,
				settings=settings_link(company),
			)
		)
	if reason := why_not_ours(company, connection.installation):
		return plain_text(reason)
	if connection.outage_since:
		return plain_text(outage_sentence(connection.outage_since, connection.pause_reason))
	paused_until = clock.from_column(connection.paused_until)
	is_over = paused_until and paused_until <= clock.utc_now()
	return None if is_over else connection.pause_reason


def _connection(company: str) -> frappe._dict:
	fields = ["state", "last_error", "paused_until", "pause_reason", "outage_since", "installation"]
	return frappe.db.get_value(CONNECTION, company, fields, as_dict=True) or frappe._dict()


def _is_moving(company: str, since: datetime) -> bool:
	"""Whether a worker has finished any of the company's rows since then."""
	return bool(
		frappe.db.exists(LOG, {"company": company, "modified": (">", since), "finished_at": (">", since)})
	)
