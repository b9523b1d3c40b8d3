"""A model of Xero behind a network that may lose, delay and repeat requests, and lose responses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.errors import OutcomeUnknown, Rejected, Unavailable, Unreachable
from nexwave_xero_connector.sync.records import Allocation, ValidationErrors, XeroContact, XeroDocument
from nexwave_xero_connector.xero_api.response import element_of_each
from tests.model.schedule import Steps

KEY_MEMORY = timedelta(minutes=6)
"""How long Xero remembers an Idempotency-Key."""

HOME, AWAY = "home", "away"
"""Two organisations. Ids are unique in all of Xero; numbers are in each."""

MAX_DELAY = timedelta(minutes=10)
"""How late a write may still be carried out: what the protocol assumes of the world."""


@dataclass(frozen=True)
class Request:
	"""A write in transit. `apply` changes the ledger; the key guards it as in Xero."""

	key: str
	body: str
	apply: Callable[[], Any]
	expires: datetime


@dataclass
class XeroModel:
	"""The ledger, the remembered keys, and the writes still in transit."""

	now: Callable[[], datetime]
	withdrawn: Callable[[], set[str]]
	"""What has been withdrawn in ERPNext at this moment, for the promises."""
	documents: dict[str, XeroDocument] = field(default_factory=dict)
	organisation_of: dict[str, str] = field(default_factory=dict)
	"""Of each document by its id; HOME for those that are not in it."""
	merged: dict[str, str] = field(default_factory=dict)
	"""Contacts that somebody has merged, each with the one that is left."""
	renamed: dict[str, str] = field(default_factory=dict)
	"""Contacts that somebody has renamed, each with its name now; the name of the others is their id."""
	keys: dict[str, tuple[datetime, str, Any]] = field(default_factory=dict)
	under_way: list[Request] = field(default_factory=list)
	refuses_now: set[str] = field(default_factory=set)
	allocations_made: int = 0
	shows_links: bool = True
	disliked: set[str] = field(default_factory=set)
	"""Numbers that a firewall dislikes: it ends each call that carries one, before Xero sees it."""
	out_until: datetime | None = None

	@property
	def is_out(self) -> bool:
		"""Whether Xero says of itself that it is out of order."""
		return self.out_until is not None and self.now() < self.out_until

	made_of: dict[str, str] = field(default_factory=dict)
	"""Whose copy each document is that we made, by its id: the incarnation in ERPNext. People's own are not in it."""
	wrongly_voided: list[str] = field(default_factory=list)
	"""Voided by us, though at that moment nobody had withdrawn in ERPNext what it is a copy of."""

	def carry_out(self, request: Request) -> Any:
		"""Apply a request once. For six minutes, the same key with the same body gets the same response again."""
		known = self.keys.get(request.key) if request.key else None
		if known and self.now() - known[0] < KEY_MEMORY:
			if known[1] != request.body:
				raise Rejected(Sentence("Idempotency Key is used with a different request."))
			return known[2]
		answer = request.apply()
		if request.key:
			self.keys[request.key] = (self.now(), request.body, answer)
		return answer

	def deliver(self, position: int) -> None:
		"""A delayed or repeated write arrives after all."""
		request = self.under_way.pop(position)
		try:
			self.carry_out(request)
		except Rejected:
			pass

	def forget_expired(self) -> None:
		self.under_way = [request for request in self.under_way if self.now() < request.expires]

	def is_in(self, organisation: str, document: XeroDocument) -> bool:
		return self.organisation_of.get(document.id, HOME) == organisation

	def merge_contacts(self, old: str, new: str) -> None:
		"""Xero archives the old contact and moves its documents."""
		self.merged[old] = new
		for document in self.documents.values():
			if document.contact_id == old:
				self.documents[document.id] = replace(document, contact_id=new)

	def rename_contact(self, contact: str, name: str) -> None:
		"""Its documents show the new name from now on."""
		self.renamed[contact] = name
		for document in self.documents.values():
			if document.contact_id == contact:
				self.documents[document.id] = replace(document, contact_name=name)

	def create_one(
		self, xero_type: XeroType, body: Mapping[str, Any], organisation: str = HOME
	) -> XeroDocument | ValidationErrors:
		number = str(body.get("InvoiceNumber") or body.get("CreditNoteNumber"))
		if number in self.refuses_now:
			return ValidationErrors(("Account code '200' has been archived, or has been deleted.",))
		if body["Contact"]["ContactID"] in self.merged:
			return ValidationErrors(("The contact with the specified contact details has been archived.",))
		if not self.is_free(xero_type, number, organisation):
			return ValidationErrors(("Invoice # must be unique.",))
		total = sum(
			(Decimal(line["Quantity"]) * Decimal(line["UnitAmount"]) for line in body["LineItems"]),
			Decimal(0),
		)
		tax = (total * 15 / 100).quantize(Decimal("0.01"))
		document = XeroDocument(
			xero_type=xero_type,
			id=self.new_id(xero_type, number),
			number=number,
			status=str(body["Status"]),
			contact_id=body["Contact"]["ContactID"],
			contact_name=self.renamed.get(body["Contact"]["ContactID"], ""),
			currency="NZD",
			total=total.quantize(Decimal("0.01")) + tax,
			total_tax=tax,
			tax_by_type=((body["LineItems"][0]["TaxType"], tax),),
			net=(((body["LineItems"][0]["AccountCode"], body["LineItems"][0]["TaxType"]), total),),
			date=date.fromisoformat(str(body["Date"])),
			url=str(body.get("Url", "")) if self.shows_links else "",
			amount_due=Decimal(0) if xero_type.is_credit_note else total + tax,
			remaining_credit=total + tax if xero_type.is_credit_note else Decimal(0),
		)
		self.documents[document.id] = document
		self.organisation_of[document.id] = organisation
		self.made_of[document.id] = str(body["LineItems"][0]["Description"])
		return document

	def new_id(self, xero_type: XeroType, number: str) -> str:
		"""The id of a document that is created under this number."""
		stem = f"{xero_type.value}/{number}/"
		return f"{stem}{sum(xero_id.startswith(stem) for xero_id in self.documents)}"

	def is_free(self, xero_type: XeroType, number: str, organisation: str = HOME) -> bool:
		"""Whether Xero accepts a new document of the type under the number."""
		return not xero_type.number_is_unique or not any(
			d.xero_type is xero_type
			and d.number.casefold() == number.casefold()
			and d.status != "DELETED"
			and self.is_in(organisation, d)
			for d in self.documents.values()
		)

	def void_one(self, xero_id: str, status: str) -> XeroDocument | ValidationErrors:
		document = self.documents[xero_id]
		if not document.is_live or document.allocations or (document.applied and status == "VOIDED"):
			return ValidationErrors(("Invoice not of valid status for modification",))
		self.documents[xero_id] = replace(document, status=status)
		if self.made_of.get(xero_id) not in self.withdrawn():
			self.wrongly_voided.append(xero_id)
		return self.documents[xero_id]

	def allocate_one(self, note_id: str, invoice_id: str, amount: Decimal) -> ValidationErrors | None:
		note, invoice = self.documents[note_id], self.documents[invoice_id]
		if not (note.is_live and invoice.is_live):
			return ValidationErrors(("Credit Note cannot be allocated.",))
		if amount > min(note.remaining_credit, invoice.amount_due):
			return ValidationErrors(
				("Credit Note cannot be allocated as amount is greater than amount outstanding",)
			)
		self.allocations_made += 1
		allocation = Allocation(f"{note_id}>{self.allocations_made}", invoice_id, amount)
		self.documents[note_id] = replace(
			note, remaining_credit=note.remaining_credit - amount, allocations=(*note.allocations, allocation)
		)
		self.documents[invoice_id] = replace(
			invoice,
			amount_due=invoice.amount_due - amount,
			applied=(*invoice.applied, f"credit note {note.number}"),
		)
		return None

	def remove_allocation(self, note_id: str, allocation_id: str) -> None:
		note = self.documents[note_id]
		for allocation in note.allocations:
			if allocation.id == allocation_id:
				invoice = self.documents[allocation.invoice_id]
				self.documents[invoice.id] = replace(
					invoice, amount_due=invoice.amount_due + allocation.amount, applied=()
				)
		kept = tuple(a for a in note.allocations if a.id != allocation_id)
		freed = sum((a.amount for a in note.allocations if a.id == allocation_id), Decimal(0))
		self.documents[note_id] = replace(
			note, allocations=kept, remaining_credit=note.remaining_credit + freed
		)

	def state(self) -> object:
		return (
			tuple(
				(d.id, d.status, d.allocations, d.applied, d.number, d.date, d.total, self.made_of.get(d.id))
				for d in sorted(self.documents.values(), key=lambda d: d.id)
			),
			tuple(sorted((key, when) for key, (when, _body, _answer) in self.keys.items())),
			tuple((request.key, request.expires) for request in self.under_way),
			tuple(sorted(self.refuses_now)),
			tuple(sorted(self.merged.items())),
			tuple(sorted(self.renamed.items())),
			self.allocations_made,
		)


class XeroPort:
	"""One organisation as one worker's job sees it: every call may meet a network fault."""

	def __init__(self, xero: XeroModel, steps: Steps, organisation: str = HOME) -> None:
		self.xero = xero
		self.organisation = organisation
		self._steps = steps

	def probe(self) -> str:
		self._steps.step("probe")
		if self.xero.is_out or self._steps.network_fault(1):
			raise Unreachable(Sentence("Xero did not respond."))
		self._steps.learn("up")
		return "STANDARD"

	def find(self, xero_type: XeroType, numbers: Sequence[str]) -> list[XeroDocument]:
		wanted = {number.casefold() for number in numbers}
		return self._read(
			lambda: [
				d
				for d in self.xero.documents.values()
				if d.xero_type is xero_type
				and d.number.casefold() in wanted
				and self.xero.is_in(self.organisation, d)
			]
		)

	def ids_made_by_this_app(self, xero_type: XeroType, numbers: Sequence[str]) -> set[str]:
		wanted = {number.casefold() for number in numbers}
		return set(
			self._read(
				lambda: [
					d.id
					for d in self.xero.documents.values()
					if d.xero_type is xero_type
					and d.number.casefold() in wanted
					and self.xero.is_in(self.organisation, d)
					and d.id in self.xero.made_of
				]
			)
		)

	def read(self, xero_type: XeroType, ids: Sequence[str]) -> list[XeroDocument]:
		return self._read(
			lambda: [
				self.xero.documents[i]
				for i in ids
				if i in self.xero.documents and self.xero.is_in(self.organisation, self.xero.documents[i])
			]
		)

	def create(
		self, xero_type: XeroType, bodies: Sequence[Mapping[str, object]], idempotency_key: str
	) -> list[Any]:
		number_field = "CreditNoteNumber" if xero_type.is_credit_note else "InvoiceNumber"

		def respond(count: int, in_order: bool) -> list[Any]:
			"""Save the first so many, and match the elements of the response as the client does."""
			elements = []
			for body in bodies[:count]:
				result = self.xero.create_one(xero_type, body, self.organisation)
				saved = isinstance(result, XeroDocument)
				named = {"Url": result.url, number_field: result.number} if saved else body
				elements.append(
					{"Url": named.get("Url"), number_field: named[number_field], "result": result}
				)
			if count < len(bodies):
				raise Rejected(Sentence("A validation exception occurred"))
			elements = elements if in_order else elements[::-1]
			found = element_of_each(bodies, elements, ["Url", number_field])
			return [element and element["result"] for element in found]

		batch_moods = (
			(lambda: respond(len(bodies), in_order=False), lambda: respond(len(bodies) - 1, in_order=True))
			if len(bodies) > 1
			else ()
		)
		return self._write(
			idempotency_key,
			[xero_type, bodies],
			lambda: respond(len(bodies), in_order=True),
			*batch_moods,
		)

	def void(self, documents: Sequence[XeroDocument], idempotency_key: str) -> list[Any]:
		wanted = [(d.id, "VOIDED" if d.status in ("AUTHORISED", "PAID") else "DELETED") for d in documents]
		return self._write(
			idempotency_key,
			wanted,
			lambda: [self.xero.void_one(xero_id, status) for xero_id, status in wanted],
		)

	def allocate(
		self, credit_note_id: str, invoice_id: str, amount: Decimal, on: date, idempotency_key: str
	) -> ValidationErrors | None:
		return self._write(
			idempotency_key,
			[credit_note_id, invoice_id, amount],
			lambda: self.xero.allocate_one(credit_note_id, invoice_id, amount),
		)

	def remove_allocation(self, credit_note_id: str, allocation_id: str) -> None:
		self._write("", [allocation_id], lambda: self.xero.remove_allocation(credit_note_id, allocation_id))

	def find_contacts(self, numbers: Sequence[str], names: Sequence[str]) -> list[XeroContact]:
		return []

	def read_contacts(self, ids: Sequence[str]) -> list[XeroContact]:
		return self._read(
			lambda: [
				XeroContact(
					i,
					self.xero.renamed.get(i, i),
					is_archived=i in self.xero.merged,
					merged_into=self.xero.merged.get(i, ""),
				)
				for i in ids
			]
		)

	def create_contacts(self, bodies: Sequence[Mapping[str, object]], idempotency_key: str) -> list[Any]:
		return []

	def _read(self, answer: Callable[[], list[Any]]) -> list[Any]:
		self._steps.step("ask Xero")
		if self.xero.is_out:
			raise Unreachable(Sentence("Xero is out of order."))
		if self._steps.network_fault(1):
			raise Unavailable(Sentence("Xero did not respond."))
		found = answer()
		self._steps.learn(found)
		return found

	def _write(
		self,
		key: str,
		body: object,
		apply: Callable[[], Any],
		reordered: Callable[[], Any] | None = None,
		partly: Callable[[], Any] | None = None,
	) -> Any:
		"""`reordered` and `partly`: how Xero may treat a batch instead."""
		self._steps.step("send to Xero")
		if self.xero.is_out:
			raise Unreachable(Sentence("Xero is out of order."))
		if any(number in str(body) for number in self.xero.disliked):
			raise OutcomeUnknown(Sentence("The connection was dropped."), "connection dropped")
		expires = self.xero.now() + MAX_DELAY
		request = Request(key, str(body), apply, expires)
		mood = self._steps.network_fault(7 if reordered and partly else 5)
		if mood == 6 and reordered:
			request = replace(request, apply=reordered)
		if mood == 7 and partly:
			request = replace(request, apply=partly)
		if mood == 1:
			raise Unreachable(Sentence("Xero refused the connection."))
		if mood == 2:
			raise OutcomeUnknown(Sentence("The request was lost."), "lost")
		if mood == 3:
			self.xero.under_way.append(request)
			raise OutcomeUnknown(Sentence("Xero is slow."), "slow")
		answer = self.xero.carry_out(request)
		if mood == 4:
			raise OutcomeUnknown(Sentence("The response was lost."), "lost")
		if mood == 5:
			repeated = replace(request, expires=self.xero.now() + KEY_MEMORY)
			self.xero.under_way.append(repeated)
		self._steps.learn(answer)
		self._steps.step("hear from Xero")
		return answer
