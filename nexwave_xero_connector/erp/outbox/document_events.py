"""What we do on Submit, change and Cancel of an invoice, without ever failing or delaying the user.

An error of ours is rolled back and logged, and the user's transaction continues. An error that has rolled back the
user's transaction as well (a deadlock, a lost connection) is raised: to continue would commit half of it.
"""

from __future__ import annotations

from collections.abc import Callable

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.erp.doctypes import SETTINGS
from nexwave_xero_connector.erp.outbox.changed import note_changes
from nexwave_xero_connector.erp.outbox.eligibility import eligibility
from nexwave_xero_connector.erp.outbox.enqueue import FrappeEnqueuer
from nexwave_xero_connector.erp.outbox.log import ref_of
from nexwave_xero_connector.erp.outbox.stuck import is_enabled, say_that_it_waits
from nexwave_xero_connector.erp.worker import enqueue_worker_after_commit
from nexwave_xero_connector.sync.records import Trigger

SAVEPOINT = "xero_sync_log"


def submitted(document: Document) -> None:
	"""Queue the push, or log why there is none. If that fails, queue it unchecked rather than lose it."""
	_harmlessly(_enqueue, document) or _harmlessly(_queue_unchecked, document)


def cancelled(document: Document) -> None:
	"""Have the copy in Xero voided. If this fails, the sweep finds the document: cancelled, but still live in Xero."""
	_harmlessly(_void, document)


def changed(document: Document) -> None:
	"""Say on the document's row that what is in Xero is no longer what the document says."""
	_harmlessly(note_changes, document)


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
	if FrappeEnqueuer().cancelled(ref_of(document)):
		say_that_it_waits(ref_of(document), document.company)
		enqueue_worker_after_commit(document.company)


def _harmlessly(action: Callable[[Document], None], document: Document) -> bool:
	"""Run the action in a savepoint; False if it failed and was rolled back."""
	frappe.db.savepoint(SAVEPOINT)
	messages = len(frappe.local.message_log)
	try:
		action(document)
	except Exception as failure:
		_undo(failure)
		# Our error is in the Error Log. The user has submitted an invoice, which worked, and need not see it.
		del frappe.local.message_log[messages:]
		_log(document)
		return False
	frappe.db.release_savepoint(SAVEPOINT)
	return True


def _undo(failure: Exception) -> None:
	"""If MariaDB has rolled back the whole transaction, the savepoint is gone: then the failure is raised."""
	try:
		frappe.db.rollback(save_point=SAVEPOINT)
	except Exception:
		raise failure from None


def _log(document: Document) -> None:
	frappe.db.savepoint(SAVEPOINT)
	try:
		frappe.log_error(
			title=f"Xero: {document.doctype} {document.name} could not be queued",
			reference_doctype=document.doctype,
			reference_name=document.name,
		)
	except Exception as failure:
		_undo(failure)
		frappe.logger("xero").exception(f"{document.doctype} {document.name} could not be queued")
