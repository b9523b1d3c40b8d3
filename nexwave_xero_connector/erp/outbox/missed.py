"""Documents that the log has missed: submitted without a row, or cancelled while their last row is a push.

Their hook failed, or somebody bypassed it. A million documents cannot be compared with the log every five minutes, so
the caller limits the search to recent changes: Submit and Cancel both set `modified`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.query_builder.functions import Coalesce
from pypika import Table
from pypika.queries import QueryBuilder
from pypika.terms import ExistsCriterion, Function

from nexwave_xero_connector.erp.doctypes import LOG, SETTINGS, XERO_DOCUMENT
from nexwave_xero_connector.erp.outbox import xero_documents
from nexwave_xero_connector.erp.outbox.eligibility import ELIGIBILITY_FIELDS, eligibility
from nexwave_xero_connector.erp.outbox.enqueue import FrappeEnqueuer
from nexwave_xero_connector.erp.outbox.log import DOCUMENT_FIELDS, key_of, newest_row
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.records import ErrorClass, Operation, Status, Trigger

BATCH_SIZE = 200
"""Documents found per search, of each kind; the next search finds the rest."""


def submitted_and_unknown(
	doctype: str, *, or_skipped: bool = False, not_in: str | None = None
) -> tuple[Table, QueryBuilder]:
	"""Submitted documents that the log has no row of: their table, and a query that selects nothing yet.

	`or_skipped`: also documents whose latest row is Skipped, unless somebody left them out. `not_in`: an organisation;
	then also these, and those whose latest row says that they were sent, but to another organisation.
	"""
	document, log = DocType(doctype), DocType(LOG)
	# An outer join looks each document up in the log. For NOT EXISTS, MariaDB would first copy the log's half.
	known = (log.reference_doctype == doctype) & (log.reference_name == document.name)
	known &= log.reference_creation == document.creation
	if or_skipped or not_in is not None:
		known &= log.is_latest == 1
		known &= (log.status != Status.SKIPPED.value) | log.left_out_at.notnull()
	if not_in is not None:
		was_sent = (log.status == Status.SUCCESS.value) & (log.operation == Operation.PUSH.value)
		is_elsewhere = was_sent & ~ExistsCriterion(_copy_in(not_in, log))
		known &= is_elsewhere.negate()
	query = frappe.qb.from_(document).left_join(log).on(known)
	return document, query.where((document.docstatus == 1) & log.name.isnull())


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


def missing_everywhere(doctype: str) -> dict[str, list[str]]:
	"""The documents of every enabled company that `queue_missing` would queue, whenever they changed, by company.

	One query for all: for each company on its own, every document would be compared with the log as often as there are
	companies.
	"""
	document, query = submitted_and_unknown(doctype)
	settings = DocType(SETTINGS)
	query = query.join(settings).on((settings.company == document.company) & (settings.enabled == 1))
	query = query.where(document.posting_date >= settings.start_date)
	return _by_company(query.select(document.company, document.name).orderby(document.posting_date))


def left_behind_everywhere(doctype: str) -> dict[str, list[str]]:
	"""The documents of every company that `void_left_behind` would void, deleted ones too, by company."""
	log = DocType(LOG)
	return _by_company(_left_behind(doctype, None).select(log.company, log.reference_name))


def _by_company(query: QueryBuilder) -> dict[str, list[str]]:
	found: dict[str, list[str]] = defaultdict(list)
	for company, name in query.run():
		found[company].append(name)
	return found


def queue_missing(
	settings: Document, doctype: str, since: datetime | None = None, names: Sequence[str] | None = None
) -> int:
	"""Queue documents submitted since the start date that the log has no row of, or log why they are skipped.

	`since`: only documents modified since then, in the site's time zone. `names`: only these. Returns how many. Does
	not commit.
	"""
	document, query = submitted_and_unknown(doctype)
	query = query.select(document.name).where(document.company == settings.company)
	query = query.where(document.posting_date >= settings.start_date).limit(BATCH_SIZE)
	# Without an order, MariaDB begins with the few that changed or are named; with one, it reads all by posting date.
	if names is not None:
		query = query.where(document.name.isin(names))
	elif since:
		query = query.where(document.modified >= since)
	else:
		query = query.orderby(document.posting_date)
	for found in (documents := read_for_queue(doctype, query.run(pluck=True))):
		not_pushed = eligibility(found, settings)
		FrappeEnqueuer().enqueue(found, Trigger.BACKFILL, not_pushed=not_pushed)
	return len(documents)


def read_for_queue(doctype: str, names: Sequence[str]) -> list[frappe._dict]:
	"""What `eligibility` and FrappeEnqueuer need to know of each document, in the order of the names; in one query."""
	columns = set(frappe.get_meta(doctype).get_valid_columns())
	fields = sorted(columns & {*ELIGIBILITY_FIELDS, *DOCUMENT_FIELDS[doctype]})
	table = DocType(doctype)
	query = frappe.qb.from_(table).select(*(table[field] for field in fields))
	rows = query.where(table.name.isin(names or [""])).run(as_dict=True)
	by_name = {row.name: frappe._dict(row, doctype=doctype) for row in rows}
	return [by_name[name] for name in names if name in by_name]


def void_left_elsewhere(company: str) -> int:
	"""Queue the Void of documents whose copy was out of reach, if its organisation is the company's again.

	Returns how many. Does not commit.
	"""
	log, copy = DocType(LOG), DocType(XERO_DOCUMENT)
	rows = (
		frappe.qb.from_(log)
		.join(copy)
		.on(copy.document_key == Function("SUBSTRING_INDEX", log.name, "-", 1))
		.select(log.reference_doctype, log.reference_name, log.reference_creation)
		.where((log.company == company) & (log.is_latest == 1) & (log.is_orphan == 1))
		.where((log.status == Status.FAILED.value) & (log.error_class == ErrorClass.CONNECTION.value))
		.where(copy.tenant_id == xero_documents.organisation_of(company))
		.where(copy.xero_id.notnull() | copy.unconfirmed_until.notnull())
		.where(Coalesce(copy.xero_status, "").notin(xero_documents.ENDED))
		.limit(BATCH_SIZE)
		.run()
	)
	for doctype, name, created in rows:
		FrappeEnqueuer().retry(DocumentRef(doctype, name), Trigger.AUTOMATIC, created)
	return len(rows)


def void_left_behind(
	company: str, doctype: str, since: datetime | None = None, names: Sequence[str] | None = None
) -> int:
	"""Queue the Void of documents cancelled here whose latest row is a push: their Cancel did not reach the log.

	`since`: only documents modified since then, in the site's time zone; if it is None all, including deleted ones.
	`names`: only these. Returns how many. Does not commit.
	"""
	log = DocType(LOG)
	query = _left_behind(doctype, since).select(log.reference_name, log.reference_creation)
	query = query.where(log.company == company).limit(BATCH_SIZE)
	if names is not None:
		query = query.where(log.reference_name.isin(names))
	found = query.run()
	for name, created in found:
		FrappeEnqueuer().cancelled(DocumentRef(doctype, name), created)
	return len(found)


def _left_behind(doctype: str, since: datetime | None) -> QueryBuilder:
	document, log = DocType(doctype), DocType(LOG)
	query = (
		frappe.qb.from_(log)
		.left_join(document)
		.on((document.name == log.reference_name) & (document.creation == log.reference_creation))
		.where(log.reference_doctype == doctype)
		.where((log.is_latest == 1) & (log.operation == Operation.PUSH.value))
		.where(
			(log.status == Status.SUCCESS.value)
			| ((log.status == Status.FAILED.value) & log.xero_type.notnull())
		)
	)
	if since:
		return query.where((document.docstatus == 2) & (document.modified >= since))
	return query.where(document.name.isnull() | (document.docstatus == 2))
