"""What the probes work with: an organisation's facts, and documents that a person can find again.

Every number, contact and reference created here starts with MARK, so that a search for it in Xero finds them all.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from sandbox.xero.wire import ZERO_GUID

from .calls import Exchange, Xero, is_saved
from .hands import Hands
from .probe import CannotAsk, Fixture, Seen

MARK = "NWCONF"
ID_FIELDS = {"Invoices": "InvoiceID", "CreditNotes": "CreditNoteID", "Contacts": "ContactID"}
NUMBER_FIELDS = {"Invoices": "InvoiceNumber", "CreditNotes": "CreditNoteNumber", "Contacts": "Name"}
SURVEY_CALLS = 4
Body = dict[str, Any]


@dataclass(frozen=True)
class Facts:
	"""The organisation's records that documents may refer to."""

	country: str
	base_currency: str
	lock_date: str | None
	sales_account: str
	purchases_account: str
	tax_type: str
	tax_percent: Decimal
	ended_tax_type: str | None
	foreign_currency: str | None
	currencies: tuple[str, ...]


@dataclass(frozen=True)
class Try:
	"""One document sent on its own, and what became of it."""

	exchange: Exchange
	element: Mapping[str, Any]
	saved: bool

	@property
	def words(self) -> str:
		return "saved" if self.saved else self.exchange.words


@dataclass
class Lab:
	"""One run's documents in one organisation."""

	xero: Xero
	facts: Facts
	hands: Hands
	other_demo_tenant: str | None = None
	run: str = field(default_factory=lambda: secrets.token_hex(3))
	made: dict[str, dict[str, None]] = field(default_factory=lambda: {name: {} for name in ID_FIELDS})
	at_the_end: list[Callable[[], None]] = field(default_factory=list)
	_fixtures: dict[Fixture, Any] = field(default_factory=dict)
	fixture_calls: dict[str, int] = field(default_factory=dict)

	def get(self, fixture: Fixture) -> Any:
		"""The fixture's value, created when first needed. If that fails, the error is stored and raised each time."""
		if fixture not in self._fixtures:
			for need in fixture.needs:
				self.get(need)
			before = self.xero.budget.spent
			try:
				self._fixtures[fixture] = fixture.make(self)
			except CannotAsk as reason:
				self._fixtures[fixture] = reason
			self.fixture_calls[fixture.name] = self.xero.budget.spent - before
		value = self._fixtures[fixture]
		if isinstance(value, CannotAsk):
			raise value
		return value

	# What is written

	def number(self, slug: str) -> str:
		return f"{MARK}-{self.run}-{slug}"

	def day(self, days: int = 0) -> str:
		"""The ISO date that many days from today."""
		return (date.today() + timedelta(days=days)).isoformat()

	def line(self, **changes: object) -> Body:
		"""A line of 100.00 on the sales account. None omits a field."""
		return _with(
			{
				"Description": "Conformance probe",
				"Quantity": 1,
				"UnitAmount": Decimal("100.00"),
				"AccountCode": self.facts.sales_account,
			},
			changes,
		)

	def invoice(self, slug: str, **changes: object) -> Body:
		"""A valid approved sales invoice with `changes` applied. None omits a field."""
		return _with(
			{
				"Type": "ACCREC",
				"InvoiceNumber": self.number(slug),
				"Contact": {"ContactID": self.get(CONTACTS)["customer"]},
				"Date": self.day(),
				"DueDate": self.day(20),
				"Status": "AUTHORISED",
				"Reference": f"{MARK} {self.run}",
				"LineItems": [self.line()],
			},
			changes,
		)

	def bill(self, slug: str, **changes: object) -> Body:
		lines = [self.line(AccountCode=self.facts.purchases_account)]
		return self.invoice(slug, **{"Type": "ACCPAY", "Reference": None, "LineItems": lines, **changes})

	def credit_note(self, slug: str, **changes: object) -> Body:
		body = {"Type": "ACCRECCREDIT", "CreditNoteNumber": self.number(slug), "InvoiceNumber": None}
		return self.invoice(slug, **{**body, "DueDate": None, **changes})

	def write(
		self, method: str, path: str, body: object, query: Mapping[str, object] | None = None, **options: Any
	) -> Exchange:
		"""Makes a write, and notes what it saved for the clean-up."""
		exchange = self.xero.call(method, path, body=body, query=query, **options)
		collection = path.split("/")[1]
		if exchange.status == 200 and collection in ID_FIELDS and path.count("/") < 3:
			for element in exchange.elements(collection):
				if (id_ := element.get(ID_FIELDS[collection], ZERO_GUID)) != ZERO_GUID:
					self.made[collection][id_] = None
		return exchange

	def put(self, bodies: list[Body], **query: object) -> Exchange:
		"""Creates a batch of documents of one kind, each validated separately unless `query` says otherwise."""
		collection = _collection(bodies[0])
		query = {"summarizeErrors": False, "unitdp": 4} | query
		sent = {name: value for name, value in query.items() if value is not None}
		return self.write("PUT", f"/{collection}", {collection: bodies}, sent)

	def attempt(self, body: Body, **query: object) -> Try:
		"""Creates one document; the caller checks whether Xero saved it."""
		return _tried(self.put([body], **query), _collection(body))

	def create(self, body: Body, **query: object) -> Mapping[str, Any]:
		"""Creates one document that another question needs. Raises CannotAsk if it is refused."""
		tried = self.attempt(body, **query)
		if not tried.saved:
			raise CannotAsk(f"what it needs was refused: {tried.words}")
		return tried.element

	def change(self, element: Mapping[str, Any], body: Body, **query: object) -> Try:
		"""POST to a document's own id."""
		collection = _collection(element)
		id_field = ID_FIELDS[collection]
		query = {"summarizeErrors": False, "unitdp": 4} | query
		sent = {name: value for name, value in query.items() if value is not None}
		path = f"/{collection}/{element[id_field]}"
		return _tried(self.write("POST", path, {id_field: element[id_field], **body}, sent), collection)

	def end(self, element: Mapping[str, Any], status: str) -> None:
		"""Voids or deletes a document. Raises CannotAsk if that is refused."""
		tried = self.change(element, {"Status": status})
		if not tried.saved:
			raise CannotAsk(f"what it needs could not be {status}: {tried.words}")

	def allocate(
		self, credit_note: Mapping[str, Any], invoice: Mapping[str, Any], amount: Decimal
	) -> Exchange:
		allocation = {
			"Invoice": {"InvoiceID": invoice["InvoiceID"]},
			"Amount": amount,
			"Date": self.day(),
		}
		path = f"/CreditNotes/{credit_note['CreditNoteID']}/Allocations"
		return self.write("PUT", path, {"Allocations": [allocation]})

	# What is read

	def read(self, element: Mapping[str, Any], **query: object) -> Mapping[str, Any]:
		"""One document by its id."""
		collection = _collection(element)
		query = {"unitdp": 4} | query
		sent = {name: value for name, value in query.items() if value is not None}
		exchange = self.xero.call("GET", f"/{collection}/{element[ID_FIELDS[collection]]}", query=sent)
		found = exchange.elements(collection)
		if exchange.status != 200 or not found:
			raise CannotAsk(f"a document that was just made cannot be read: {exchange.words}")
		return found[0]

	def find(self, *numbers: str, **query: object) -> list[Mapping[str, Any]]:
		"""Invoices by number, in a list, as the connector looks them up."""
		query = {"page": 1, "unitdp": 4, "includeArchived": True} | query
		sent = {name: value for name, value in query.items() if value is not None}
		exchange = self.xero.call("GET", "/Invoices", query={"InvoiceNumbers": ",".join(numbers), **sent})
		if exchange.status != 200:
			raise CannotAsk(f"the look-up was refused: {exchange.words}")
		return list(exchange.elements("Invoices"))


def judge(tried: Try, *, saved: str | None, refused: Mapping[str, str]) -> Seen:
	"""The outcome for a saved document, or for the refusal whose text is in Xero's message."""
	if tried.saved:
		return Seen(saved, "saved")
	return judge_refusal(tried.exchange, refused)


def judge_refusal(exchange: Exchange, refused: Mapping[str, str]) -> Seen:
	"""`refused` has the outcomes, each with the text that identifies it, ignoring case; "" matches every 400."""
	said = " ".join(exchange.messages).lower()
	is_validation = exchange.status in (200, 400)
	for outcome, text in refused.items():
		if is_validation and text.lower() in said:
			return Seen(outcome, exchange.words)
	return Seen(None, exchange.words)


def survey(xero: Xero, organisation: Mapping[str, Any]) -> Facts:
	"""Reads what documents may refer to: accounts, tax rates, currencies."""
	accounts = _settings(xero, "Accounts")
	rates = _settings(xero, "TaxRates")
	currencies = [row["Code"] for row in _settings(xero, "Currencies")]
	base = organisation["BaseCurrency"]
	sales = _account(accounts, ("REVENUE", "SALES"), "200")
	purchases = _account(accounts, ("EXPENSE", "OVERHEADS", "DIRECTCOSTS"), "429")
	rate = _sales_rate(rates, sales.get("TaxType"))
	foreign = [code for code in ("USD", "EUR", "GBP", "AUD", "NZD", *currencies) if code in currencies]
	return Facts(
		country=organisation.get("CountryCode", ""),
		base_currency=base,
		lock_date=organisation.get("EndOfYearLockDate") or organisation.get("PeriodLockDate"),
		sales_account=sales["Code"],
		purchases_account=purchases["Code"],
		tax_type=rate["TaxType"],
		tax_percent=Decimal(rate["EffectiveRate"]),
		ended_tax_type=next((row["TaxType"] for row in rates if row.get("Status") != "ACTIVE"), None),
		foreign_currency=next((code for code in foreign if code != base), None),
		currencies=tuple(currencies),
	)


def utc(wire_date: str) -> datetime:
	"""The time of a /Date(ms)/."""
	milliseconds = int(wire_date.partition("(")[2].partition(")")[0].split("+")[0])
	return datetime.fromtimestamp(milliseconds / 1000, timezone.utc)


def _make_contacts(lab: Lab) -> dict[str, str]:
	names = ("customer", "other customer", "archived customer")
	bodies = [
		{"Name": f"{MARK} {lab.run} {name}", "ContactNumber": lab.number(name.replace(" ", "-"))}
		for name in names
	]
	exchange = lab.write("PUT", "/Contacts", {"Contacts": bodies}, {"summarizeErrors": False})
	found = exchange.elements("Contacts")
	if len(found) != len(names) or not all(is_saved(element, "ContactID") for element in found):
		raise CannotAsk(f"the contacts it needs were refused: {exchange.words}")
	by_name = {element["Name"]: element["ContactID"] for element in found}
	return {name: by_name[f"{MARK} {lab.run} {name}"] for name in names}


CONTACTS = Fixture("contacts", 1, _make_contacts)


def _with(body: Body, changes: Mapping[str, object]) -> Body:
	return {key: value for key, value in {**body, **changes}.items() if value is not None}


def _collection(body: Mapping[str, Any]) -> str:
	return "CreditNotes" if str(body["Type"]).endswith("CREDIT") else "Invoices"


def _tried(exchange: Exchange, collection: str) -> Try:
	found = exchange.elements(collection)
	element = found[0] if found else {}
	saved = exchange.status == 200 and is_saved(element, ID_FIELDS[collection])
	return Try(exchange, element, saved)


def _settings(xero: Xero, collection: str) -> list[dict[str, Any]]:
	exchange = xero.call("GET", f"/{collection}")
	found = exchange.elements(collection)
	if exchange.status != 200 or not found:
		raise CannotAsk(f"{collection} could not be read: {exchange.words}")
	return found


def _account(accounts: list[dict[str, Any]], types: tuple[str, ...], preferred: str) -> dict[str, Any]:
	usable = [
		row
		for row in accounts
		if row.get("Status") == "ACTIVE" and row.get("Type") in types and not row.get("SystemAccount")
	]
	if not usable:
		raise CannotAsk(f"the organisation has no account of type {types[0]}")
	return next((row for row in usable if row.get("Code") == preferred), usable[0])


def _sales_rate(rates: list[dict[str, Any]], preferred: str | None) -> dict[str, Any]:
	usable = [
		row
		for row in rates
		if row.get("Status") == "ACTIVE" and row.get("CanApplyToRevenue") and row.get("EffectiveRate")
	]
	if not usable:
		raise CannotAsk("the organisation has no tax rate above zero for sales")
	return next((row for row in usable if row["TaxType"] == preferred), usable[0])
