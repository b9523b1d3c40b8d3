"""What a Submit and a Cancel of an invoice do, without ever failing or holding up the user.

Our own failure is undone and logged, and the user's transaction goes on. A failure that has taken the user's
transaction with it (a deadlock, a lost connection) is raised: to go on would commit half of it.
"""

from __future__ import annotations

from collections.abc import Callable

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.erp.doctypes import SETTINGS
from nexwave_xero_connector.erp.outbox.eligibility import eligibility
from nexwave_xero_connector.erp.outbox.enqueue import FrappeEnqueuer
from nexwave_xero_connector.erp.outbox.log import ref_of
from nexwave_xero_connector.erp.worker import enqueue_worker_after_commit
from nexwave_xero_connector.sync.records import Trigger

SAVEPOINT = "xero_sync_log"


def submitted(document: Document) -> None:
	"""Queue the push, or log why there is none; where that goes wrong, queue it unseen rather than lose it."""
	_harmlessly(_enqueue, document) or _harmlessly(_queue_unseen, document)


def cancelled(document: Document) -> None:
	"""Have Xero's copy voided. What goes wrong here is found by the sweep: cancelled, but still live in Xero."""
	_harmlessly(_void, document)


def _enqueue(document: Document) -> None:
	company = document.company
	if not _is_enabled(company):
		return
	not_pushed = eligibility(document, frappe.get_cached_doc(SETTINGS, company))
	FrappeEnqueuer().enqueue(document, Trigger.SUBMIT, not_pushed=not_pushed)
	if not_pushed is None:
		enqueue_worker_after_commit(company)


def _queue_unseen(document: Document) -> None:
	if _is_enabled(document.company):
		FrappeEnqueuer().enqueue(document, Trigger.SUBMIT)
		enqueue_worker_after_commit(document.company)


def _void(document: Document) -> None:
	if FrappeEnqueuer().cancelled(ref_of(document)):
		enqueue_worker_after_commit(document.company)


def _is_enabled(company: str) -> bool:
	return bool(frappe.db.get_value(SETTINGS, company, "enabled"))


def _harmlessly(action: Callable[[Document], None], document: Document) -> bool:
	"""Run the action in a savepoint; False when it failed and has been undone."""
	frappe.db.savepoint(SAVEPOINT)
	messages = len(frappe.local.message_log)
	try:
		action(document)
	except Exception as failure:
		_undo(failure)
		# What our failure had to say is in the Error Log; the user has submitted an invoice, and that went well.
		del frappe.local.message_log[messages:]
		_log(document)
		return False
	frappe.db.release_savepoint(SAVEPOINT)
	return True


def _undo(failure: Exception) -> None:
	"""MariaDB drops the savepoint when it rolls the whole transaction back by itself, so this tells the two apart."""
	try:
		frappe.db.rollback(save_point=SAVEPOINT)
	except Exception:
		raise failure from None


def _log(document: Document) -> None:
	frappe.db.savepoint(SAVEPOINT)
	try:
		frappe.log_error(
			title=f"Xero: {document.doctype} {document.name} met an error of ours",
			reference_doctype=document.doctype,
			reference_name=document.name,
		)
	except Exception as failure:
		_undo(failure)
		frappe.logger("xero").exception(f"{document.doctype} {document.name} met an error of ours")
