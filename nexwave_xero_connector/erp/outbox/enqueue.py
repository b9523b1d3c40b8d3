"""The port Enqueuer on the Xero Sync Log. Everything here runs in the caller's transaction."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime

from nexwave_xero_connector.erp.doctypes import LOG
from nexwave_xero_connector.erp.outbox import log as sync_log
from nexwave_xero_connector.erp.outbox.left_out import COLUMNS, LeftOut, left_out_alone
from nexwave_xero_connector.erp.outbox.log import DOCUMENT_FIELDS, IN_XERO, OPEN_STATUSES, SUBJECT
from nexwave_xero_connector.erp.rendering import message
from nexwave_xero_connector.erp.transactions import lock, locking_reads_see_the_present
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.records import DocStatus, ErrorClass, Operation, Status, Trigger
from nexwave_xero_connector.sync.void_outcomes import never_sent

USER_PATIENCE_SECONDS = 3.0
"""How long a user's Cancel waits at most for a worker's transaction: it takes milliseconds, unless it is frozen."""


class FrappeEnqueuer:
	def submitted(self, document: DocumentRef, trigger: Trigger) -> None:
		fields = DOCUMENT_FIELDS[document.doctype]
		values = frappe.db.get_value(document.doctype, document.name, fields, as_dict=True)
		self.enqueue(values | {"doctype": document.doctype, "name": document.name}, trigger)

	def enqueue(
		self, document: Document | Mapping, trigger: Trigger, not_pushed: Sentence | None = None
	) -> None:
		"""Like `submitted`, in one statement, for a document that is loaded already; or log why it is not sent."""
		ref, created = sync_log.ref_of(document), sync_log.created_of(document)
		first = sync_log.first_row(ref, created)
		about = sync_log.subject(document)
		values = _skipped(not_pushed) if not_pushed else {}
		try:
			sync_log.add_row(first, ref, created, about, Operation.PUSH, trigger, **values)
		except Exception as failure:
			if not frappe.db.is_primary_key_violation(failure):
				raise
			# Somebody else was faster, or the document was submitted before and has been set back to a draft.
			with locking_reads_see_the_present():
				newest = self._lock_newest(ref, created) or self._lock_from(first)
				if newest.left_out_at:
					return  # it was left out as a draft
				self._follow(newest, newest | about, ref, Operation.PUSH, trigger, **values)

	def cancelled(self, document: DocumentRef, created: datetime | None = None) -> bool:
		"""True if a worker has something to do. `created`: when ERPNext inserted it, if the caller knows."""
		with locking_reads_see_the_present():
			newest = self._lock_newest(document, created or sync_log.created_of(document))
			if newest is None:
				return False
			if newest.status in OPEN_STATUSES:
				sync_log.make_due(newest.name, Trigger.CANCEL)
				return True
			if may_be_in_xero(newest):
				return self._follow(newest, newest, document, Operation.VOID, Trigger.CANCEL)
			if newest.status == Status.FAILED.value:
				done = _skipped(never_sent(document))
				self._follow(newest, newest, document, Operation.VOID, Trigger.CANCEL, **done)
			return False

	def retry(self, document: DocumentRef, trigger: Trigger, created: datetime | None = None) -> bool:
		"""`created`: when ERPNext inserted the document that is meant, if that may not be the present one."""
		created = created or sync_log.created_of(document)
		with locking_reads_see_the_present():
			newest = self._lock_newest(document, created)
			if newest is None:
				self.submitted(document, trigger)
				return True
			cancelled = sync_log.docstatus_of(document, created) == DocStatus.CANCELLED.value
			operation = Operation.VOID if cancelled else Operation.PUSH
			return self._follow(newest, newest, document, operation, trigger)

	def skip(self, document: Document | Mapping, reason: Sentence) -> bool:
		"""Record why the document is not sent, also if it waits; False if a worker has it right now."""
		ref, created = sync_log.ref_of(document), sync_log.created_of(document)
		about, values = sync_log.subject(document), _skipped(reason)
		with locking_reads_see_the_present():
			newest = self._lock_newest(ref, created)
			if newest is None:
				first = sync_log.first_row(ref, created)
				sync_log.add_row(first, ref, created, about, Operation.PUSH, Trigger.LEAVE_OUT, **values)
				return True
			if newest.status == Status.IN_PROGRESS.value:
				return False
			if newest.status == Status.QUEUED.value:
				frappe.db.set_value(
					LOG, newest.name, values | {"needs_attention": 0, "is_stuck": 0, "finding": None}
				)
				return True
			return self._follow(newest, newest | about, ref, Operation.PUSH, Trigger.LEAVE_OUT, **values)

	def draft_renamed(self, draft: Document, old: str) -> None:
		"""Let a later Submit find what the log has of the draft: it looks for a first row, by that name."""
		ref, created = sync_log.ref_of(draft), sync_log.created_of(draft)
		name, first = sync_log.newest_row(ref, created), sync_log.first_row(ref, created)
		if name is None or frappe.db.exists(LOG, first):
			return
		named = Sentence(
			_("{document} was named {old} before it was submitted."),
			document=DocLink(ref.doctype, ref.name),
			old=old,
		)
		about = sync_log.subject(draft)
		sync_log.add_row(
			first, ref, created, about, Operation.PUSH, Trigger.AUTOMATIC, is_latest=0, **_skipped(named)
		)
		newest = frappe.db.get_value(LOG, name, COLUMNS, as_dict=True)
		if newest.left_out_at:
			frappe.db.set_value(LOG, name, message(left_out_alone(ref, newest)), update_modified=False)

	def _follow(
		self,
		newest: frappe._dict,
		about: Mapping[str, object],
		document: DocumentRef,
		operation: Operation,
		trigger: Trigger,
		**values: object,
	) -> bool:
		"""Add a row after the newest, which is locked; False if that one is still open and can be used."""
		if newest.status in OPEN_STATUSES:
			sync_log.make_due(newest.name, trigger)
			return False
		sync_log.supersede(newest.name)
		sync_log.add_row(
			sync_log.next_row(newest.name),
			document,
			newest.reference_creation,
			about,
			operation,
			trigger,
			**values,
		)
		return True

	def _lock_newest(self, document: DocumentRef, created: datetime | None) -> frappe._dict | None:
		"""The document's newest row as it is now, locked until the caller commits.

		It is found by a plain read, then locked by its primary key. A locking read by document that finds nothing would
		lock the gap where the row would be, and users with neighbouring documents would deadlock on their inserts.
		"""
		name = sync_log.newest_row(document, created)
		return self._lock_from(name) if name else None

	def _lock_from(self, name: str) -> frappe._dict | None:
		"""Lock the row; if it is no longer the newest, lock those after it, which the plain read could not see yet."""
		log = frappe.qb.DocType(LOG)
		fields = [
			log.name,
			log.status,
			log.error_class,
			log.is_latest,
			log.reference_creation,
			log.left_out_at,
		]
		fields += (log[field] for field in SUBJECT + IN_XERO)
		while True:
			query = frappe.qb.from_(log).select(*fields).where(log.name == name).for_update(nowait=True)
			rows = lock(query, USER_PATIENCE_SECONDS, new_transaction=False)
			if not rows or rows[0].is_latest:
				return rows[0] if rows else None
			name = sync_log.next_row(name)


def may_be_in_xero(newest: frappe._dict) -> bool:
	"""Whether the document was ever sent to Xero or found there, or Xero has something in its place.

	Its newest row says so, as it takes over what earlier rows knew. A row that Failed before anything was sent, or was
	Skipped, needs no Void.
	"""
	if newest.error_class == ErrorClass.CONFLICT.value:
		return True
	if newest.status == Status.VOIDED.value:
		return bool(newest.unconfirmed_until)
	return newest.status == Status.SUCCESS.value or bool(newest.xero_type or newest.xero_id)


def _skipped(reason: Sentence) -> dict[str, object]:
	columns = reason.columns if isinstance(reason, LeftOut) else {}
	return message(reason) | {
		**columns,
		"status": Status.SKIPPED.value,
		"due_at": None,
		"finished_at": now_datetime(),
	}
