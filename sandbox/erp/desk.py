"""What users do in the ERP: submit, cancel, delete, press Retry, map a tax, connect again."""

from __future__ import annotations

from dataclasses import replace

from nexwave_xero_connector.mapping.erp_document import DocumentRef, SetAgainst
from nexwave_xero_connector.sync.records import DocStatus, Status, Trigger
from sandbox.erp.database import Database
from sandbox.erp.enqueue import EmbeddedEnqueuer
from sandbox.erp.stored import INVOICE, to_json
from sandbox.erp.sync_log import SyncLog, docstatus


class NotAllowed(Exception):
	"""ERPNext would refuse it too."""


class Desk:
	"""Each action is one transaction, which also writes what the action means for Xero."""

	def __init__(self, database: Database, enqueuer: EmbeddedEnqueuer) -> None:
		self._database = database
		self._enqueuer = enqueuer
		self._log = SyncLog(database)

	def submit(self, document: DocumentRef) -> None:
		with self._database.transaction():
			self.submit_within_transaction(document)

	def submit_within_transaction(self, document: DocumentRef) -> None:
		self._change(document, DocStatus.DRAFT, DocStatus.SUBMITTED)
		if self._is_pushed(document):
			self._enqueuer.submitted(document, Trigger.SUBMIT)

	def cancel(self, document: DocumentRef) -> None:
		with self._database.transaction():
			self.cancel_within_transaction(document)

	def cancel_within_transaction(self, document: DocumentRef) -> None:
		self._change(document, DocStatus.SUBMITTED, DocStatus.CANCELLED)
		self._enqueuer.cancelled(document)

	def cancel_unnoticed(self, document: DocumentRef) -> None:
		"""A cancel that the connector does not notice: it was disabled, or its hook failed."""
		with self._database.transaction():
			self._change(document, DocStatus.SUBMITTED, DocStatus.CANCELLED)

	def reconcile(self, credit_note: DocumentRef, *parts: SetAgainst) -> None:
		"""What Payment Reconciliation or a refund has done with a return's balance; without parts, it is undone."""
		with self._database.transaction():
			row = self._database.row(
				"SELECT body FROM invoice WHERE doctype = ? AND name = ?",
				credit_note.doctype,
				credit_note.name,
			)
			document = replace(INVOICE.validate_json(row["body"]), set_against=parts)
			self._database.execute(
				"UPDATE invoice SET body = ? WHERE doctype = ? AND name = ?",
				to_json(INVOICE, document),
				credit_note.doctype,
				credit_note.name,
			)
			latest = self._log.latest(credit_note)
			if latest and latest["status"] == Status.SUCCESS.value:
				self._enqueuer.retry(credit_note, Trigger.AUTOMATIC)

	def delete(self, document: DocumentRef) -> None:
		with self._database.transaction():
			if docstatus(self._database, document) is DocStatus.SUBMITTED:
				raise NotAllowed(f"{document} is submitted: cancel it first")
			self._database.execute(
				"DELETE FROM invoice WHERE doctype = ? AND name = ?", document.doctype, document.name
			)

	def retry(self, document: DocumentRef) -> bool:
		"""The Retry and the Void button. False if an attempt was already waiting."""
		with self._database.transaction():
			return self._enqueuer.retry(document, Trigger.RETRY)

	def orphans(self, company: str) -> list[DocumentRef]:
		"""Documents that are cancelled here and, according to the log, live in Xero."""
		rows = self._database.rows(
			"""SELECT log.doctype, log.document FROM sync_log AS log LEFT JOIN invoice
				ON invoice.doctype = log.doctype AND invoice.name = log.document
			WHERE log.company = ? AND log.is_latest AND log.open_key IS NULL AND log.xero_id != ''
				AND log.status != 'Voided' AND coalesce(invoice.docstatus, 2) = 2 ORDER BY log.name""",
			company,
		)
		return [DocumentRef(row["doctype"], row["document"]) for row in rows]

	def map_tax(self, company: str, template_doctype: str, template: str, sales: str, purchases: str) -> None:
		"""Add a row to the tax mapping: the Xero tax types of a template, for sales and for purchases."""
		self._database.execute(
			"INSERT OR REPLACE INTO tax_mapping VALUES (?, ?, ?, ?, ?)",
			company,
			template_doctype,
			template,
			sales,
			purchases,
		)

	def connect_again(self, company: str) -> None:
		"""Resume the company's rows."""
		self._database.execute(
			"""UPDATE xero_settings SET paused = 0, paused_until = NULL, paused_because = '', outage_since = NULL
			WHERE company = ?""",
			company,
		)

	def _change(self, document: DocumentRef, before: DocStatus, after: DocStatus) -> None:
		if docstatus(self._database, document) is not before:
			raise NotAllowed(f"{document} is not {before.name.lower()}")
		self._database.execute(
			"UPDATE invoice SET docstatus = ? WHERE doctype = ? AND name = ?",
			after.value,
			document.doctype,
			document.name,
		)

	def _is_pushed(self, document: DocumentRef) -> bool:
		row = self._database.row(
			"""SELECT invoice.body, settings.start_date
			FROM invoice JOIN xero_settings AS settings USING (company)
			WHERE doctype = ? AND name = ? AND settings.enabled""",
			document.doctype,
			document.name,
		)
		return bool(row) and INVOICE.validate_json(row["body"]).posting_date.isoformat() >= row["start_date"]
