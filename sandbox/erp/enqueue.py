"""The port Enqueuer on SQLite: rows that commit with the submit or cancel that caused them."""

from __future__ import annotations

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.records import DocStatus, ErrorClass, Operation, Status, Trigger
from nexwave_xero_connector.sync.void_outcomes import never_sent
from sandbox.erp.clock import Clock
from sandbox.erp.database import Database
from sandbox.erp.rendering import rendered
from sandbox.erp.sync_log import SyncLog, docstatus


class EmbeddedEnqueuer:
	"""Every call is made inside the caller's transaction, which holds the write lock of the whole file.

	So a worker's last read of a document comes either before the cancel's transaction begins or after it has committed.
	"""

	def __init__(self, database: Database, clock: Clock) -> None:
		self._database = database
		self._clock = clock
		self._log = SyncLog(database)

	def submitted(self, document: DocumentRef, trigger: Trigger) -> None:
		self._queue(document, Operation.PUSH, trigger)

	def cancelled(self, document: DocumentRef) -> None:
		latest = self._log.latest(document)
		if self._log.open_row(document) or (
			latest and (latest["xero_type"] or latest["error_class"] == ErrorClass.CONFLICT.value)
		):
			self._queue(document, Operation.VOID, Trigger.CANCEL)
		elif latest and latest["status"] == Status.FAILED.value:
			self._queue(document, Operation.VOID, Trigger.CANCEL)
			self._log.skip(document, rendered(never_sent(document)), self._clock.now())

	def retry(self, document: DocumentRef, trigger: Trigger) -> bool:
		is_cancelled = docstatus(self._database, document) in (DocStatus.CANCELLED, DocStatus.GONE)
		return self._queue(document, Operation.VOID if is_cancelled else Operation.PUSH, trigger)

	def _queue(self, document: DocumentRef, operation: Operation, trigger: Trigger) -> bool:
		"""Queue a row. False if the document already has an open row, which is then used."""
		if not self._database.in_transaction:
			raise RuntimeError(
				"An outbox row must be written in the transaction that causes it, but no transaction is open"
			)
		now = self._clock.now()
		if row := self._log.open_row(document):
			self._log.make_due(row, now, trigger.priority)
			return False
		self._log.add(document, self._company(document), operation, trigger, now, now, trigger.priority)
		return True

	def _company(self, document: DocumentRef) -> str:
		row = self._database.row(
			"SELECT company FROM invoice WHERE doctype = ? AND name = ?", document.doctype, document.name
		)
		if row:
			return row["company"]
		latest = self._log.latest(document)
		assert latest is not None
		return latest["company"]
