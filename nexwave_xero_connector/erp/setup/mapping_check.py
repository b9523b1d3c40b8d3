"""Tries the real mapping on a company's last invoices without sending any, and groups the failures by cause."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.erp.doctypes import SETTINGS
from nexwave_xero_connector.erp.document_permissions import visible_only
from nexwave_xero_connector.erp.documents.invoices import read_invoices
from nexwave_xero_connector.erp.documents.mapping_settings import read_mapping_settings
from nexwave_xero_connector.erp.outbox.eligibility import ELIGIBILITY_FIELDS, eligibility
from nexwave_xero_connector.erp.outbox.log import DOCTYPES
from nexwave_xero_connector.erp.setup.check_notes import notes
from nexwave_xero_connector.mapping.document import map_document
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.errors import CannotMap
from nexwave_xero_connector.sentence import Sentence

BATCH_SIZE = 25
EXAMPLES = 3


@dataclass
class Cause:
	"""One reason, with the documents that cannot be sent because of it. `sentence` is that of the first document."""

	sentence: Sentence
	documents: list[DocumentRef] = field(default_factory=list)


@dataclass
class Check:
	"""The result. `notes`: what else would prevent sending. `not_pushed`: documents that the settings exclude."""

	checked: int = 0
	would_go: int = 0
	not_pushed: int = 0
	causes: list[Cause] = field(default_factory=list)
	notes: list[Sentence] = field(default_factory=list)

	@property
	def is_clean(self) -> bool:
		return not self.causes and not self.notes


def check_mapping(company: str, limit: int, progress: Callable[[int, int], None]) -> Check:
	"""Map the last `limit` submitted invoices that the user may see, whatever their date.

	Calls `progress` with how many of how many.
	"""
	settings = frappe.get_doc(SETTINGS, company)
	mapping_settings = read_mapping_settings(company)
	latest = _latest(company, limit)
	check = Check(checked=len(latest))
	causes: dict[str, Cause] = {}
	for start in range(0, len(latest), BATCH_SIZE):
		for ref, sentences in _map(latest[start : start + BATCH_SIZE], settings, mapping_settings, check):
			for sentence in sentences:
				causes.setdefault(_key(sentence, ref), Cause(sentence)).documents.append(ref)
		progress(min(start + BATCH_SIZE, len(latest)), len(latest))
	check.causes = sorted(causes.values(), key=lambda cause: -len(cause.documents))
	check.notes = list(notes(settings, Counter(row.currency for row in latest)))
	return check


def _map(
	rows: Sequence[frappe._dict], settings: Document, mapping_settings: object, check: Check
) -> Iterator[tuple[DocumentRef, Sequence[Sentence]]]:
	"""Count the documents that can be sent and those excluded; yield those that cannot be mapped."""
	pushed = [row for row in rows if eligibility(row, settings, ignore_start_date=True) is None]
	check.not_pushed += len(rows) - len(pushed)
	for doctype in DOCTYPES:
		names = [row.name for row in pushed if row.doctype == doctype]
		for ref, document in read_invoices(doctype, names).items() if names else ():
			try:
				map_document(document, mapping_settings)
				check.would_go += 1
			except CannotMap as error:
				yield ref, error.sentences


def _latest(company: str, limit: int) -> list[frappe._dict]:
	rows = []
	for doctype in DOCTYPES:
		document, columns = frappe.qb.DocType(doctype), set(frappe.get_meta(doctype).get_valid_columns())
		fields = [document[name] for name in (*ELIGIBILITY_FIELDS, "currency") if name in columns]
		query = frappe.qb.from_(document).select(*fields).limit(limit)
		query = query.where((document.company == company) & (document.docstatus == 1))
		query = query.orderby(document.posting_date, document.creation, order=frappe.qb.desc)
		found = visible_only(query, doctype).run(as_dict=True)
		rows += [frappe._dict(row, doctype=doctype) for row in found]
	return sorted(rows, key=lambda row: row.posting_date, reverse=True)[:limit]


def _key(sentence: Sentence, ref: DocumentRef) -> str:
	"""The same key for two documents that fail for the same reason."""
	document = (ref.name, str(ref))
	return sentence.render(show=lambda value: "" if str(value) in document else str(value))
