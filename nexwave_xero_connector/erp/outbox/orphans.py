"""Finds where ERPNext and Xero disagree: cancelled here and live there, submitted here and voided there, or lost here.

Nothing is changed in Xero, and in ERPNext only the log. A cancelled document that Xero has voided in the meantime is
recorded as such by an ordinary Void, which looks first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

import frappe
from frappe.utils import now_datetime

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.connection.missing_links import look_for_links
from nexwave_xero_connector.erp.doctypes import LOG
from nexwave_xero_connector.erp.foreign_text import as_given
from nexwave_xero_connector.erp.outbox import xero_documents
from nexwave_xero_connector.erp.outbox.changed_in_xero import changes
from nexwave_xero_connector.erp.outbox.credit_notes import queue_approved, queue_set_against
from nexwave_xero_connector.erp.outbox.enqueue import FrappeEnqueuer
from nexwave_xero_connector.erp.outbox.log import DOCTYPES, OPEN_STATUSES
from nexwave_xero_connector.erp.outbox.lost_documents import note_lost_documents
from nexwave_xero_connector.erp.outbox.realtime import announce
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.worker import enqueue_worker_after_commit
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.records import DocStatus, Operation, Status, Trigger, XeroDocument

if TYPE_CHECKING:
	from nexwave_xero_connector.xero_api.xero import XeroApi

LOOKBACK = timedelta(days=7)
"""How far back the daily check looks for changes in Xero: a few days without it lose nothing."""
MANY_CREDIT_NOTES = 90
"""Above this all credit notes are listed: Xero finds about thirty by number per call, and lists 1,000."""
FEW_CREDIT_NOTES = 3
"""Up to this many are read one by one, by id: Xero reads one credit note per call."""
FIELDS = (
	"name company reference_doctype reference_name reference_creation operation status message xero_type xero_number"
	" xero_id handled_at is_orphan is_different"
).split()


@dataclass(frozen=True, slots=True)
class Found:
	"""How many of the documents checked are orphans, differ in Xero, or turned out to be voided in Xero.

	lost: sent from here for a document that this site does not have any more.
	changed: their figures, number or contact are others in Xero now.
	approved: credit notes that can be allocated, as they or their invoices have been approved in Xero.
	set_against: credit notes that ERPNext sets against something else than when they were allocated.
	"""

	checked: int = 0
	orphans: int = 0
	different: int = 0
	voided: int = 0
	lost: int = 0
	changed: int = 0
	approved: int = 0
	set_against: int = 0

	def __add__(self, other: Found) -> Found:
		return Found(
			self.checked + other.checked,
			self.orphans + other.orphans,
			self.different + other.different,
			self.voided + other.voided,
			self.lost + other.lost,
			self.changed + other.changed,
			self.approved + other.approved,
			self.set_against + other.set_against,
		)


def check_company(company: str, xero: XeroApi) -> Found:
	"""Check all that is cancelled here and not voided, and all that has changed in Xero recently. Does not commit."""
	found = check_rows(_withdrawn_and_not_voided(company), xero)
	since = clock.utc_now() - LOOKBACK
	changed = [document for xero_type in XeroType for document in xero.changed_since(xero_type, since)]
	look_for_links(company, xero.tenant_id, changed)
	in_xero = {document.id: document for document in changed}
	rows = _rows(company, {"xero_id": ("in", list(in_xero))}) if in_xero else []
	found += _record_submitted(rows, in_xero, xero)
	return found + Found(
		lost=note_lost_documents(company, changed),
		approved=queue_approved(company, in_xero),
		set_against=queue_set_against(company),
	)


def check_and_void(company: str, xero: XeroApi) -> Found:
	"""check_company, and a job for what can be recorded as voided or allocated by now. Does not commit."""
	found = check_company(company, xero)
	if found.voided or found.approved or found.set_against:
		enqueue_worker_after_commit(company)
	return found


def check_rows(rows: Sequence[frappe._dict], xero: XeroApi) -> Found:
	"""Compare these rows, the newest of their documents, with what Xero has now. Does not commit."""
	in_xero = _in_xero(rows, xero)
	return _record(rows, in_xero, changes(rows, in_xero, xero))


def compare_submitted(rows: Sequence[frappe._dict], xero: XeroApi) -> Found:
	"""Compare those of the rows whose documents are submitted with what Xero has now. Does not commit.

	Other than with check_rows, little is written about those that agree: there may be many.
	"""
	found = _record_submitted(rows, _in_xero(rows, xero), xero)
	log = frappe.qb.DocType(LOG)
	checked = frappe.qb.update(log).set(log.checked_at, now_datetime())
	checked.where(log.name.isin([row.name for row in rows] or [""])).run()
	return Found(checked=len(rows) - found.checked) + found


def newest_rows(company: str, names: Sequence[str]) -> list[frappe._dict]:
	"""The rows among these that can be looked up: newest, closed, and with an id in Xero."""
	return _rows(company, {"name": ("in", list(names))})


def _withdrawn_and_not_voided(company: str) -> list[frappe._dict]:
	rows = []
	log = frappe.qb.DocType(LOG)
	for doctype in DOCTYPES:
		document = frappe.qb.DocType(doctype)
		rows += (
			frappe.qb.from_(log)
			.left_join(document)
			.on((document.name == log.reference_name) & (document.creation == log.reference_creation))
			.select(*(log[field] for field in FIELDS), document.docstatus)
			.where((log.company == company) & (log.reference_doctype == doctype) & (log.is_latest == 1))
			.where(log.status.notin([*OPEN_STATUSES, Status.VOIDED.value]))
			.where(log.xero_id.notnull() & (log.xero_id != ""))
			.where(document.name.isnull() | (document.docstatus != DocStatus.SUBMITTED.value))
			.run(as_dict=True)
		)
	for row in rows:
		row.docstatus = DocStatus.GONE if row.docstatus is None else DocStatus(row.docstatus)
	return _in_organisation(company, rows)


def _in_organisation(company: str, rows: Sequence[frappe._dict]) -> list[frappe._dict]:
	"""Without what is in another organisation than the company's: this one knows nothing of it."""
	here = xero_documents.in_organisation(
		xero_documents.organisation_of(company), [row.xero_id for row in rows]
	)
	return [row for row in rows if row.xero_id in here]


def _rows(company: str, filters: dict[str, object]) -> list[frappe._dict]:
	known = {"company": company, "is_latest": 1, "status": ("not in", OPEN_STATUSES)}
	rows = [row for row in frappe.get_all(LOG, filters=known | filters, fields=FIELDS) if row.xero_id]
	docstatuses = {}
	for doctype in {row.reference_doctype for row in rows}:
		names = [row.reference_name for row in rows if row.reference_doctype == doctype]
		for document in frappe.get_all(
			doctype, filters={"name": ("in", names)}, fields=["name", "creation", "docstatus"]
		):
			docstatuses[doctype, document.name, document.creation] = DocStatus(document.docstatus)
	for row in rows:
		identity = (row.reference_doctype, row.reference_name, row.reference_creation)
		row.docstatus = docstatuses.get(identity, DocStatus.GONE)
	return _in_organisation(company, rows)


def _in_xero(rows: Sequence[frappe._dict], xero: XeroApi) -> dict[str, XeroDocument]:
	"""What Xero has for the rows, by its id."""
	by_xero_type: dict[XeroType, list[frappe._dict]] = defaultdict(list)
	for row in rows:
		by_xero_type[XeroType(row.xero_type)].append(row)
	return {
		document.id: document
		for xero_type, group in by_xero_type.items()
		for document in _read(xero_type, group, xero)
	}


def _read(xero_type: XeroType, rows: Sequence[frappe._dict], xero: XeroApi) -> list[XeroDocument]:
	"""By number first, which takes the fewest calls; then by id, for documents that somebody has renumbered there."""
	if xero_type.is_credit_note and len(rows) > MANY_CREDIT_NOTES:
		return xero.all_credit_notes(xero_type)
	found = xero.find(xero_type, [as_given(row.xero_number) for row in rows if row.xero_number])
	known = {document.id for document in found}
	missing = [row.xero_id for row in rows if row.xero_id not in known]
	if xero_type.is_credit_note and len(missing) > FEW_CREDIT_NOTES:
		return xero.all_credit_notes(xero_type)
	return [*found, *(xero.read(xero_type, missing) if missing else [])]


def _record_submitted(rows: Sequence[frappe._dict], in_xero: dict[str, XeroDocument], xero: XeroApi) -> Found:
	"""Record what differs of submitted documents, or differed until now: nothing is written about the others."""
	submitted = [row for row in rows if row.docstatus is DocStatus.SUBMITTED]
	different = changes(submitted, in_xero, xero)
	live = {id_ for id_, document in in_xero.items() if document.is_live}
	worth_noting = [
		row for row in submitted if row.is_different or row.name in different or row.xero_id not in live
	]
	return _record(worth_noting, in_xero, different)


def _record(
	rows: Iterable[frappe._dict], in_xero: dict[str, XeroDocument], different: dict[str, Sentence]
) -> Found:
	found = Found()
	for row in rows:
		document = in_xero.get(row.xero_id)
		is_live = bool(document and document.is_live)
		found += Found(checked=1)
		is_submitted = row.docstatus is DocStatus.SUBMITTED
		if not is_submitted and is_live:
			_mark(row, "is_orphan", _orphan(row, document))
			found += Found(orphans=1)
		elif is_submitted and row.status == Status.SUCCESS.value and not is_live:
			_mark(row, "is_different", _different(row, document))
			found += Found(different=1)
		elif row.name in different:
			_mark(row, "is_different", different[row.name])
			found += Found(changed=1)
		elif not is_submitted and row.status != Status.VOIDED.value:
			FrappeEnqueuer().retry(_ref(row), Trigger.AUTOMATIC, row.reference_creation)
			found += Found(voided=1)
		else:
			_unmark(row)
	return found


def _mark(row: frappe._dict, flag: str, finding: Sentence) -> None:
	_update(
		row,
		{
			flag: 1,
			"needs_attention": int(not row.handled_at),
			"finding": plain_text(finding),
			"checked_at": now_datetime(),
		},
	)


def _unmark(row: frappe._dict) -> None:
	values: dict[str, object] = {"checked_at": now_datetime()}
	if row.is_orphan or row.is_different:
		values |= {"is_orphan": 0, "is_different": 0, "finding": None}
		values["needs_attention"] = int(row.status == Status.FAILED.value and not row.handled_at)
		if not values["needs_attention"]:
			# Should it differ again, the digest tells that, too.
			values["notified_at"] = None
	_update(row, values)


def _update(row: frappe._dict, values: dict[str, object]) -> None:
	log = frappe.qb.DocType(LOG)
	query = frappe.qb.update(log)
	for field, value in values.items():
		query = query.set(log[field], value)
	# A Retry or a Cancel may have added the next row in the meantime: then that one counts.
	query.where((log.name == row.name) & (log.is_latest == 1)).run()
	announce(row.name, row.company, _ref(row))


def _orphan(row: frappe._dict, found: XeroDocument) -> Sentence:
	named = {"document": _link(row), "status": found.status, "number": found.number}
	if row.docstatus is DocStatus.DRAFT:
		return Sentence(
			_(
				"{document} is a draft here, but still {status} in Xero as {number}. Submit it again, or submit and"
				" cancel it to void the copy in Xero."
			),
			**named,
		)
	if found.applied:
		return Sentence(
			_(
				"{document} is cancelled here, but still {status} in Xero as {number}, because {applied} is applied to "
				"it. Remove that in Xero, then press Void in Xero."
			),
			applied=", ".join(found.applied),
			**named,
		)
	found_live = Sentence(
		_("{document} is cancelled here, but still {status} in Xero as {number}. Press Void in Xero."),
		**named,
	)
	if row.operation == Operation.VOID.value and row.status == Status.FAILED.value:
		# Xero's reason may still apply: a locked period, for example, does not show on the document.
		return Sentence(
			_("{found} The last attempt failed: {message}"), found=found_live, message=row.message or ""
		)
	return found_live


def _different(row: frappe._dict, found: XeroDocument | None) -> Sentence:
	return Sentence(
		_(
			"{document} is submitted here, but its Xero copy {number} is now {status}. Nothing was changed here: "
			"cancel it, or cancel and amend it to send it again."
		),
		document=_link(row),
		status=found.status if found else "DELETED",
		number=row.xero_number,
	)


def _ref(row: frappe._dict) -> DocumentRef:
	return DocumentRef(row.reference_doctype, row.reference_name)


def _link(row: frappe._dict) -> DocLink:
	return DocLink(row.reference_doctype, row.reference_name)
