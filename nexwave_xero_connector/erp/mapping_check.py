"""What would become of a company's last invoices, without sending any: the real mapping, grouped by what fails."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import frappe
from frappe.model.document import Document
from frappe.utils import add_days, getdate, nowdate

from nexwave_xero_connector.erp.chart import read_chart
from nexwave_xero_connector.erp.connecting import SETTINGS, companies_of
from nexwave_xero_connector.erp.connection import CONNECTION
from nexwave_xero_connector.erp.invoices import read_invoices
from nexwave_xero_connector.erp.scope import SCOPE_FIELDS, verdict
from nexwave_xero_connector.mapping.document import map_document
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.refusal import Refused
from nexwave_xero_connector.sentence import DocLink, Sentence, _, settings_link

DOCTYPES = ("Sales Invoice", "Purchase Invoice")
AT_ONCE = 25
EXAMPLES = 3
CALLS_A_DOCUMENT = 4
"""Pushed alone, a document takes a look-up, one for its contact, the create, and the contact's create at most."""
USUAL_DAYS = 30


@dataclass
class Cause:
	"""One reason, with the documents it keeps from going to Xero. `sentence` is that of the first of them."""

	sentence: Sentence
	documents: list[DocumentRef] = field(default_factory=list)

	@property
	def mended_at(self) -> DocLink | None:
		"""Where it is put right: the settings, or else the last record named that is not the document."""
		links = [link for link in self.sentence.links if link.doctype not in DOCTYPES]
		return next((link for link in links if link.doctype == SETTINGS), links[-1] if links else None)


@dataclass
class Check:
	"""The outcome. `notes`: what else stands in the way; `not_pushed`: documents that the settings leave out."""

	checked: int = 0
	would_go: int = 0
	not_pushed: int = 0
	causes: list[Cause] = field(default_factory=list)
	notes: list[Sentence] = field(default_factory=list)

	@property
	def is_clean(self) -> bool:
		return not self.causes and not self.notes


def check_mapping(company: str, limit: int, progress: Callable[[int, int], None]) -> Check:
	"""Map the last `limit` submitted invoices, whatever their date, and tell `progress` how many of how many."""
	settings = frappe.get_doc(SETTINGS, company)
	chart = read_chart(company)
	latest = _latest(company, limit)
	check = Check(checked=len(latest))
	causes: dict[str, Cause] = {}
	for start in range(0, len(latest), AT_ONCE):
		for ref, sentences in _map(latest[start : start + AT_ONCE], settings, chart, check):
			for sentence in sentences:
				causes.setdefault(_key(sentence, ref), Cause(sentence)).documents.append(ref)
		progress(min(start + AT_ONCE, len(latest)), len(latest))
	check.causes = sorted(causes.values(), key=lambda cause: -len(cause.documents))
	check.notes = list(_notes(settings, Counter(row.currency for row in latest)))
	return check


def _map(
	rows: Sequence[frappe._dict], settings: Document, chart: object, check: Check
) -> Iterator[tuple[DocumentRef, Sequence[Sentence]]]:
	"""Count what goes and what is left out; yield what is refused."""
	pushed = [row for row in rows if verdict(row, settings, whatever_its_date=True).is_pushed]
	check.not_pushed += len(rows) - len(pushed)
	for doctype in DOCTYPES:
		names = [row.name for row in pushed if row.doctype == doctype]
		for ref, document in read_invoices(doctype, names).items() if names else ():
			try:
				map_document(document, chart)
				check.would_go += 1
			except Refused as refused:
				yield ref, refused.sentences


def _latest(company: str, limit: int) -> list[frappe._dict]:
	rows = []
	for doctype in DOCTYPES:
		columns = set(frappe.get_meta(doctype).get_valid_columns())
		fields = [name for name in (*SCOPE_FIELDS, "currency") if name in columns]
		found = frappe.get_all(
			doctype,
			filters={"company": company, "docstatus": 1},
			fields=fields,
			order_by="posting_date desc, creation desc",
			limit=limit,
		)
		rows += [frappe._dict(row, doctype=doctype) for row in found]
	return sorted(rows, key=lambda row: row.posting_date, reverse=True)[:limit]


def _key(sentence: Sentence, ref: DocumentRef) -> str:
	"""The same for two documents that fail for the same reason."""
	document = (ref.name, str(ref))
	return sentence.render(show=lambda value: "" if str(value) in document else str(value))


def _notes(settings: Document, currencies: Counter[str]) -> Iterator[Sentence]:
	from nexwave_xero_connector.xero_api.oauth import missing_scopes

	company = settings.company
	here = settings_link(company)
	own = frappe.get_cached_value("Company", company, "default_currency")
	connection = frappe.db.get_value(
		CONNECTION, company, ["state", "scope", "day_calls_remaining"], as_dict=True
	)
	if not connection or connection.state != "Connected":
		yield Sentence(
			_("{company} is not connected. Connect it in {settings}."), company=company, settings=here
		)
		return
	if missing := missing_scopes(connection.scope or ""):
		yield Sentence(
			_(
				"The connection lacks the permission {scopes}. Add it to the scopes of the Xero app, then"
				" connect again."
			),
			scopes=", ".join(missing),
		)
	if settings.base_currency and settings.base_currency != own:
		yield Sentence(
			_(
				"{company} keeps its books in {own}, {organisation} in {base}: exchange differences will not"
				" agree. Choose an organisation in {own} unless this is meant."
			),
			company=company,
			own=own,
			organisation=settings.organisation_name,
			base=settings.base_currency,
		)
	subscribed = set((settings.currencies or "").replace(",", " ").split())
	for currency, count in sorted(currencies.items()):
		if subscribed and currency not in subscribed:
			yield Sentence(
				_(
					"{count} of the invoices are in {currency}, which {organisation} has not. Add the currency in Xero."
				),
				count=count,
				currency=currency,
				organisation=settings.organisation_name,
			)
	if (
		settings.lock_date
		and settings.start_date
		and getdate(settings.start_date) <= getdate(settings.lock_date)
	):
		yield Sentence(
			_(
				"Xero takes nothing dated on or before its lock date {lock}, and the start date is {start}."
				" Choose a later start date, or move the lock date in Xero."
			),
			lock=getdate(settings.lock_date),
			start=getdate(settings.start_date),
		)
	if others := [other for other in companies_of(settings.tenant_id) if other != company]:
		yield Sentence(
			_(
				"{others} is pushed to {organisation} too. Each company should have an organisation of its own."
			),
			others=", ".join(others),
			organisation=settings.organisation_name,
		)
	yield from _too_many_for_a_day(company, connection.day_calls_remaining)


def _too_many_for_a_day(company: str, calls_left: int | None) -> Iterator[Sentence]:
	days: Counter[object] = Counter()
	since = add_days(nowdate(), -USUAL_DAYS)
	for doctype in DOCTYPES:
		filters = {"company": company, "docstatus": 1, "posting_date": (">=", since)}
		days.update(frappe.get_all(doctype, filters, pluck="posting_date"))
	busiest = max(days.values(), default=0)
	if calls_left and busiest * CALLS_A_DOCUMENT > calls_left:
		yield Sentence(
			_(
				"The busiest of the last {days} days had {documents} documents, which can take {calls} calls;"
				" Xero had {left} left for today. What is above the limit is sent the next day."
			),
			days=USUAL_DAYS,
			documents=busiest,
			calls=busiest * CALLS_A_DOCUMENT,
			left=calls_left,
		)
