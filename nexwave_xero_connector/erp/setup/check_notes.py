"""What else would prevent sending: the connection, the organisation, its limits, and what is archived in Xero."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping

import frappe
from frappe.model.document import Document
from frappe.utils import add_days, getdate, nowdate

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.connection.connect import companies_of
from nexwave_xero_connector.erp.connection.installation import why_not_ours
from nexwave_xero_connector.erp.doctypes import CONNECTION, TRACKING_OPTION, XERO_RECORDS
from nexwave_xero_connector.erp.documents.dimensions import dimension_fields
from nexwave_xero_connector.erp.documents.mapping_settings import tracking_sources
from nexwave_xero_connector.erp.outbox.log import DOCTYPES
from nexwave_xero_connector.mapping.settings import GONE
from nexwave_xero_connector.sentence import DocLink, Sentence, _, settings_link

CALLS_A_DOCUMENT = 4
"""Sent alone, a document takes at most two look-ups and two creates: one each for itself and for its contact."""
USUAL_DAYS = 30


def notes(settings: Document, currencies: Counter[str]) -> Iterator[Sentence]:
	"""Each with a link to where to fix it, if that is in ERPNext. `currencies`: how many invoices are in each."""
	fields = ["state", "scope", "day_calls_remaining", "paused_until", "installation"]
	connection = frappe.db.get_value(CONNECTION, settings.company, fields, as_dict=True)
	if not connection or connection.state != "Connected":
		yield Sentence(
			_("{company} is not connected. Connect it in {settings}."),
			company=settings.company,
			settings=settings_link(settings.company),
		)
		return
	if reason := why_not_ours(settings.company, connection.installation):
		yield reason
		return
	yield from _missing_permissions(settings, connection.scope or "")
	yield from _other_base_currency(settings)
	yield from _currencies_not_in_xero(settings, currencies)
	yield from _start_before_lock_date(settings)
	yield from _mapped_and_not_active(settings)
	yield from _dimensions_not_in_use(settings)
	yield from _one_category_of_two_sources(settings)
	yield from _shared_organisation(settings)
	yield from _too_many_for_a_day(settings.company, connection)


def _missing_permissions(settings: Document, scope: str) -> Iterator[Sentence]:
	from nexwave_xero_connector.xero_api.oauth import missing_scopes

	if missing := missing_scopes(scope):
		yield Sentence(
			_(
				"The connection does not have the scope {scopes}. Add it to the scopes of the Xero app in {settings},"
				" then connect again."
			),
			scopes=", ".join(missing),
			settings=settings_link(settings.company, "connected_app"),
		)


def _other_base_currency(settings: Document) -> Iterator[Sentence]:
	own = frappe.get_cached_value("Company", settings.company, "default_currency")
	if settings.base_currency and settings.base_currency != own:
		yield Sentence(
			_(
				"{company} keeps its books in {own}, {organisation} in {base}: exchange differences will not"
				" match. Choose an organisation in {own} in {settings}, unless this is intended."
			),
			company=settings.company,
			own=own,
			organisation=settings.organisation_name,
			base=settings.base_currency,
			settings=settings_link(settings.company, "organisation_name"),
		)


def _currencies_not_in_xero(settings: Document, currencies: Counter[str]) -> Iterator[Sentence]:
	subscribed = set((settings.currencies or "").replace(",", " ").split())
	for currency, count in sorted(currencies.items()):
		if subscribed and currency not in subscribed:
			yield Sentence(
				_(
					"{count} of these invoices are in {currency}, which is not enabled in {organisation}. Add the"
					" currency in Xero, then press Fetch in {settings}."
				),
				count=count,
				currency=currency,
				organisation=settings.organisation_name,
				settings=settings_link(settings.company, "currencies"),
			)


def _start_before_lock_date(settings: Document) -> Iterator[Sentence]:
	"""The start date is set in the last step; until then, today is assumed, which that step offers."""
	start = getdate(settings.start_date or nowdate())
	if settings.lock_date and start <= getdate(settings.lock_date):
		yield Sentence(
			_(
				"Xero does not accept documents dated on or before its lock date {lock}, and the start date is {start}."
				" Choose a later start date in {settings}, or move the lock date in Xero."
			),
			lock=getdate(settings.lock_date),
			start=start,
			settings=settings_link(settings.company, "start_date"),
		)


def _mapped_and_not_active(settings: Document) -> Iterator[Sentence]:
	"""Even if none of the last invoices uses it."""
	for choice in settings.choices():
		if choice.doctype not in XERO_RECORDS:
			continue
		record = frappe.db.get_value(choice.doctype, choice.name, ["title", "status", "name"], as_dict=True)
		if record and record.status != "ACTIVE":
			yield Sentence(
				_(
					"{record} is mapped in {place}, but does not exist in {organisation}. Press Suggest Mapping in"
					" {settings}, or choose another there."
				)
				if record.status == GONE
				else _(
					"{record} is mapped in {place}, but is archived in Xero. Restore it there, or choose another in"
					" {settings}."
				),
				record=record.title or record.name,
				place=choice.place,
				organisation=settings.organisation_name,
				settings=settings_link(settings.company, choice.fieldname),
			)


def _dimensions_not_in_use(settings: Document) -> Iterator[Sentence]:
	in_use = dimension_fields()
	for fieldname in ("tracking_source", "second_tracking_source"):
		source = settings.get(fieldname)
		names = {"source": source, "settings": settings_link(settings.company, fieldname)}
		if not source:
			continue
		if not frappe.db.exists("DocType", source):
			yield Sentence(
				_(
					"The DocType {source} no longer exists, so documents are sent without tracking by it. Choose"
					" another source in {settings}."
				),
				**names,
			)
		elif source not in in_use:
			yield Sentence(
				_(
					"{source} is disabled as an accounting dimension, so documents are sent without tracking by it."
					" Enable it, or choose another source in {settings}."
				),
				**names | {"source": DocLink("Accounting Dimension", source)},
			)
		else:
			yield from _documents_without_the_field(in_use[source], names)


def _documents_without_the_field(fieldname: str, names: Mapping[str, object]) -> Iterator[Sentence]:
	for doctype in DOCTYPES:
		meta = frappe.get_meta(doctype)
		if not (meta.has_field(fieldname) or frappe.get_meta(f"{doctype} Item").has_field(fieldname)):
			yield Sentence(
				_(
					"{doctype} does not have the field {fieldname} of the accounting dimension {source}, so it is sent"
					" without tracking by it. Create the dimension again, or choose another source in {settings}."
				),
				doctype=doctype,
				fieldname=fieldname,
				**names,
			)


def _one_category_of_two_sources(settings: Document) -> Iterator[Sentence]:
	sources = tracking_sources(settings)
	options = [row.tracking_option for row in settings.tracking_mapping]
	fields = ["name", "category", "category_id"]
	of_option = {row.name: row for row in frappe.get_all(TRACKING_OPTION, {"name": ("in", options)}, fields)}
	mapped: dict[str, dict[str, str]] = {}
	for row in settings.tracking_mapping:
		if row.source_doctype in sources and (option := of_option.get(row.tracking_option)):
			mapped.setdefault(option.category_id or option.category, {})[row.source_doctype] = option.category
	for categories in mapped.values():
		if len(categories) == 2:
			yield Sentence(
				_(
					"{first} and {second} are both mapped to tracking category {category}. Xero accepts one option of a"
					" category on a line, so a line with both is not sent. Map one of them to another category in"
					" {settings}."
				),
				first=sources[0],
				second=sources[1],
				category=categories[sources[0]],
				settings=settings_link(settings.company, "tracking_mapping"),
			)


def _shared_organisation(settings: Document) -> Iterator[Sentence]:
	if others := [other for other in companies_of(settings.tenant_id) if other != settings.company]:
		yield Sentence(
			_(
				"{organisation} already receives documents from {others}. Each company should have its own"
				" organisation: choose another in {settings}."
			),
			others=", ".join(others),
			organisation=settings.organisation_name,
			settings=settings_link(settings.company, "organisation_name"),
		)


def _too_many_for_a_day(company: str, connection: frappe._dict) -> Iterator[Sentence]:
	paused_until = clock.from_column(connection.paused_until)
	if paused_until and paused_until > clock.utc_now():
		yield Sentence(
			_(
				"Xero accepts no calls for {company} until {until}. Waiting documents will be sent automatically then."
			),
			company=company,
			until=paused_until,
		)
	days: Counter[object] = Counter()
	since = add_days(nowdate(), -USUAL_DAYS)
	for doctype in DOCTYPES:
		filters = {"company": company, "docstatus": 1, "posting_date": (">=", since)}
		days.update(frappe.get_all(doctype, filters, pluck="posting_date"))
	busiest = max(days.values(), default=0)
	left = connection.day_calls_remaining
	# Zero also means unknown. If it is known, Xero accepts no calls, which is reported above.
	if left and busiest * CALLS_A_DOCUMENT > left:
		yield Sentence(
			_(
				"The busiest of the last {days} days had {documents} documents, which can take {calls} calls;"
				" {left} calls are left today. Documents above the limit will be sent the next day."
			),
			days=USUAL_DAYS,
			documents=busiest,
			calls=busiest * CALLS_A_DOCUMENT,
			left=left,
		)
