"""The net under the outbox: every five minutes, what was lost, forgotten or stuck is found."""

from collections.abc import Callable
from datetime import datetime, timedelta

import frappe
from frappe.model.document import Document
from frappe.utils import get_datetime, now_datetime

from nexwave_xero_connector.erp.doctypes import SETTINGS
from nexwave_xero_connector.erp.outbox.claim import FrappeOutbox
from nexwave_xero_connector.erp.outbox.log import DOCTYPES
from nexwave_xero_connector.erp.outbox.missed import queue_missing, void_left_behind
from nexwave_xero_connector.erp.outbox.stuck import mark_stuck
from nexwave_xero_connector.erp.transactions import read_committed
from nexwave_xero_connector.erp.worker import enqueue_worker

LOOKBACK = timedelta(hours=6)
"""How far a sweep looks for documents that the log was not told of. It comes every five minutes; what it misses because
it did not run for so long, the daily look finds."""
JUST_CHANGED = timedelta(hours=1)


def sweep() -> None:
	"""For every company that is enabled. What fails for one company does not keep the others waiting."""
	_for_every_company(_sweep_company)


def look_at_everything() -> None:
	"""Once a day: all documents against the log, however long ago they changed."""
	_for_every_company(_look_at_everything)


def _for_every_company(look: Callable[[str], None]) -> None:
	for company in _enabled_companies():
		try:
			with read_committed():
				look(company)
		except Exception:
			frappe.db.rollback()
			frappe.log_error(title=f"Xero: the sweep of {company} failed")
			frappe.db.commit()  # nosemgrep: the error is kept, whatever the next company does


def enqueue_due() -> None:
	"""At every tick of the scheduler: wake a worker where a retry has fallen due, or a pause or a lease has ended."""
	for company in _enabled_companies():
		if FrappeOutbox().has_work(company):
			enqueue_worker(company)


def _enabled_companies() -> list[str]:
	return frappe.get_all(SETTINGS, filters={"enabled": 1}, pluck="name")


def _sweep_company(name: str) -> None:
	settings = frappe.get_doc(SETTINGS, name)
	now = now_datetime()
	# Who has just moved the start date, or enabled the sync, waits for older documents.
	just_changed = get_datetime(settings.modified) > now - JUST_CHANGED
	missing, left_behind = _missed(settings, None if just_changed else now - LOOKBACK)
	stuck = mark_stuck(settings)
	frappe.db.commit()  # nosemgrep: what was queued is there before a worker is woken
	if FrappeOutbox().has_work(settings.company):
		enqueue_worker(settings.company)
	if missing or left_behind or stuck:
		frappe.logger("xero").warning(
			f"Sweep of {settings.company}: {missing} submitted without a row, {left_behind} cancelled but not"
			f" voided, {stuck} newly stuck"
		)


def _look_at_everything(name: str) -> None:
	settings = frappe.get_doc(SETTINGS, name)
	found = 0
	while some := sum(_missed(settings, None)):
		found += some
		frappe.db.commit()  # nosemgrep: part by part
	if found:
		frappe.logger("xero").warning(f"{settings.company}: {found} documents that the log was not told of")
		enqueue_worker(settings.company)


def _missed(settings: Document, since: datetime | None) -> tuple[int, int]:
	missing = sum(queue_missing(settings, doctype, since) for doctype in DOCTYPES)
	return missing, sum(void_left_behind(settings.company, doctype, since) for doctype in DOCTYPES)
