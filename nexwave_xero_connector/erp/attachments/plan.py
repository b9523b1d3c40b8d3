"""What is to be sent: compares the files of documents that are in Xero with what has been sent of them.

A scheduled job looks, so that neither Submit nor attaching a file has anything to do with it. It makes a record for
each file that is new, and wakes the record of one that has changed. Of a file that was removed here, Xero's copy stays.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import frappe
from frappe.model.document import Document
from frappe.utils import create_batch, escape_html, now_datetime
from pypika.queries import QueryBuilder

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.attachments.files import extension_of
from nexwave_xero_connector.erp.attachments.kinds import PRINT_FORMAT, attached_kinds
from nexwave_xero_connector.erp.doctypes import ATTACHMENT, LOG, SETTINGS, XERO_DOCUMENT
from nexwave_xero_connector.erp.document_permissions import visible_only
from nexwave_xero_connector.erp.foreign_text import as_columns
from nexwave_xero_connector.erp.outbox.log import DOCTYPES, key_of
from nexwave_xero_connector.erp.outbox.xero_documents import ENDED, record_name
from nexwave_xero_connector.erp.rendering import message
from nexwave_xero_connector.erp.translation import _ as translated
from nexwave_xero_connector.mapping.attachment_name import attachment_name
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.records import AttachmentStatus, Operation, Priority, Status

LOOKBACK = timedelta(hours=6)
"""How far back the look every five minutes goes; the daily one finds what it has missed."""
PART = 200
LOCK_PATIENCE_SECONDS = 10
LOG_FIELDS = ("name", "reference_doctype", "reference_name", "reference_creation", "xero_type")
INSERTED = (
	"name creation modified owner modified_by idx reference_doctype reference_name reference_creation company tenant_id"
	" document_key xero_type title file file_name status due_at priority"
).split()


@dataclass(frozen=True)
class Source:
	"""A file of a document, or the PDF that is made of it. `id`: the File's name, or "" of the PDF."""

	id: str
	title: str
	content_hash: str = ""
	created: datetime | None = None
	extension: str = ""


@dataclass
class Planned:
	"""How many documents get how many files that they do not have in Xero yet."""

	documents: int = 0
	files: int = 0

	def __add__(self, other: Planned) -> Planned:
		return Planned(self.documents + other.documents, self.files + other.files)


def plan_recent(company: str) -> Planned:
	"""What has come to Xero, or was attached or changed, in the last hours."""
	since = now_datetime() - LOOKBACK
	kinds = attached_kinds(frappe.get_cached_doc(SETTINGS, company))
	log, file = frappe.qb.DocType(LOG), frappe.qb.DocType("File")
	rows = _in_xero(company, kinds).where(log.finished_at >= since).run(as_dict=True)
	changed = (
		frappe.qb.from_(file)
		.select(file.attached_to_doctype, file.attached_to_name)
		.where((file.modified >= since) & file.attached_to_doctype.isin(DOCTYPES))
		.distinct()
		.run()
	)
	for doctype in DOCTYPES:
		names = [name for attached_to, name in changed if attached_to == doctype]
		for part in create_batch(names, PART):
			query = _in_xero(company, kinds).where(log.reference_doctype == doctype)
			rows += query.where(log.reference_name.isin(part)).run(as_dict=True)
	return _plan(company, list({row.name: row for row in rows}.values()))


def plan_all(company: str) -> Planned:
	"""Everything that has been sent since attachments were switched on, or whose files were asked for."""
	kinds = attached_kinds(frappe.get_cached_doc(SETTINGS, company))
	log, found, last = frappe.qb.DocType(LOG), Planned(), ""
	query = _in_xero(company, kinds).orderby(log.name).limit(PART)
	while rows := query.where(log.name > last).run(as_dict=True):
		found += _plan(company, rows)
		last = rows[-1].name
	return found


def plan_earlier(company: str, since: date, count_only: bool = False) -> Planned:
	"""What was sent before attachments were switched on, of documents dated then or later that the user may see."""
	kinds = attached_kinds(frappe.get_cached_doc(SETTINGS, company))
	log, rows = frappe.qb.DocType(LOG), []
	for doctype in DOCTYPES:
		document = frappe.qb.DocType(doctype)
		query = frappe.qb.from_(document).join(log).on(log.reference_name == document.name)
		query = _only_in_xero(query.select(*(log[field] for field in LOG_FIELDS)), company, kinds)
		query = query.where((log.reference_doctype == doctype) & (document.posting_date >= since))
		rows += visible_only(query, doctype).run(as_dict=True)
	return _plan(company, rows, asked_for=True, count_only=count_only)


def _in_xero(company: str, kinds: Mapping[XeroType, datetime]) -> QueryBuilder:
	log = frappe.qb.DocType(LOG)
	query = frappe.qb.from_(log).select(*(log[field] for field in LOG_FIELDS))
	return _only_in_xero(query, company, kinds)


def _only_in_xero(query: QueryBuilder, company: str, kinds: Mapping[XeroType, datetime]) -> QueryBuilder:
	"""The newest rows of documents that are in Xero by now; nothing is attached to one that has a question open."""
	log = frappe.qb.DocType(LOG)
	query = query.where((log.company == company) & (log.is_latest == 1))
	query = query.where((log.status == Status.SUCCESS.value) & (log.operation == Operation.PUSH.value))
	return query.where(log.xero_type.isin([kind.value for kind in kinds] or [""]))


def _plan(
	company: str, rows: Sequence[frappe._dict], asked_for: bool = False, count_only: bool = False
) -> Planned:
	"""Part by part, each committed. One look at a time, or two would both take a file for a new one.

	Where another one goes on, a scheduled look is left to the next; who asked for it is told.
	"""
	found = Planned()
	with nullcontext(True) if count_only else _one_look_at_a_time(company) as may_look:
		if asked_for and not may_look:
			frappe.throw(
				translated(
					_("The files of {0} are being looked at right now. Try again in a moment.")
				).format(escape_html(company))
			)
		for part in create_batch(rows, PART) if may_look else ():
			found += _Part(company, part, asked_for, count_only).plan()
			frappe.db.commit()  # nosemgrep: frappe-manual-commit -- no look is lost when a later one fails
	return found


@contextmanager
def _one_look_at_a_time(company: str) -> Iterator[bool]:
	"""MariaDB's own lock, so that it holds for all hosts and ends with the session."""
	name = hashlib.sha256(f"{frappe.local.site} attachments {company}".encode()).hexdigest()[:60]
	# nosemgrep: frappe-using-db-sql -- of no table
	has_lock = bool(frappe.db.sql("select get_lock(%s, %s)", (name, LOCK_PATIENCE_SECONDS))[0][0])
	try:
		yield has_lock
	finally:
		if has_lock:
			# nosemgrep: frappe-using-db-sql -- of no table
			frappe.db.sql("select release_lock(%s)", name)


class _Part:
	"""Some of the documents, read together, with a fixed number of queries."""

	def __init__(self, company: str, rows: Sequence[frappe._dict], asked_for: bool, count_only: bool) -> None:
		self._company = company
		self._settings: Document = frappe.get_cached_doc(SETTINGS, company)
		self._tenant = self._settings.tenant_id or ""
		self._kinds = attached_kinds(self._settings)
		self._asked_for = asked_for
		self._count_only = count_only
		present = _present(rows)
		self._rows = [row for row in rows if (row.reference_name, row.reference_creation) in present]
		keys = [key_of(row.name) for row in self._rows]
		self._records = _records(self._tenant, keys)
		self._files = _files(self._rows)
		self._known = _known(self._tenant, keys)
		self._new: list[tuple[object, ...]] = []

	def plan(self) -> Planned:
		found = Planned()
		for row in self._rows:
			if key_of(row.name) in self._records and (count := self._plan_document(row)):
				found += Planned(1, count)
		if self._new:
			frappe.db.bulk_insert(ATTACHMENT, INSERTED, self._new, ignore_duplicates=True)
		return found

	def _plan_document(self, row: frappe._dict) -> int:
		"""How many of its files are new, and are to be sent."""
		known = self._known.get(key_of(row.name), [])
		sources = self._sources(row)
		ids = {source.id for source in sources}
		gone = [one for one in known if one.file and one.file not in ids]
		new = [source for source in sources if source.id not in {one.file or "" for one in known}]
		new = [source for source in new if self._is_to_be_sent(row, source, known)]
		if self._count_only:
			return len(new)
		names = [one.file_name for one in known]
		for source in new:
			if replaced := _replaced_by(source, gone):
				gone.remove(replaced)
				_wake(replaced, source)
				continue
			names.append(attachment_name(source.title, names, source.extension))
			self._new.append(self._record(row, source, names[-1], len(names)))
		for source in sources:
			for one in known:
				if (one.file or "") == source.id and _has_changed(one, source):
					_wake(one, source)
		for one in gone:
			_say_removed(row, one)
		return len(new)

	def _sources(self, row: frappe._dict) -> list[Source]:
		if XeroType(row.xero_type) in PRINT_FORMAT:
			return [Source("", f"{row.reference_name}.pdf")]
		return self._files.get((row.reference_doctype, row.reference_name), [])

	def _is_to_be_sent(self, row: frappe._dict, source: Source, known: Sequence[frappe._dict]) -> bool:
		"""A document that was sent, or a file that was attached, since this was switched on; or somebody asked."""
		since = self._kinds[XeroType(row.xero_type)]
		if self._asked_for or known or self._records[key_of(row.name)] >= since:
			return True
		return bool(source.created and source.created >= since)

	def _record(self, row: frappe._dict, source: Source, file_name: str, number: int) -> tuple[object, ...]:
		now, key = now_datetime(), key_of(row.name)
		name = hashlib.sha256(f"{self._tenant}:{key}:{source.id}".encode()).hexdigest()[:20]
		texts = as_columns(ATTACHMENT, {"title": source.title, "file_name": file_name})
		priority = Priority.BACKFILL if self._asked_for else Priority.CURRENT
		due = clock.to_column(clock.utc_now())
		user = frappe.session.user
		return (
			*(name, now, now, user, user, number),
			*(row.reference_doctype, row.reference_name, row.reference_creation, self._company, self._tenant),
			*(key, row.xero_type, texts["title"], source.id or None, texts["file_name"]),
			*(AttachmentStatus.TO_DO.value, due, priority.value),
		)


def _present(rows: Sequence[frappe._dict]) -> set[tuple[str, datetime]]:
	"""Names, and moments of insert, of those that are submitted: a name may have been given to another document."""
	found = set()
	for doctype in DOCTYPES:
		names = [row.reference_name for row in rows if row.reference_doctype == doctype]
		if names:
			filters = {"name": ("in", names), "docstatus": 1}
			found |= set(frappe.get_all(doctype, filters, ["name", "creation"], as_list=True))
	return found


def _records(tenant: str, keys: Sequence[str]) -> dict[str, datetime]:
	"""By key, when a document was first sent to the organisation, where it is live there as far as is known."""
	names = [record_name(tenant, key) for key in keys]
	filters = {"name": ("in", names or [""]), "xero_id": ("is", "set")}
	rows = frappe.get_all(XERO_DOCUMENT, filters, ["document_key", "creation", "xero_status"])
	return {row.document_key: row.creation for row in rows if row.xero_status not in ENDED}


def _files(rows: Sequence[frappe._dict]) -> dict[tuple[str, str], list[Source]]:
	"""The files of these documents, those that were attached first in front."""
	found: dict[tuple[str, str], list[Source]] = {}
	for doctype in {row.reference_doctype for row in rows if XeroType(row.xero_type) not in PRINT_FORMAT}:
		names = [row.reference_name for row in rows if row.reference_doctype == doctype]
		files = frappe.get_all(
			"File",
			filters={"attached_to_doctype": doctype, "attached_to_name": ("in", names), "is_folder": 0},
			fields=["name", "file_name", "file_url", "content_hash", "creation", "attached_to_name"],
			order_by="creation, name",
		)
		for file in files:
			title = file.file_name or (file.file_url or "").rpartition("/")[2] or file.name
			content_hash = file.content_hash or file.file_url or ""
			source = Source(
				file.name, title, content_hash[:140], file.creation, extension_of(title, file.file_url)
			)
			found.setdefault((doctype, file.attached_to_name), []).append(source)
	return found


def _known(tenant: str, keys: Sequence[str]) -> dict[str, list[frappe._dict]]:
	rows = frappe.get_all(
		ATTACHMENT,
		filters={"document_key": ("in", keys or [""]), "tenant_id": tenant},
		fields=[
			*("name", "document_key", "title", "file", "file_name", "file_id", "status", "due_at"),
			*("content_hash", "unconfirmed_until"),
		],
		order_by="idx",
	)
	found: dict[str, list[frappe._dict]] = {}
	for row in rows:
		found.setdefault(row.document_key, []).append(row)
	return found


def _replaced_by(source: Source, gone: Sequence[frappe._dict]) -> frappe._dict | None:
	"""The record of a file that was removed here, if one of the same name was attached in its place."""
	name = attachment_name(source.title)
	return next((one for one in gone if attachment_name(one.title) == name), None)


def _has_changed(known: frappe._dict, source: Source) -> bool:
	"""Whether it was dealt with, and has another content now. What waits is read when it is sent, anyway."""
	if known.status == AttachmentStatus.REMOVED_HERE.value:
		return True
	return bool(known.content_hash and source.content_hash) and (
		not known.due_at and known.content_hash != source.content_hash
	)


def _wake(known: frappe._dict, source: Source) -> None:
	values = {
		"status": AttachmentStatus.TO_DO.value,
		"due_at": clock.to_column(clock.utc_now()),
		"attempt": 0,
		"file": source.id or None,
		"message": None,
		"message_links": None,
	}
	frappe.db.set_value(ATTACHMENT, known.name, values)


def _say_removed(row: frappe._dict, known: frappe._dict) -> None:
	"""Never delete anything in Xero: an auditor may have seen it there."""
	at_work = (AttachmentStatus.REMOVED_HERE.value, AttachmentStatus.IN_PROGRESS.value)
	if known.status in at_work or known.unconfirmed_until:
		return
	if not known.file_id:
		frappe.db.delete(ATTACHMENT, {"name": known.name})
		return
	sentence = Sentence(
		_(
			"{file} was removed from {document} here. It stays in Xero; if it should not be there, remove it in Xero,"
			" too."
		),
		file=known.title,
		document=DocLink(row.reference_doctype, row.reference_name),
	)
	values = {"status": AttachmentStatus.REMOVED_HERE.value, "due_at": None, **message(sentence)}
	frappe.db.set_value(ATTACHMENT, known.name, values)
