"""Retry and Void for one document."""

from datetime import datetime

import frappe
from frappe.utils import escape_html

from nexwave_xero_connector.api.permissions import require_manager, require_permission, require_row
from nexwave_xero_connector.erp.connection.pause import ask_again_now
from nexwave_xero_connector.erp.doctypes import LOG, SETTINGS
from nexwave_xero_connector.erp.outbox import log as sync_log
from nexwave_xero_connector.erp.outbox.eligibility import eligibility
from nexwave_xero_connector.erp.outbox.enqueue import FrappeEnqueuer, may_be_in_xero
from nexwave_xero_connector.erp.outbox.left_out import LeftOut
from nexwave_xero_connector.erp.outbox.log import DOCTYPES, OPEN_STATUSES, created_of, docstatus_of
from nexwave_xero_connector.erp.outbox.missed import sent_elsewhere
from nexwave_xero_connector.erp.outbox.realtime import announce
from nexwave_xero_connector.erp.outbox.stuck import why_company_waits
from nexwave_xero_connector.erp.outbox.xero_documents import organisation_of
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.erp.worker import enqueue_worker_after_commit
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.records import DocStatus, Operation, Status, Trigger


@frappe.whitelist(methods=["POST"])
def retry(doctype: str, name: str) -> dict[str, str]:
	"""Queue another attempt for an invoice, or for the one that a row of the log is about.

	It is the same push again, so it is safe to press as often as you like. Returns a message for the user.
	"""
	document, created = document_of(doctype, name)
	require_permission(document, "submit")
	docstatus = DocStatus(docstatus_of(document, created))
	if docstatus is DocStatus.DRAFT:
		frappe.throw(
			_("{0} {1} is a draft. Submit it to send it to Xero.").format(_(document.doctype), document.name)
		)
	newest = newest_row(document, created)
	if newest:
		require_row(newest.name)
		if _is_done(newest, docstatus) and not sent_elsewhere(
			document, created, organisation_of(newest.company)
		):
			return {"message": newest.finding or _done_message(docstatus, document)}
	if docstatus is DocStatus.SUBMITTED:
		if newest and newest.left_out_at:
			frappe.throw(
				_("{0} To send it after all, press Take Back in the Xero Sync Log.").format(
					escape_html(newest.message)
				)
			)
		check_eligibility(document, newest)
	elif not (newest and (newest.status in OPEN_STATUSES or may_be_in_xero(newest))):
		frappe.throw(
			_("{0} {1} is cancelled and was never sent to Xero. There is nothing to do.").format(
				_(document.doctype), document.name
			)
		)
	return queue(document, created)


@frappe.whitelist(methods=["POST"])
def void(doctype: str, name: str) -> dict[str, str]:
	"""Queue the Void of a cancelled document that is still live in Xero. Returns a message for the user."""
	require_manager()
	document, created = document_of(doctype, name)
	require_permission(document, "cancel")
	if DocStatus(docstatus_of(document, created)) is not DocStatus.CANCELLED:
		frappe.throw(
			_("{0} {1} is not cancelled. Cancel it to void its copy in Xero.").format(
				_(document.doctype), document.name
			)
		)
	newest = newest_row(document, created)
	if not newest:
		frappe.throw(_("{0} {1} was never sent to Xero.").format(_(document.doctype), document.name))
	require_row(newest.name)
	if _is_done(newest, DocStatus.CANCELLED):
		return {"message": _done_message(DocStatus.CANCELLED, document)}
	return queue(document, created)


def document_of(doctype: str, name: str) -> tuple[DocumentRef, datetime | None]:
	"""The invoice itself, or the one that a row of the log is about, and when ERPNext inserted it.

	A row may be about a document that was deleted, and whose name another one has now.
	"""
	created = None
	if doctype == LOG:
		row = frappe.db.get_value(
			LOG, name, ["reference_doctype", "reference_name", "reference_creation"], as_dict=True
		)
		if not row:
			frappe.throw(_("Xero Sync Log {0} no longer exists.").format(name), frappe.DoesNotExistError)
		doctype, name, created = row.reference_doctype, row.reference_name, row.reference_creation
	if doctype not in DOCTYPES:
		frappe.throw(_("{0} is not sent to Xero.").format(_(doctype)))
	document = DocumentRef(doctype, name)
	return document, created or created_of(document)


def newest_row(document: DocumentRef, created: datetime | None) -> frappe._dict | None:
	name = sync_log.newest_row(document, created)
	return name and frappe.db.get_value(
		LOG,
		name,
		[
			"name",
			"status",
			"operation",
			"company",
			"error_class",
			"is_different",
			"is_unallocated",
			"xero_type",
			"xero_id",
			"unconfirmed_until",
			"finding",
			"left_out_at",
			"message",
		],
		as_dict=True,
	)


def check_eligibility(
	document: DocumentRef, newest: frappe._dict | None, ignore_left_out: bool = False
) -> None:
	"""Throw why the document is not sent. `ignore_left_out`: somebody takes it back, alone."""
	doc = frappe.get_doc(document.doctype, document.name)
	settings = frappe.db.exists(SETTINGS, doc.company) and frappe.get_cached_doc(SETTINGS, doc.company)
	if not settings or not settings.enabled:
		frappe.throw(
			_("Sending to Xero is not enabled for {0}. Enable it in Xero Sync Settings.").format(doc.company)
		)
	# A document that was queued once, by a backfill, is not excluded again because of its date or its party.
	was_queued = bool(newest and newest.status != Status.SKIPPED.value)
	not_pushed = eligibility(doc, settings, ignore_start_date=was_queued)
	if isinstance(not_pushed, LeftOut) and (ignore_left_out or was_queued):
		return
	if not_pushed:
		frappe.throw(plain_text(not_pushed))


def _is_done(newest: frappe._dict, docstatus: DocStatus) -> bool:
	if docstatus is DocStatus.SUBMITTED:
		is_in_xero = newest.status == Status.SUCCESS.value and newest.operation == Operation.PUSH.value
		return is_in_xero and not newest.is_different and not newest.is_unallocated
	return newest.status == Status.VOIDED.value and not newest.unconfirmed_until


def _done_message(docstatus: DocStatus, document: DocumentRef) -> str:
	if docstatus is DocStatus.SUBMITTED:
		return _("{0} is already in Xero. There is nothing to do.").format(document.name)
	return _("{0} is already voided in Xero. There is nothing to do.").format(document.name)


def queue(document: DocumentRef, created: datetime | None) -> dict[str, str]:
	added = FrappeEnqueuer().retry(document, Trigger.RETRY, created)
	row = newest_row(document, created)
	announce(row.name, row.company, document)
	ask_again_now(row.company)
	enqueue_worker_after_commit(row.company)
	if row.status == Status.IN_PROGRESS.value:
		return {"message": _("{0} is being processed right now.").format(document.name)}
	if reason := why_company_waits(row.company):
		return {"message": _("{0} is queued and waiting. {1}").format(document.name, reason)}
	if added:
		return {"message": _("{0} is queued. The log will show the result.").format(document.name)}
	return {"message": _("{0} was already waiting; it will be processed now.").format(document.name)}
