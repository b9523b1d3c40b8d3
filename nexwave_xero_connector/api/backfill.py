"""Send documents that were submitted before the connector was installed: count, check the mapping, then queue.

The desk requests one part after another and shows the progress; `after` says where the last part ended. Parts are in
order of posting date. A document submitted in the meantime is found by one of them, or queued by its own Submit.
"""

from collections.abc import Sequence
from datetime import date

import frappe
from frappe.model.document import Document
from frappe.query_builder.functions import Count
from frappe.utils import getdate
from pypika import Table, Tuple
from pypika.queries import QueryBuilder

from nexwave_xero_connector.api.permissions import require_company, require_manager
from nexwave_xero_connector.erp.doctypes import LOG, SETTINGS
from nexwave_xero_connector.erp.document_permissions import visible_only
from nexwave_xero_connector.erp.documents.reader import FrappeDocuments
from nexwave_xero_connector.erp.outbox.eligibility import eligibility
from nexwave_xero_connector.erp.outbox.enqueue import FrappeEnqueuer
from nexwave_xero_connector.erp.outbox.log import DOCTYPES, created_of
from nexwave_xero_connector.erp.outbox.missed import read_for_queue, sent_elsewhere, submitted_and_unknown
from nexwave_xero_connector.erp.outbox.xero_documents import organisation_of
from nexwave_xero_connector.erp.rendering import message
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.erp.worker import enqueue_worker_after_commit
from nexwave_xero_connector.mapping.document import map_document
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.errors import CannotMap
from nexwave_xero_connector.sync.records import Status, Trigger

CHECK_BATCH_SIZE = 50
QUEUE_BATCH_SIZE = 100


@frappe.whitelist(methods=["POST"])
def count(company: str, since: date) -> int:
	"""How many submitted documents from that posting date on were never sent to the company's organisation."""
	_allowed(company)
	return sum(_count(company, doctype, getdate(since)) for doctype in DOCTYPES)


@frappe.whitelist(methods=["POST"])
def check(company: str, since: date, after: str | None = None) -> dict[str, object]:
	"""Check the mapping on the next documents. Nothing is sent or queued.

	`elsewhere`: how many of them are in another Xero organisation already.
	"""
	settings = _allowed(company)
	refs, following = _next(company, getdate(since), after, CHECK_BATCH_SIZE)
	pushed = [
		DocumentRef(document.doctype, document.name)
		for document in _read(refs)
		if eligibility(document, settings, ignore_start_date=True) is None
	]
	documents = FrappeDocuments()
	mapping_settings = documents.mapping_settings(company)
	failing = []
	for ref, document in documents.read(pushed).items():
		try:
			map_document(document, mapping_settings)
		except CannotMap as error:
			failing.append({"doctype": ref.doctype, "name": ref.name, **message(error.sentence)})
	return {
		"checked": len(refs),
		"left_out": len(refs) - len(pushed),
		"elsewhere": sum(sent_elsewhere(ref, created_of(ref), organisation_of(company)) for ref in pushed),
		"failing": failing,
		"after": following,
	}


@frappe.whitelist(methods=["POST"])
def queue(company: str, since: date, after: str | None = None) -> dict[str, object]:
	"""Queue the next documents, or log why one is not sent."""
	settings = _allowed(company)
	refs, following = _next(company, getdate(since), after, QUEUE_BATCH_SIZE)
	left_out, queued = _left_out(refs), 0
	for document in _read(refs):
		not_pushed = eligibility(document, settings, ignore_start_date=True)
		if not_pushed and message(not_pushed)["message"] == left_out.get(document.name):
			continue
		FrappeEnqueuer().enqueue(document, Trigger.BACKFILL, not_pushed=not_pushed)
		queued += int(not_pushed is None)
	enqueue_worker_after_commit(company)
	return {"checked": len(refs), "queued": queued, "after": following}


def _allowed(company: str) -> Document:
	require_manager()
	require_company(company)
	settings = frappe.get_doc(SETTINGS, company)
	if not settings.enabled:
		frappe.throw(
			_("Sending to Xero is not enabled for {0}. Enable it in Xero Sync Settings.").format(company)
		)
	return settings


def _read(refs: Sequence[DocumentRef]) -> list[frappe._dict]:
	"""Of documents of one type, what decides whether they are sent."""
	return read_for_queue(refs[0].doctype, [ref.name for ref in refs]) if refs else []


def _left_out(refs: Sequence[DocumentRef]) -> dict[str, str]:
	"""Why documents of one type were left out last time, by their names. The log need not say it again."""
	if not refs:
		return {}
	filters = {"reference_doctype": refs[0].doctype, "reference_name": ("in", [ref.name for ref in refs])}
	skipped = filters | {"is_latest": 1, "status": Status.SKIPPED.value}
	rows = frappe.get_all(LOG, filters=skipped, fields=["reference_name", "message"])
	return {row.reference_name: row.message for row in rows}


def _next(company: str, since: date, after: str | None, limit: int) -> tuple[list[DocumentRef], str | None]:
	"""The company's next documents, Sales Invoices first, and where the following part starts."""
	doctype, _bar, place = (after or f"{DOCTYPES[0]}|").partition("|")
	if doctype not in DOCTYPES:
		frappe.throw(_("{0} is not sent to Xero.").format(frappe.utils.escape_html(doctype)))
	document, query = _unsent(company, doctype, since, place)
	ordered = query.select(document.name, document.posting_date).orderby(document.posting_date, document.name)
	rows = ordered.limit(limit).run(as_dict=True)
	refs = [DocumentRef(doctype, row.name) for row in rows]
	if len(rows) == limit:
		return refs, f"{doctype}|{rows[-1].posting_date}|{rows[-1].name}"
	return refs, f"{DOCTYPES[1]}|" if doctype == DOCTYPES[0] else None


def _unsent(company: str, doctype: str, since: date, place: str = "") -> tuple[Table, QueryBuilder]:
	"""What the company can still send from that date and place on, as far as the user may see it.

	Returns the table, and a query that selects nothing yet.
	"""
	document, query = submitted_and_unknown(doctype, not_in=organisation_of(company))
	query = query.where((document.company == company) & (document.posting_date >= since))
	if place:
		posting_date, _bar, name = place.partition("|")
		query = query.where(Tuple(document.posting_date, document.name) > Tuple(posting_date, name))
	return document, visible_only(query, doctype)


def _count(company: str, doctype: str, since: date) -> int:
	_document, query = _unsent(company, doctype, since)
	return query.select(Count("*")).run()[0][0]
