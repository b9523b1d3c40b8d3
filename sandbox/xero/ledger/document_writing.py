"""Creates and updates a batch of documents: all or nothing, or each element separately."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..clock import Clock
from ..problems import not_found, validation
from ..storage import Storage
from ..switches import Switches
from ..wire import ZERO_GUID, dumps, ms_date, read_date
from .books import Books
from .contact_rules import ContactRules
from .contact_store import ContactStore
from .document_rules import DocumentRules, Draft
from .document_store import DocumentStore
from .history import Actor, History
from .incoming import Element
from .model import Document, Kind
from .rendering import Shape, load_related, render_document
from .settlement import Settlement

CHANGES = {"SUBMITTED": "Submitted", "AUTHORISED": "Approved", "VOIDED": "Voided", "DELETED": "Deleted"}


@dataclass(frozen=True)
class WriteOptions:
	"""How to write the documents of one request."""

	create_only: bool
	atomic: bool
	price_places: int
	path_id: str | None = None
	forced_errors: tuple[tuple[str, str], ...] = ()


class DocumentWriting:
	def __init__(
		self,
		storage: Storage,
		clock: Clock,
		switches: Switches,
		settlement: Settlement,
		history: History,
	) -> None:
		self._storage = storage
		self._clock = clock
		self._switches = switches
		self._settlement = settlement
		self._history = history
		self._documents = DocumentStore(storage)
		self._contacts = ContactStore(storage)
		self._contact_rules = ContactRules(self._contacts, switches)

	def write(
		self,
		kind: Kind,
		books: Books,
		raw_elements: list[dict[str, Any]],
		options: WriteOptions,
		actor: Actor,
	) -> list[dict[str, Any]]:
		"""The rendered elements.

		In the atomic form an error in one element refuses the whole batch and undoes it (switch refused_batch_saves).
		"""
		rules = DocumentRules(
			kind=kind,
			books=books,
			switches=self._switches,
			documents=self._documents,
			contacts=self._contacts,
			today=self._clock.today(books.zone),
			app=actor.client_id,
			price_places=options.price_places,
		)
		answers: list[dict[str, Any]] = []
		failing: list[dict[str, Any]] = []
		for raw in raw_elements:
			element = Element(raw)
			existing, by_number = self._find(kind, books, element, options)
			if existing:
				draft = rules.update(existing, element, matched_by_number=by_number)
			else:
				draft = rules.create(element)
			draft.errors += [message for text, message in options.forced_errors if text in dumps(raw)]
			self._save_contact(draft, books)
			if draft.errors or draft.contact_errors:
				echo = _echo(kind, raw, existing, draft, atomic=options.atomic)
				failing.append(echo)
				answers.append(echo)
			else:
				self._save(kind, draft, existing, actor)
				answers.append(self._render(draft, options))
		if failing and options.atomic:
			refusal = validation(
				failing if self._switches.get("batch_error_elements") == "failing" else answers
			)
			refusal.keeps_writes = self._switches.get("refused_batch_saves") == "valid"
			raise refusal
		if self._switches.get("batch_order") == "by_date":
			answers.sort(key=lambda answer: str(answer.get("DateString", "")))
		return answers

	def _find(
		self, kind: Kind, books: Books, element: Element, options: WriteOptions
	) -> tuple[Document | None, bool]:
		"""The document that an element updates, and whether it was found only by its number."""
		if options.create_only:
			return None, False
		document_id = element.guid(kind.id_field)
		if options.path_id is not None:
			found = self._documents.get(books.tenant, options.path_id, kind)
			if found is None or (document_id and document_id != found.id):
				raise not_found()
			return found, False
		if document_id and document_id != ZERO_GUID:
			found = self._documents.get(books.tenant, document_id, kind)
			if found is None:
				raise not_found()
			return found, False
		number, type_ = element.text(kind.number_field), element.text("Type")
		if not number:
			return None, False
		candidates = self._documents.by_number(books.tenant, kind, number, type_)
		if type_ != kind.unique_type and self._switches.get("bill_post_match") == "number_and_contact":
			contact = element.object("Contact")
			wanted = contact.guid("ContactID") if contact else None
			candidates = [document for document in candidates if document.contact_id == wanted]
		return (candidates[0], True) if candidates else (None, False)

	def _save_contact(self, draft: Draft, books: Books) -> None:
		"""Applies the contact details in the request. This drops the contact's persons (observed)."""
		choice = draft.contact
		if choice is None or (choice.contact and not choice.has_details):
			return
		nested = self._switches.get("contact_errors") == "nested"
		errors = draft.contact_errors if nested else draft.errors
		if choice.contact is None:
			contact = self._contact_rules.create(books.tenant, choice.element, errors)
		else:
			contact = self._contact_rules.update(choice.contact, choice.element, errors)
			if not choice.element.has("ContactPersons"):
				contact.fields.pop("ContactPersons", None)
		if not draft.errors and not errors:
			contact.updated = self._clock.milliseconds()
			self._contacts.save(contact)
			draft.document.contact_id = contact.id

	def _save(self, kind: Kind, draft: Draft, existing: Document | None, actor: Actor) -> None:
		document = draft.document
		if not document.number and document.type == kind.unique_type:
			document.number = self._documents.next_number(document.tenant, kind)
		document.updated = self._clock.milliseconds()
		self._settlement.set_paid(document, document.date)
		self._documents.save(document)
		self._mark_contact(document)
		status_changed = existing is None or existing.status != document.status
		if existing is None:
			change = "Created"
		else:
			change = CHANGES.get(document.status, "Edited") if status_changed else "Edited"
		details = f"{document.number or 'No number'}, {document.total} {document.currency}, {document.status}"
		self._history.note(document.tenant, document.id, document.updated, actor, change, details)

	def _mark_contact(self, document: Document) -> None:
		"""Xero marks a contact as customer or supplier once it has a document on that side."""
		contact = self._contacts.get(document.tenant, document.contact_id)
		flag = "is_customer" if document.sales_side else "is_supplier"
		if contact and not getattr(contact, flag):
			setattr(contact, flag, True)
			self._contacts.save(contact)

	def _render(self, draft: Draft, options: WriteOptions) -> dict[str, Any]:
		attribute = None
		if not options.atomic:
			attribute = "WARNING" if draft.warnings else "OK"
		shape = Shape(
			price_places=options.price_places,
			settlements=draft.document.settled,
			status_attribute=attribute,
		)
		related = load_related(self._storage, draft.document.tenant, [draft.document])
		out = render_document(draft.document, related, shape)
		if draft.warnings:
			out["Warnings"] = [{"Message": warning} for warning in draft.warnings]
		return out


def _echo(
	kind: Kind, raw: dict[str, Any], existing: Document | None, draft: Draft, *, atomic: bool
) -> dict[str, Any]:
	"""The element as it was sent, including the requested Status, with its errors (observed on the wire)."""
	out = {key: value for key, value in raw.items() if value is not None}
	for name in ("Date", "DueDate", "ExpectedPaymentDate", "PlannedPaymentDate"):
		if out.get(name):
			day = read_date(out[name])
			out[name] = ms_date(day)
			out[f"{name}String"] = f"{day}T00:00:00"
	out[kind.id_field] = existing.id if existing else ZERO_GUID
	out["HasErrors"] = True
	lines = out.get("LineItems")
	if isinstance(lines, list):
		out["LineItems"] = [{**line, "ValidationErrors": []} for line in lines]
	if isinstance(out.get("Contact"), dict):
		out["Contact"] = {**out["Contact"], "ValidationErrors": _messages(draft.contact_errors)}
	out["ValidationErrors"] = _messages(draft.errors)
	if not atomic:
		out["StatusAttributeString"] = "ERROR"
	return out


def _messages(errors: list[str]) -> list[dict[str, str]]:
	return [{"Message": message} for message in dict.fromkeys(errors)]
