"""Documents that the log has missed: submitted without a row, or cancelled while their last row is a push.

Their hook failed, or somebody bypassed it. A million documents cannot be compared with the log every five minutes, so
the caller limits the search to recent changes: Submit and Cancel both set `modified`.
"""

from __future__ import annotations

from datetime import datetime

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType
from pypika import Table
from pypika.queries import QueryBuilder
from pypika.terms import ExistsCriterion, Function

from nexwave_xero_connector.erp.doctypes import LOG, XERO_DOCUMENT
from nexwave_xero_connector.erp.outbox import xero_documents
from nexwave_xero_connector.erp.outbox.eligibility import eligibility
from nexwave_xero_connector.erp.outbox.enqueue import FrappeEnqueuer
from nexwave_xero_connector.erp.outbox.log import key_of, newest_row
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.records import Operation, Status, Trigger

BATCH_SIZE = 200
"""Documents found per search, of each kind; the next search finds the rest."""


def submitted_and_unknown(doctype: str, *, not_in: str | None = None) -> tuple[Table, QueryBuilder]:
	"""Submitted documents that the log has no row of: their table, and a query that selects nothing yet.

	`not_in`: an organisation. Then also documents whose latest row is Skipped, or says that they were sent, but to
	another organisation.
	"""
	document, log = DocType(doctype), DocType(LOG)
	rows = frappe.qb.from_(log).select(log.name)
	rows = rows.where((log.reference_doctype == doctype) & (log.reference_name == document.name))
	rows = rows.where(log.reference_creation == document.creation)
	if not_in is not None:
		was_sent = (log.status == Status.SUCCESS.value) & (log.operation == Operation.PUSH.value)
		is_elsewhere = was_sent & ~ExistsCriterion(_copy_in(not_in, log))
		rows = rows.where((log.is_latest == 1) & (log.status != Status.SKIPPED.value) & is_elsewhere.negate())
	query = frappe.qb.from_(document).where((document.docstatus == 1) & ~ExistsCriterion(rows))
	return document, query


def sent_elsewhere(document: DocumentRef, created: datetime | None, organisation: str) -> bool:
	"""Whether the document was sent, but not to this organisation."""
	row = newest_row(document, created)
	found = row and frappe.db.get_value(LOG, row, ["status", "operation"], as_dict=True)
	was_sent = bool(
		found and found.status == Status.SUCCESS.value and found.operation == Operation.PUSH.value
	)
	if not (row and was_sent):
		return False
	copy = xero_documents.known(organisation, [key_of(row)]).get(key_of(row))
	return not (copy and copy.xero_id)


def _copy_in(organisation: str, log: Table) -> QueryBuilder:
	copy = DocType(XERO_DOCUMENT)
	key = Function("SUBSTRING_INDEX", log.name, "-", 1)
	query = frappe.qb.from_(copy).select(copy.name)
	return query.where((copy.tenant_id == organisation) & (copy.document_key == key) & copy.xero_id.notnull())


def queue_missing(settings: Document, doctype: str, since: datetime | None = None) -> int:
	"""Queue documents submitted since the start date that the log has no row of, or log why they are skipped.

	`since`: only documents modified since then, in the site's time zone; all if it is None. Returns how many. Does not
	commit.
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
	"""Queue the Void of documents cancelled here whose latest row is a push: their Cancel did not reach the log.

	`since`: only documents modified since then, in the site's time zone; if it is None all, including deleted ones.
	Returns how many. Does not commit.
	"""
	document, log = DocType(doctype), DocType(LOG)
	query = (
		frappe.qb.from_(log)
		.left_join(document)
		.on((document.name == log.reference_name) & (document.creation == log.reference_creation))
		.select(log.reference_name, log.reference_creation)
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
	found = query.run()
	for name, created in found:
		FrappeEnqueuer().cancelled(DocumentRef(doctype, name), created)
	return len(found)
