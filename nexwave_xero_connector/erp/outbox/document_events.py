"""What a Submit and a Cancel of an invoice do, without ever failing or holding up the user.

Our own failure is undone and logged, and the user's transaction goes on. A failure that has taken the user's
transaction with it (a deadlock, a lost connection) is raised: to go on would commit half of it.
"""

from __future__ import annotations

from collections.abc import Callable

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.erp.doctypes import SETTINGS
from nexwave_xero_connector.erp.outbox.eligibility import verdict
from nexwave_xero_connector.erp.outbox.enqueue import FrappeIntake
from nexwave_xero_connector.erp.outbox.log import ref_of
from nexwave_xero_connector.erp.worker import wake_after_commit
from nexwave_xero_connector.sync.records import Trigger

SAVEPOINT = "xero_sync_log"


def submitted(document: Document) -> None:
	"""Queue the push, or log why there is none; where that goes wrong, queue it unseen rather than lose it."""
	_harmlessly(_take_in, document) or _harmlessly(_queue_unseen, document)


def cancelled(document: Document) -> None:
	"""Have Xero's copy withdrawn. What goes wrong here is found by the sweep: cancelled, but still live in Xero."""
	_harmlessly(_withdraw, document)


def _take_in(document: Document) -> None:
	company = document.company
	if not _is_enabled(company):
		return
	decided = verdict(document, frappe.get_cached_doc(SETTINGS, company))
	FrappeIntake().take_in(document, Trigger.SUBMIT, not_pushed=decided.reason)
	if decided.is_pushed:
		wake_after_commit(company)


def _queue_unseen(document: Document) -> None:
	if _is_enabled(document.company):
		FrappeIntake().take_in(document, Trigger.SUBMIT)
		wake_after_commit(document.company)


def _withdraw(document: Document) -> None:
	if FrappeIntake().cancelled(ref_of(document)):
		wake_after_commit(document.company)


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
