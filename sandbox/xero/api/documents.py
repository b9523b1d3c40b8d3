"""/Invoices and /CreditNotes."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..calls import Call
from ..ledger.document_writing import WriteOptions
from ..ledger.folding import fold
from ..ledger.history import Actor
from ..ledger.incoming import read_elements
from ..ledger.model import CREDIT_NOTE, INVOICE, Document, Kind, document_from_row
from ..ledger.rendering import Shape, load_related, render_document
from ..problems import not_found, simple_validation
from ..wire import Answer, envelope, is_guid
from .listing import (
	CREDIT_NOTE_FIELDS,
	INVOICE_FIELDS,
	OPTIMISED_CREDIT_NOTE_FIELDS,
	OPTIMISED_INVOICE_FIELDS,
	UNPAGED_CAP,
	Query,
	apply_modified_since,
	apply_search,
	apply_where,
	hide_what_is_new,
	order_of,
	page_of,
	refuse_slow_where,
)

if TYPE_CHECKING:
	from ..world import World

Handler = Callable[["World", Call, list[str]], Answer]


def actor_of(call: Call) -> Actor:
	assert call.caller
	return Actor(call.caller.app_name, by_api=True, client_id=call.caller.client_id)


def find_document(world: World, call: Call, kind: Kind, key: str) -> Document:
	"""By id, or by number as documented; of several bills with one number, the newest live one."""
	assert call.tenant
	if is_guid(key):
		document = world.documents.get(call.tenant, key, kind)
	else:
		found = world.documents.by_number(call.tenant, kind, key)
		document = found[0] if found else None
	if document is None:
		raise not_found()
	return document


def get_document(kind: Kind) -> Handler:
	def handler(world: World, call: Call, found: list[str]) -> Answer:
		document = find_document(world, call, kind, found[0])
		related = load_related(world.storage, document.tenant, [document])
		rendered = render_document(document, related, Shape(price_places=call.price_places))
		return envelope(world.clock.milliseconds(), **{kind.wrapper: [rendered]})

	return handler


def write_documents(kind: Kind) -> Handler:
	def handler(world: World, call: Call, found: list[str]) -> Answer:
		assert call.tenant
		path_id = find_document(world, call, kind, found[0]).id if found else None
		options = WriteOptions(
			create_only=call.method == "PUT",
			atomic=call.flag("summarizeerrors") is not False,
			price_places=call.price_places,
			path_id=path_id,
			forced_errors=call.forced_errors,
		)
		elements = read_elements(call.body, kind.wrapper, kind.wrapper.removesuffix("s"))
		written = world.writing.write(kind, world.books(call.tenant), elements, options, actor_of(call))
		return envelope(world.clock.milliseconds(), **{kind.wrapper: written})

	return handler


def list_documents(kind: Kind) -> Handler:
	fields = INVOICE_FIELDS if kind is INVOICE else CREDIT_NOTE_FIELDS
	optimised = OPTIMISED_INVOICE_FIELDS if kind is INVOICE else OPTIMISED_CREDIT_NOTE_FIELDS

	def handler(world: World, call: Call, found: list[str]) -> Answer:
		assert call.tenant and call.caller
		query = Query("documents d JOIN contacts c ON c.id = d.contact_id", "d.json")
		query.add("d.tenant = ? AND d.kind = ?", call.tenant, kind.name)
		if kind is INVOICE:
			query.add_list("d.id", call.query.get("ids"), str.lower)
			query.add_list("d.number_key", call.query.get("invoicenumbers"), fold)
			query.add_list("d.contact_id", call.query.get("contactids"), str.lower)
			query.add_list("d.status", call.query.get("statuses"), str.upper)
			apply_search(query, call, ("d.number_key", "d.reference_key"))
			if call.flag("createdbymyapp") and world.switches.get("created_by_my_app") == "filtered":
				query.add("d.app = ?", call.caller.client_id)
			hides = world.switches.get("lists_hide_archived_contacts") == "yes"
			if hides and not call.flag("includearchived"):
				query.add("c.status = 'ACTIVE'")
		refuse_slow_where(world, call, kind, optimised)
		apply_where(query, call, fields)
		ignores_since = kind is CREDIT_NOTE and world.switches.get("credit_notes_modified_since") == "ignored"
		if not ignores_since:
			apply_modified_since(query, call, "d.updated")
		hide_what_is_new(query, world)
		return _answer_list(world, call, kind, query, order_of(call, fields, "d"))

	return handler


def _answer_list(world: World, call: Call, kind: Kind, query: Query, order: str) -> Answer:
	sql, parameters = query.sql()
	page = page_of(call)
	more = {}
	if page:
		count_sql, _ = query.sql("count(*)")
		more["pagination"] = page.pagination(world.storage.execute(count_sql, parameters).fetchone()[0])
		limit = f"LIMIT {page.size} OFFSET {(page.number - 1) * page.size}"
	else:
		limit = f"LIMIT {UNPAGED_CAP}" if world.switches.get("unpaged_lists") == "capped" else ""
	rows = world.storage.execute(f"{sql} ORDER BY {order} {limit}", parameters).fetchall()
	documents = [document_from_row(row) for row in rows]
	summary = bool(call.flag("summaryonly"))
	shape = Shape(
		price_places=call.price_places,
		contact_in_full=False,
		lines=page is not None and not summary,
		settlements=not summary,
		url=world.switches.get("url_in_lists") == "yes",
	)
	related = load_related(world.storage, call.tenant or "", documents, settled=shape.settlements)
	rendered = [render_document(document, related, shape) for document in documents]
	if summary:
		for element in rendered:
			element.pop("LineItems")
	return envelope(world.clock.milliseconds(), **more, **{kind.wrapper: rendered})


def email_invoice(world: World, call: Call, found: list[str]) -> Answer:
	"""Nothing is sent; the invoice is marked as sent to the contact."""
	document = find_document(world, call, INVOICE, found[0])
	contact = world.contacts.get(document.tenant, document.contact_id)
	if document.status not in ("SUBMITTED", "AUTHORISED", "PAID"):
		raise simple_validation("Draft, voided or deleted invoices cannot be emailed")
	if contact is None or not contact.email:
		raise simple_validation("Invoices for contacts with no email address assigned cannot be emailed")
	document.sent_to_contact = True
	document.updated = world.clock.milliseconds()
	world.documents.save(document)
	world.history.note(
		document.tenant, document.id, document.updated, actor_of(call), "Emailed", contact.email
	)
	return Answer(204, content_type="")


def online_invoice(world: World, call: Call, found: list[str]) -> Answer:
	document = find_document(world, call, INVOICE, found[0])
	if not document.sales_side or document.status in ("DRAFT", "SUBMITTED", "DELETED"):
		raise not_found()
	url = f"{call.base_url}/documents/{document.id}"
	return envelope(world.clock.milliseconds(), OnlineInvoices=[{"OnlineInvoiceUrl": url}])
