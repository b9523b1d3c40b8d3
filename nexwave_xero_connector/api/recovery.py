"""The net under the outbox: every five minutes, what was lost, forgotten or stuck is found."""

import frappe
from frappe.query_builder import DocType
from frappe.utils import add_to_date, now_datetime
from pypika.terms import ExistsCriterion

from nexwave_xero_connector.erp.clock import utc_timestamp
from nexwave_xero_connector.erp.intake import FrappeIntake
from nexwave_xero_connector.erp.outbox import FrappeOutbox
from nexwave_xero_connector.erp.scope import verdict
from nexwave_xero_connector.erp.session import read_committed
from nexwave_xero_connector.erp.sync_log import LOG
from nexwave_xero_connector.erp.wake import wake
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.records import Operation, Status, Trigger

DOCTYPES = ("Sales Invoice", "Purchase Invoice")
AT_ONCE = 200
"""Documents found in one sweep, each way; the next sweep finds the rest."""


def sweep() -> None:
	"""For every company that is enabled. What fails for one company does not keep the others waiting."""
	for company in _enabled_companies():
		try:
			with read_committed():
				_sweep_company(company)
		except Exception:
			frappe.db.rollback()
			frappe.log_error(title=f"Xero: the sweep of {company} failed")
			frappe.db.commit()  # nosemgrep: the error is kept, whatever the next company does


def wake_due() -> None:
	"""At every tick of the scheduler: wake a worker where a retry has fallen due, or a pause or a lease has ended."""
	for company in _enabled_companies():
		if FrappeOutbox().has_work(company):
			wake(company)


def _enabled_companies() -> list[str]:
	return frappe.get_all("Xero Sync Settings", filters={"enabled": 1}, pluck="name")


def _sweep_company(name: str) -> None:
	settings = frappe.get_doc("Xero Sync Settings", name)
	missing = sum(_queue_missing(settings, doctype) for doctype in DOCTYPES)
	left_behind = sum(_void_left_behind(settings.company, doctype) for doctype in DOCTYPES)
	stuck = _mark_stuck(settings)
	frappe.db.commit()  # nosemgrep: what was queued is there before a worker is woken
	if FrappeOutbox().has_work(settings.company):
		wake(settings.company)
	if missing or left_behind or stuck:
		frappe.logger("xero").warning(
			f"Sweep of {settings.company}: {missing} submitted without a row, {left_behind} cancelled but not"
			f" withdrawn, {stuck} newly stuck"
		)


def _queue_missing(settings: object, doctype: str) -> int:
	"""Submitted since the start date and unknown to the log: pushed, or logged as skipped with the reason."""
	document, log = DocType(doctype), DocType(LOG)
	names = (
		frappe.qb.from_(document)
		.select(document.name)
		.where((document.company == settings.company) & (document.docstatus == 1))
		.where(document.posting_date >= settings.start_date)
		.where(~ExistsCriterion(_rows_of(document, log, doctype)))
		.orderby(document.posting_date)
		.limit(AT_ONCE)
		.run(pluck=True)
	)
	for name in names:
		doc = frappe.get_doc(doctype, name)
		decided = verdict(doc, settings)
		FrappeIntake().take_in(doc, Trigger.BACKFILL, not_pushed=decided.reason)
	return len(names)


def _void_left_behind(company: str, doctype: str) -> int:
	"""Cancelled or deleted here, and a push is the last that the log knows of: the cancel could not tell us."""
	document, log = DocType(doctype), DocType(LOG)
	names = (
		frappe.qb.from_(log)
		.left_join(document)
		.on(document.name == log.reference_name)
		.select(log.reference_name)
		.where((log.company == company) & (log.reference_doctype == doctype))
		.where((log.is_latest == 1) & (log.operation == Operation.PUSH.value))
		.where(
			(log.status == Status.SUCCESS.value)
			| ((log.status == Status.FAILED.value) & log.xero_type.notnull())
		)
		.where(document.name.isnull() | (document.docstatus == 2))
		.limit(AT_ONCE)
		.run(pluck=True)
	)
	for name in names:
		FrappeIntake().cancelled(DocumentRef(doctype, name))
	return len(names)


def _mark_stuck(settings: object) -> int:
	"""Open for longer than the settings allow.

	What has not come due for the first time is not late, but waiting.
	"""
	log = DocType(LOG)
	waiting_for_its_time = log.started_at.isnull() & (log.due_at > utc_timestamp())
	names = (
		frappe.qb.from_(log)
		.select(log.name)
		.where((log.company == settings.company) & log.due_at.notnull() & (log.is_stuck == 0))
		.where(log.queued_at < add_to_date(now_datetime(), minutes=-(settings.stuck_after_minutes or 30)))
		.where(waiting_for_its_time.negate())
		.run(pluck=True)
	)
	if names:
		(
			frappe.qb.update(log)
			.set(log.is_stuck, 1)
			.set(log.needs_attention, 1)
			.where(log.name.isin(names))
			.run()
		)
	return len(names)


def _rows_of(document: object, log: object, doctype: str) -> object:
	return (
		frappe.qb.from_(log)
		.select(log.name)
		.where((log.reference_doctype == doctype) & (log.reference_name == document.name))
	)
