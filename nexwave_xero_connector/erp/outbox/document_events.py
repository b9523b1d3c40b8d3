"""What we do on Submit, change, Cancel and Rename of an invoice, without ever failing or delaying the user."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.erp.doctypes import LOG, SETTINGS
from nexwave_xero_connector.erp.outbox import credit_notes
from nexwave_xero_connector.erp.outbox.eligibility import eligibility
from nexwave_xero_connector.erp.outbox.enqueue import FrappeEnqueuer
from nexwave_xero_connector.erp.outbox.log import (
	DOCTYPES,
	created_of,
	newest_row,
	ref_of,
)
from nexwave_xero_connector.erp.outbox.stuck import is_enabled, say_that_it_waits
from nexwave_xero_connector.erp.rendering import message
from nexwave_xero_connector.erp.returns import used_by
from nexwave_xero_connector.erp.user_transaction import harmlessly
from nexwave_xero_connector.erp.worker import enqueue_worker_after_commit
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.records import DocStatus, Status, Trigger


def submitted(document: Document) -> None:
	"""Queue the push, or log why there is none. If that fails, queue it unchecked rather than lose it."""
	_harmlessly(_enqueue, document) or _harmlessly(_queue_unchecked, document)


def cancelled(document: Document) -> None:
	"""Have the copy in Xero voided. If this fails, the sweep finds the document: cancelled, but still live in Xero."""
	_harmlessly(_void, document)


def reconciled(document: Document) -> None:
	"""Have the returns that a Journal Entry or Payment Entry refers to compared with their allocations in Xero."""
	_harmlessly(_queue_returns, document)


def unreconciled(document: Document) -> None:
	"""The same for an Unreconcile Payment of one of these, even if it names the invoice alone, and not the return."""
	_harmlessly(_queue_unreconciled, document)


def _queue_returns(document: Document) -> None:
	references = _invoices(document.get("accounts") or document.get("references") or ())
	if references and is_enabled(document.company):
		_queue(credit_notes.in_xero(references), document.company)


def _queue_unreconciled(document: Document) -> None:
	if is_enabled(document.company):
		left = used_by(DocumentRef(document.voucher_type, document.voucher_no))
		references = [*_invoices(document.allocations), *(ref for ref in left if ref.doctype in DOCTYPES)]
		_queue(credit_notes.in_xero(references) if references else (), document.company)


def _invoices(rows: Iterable[Document]) -> list[DocumentRef]:
	references = {
		DocumentRef(row.get("reference_type") or row.get("reference_doctype"), row.reference_name)
		for row in rows
		if row.get("reference_name")
	}
	return [ref for ref in references if ref.doctype in DOCTYPES]


def _queue(returns: Iterable[DocumentRef], company: str) -> None:
	found = dict.fromkeys(returns)
	for ref in found:
		FrappeEnqueuer().retry(ref, Trigger.AUTOMATIC)
	if found:
		enqueue_worker_after_commit(company)


def renamed(document: Document, old: str) -> None:
	"""Say in the log which number the document has in Xero, where it keeps the one that it was sent under.

	A draft that was left out stays so.
	"""
	if document.docstatus == DocStatus.DRAFT.value:
		_harmlessly(lambda document: FrappeEnqueuer().draft_renamed(document, old), document)
	else:
		_harmlessly(lambda document: _say_number_in_xero(document, old), document)


def _say_number_in_xero(document: Document, old: str) -> None:
	ref = ref_of(document)
	name = newest_row(ref, created_of(document))
	columns = ["status", "xero_number", "message", "message_links"]
	row = name and frappe.db.get_value(LOG, name, columns, as_dict=True)
	if not row or row.status != Status.SUCCESS.value or row.xero_number != old:
		return
	sentence = Sentence(
		_(
			"{document} is in Xero as {number}, its name when it was sent. It was renamed here since. Xero keeps the"
			" number; change it there if both have to be the same."
		),
		document=DocLink(ref.doctype, ref.name),
		number=old,
	)
	# After what the row says already, for example that a credit note is not allocated.
	said, links = message(sentence), json.loads(row.message_links or "[]")
	values = {
		"message": f"{row.message or ''} {said['message']}".strip(),
		"message_links": json.dumps([*links, *json.loads(said["message_links"])]),
	}
	frappe.db.set_value(LOG, name, values, update_modified=False)


def _enqueue(document: Document) -> None:
	company = document.company
	if not is_enabled(company):
		return
	not_pushed = eligibility(document, frappe.get_cached_doc(SETTINGS, company))
	FrappeEnqueuer().enqueue(document, Trigger.SUBMIT, not_pushed=not_pushed)
	if not_pushed is None:
		enqueue_worker_after_commit(company)


def _queue_unchecked(document: Document) -> None:
	if is_enabled(document.company):
		FrappeEnqueuer().enqueue(document, Trigger.SUBMIT)
		enqueue_worker_after_commit(document.company)


def _void(document: Document) -> None:
	if FrappeEnqueuer().cancelled(ref_of(document), created_of(document)):
		say_that_it_waits(document)
		enqueue_worker_after_commit(document.company)


def _harmlessly(action: Callable[[Document], object], document: Document) -> bool:
	title = f"Xero: {document.doctype} {document.name} could not be queued"
	reference = {"reference_doctype": document.doctype, "reference_name": document.name}
	return harmlessly(lambda: action(document), title, **reference)
