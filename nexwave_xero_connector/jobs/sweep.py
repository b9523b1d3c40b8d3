"""The scheduled sweep: every five minutes it finds lost, missed and stuck documents."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

import frappe
import redis
from frappe.model.document import Document
from frappe.utils import create_batch, get_datetime, now_datetime

from nexwave_xero_connector.erp.doctypes import CONNECTION, SETTINGS
from nexwave_xero_connector.erp.outbox.claim import FrappeOutbox
from nexwave_xero_connector.erp.outbox.credit_notes import queue_unallocated
from nexwave_xero_connector.erp.outbox.log import DOCTYPES
from nexwave_xero_connector.erp.outbox.missed import (
	BATCH_SIZE,
	left_behind_everywhere,
	missing_everywhere,
	queue_missing,
	void_left_behind,
	void_left_elsewhere,
)
from nexwave_xero_connector.erp.outbox.stuck import mark_stuck
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.schema import waits_for_migration
from nexwave_xero_connector.erp.transactions import read_committed
from nexwave_xero_connector.erp.worker import enqueue_worker
from nexwave_xero_connector.sentence import Sentence, _

LOOKBACK = timedelta(hours=6)
"""How far back a sweep looks for documents that the log has missed. It runs every five minutes; if it did not run for
longer than this, the daily look finds the rest."""
JUST_CHANGED = timedelta(hours=1)
TOOK_OTHERS_ALONG = "nexwave_xero_connector_due_retries"
Missed = Mapping[str, Mapping[str, Sequence[str]]]
"""Names of documents, by DocType and company."""


@waits_for_migration
def sweep() -> None:
	"""For every company that has settings. A failure for one company does not stop the others.

	What waits for a company that is not enabled is not sent, but it is found, and somebody is asked.
	"""
	_for_each(_enabled_companies(), _sweep_company)
	_for_each(frappe.get_all(SETTINGS, filters={"enabled": 0}, pluck="name"), _watch_disabled)


@waits_for_migration
def look_at_everything() -> None:
	"""Once a day: compare all documents with the log, however long ago they changed."""
	missing = {doctype: missing_everywhere(doctype) for doctype in DOCTYPES}
	left_behind = {doctype: left_behind_everywhere(doctype) for doctype in DOCTYPES}
	_for_each(_enabled_companies(), lambda company: _take_up(company, missing, left_behind))


def _for_each(companies: Sequence[str], look: Callable[[str], None]) -> None:
	for company in companies:
		try:
			with read_committed():
				look(company)
		except Exception:
			frappe.db.rollback()
			frappe.log_error(title=f"Xero: the sweep of {company} failed")
			frappe.db.commit()  # nosemgrep: frappe-manual-commit -- the error is kept, whatever happens next


@waits_for_migration
def enqueue_due() -> None:
	"""At every tick of the scheduler: enqueue a job where a retry has become due, or a pause or a lease has ended."""
	_enqueue_due(_enabled_companies())


def enqueue_due_now_and_then(besides: str) -> None:
	"""Once a minute at most: a job of one company takes the others' due retries along, in case no scheduler does.

	`besides`: the company whose job it is. Never raises: the scheduler is there for what is missed here.
	"""
	try:
		key = frappe.cache.make_key(TOOK_OTHERS_ALONG)
		# nosemgrep: frappe-cache-breaks-multitenancy -- make_key adds the site
		if frappe.cache.set(key, 1, nx=True, ex=60):
			_enqueue_due([company for company in _enabled_companies() if company != besides])
	except redis.RedisError as failure:
		frappe.logger("xero").warning(f"Due retries of other companies were not looked for: {failure!r}")


def _enqueue_due(companies: list[str]) -> None:
	"""A failure for one company does not stop the others."""
	outbox = FrappeOutbox()
	for company in companies:
		try:
			if outbox.has_work(company) or outbox.is_probe_due(company):
				enqueue_worker(company)
		except Exception as failure:
			frappe.db.rollback()
			frappe.logger("xero").warning(f"{company} was not looked at for due retries: {failure!r}")


def _enabled_companies() -> list[str]:
	return frappe.get_all(SETTINGS, filters={"enabled": 1}, pluck="name")


def _sweep_company(name: str) -> None:
	settings = frappe.get_doc(SETTINGS, name)
	now = now_datetime()
	# After a change of settings, look back to the start date at once.
	just_changed = get_datetime(settings.modified) > now - JUST_CHANGED
	missing, left_behind = _missed(settings, None if just_changed else now - LOOKBACK)
	left_behind += void_left_elsewhere(settings.company)
	unallocated = sum(queue_unallocated(settings.company, doctype, now - LOOKBACK) for doctype in DOCTYPES)
	stuck = mark_stuck(settings)
	_note(settings.company, missing, left_behind, stuck)
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- what was queued is committed before a worker looks for it
	if FrappeOutbox().has_work(settings.company):
		enqueue_worker(settings.company)
	if missing or left_behind or unallocated or stuck:
		frappe.logger("xero").warning(
			f"Sweep of {settings.company}: {missing} submitted without a row, {left_behind} cancelled but not"
			f" voided, {unallocated} not allocated, {stuck} newly stuck"
		)


def _note(company: str, missing: int, left_behind: int, stuck: int) -> None:
	"""Keep on the Xero Connection when the sweep was there, and what it found, for whoever looks for a fault."""
	found = Sentence(
		_("{missing} submitted without a row, {left_behind} cancelled but not voided, {stuck} newly stuck."),
		missing=missing,
		left_behind=left_behind,
		stuck=stuck,
	)
	values = {"last_sweep": now_datetime(), "last_sweep_found": plain_text(found)}
	frappe.db.set_value(CONNECTION, {"company": company}, values, update_modified=False)


def _watch_disabled(name: str) -> None:
	settings = frappe.get_doc(SETTINGS, name)
	since = now_datetime() - LOOKBACK
	for doctype in DOCTYPES:
		void_left_behind(settings.company, doctype, since)
	mark_stuck(settings)
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- kept, whatever happens for the next company


def _take_up(name: str, missing: Missed, left_behind: Missed) -> None:
	"""Queue what of the company was found, part by part: a job that is killed has kept what it has done."""
	settings = frappe.get_doc(SETTINGS, name)
	found = sum(queue_unallocated(settings.company, doctype) for doctype in DOCTYPES)
	for doctype in DOCTYPES:
		for part in create_batch(missing[doctype].get(settings.company, []), BATCH_SIZE):
			found += queue_missing(settings, doctype, names=part)
			frappe.db.commit()  # nosemgrep: frappe-manual-commit -- one part at a time
		for part in create_batch(left_behind[doctype].get(settings.company, []), BATCH_SIZE):
			found += void_left_behind(settings.company, doctype, names=part)
			frappe.db.commit()  # nosemgrep: frappe-manual-commit -- one part at a time
	if found:
		frappe.logger("xero").warning(f"{settings.company}: {found} documents that the log had missed")
		enqueue_worker(settings.company)


def _missed(settings: Document, since: datetime | None) -> tuple[int, int]:
	missing = sum(queue_missing(settings, doctype, since) for doctype in DOCTYPES)
	return missing, sum(void_left_behind(settings.company, doctype, since) for doctype in DOCTYPES)
