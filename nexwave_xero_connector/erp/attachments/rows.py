"""The port Attachments on the DocType Xero Attachment. For a session at READ COMMITTED."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import frappe
from frappe.utils import now_datetime
from pypika.queries import QueryBuilder

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.attachments.files import read_file
from nexwave_xero_connector.erp.attachments.kinds import PRINT_FORMAT, attached_kinds
from nexwave_xero_connector.erp.attachments.prints import make_pdf
from nexwave_xero_connector.erp.doctypes import ATTACHMENT, SETTINGS, XERO_DOCUMENT
from nexwave_xero_connector.erp.foreign_text import as_columns, as_given, as_stored
from nexwave_xero_connector.erp.outbox.claim import FrappeOutbox
from nexwave_xero_connector.erp.outbox.log import newest_row
from nexwave_xero_connector.erp.outbox.realtime import announce
from nexwave_xero_connector.erp.outbox.xero_documents import record_name
from nexwave_xero_connector.erp.rendering import message, without_tokens
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.records import (
	AttachmentClaim,
	AttachmentOutcome,
	AttachmentStatus,
	DocStatus,
)


class FrappeAttachments:
	"""`organisation`: the one that the worker is connected to. Nothing is claimed once another one has been chosen."""

	def __init__(self, organisation: str) -> None:
		self._organisation = organisation
		self._outbox = FrappeOutbox(organisation=organisation)
		self._hashes: dict[str, str] = {}
		"""By row, the hash of the content that was read."""

	def now(self) -> datetime:
		return clock.utc_now()

	def claim(self, company: str, lease_until: datetime) -> list[AttachmentClaim]:
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- to see what others have committed
		if self._outbox.waits(company):
			return []
		while rows := self._lock_first(company):
			if claims := self._claims(company, rows, lease_until):
				frappe.db.commit()  # nosemgrep: frappe-manual-commit -- no lock is held while the worker talks to Xero
				return claims
			_drop(rows)
			frappe.db.commit()  # nosemgrep: frappe-manual-commit -- the next document's rows are another transaction's
		return []

	def _lock_first(self, company: str) -> list[frappe._dict]:
		"""The due rows of the document that is first in the queue."""
		table = frappe.qb.DocType(ATTACHMENT)
		query = _due(company, self.now()).where(table.tenant_id == self._organisation)
		first = query.select(table.document_key).orderby(table.priority, table.due_at).limit(1).run()
		if not first:
			return []
		columns = (
			"name reference_doctype reference_name reference_creation xero_type attempt title file_name file_id file"
			" content_length unconfirmed_until"
		)
		query = query.where(table.document_key == first[0][0]).select(table.document_key)
		query = query.select(*(table[column] for column in columns.split())).orderby(table.idx)
		return query.for_update(skip_locked=True).run(as_dict=True)

	def _claims(
		self, company: str, rows: Sequence[frappe._dict], lease_until: datetime
	) -> list[AttachmentClaim]:
		"""Empty if the document is no longer submitted, or its copy in Xero no longer known."""
		first = rows[0]
		kind, document = XeroType(first.xero_type), DocumentRef(first.reference_doctype, first.reference_name)
		found = frappe.db.get_value(document.doctype, document.name, ["docstatus", "creation"], as_dict=True)
		xero_id = frappe.db.get_value(
			XERO_DOCUMENT, record_name(self._organisation, first.document_key), "xero_id"
		)
		is_submitted = found and found.docstatus == DocStatus.SUBMITTED.value
		if not (is_submitted and found.creation == first.reference_creation and xero_id):
			return []
		table = frappe.qb.DocType(ATTACHMENT)
		update = frappe.qb.update(table).set(table.due_at, clock.to_column(lease_until))
		update = update.set(table.status, AttachmentStatus.IN_PROGRESS.value)
		update.set(table.attempt, table.attempt + 1).where(table.name.isin([row.name for row in rows])).run()
		settings = frappe.get_cached_doc(SETTINGS, company)
		return [
			AttachmentClaim(
				row=row.name,
				document=document,
				company=company,
				xero_type=kind,
				xero_id=as_given(xero_id),
				attempt=row.attempt + 1,
				lease_until=lease_until,
				title=as_given(row.title or ""),
				file_name=as_given(row.file_name or ""),
				file_id=row.file_id or "",
				sent_length=row.content_length,
				unconfirmed_until=clock.from_column(row.unconfirmed_until),
				include_online=bool(settings.include_online),
			)
			for row in rows
		]

	def content(self, claim: AttachmentClaim) -> bytes:
		if claim.xero_type not in PRINT_FORMAT:
			content, self._hashes[claim.row] = read_file(
				frappe.db.get_value(ATTACHMENT, claim.row, "file") or "", claim.document
			)
			return content
		settings = frappe.get_cached_doc(SETTINGS, claim.company)
		return make_pdf(claim.document, settings.get(PRINT_FORMAT[claim.xero_type]), settings.print_language)

	def mark_sending(
		self, claim: AttachmentClaim, file_name: str, length: int, unconfirmed_until: datetime
	) -> None:
		values = {
			"file_name": file_name,
			"content_length": length,
			"content_hash": self._hashes.get(claim.row),
			"unconfirmed_until": clock.to_column(unconfirmed_until),
		}
		frappe.db.set_value(ATTACHMENT, claim.row, as_columns(ATTACHMENT, values))
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- noted before it is sent

	def settle(self, claim: AttachmentClaim, outcome: AttachmentOutcome) -> None:
		values: dict[str, object] = {
			"status": outcome.status.value,
			"due_at": clock.to_column(outcome.due),
			"unconfirmed_until": clock.to_column(outcome.unconfirmed_until),
			"detail": as_stored(without_tokens(outcome.detail)),
			"message": None,
			"message_links": None,
			"notified_at": None,
		}
		if outcome.sentence:
			values |= message(outcome.sentence)
		if outcome.file:
			values |= as_columns(
				ATTACHMENT,
				{
					"file_id": outcome.file.id,
					"file_name": outcome.file.name,
					"content_length": outcome.file.length,
				},
			)
		if outcome.status is AttachmentStatus.DONE:
			values["sent_at"] = now_datetime()
		if not outcome.counts:
			values["attempt"] = claim.attempt - 1
		if self._hashes.get(claim.row):
			values["content_hash"] = self._hashes[claim.row]
		# A lease is identified by its end: a file that another worker, or somebody, has taken over stays theirs.
		still_ours = {"name": claim.row, "due_at": clock.to_column(claim.lease_until)}
		frappe.db.set_value(ATTACHMENT, still_ours, values)
		if outcome.status is not AttachmentStatus.TO_DO:
			_announce(claim)
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- whatever happens to the next file

	def postpone(self, company: str, until: datetime, sentence: Sentence) -> None:
		table, until_column = frappe.qb.DocType(ATTACHMENT), clock.to_column(until)
		query = frappe.qb.update(table).set(table.due_at, until_column)
		query = query.set(table.message, message(sentence)["message"])
		query.where(
			(table.company == company)
			& (table.tenant_id == self._organisation)
			& (table.due_at < until_column)
			& (table.status == AttachmentStatus.TO_DO.value)
		).run()
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- the next job sees it


def has_due(company: str) -> bool:
	"""Whether anything of the company is due now."""
	return bool(_due(company, clock.utc_now()).select("name").limit(1).run())


def _due(company: str, now: datetime) -> QueryBuilder:
	"""What is due, of the kinds that are switched on now; it selects nothing yet."""
	table = frappe.qb.DocType(ATTACHMENT)
	kinds = attached_kinds(frappe.get_cached_doc(SETTINGS, company))
	query = frappe.qb.from_(table).where((table.company == company) & (table.due_at <= clock.to_column(now)))
	return query.where(table.xero_type.isin([kind.value for kind in kinds] or [""]))


def _drop(rows: Sequence[Mapping]) -> None:
	"""The document was cancelled or deleted: what was not sent is not needed, and what was sent stays."""
	for row in rows:
		if row.get("file_id"):
			values = {"due_at": None, "status": AttachmentStatus.DONE.value, "unconfirmed_until": None}
			frappe.db.set_value(ATTACHMENT, row["name"], values)
		else:
			frappe.db.delete(ATTACHMENT, {"name": row["name"]})


def _announce(claim: AttachmentClaim) -> None:
	created = frappe.db.get_value(claim.document.doctype, claim.document.name, "creation")
	if row := newest_row(claim.document, created):
		announce(row, claim.company, claim.document)
