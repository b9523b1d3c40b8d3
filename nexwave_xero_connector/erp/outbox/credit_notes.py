"""Credit notes that have to be compared with their allocations in Xero once more, and why.

Their invoice has arrived in Xero or has been approved there, or ERPNext has set them against something else since.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import frappe
from frappe.query_builder import DocType
from frappe.utils import create_batch
from pypika import Table
from pypika.queries import QueryBuilder

from nexwave_xero_connector.erp import returns
from nexwave_xero_connector.erp.doctypes import LOG, XERO_DOCUMENT
from nexwave_xero_connector.erp.outbox import xero_documents
from nexwave_xero_connector.erp.outbox.allocations import from_column
from nexwave_xero_connector.erp.outbox.enqueue import FrappeEnqueuer
from nexwave_xero_connector.erp.outbox.log import DOCTYPES
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.allocate import APPROVED
from nexwave_xero_connector.sync.records import Status, Trigger, XeroDocument

BATCH_SIZE = 200
"""Credit notes found per search; the next search finds the rest."""
INVOICES_AT_A_TIME = 1000
"""Whose returns are looked for in one query."""


def returns_of(invoices: Sequence[DocumentRef]) -> list[DocumentRef]:
	"""The submitted returns that may belong to these invoices, whose latest row is a Success or waits."""
	found = []
	for doctype in sorted({invoice.doctype for invoice in invoices}):
		names = returns.returns_of(doctype, [one.name for one in invoices if one.doctype == doctype])
		if not names:
			continue
		_log, document, query = _credit_notes(doctype, (Status.SUCCESS.value, Status.QUEUED.value))
		query = query.where(document.name.isin(sorted(names)))
		found += [DocumentRef(doctype, name) for name in query.run(pluck=True)]
	return found


def in_xero(documents: Sequence[DocumentRef]) -> list[DocumentRef]:
	"""Which of them are credit notes whose latest row is a Success."""
	names = {document.name for document in documents}
	credit_notes = [xero_type.value for xero_type in XeroType if xero_type.is_credit_note]
	filters = {
		"reference_name": ("in", sorted(names)),
		"is_latest": 1,
		"status": Status.SUCCESS.value,
		"xero_type": ("in", credit_notes),
	}
	rows = frappe.get_all(LOG, filters, ["reference_doctype", "reference_name"])
	found = [DocumentRef(row.reference_doctype, row.reference_name) for row in rows]
	return [document for document in found if document in documents]


def queue_unallocated(company: str, doctype: str, since: datetime | None = None) -> int:
	"""Queue credit notes that are not allocated although their invoice has arrived in Xero since their last attempt.

	The worker that sent the invoice does so itself, unless it died in between. `since`: only those that name the
	invoice, and invoices that arrived since then, in the site's time zone. Returns how many. Does not commit.
	"""
	log, document, query = _credit_notes(doctype)
	invoice = DocType(LOG).as_("invoice_log")
	query = (
		query.join(invoice)
		.on((invoice.reference_doctype == doctype) & (invoice.reference_name == document.return_against))
		.where((invoice.company == company) & (invoice.is_latest == 1))
		.where((invoice.status == Status.SUCCESS.value) & (log.is_unallocated == 1))
		.where(invoice.finished_at > log.finished_at)
		.limit(BATCH_SIZE)
	)
	if not since:
		return _queue(doctype, {*query.run(pluck=True), *_whose_other_invoices_arrived(company, doctype)})
	found = []
	# Without their names MariaDB would begin with all invoices of the site, whatever was sent lately.
	for invoices in create_batch(_arrived(company, doctype, since), INVOICES_AT_A_TIME):
		found += query.where(document.return_against.isin(invoices)).run(pluck=True)
	return _queue(doctype, found)


def _arrived(company: str, doctype: str, since: datetime) -> list[str]:
	"""The names of documents that were sent since then."""
	log = DocType(LOG)
	return (
		frappe.qb.from_(log)
		.select(log.reference_name)
		.where((log.company == company) & (log.reference_doctype == doctype) & (log.is_latest == 1))
		.where((log.status == Status.SUCCESS.value) & (log.finished_at >= since))
		.run(pluck=True)
	)


def _whose_other_invoices_arrived(company: str, doctype: str) -> list[str]:
	"""Those of the unallocated that belong to an invoice which they do not name."""
	log, _document, query = _credit_notes(doctype)
	query = query.select(log.finished_at).where((log.company == company) & (log.is_unallocated == 1))
	found = []
	for part in create_batch(query.run(), BATCH_SIZE):
		invoices = returns.belongs_to(doctype, [name for name, _finished_at in part])
		arrived = dict(
			frappe.get_all(
				LOG,
				{
					"reference_doctype": doctype,
					"reference_name": ("in", sorted({one for some in invoices.values() for one in some})),
					"is_latest": 1,
					"status": Status.SUCCESS.value,
				},
				["reference_name", "finished_at"],
				as_list=True,
			)
		)
		found += [
			name
			for name, finished_at in part
			if any(arrived[invoice] > finished_at for invoice in invoices.get(name, ()) if invoice in arrived)
		]
	return found[:BATCH_SIZE]


def queue_approved(company: str, changed: Mapping[str, XeroDocument]) -> int:
	"""Queue credit notes that could not be allocated as drafts, if they or their invoices are approved in Xero now.

	`changed`: by id, what changed there. Each approval is noted, so that it queues them once. Returns how many. Does
	not commit.
	"""
	approved = [document for document in changed.values() if document.status in APPROVED]
	documents = xero_documents.approved_since(
		xero_documents.organisation_of(company), {document.id: document.status for document in approved}
	)
	queued = 0
	for doctype in sorted({ref.doctype for ref in documents}):
		names = [ref.name for ref in documents if ref.doctype == doctype]
		log, document, query = _credit_notes(doctype)
		concerned = sorted({*names, *returns.returns_of(doctype, names)})
		query = query.where((log.company == company) & (log.is_unallocated == 1))
		queued += _queue(doctype, query.where(document.name.isin(concerned)).run(pluck=True))
	return queued


def queue_set_against(company: str) -> int:
	"""Queue credit notes that ERPNext has set against something, or no longer does, since their last attempt.

	Most are queued at once by an event of the voucher. What ERPNext writes to its payment ledger without one, or while
	the sync was disabled, is found here. Returns how many. Does not commit.
	"""
	return sum(
		_queue(doctype, {*_set_against_since(company, doctype), *_no_longer_set_against(company, doctype)})
		for doctype in DOCTYPES
	)


def _set_against_since(company: str, doctype: str) -> list[str]:
	log, document, query = _credit_notes(doctype)
	ledger = DocType(returns.LEDGER)
	query = (
		query.distinct()
		.join(ledger)
		.on((ledger.against_voucher_type == doctype) & (ledger.against_voucher_no == document.name))
		.where((log.company == company) & (document.is_return == 1))
		.where((ledger.voucher_no != document.name) & (ledger.modified > log.finished_at))
	)
	return query.limit(BATCH_SIZE).run(pluck=True)


def _no_longer_set_against(company: str, doctype: str) -> list[str]:
	"""Those that we allocated to an invoice which they do not belong to any more: ERPNext keeps no trace of that."""
	log, _document, query = _credit_notes(doctype)
	copy = DocType(XERO_DOCUMENT)
	organisation = xero_documents.organisation_of(company)
	query = (
		query.join(copy)
		.on((copy.tenant_id == organisation) & (copy.xero_id == log.xero_id))
		.select(copy.allocations)
		.where((log.company == company) & copy.allocations.notnull())
	)
	found: list[str] = []
	for part in create_batch(query.run(), BATCH_SIZE):
		allocated = {
			name: {one.invoice_id for one in from_column(text) if one.invoice_id} for name, text in part
		}
		owners = xero_documents.owners(organisation, sorted(set().union(*allocated.values())), [])
		belongs_to = returns.belongs_to(doctype, list(allocated))
		for name, invoice_ids in allocated.items():
			invoices = {owners.by_id[id_].document.name for id_ in invoice_ids if id_ in owners.by_id}
			if invoices - belongs_to.get(name, set()):
				found.append(name)
	return found[:BATCH_SIZE]


def _credit_notes(
	doctype: str, statuses: Sequence[str] = (Status.SUCCESS.value,)
) -> tuple[Table, Table, QueryBuilder]:
	"""The log, the documents, and a query of the names of submitted ones whose latest row has one of the statuses."""
	log, document = DocType(LOG), DocType(doctype)
	query = (
		frappe.qb.from_(log)
		.join(document)
		.on((document.name == log.reference_name) & (document.creation == log.reference_creation))
		.select(log.reference_name)
		.where((log.reference_doctype == doctype) & (log.is_latest == 1))
		.where(log.status.isin(statuses) & (document.docstatus == 1))
	)
	return log, document, query


def _queue(doctype: str, names: Sequence[str] | set[str]) -> int:
	for name in sorted(names):
		FrappeEnqueuer().retry(DocumentRef(doctype, name), Trigger.AUTOMATIC)
	return len(names)
