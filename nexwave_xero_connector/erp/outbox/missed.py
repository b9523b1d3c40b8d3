"""Documents of which the log was never told: submitted without a row, or cancelled with a push as the last row.

Their own hook failed, or somebody wrote past it. A million documents cannot be compared with the log every five
minutes, so the caller says since when they have changed: a Submit and a Cancel both set `modified`.
"""

from __future__ import annotations

from datetime import datetime

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType
from pypika import Table
from pypika.queries import QueryBuilder
from pypika.terms import ExistsCriterion

from nexwave_xero_connector.erp.doctypes import LOG
from nexwave_xero_connector.erp.outbox.eligibility import eligibility
from nexwave_xero_connector.erp.outbox.enqueue import FrappeEnqueuer
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.records import Operation, Status, Trigger

BATCH_SIZE = 200
"""Documents found in one look, each way; the next look finds the rest."""


def submitted_and_unknown(doctype: str, *, or_skipped: bool = False) -> tuple[Table, QueryBuilder]:
	"""Submitted documents that the log has no row of: their table, and a query that selects nothing yet.

	`or_skipped`: also documents whose latest row is Skipped.
	"""
	document, log = DocType(doctype), DocType(LOG)
	rows = frappe.qb.from_(log).select(log.name)
	rows = rows.where((log.reference_doctype == doctype) & (log.reference_name == document.name))
	if or_skipped:
		rows = rows.where((log.is_latest == 1) & (log.status != Status.SKIPPED.value))
	query = frappe.qb.from_(document).where((document.docstatus == 1) & ~ExistsCriterion(rows))
	return document, query


def queue_missing(settings: Document, doctype: str, since: datetime | None = None) -> int:
	"""Submitted since the start date and unknown to the log: pushed, or logged as skipped with the reason.

	Only what was modified since then, in the site's time; without it everything. How many; does not commit.
	"""
	document, query = submitted_and_unknown(doctype)
	query = (
		query.select(document.name)
		.where((document.company == settings.company) & (document.posting_date >= settings.start_date))
		.orderby(document.posting_date)
		.limit(BATCH_SIZE)
	)
	if since:
		query = query.where(document.modified >= since)
	names = query.run(pluck=True)
	for name in names:
		doc = frappe.get_doc(doctype, name)
		not_pushed = eligibility(doc, settings)
		FrappeEnqueuer().enqueue(doc, Trigger.BACKFILL, not_pushed=not_pushed)
	return len(names)


def void_left_behind(company: str, doctype: str, since: datetime | None = None) -> int:
	"""Cancelled here, and a push is the last that the log knows of: the cancel could not tell us.

	Only what was modified since then, in the site's time; without it everything, and also what has been deleted. How
	many; does not commit.
	"""
	document, log = DocType(doctype), DocType(LOG)
	query = (
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
		.limit(BATCH_SIZE)
	)
	if since:
		query = query.where((document.docstatus == 2) & (document.modified >= since))
	else:
		query = query.where(document.name.isnull() | (document.docstatus == 2))
	names = query.run(pluck=True)
	for name in names:
		FrappeEnqueuer().cancelled(DocumentRef(doctype, name))
	return len(names)
