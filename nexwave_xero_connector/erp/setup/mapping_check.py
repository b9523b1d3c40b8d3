"""Tries the real mapping on a company's last invoices without sending any, and groups the failures by cause.

Beside them are the accounts that have no mapping, so that their lines go to the default account.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.query_builder.functions import Count
from pypika import Order

from nexwave_xero_connector.erp.doctypes import SETTINGS
from nexwave_xero_connector.erp.document_permissions import visible_only
from nexwave_xero_connector.erp.documents.invoices import read_invoices
from nexwave_xero_connector.erp.documents.mapping_settings import read_mapping_settings
from nexwave_xero_connector.erp.outbox.eligibility import ELIGIBILITY_FIELDS, eligibility
from nexwave_xero_connector.erp.outbox.log import DOCTYPES
from nexwave_xero_connector.erp.outbox.missed import submitted_and_unknown
from nexwave_xero_connector.erp.setup.check_notes import notes
from nexwave_xero_connector.mapping.document import map_document
from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument
from nexwave_xero_connector.mapping.errors import CannotMap, LineReason, said_once
from nexwave_xero_connector.mapping.lines.accounts import by_default
from nexwave_xero_connector.mapping.lines.charges import cash_discount_lines, charge_lines
from nexwave_xero_connector.mapping.lines.items import item_lines
from nexwave_xero_connector.mapping.money import to_cents
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.sentence import DocLink, Sentence

BATCH_SIZE = 25
EXAMPLES = 3


@dataclass
class Cause:
	"""One reason, with the documents that cannot be sent because of it.

	`sentence`: that of the first document, with the lines of all of them.
	"""

	first: Sentence | LineReason
	lines: list[DocLink | Sentence | str] = field(default_factory=list)
	documents: list[DocumentRef] = field(default_factory=list)

	@property
	def sentence(self) -> Sentence:
		if not isinstance(self.first, LineReason):
			return self.first
		(sentence,) = said_once(replace(self.first, line=line) for line in self.lines)
		return sentence

	def add(self, reason: Sentence | LineReason, ref: DocumentRef) -> None:
		if isinstance(reason, LineReason):
			self.lines.append(reason.line)
		if ref not in self.documents[-1:]:
			self.documents.append(ref)


@dataclass
class ToDefault:
	"""An ERPNext account without a mapping. `amount`: the sum of its lines in company currency, less returns."""

	account: str
	xero_account: str
	lines: int = 0
	documents: set[DocumentRef] = field(default_factory=set)
	amount: Decimal = Decimal(0)


@dataclass
class Check:
	"""The result. `notes`: what else would prevent sending. `not_pushed`: documents that the settings exclude.

	to_default: the accounts whose lines go to a default account, the largest amount first.
	"""

	checked: int = 0
	would_go: int = 0
	not_pushed: int = 0
	causes: list[Cause] = field(default_factory=list)
	notes: list[Sentence] = field(default_factory=list)
	to_default: list[ToDefault] = field(default_factory=list)

	@property
	def is_clean(self) -> bool:
		return not self.causes and not self.notes


def check_mapping(
	company: str, limit: int, progress: Callable[[int, int], None], since: date | None = None
) -> Check:
	"""Map the last `limit` submitted invoices that the user may see.

	Calls `progress` with how many of how many. `since`: only those dated then or later that the log does not know,
	which enabling would send; None: whatever their date.
	"""
	settings = frappe.get_doc(SETTINGS, company)
	mapping_settings = read_mapping_settings(company)
	latest = _latest(company, limit, since)
	check = Check(checked=len(latest))
	causes: dict[str, Cause] = {}
	to_default: dict[tuple[str, str], ToDefault] = {}
	for start in range(0, len(latest), BATCH_SIZE):
		rows = latest[start : start + BATCH_SIZE]
		for ref, reasons in _map(rows, settings, mapping_settings, check, to_default):
			for reason in reasons:
				causes.setdefault(_key(reason, ref), Cause(reason)).add(reason, ref)
		progress(min(start + BATCH_SIZE, len(latest)), len(latest))
	check.causes = sorted(causes.values(), key=lambda cause: -len(cause.documents))
	check.to_default = sorted(to_default.values(), key=lambda one: -abs(one.amount))
	check.notes = list(notes(settings, Counter(row.currency for row in latest)))
	return check


def count_unsent(company: str, since: date) -> int:
	"""How many submitted documents dated then or later the log does not know. An enabled company sends them."""
	count = 0
	for doctype in DOCTYPES:
		document, query = submitted_and_unknown(doctype)
		of_company = (document.company == company) & (document.posting_date >= since)
		count += query.where(of_company).select(Count("*")).run()[0][0]
	return count


def _map(
	rows: Sequence[frappe._dict],
	settings: Document,
	mapping_settings: MappingSettings,
	check: Check,
	to_default: dict[tuple[str, str], ToDefault],
) -> Iterator[tuple[DocumentRef, Sequence[Sentence | LineReason]]]:
	"""Count the documents that can be sent and those excluded; yield those that cannot be mapped."""
	pushed = [row for row in rows if eligibility(row, settings, ignore_start_date=True) is None]
	check.not_pushed += len(rows) - len(pushed)
	for doctype in DOCTYPES:
		names = [row.name for row in pushed if row.doctype == doctype]
		for ref, document in read_invoices(doctype, names).items() if names else ():
			_add_to_default(document, mapping_settings, to_default)
			try:
				map_document(document, mapping_settings)
				check.would_go += 1
			except CannotMap as error:
				yield ref, error.reasons


def _add_to_default(
	document: ErpDocument, mapping_settings: MappingSettings, to_default: dict[tuple[str, str], ToDefault]
) -> None:
	lines = [
		*item_lines(document, mapping_settings),
		*charge_lines(document, mapping_settings),
		*cash_discount_lines(document, mapping_settings),
	]
	for line, xero in by_default(lines, mapping_settings):
		found = to_default.setdefault(
			(line.account, xero.code), ToDefault(line.account, f"{xero.code} {xero.name}")
		)
		found.lines += 1
		found.documents.add(document.ref)
		found.amount += to_cents(line.amount * document.conversion_rate)


def _latest(company: str, limit: int, since: date | None) -> list[frappe._dict]:
	rows = []
	for doctype in DOCTYPES:
		columns = set(frappe.get_meta(doctype).get_valid_columns())
		fields = [name for name in (*ELIGIBILITY_FIELDS, "currency") if name in columns]
		document = DocType(doctype)
		query = frappe.qb.from_(document).where(document.docstatus == 1)
		if since:
			document, query = submitted_and_unknown(doctype)
			query = query.where(document.posting_date >= since)
		query = (
			query.where(document.company == company)
			.select(*(document[name] for name in fields))
			.orderby(document.posting_date, order=Order.desc)
			.orderby(document.creation, order=Order.desc)
			.limit(limit)
		)
		found = visible_only(query, doctype).run(as_dict=True)
		rows += [frappe._dict(row, doctype=doctype) for row in found]
	return sorted(rows, key=lambda row: row.posting_date, reverse=True)[:limit]


def _key(reason: Sentence | LineReason, ref: DocumentRef) -> str:
	"""The same key for two documents that fail for the same reason, whatever their names and amounts."""
	document = (ref.name, str(ref))
	sentence = reason.sentence if isinstance(reason, LineReason) else reason
	unnamed = Sentence(sentence.template, **{**sentence.values, "lines": ""})
	return unnamed.render(
		show=lambda value: "" if isinstance(value, Decimal) or str(value) in document else str(value)
	)
