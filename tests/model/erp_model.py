"""A model of the ERP: documents, the outbox, and the transactions and locks that the protocol relies on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import TypeVar

from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument, ItemRow, Party, TaxRow
from nexwave_xero_connector.mapping.figures import Figures
from nexwave_xero_connector.mapping.settings import MappingSettings, XeroAccount, XeroTaxRate
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync import installation
from nexwave_xero_connector.sync.identity import document_key
from nexwave_xero_connector.sync.installation import Belonging
from nexwave_xero_connector.sync.records import (
	Allocation,
	DocStatus,
	ErrorClass,
	Operation,
	Origin,
	Priority,
	Status,
	Trigger,
	XeroDocument,
)
from tests.model.xero_model import AWAY, HOME

Learnt = TypeVar("Learnt")
COMPANY = "NexWave"
SITE = "erp.example.com"
INSTALLATION = f"{SITE}/1"
START = datetime(2026, 11, 22, 9, 0)
CUSTOMER = Party("Customer", "CUST-1", "Kererū Café")
SUPPLIER = Party("Supplier", "SUPP-1", "Tūī Timber")
MAPPING_SETTINGS = MappingSettings(
	company=COMPANY,
	statuses=dict.fromkeys(XeroType, "AUTHORISED"),
	accounts={
		"200": XeroAccount("200", "Sales", "REVENUE"),
		"429": XeroAccount("429", "General Expenses", "EXPENSE"),
	},
	tax_rates={
		"OUTPUT2": XeroTaxRate("OUTPUT2", "GST on Income", Decimal(15), applies_to=frozenset({"REVENUE"})),
		"INPUT2": XeroTaxRate("INPUT2", "GST on Expenses", Decimal(15), applies_to=frozenset({"EXPENSE"})),
	},
	account_keys={"Sales - NW": "200", "Expenses - NW": "429"},
	tax_types={
		("Sales Taxes and Charges Template", "GST sales"): "OUTPUT2",
		("Purchase Taxes and Charges Template", "GST purchases"): "INPUT2",
	},
)


def document(
	doctype: str, name: str, return_against: str = "", incarnation: str = "", bill_no: str = ""
) -> ErpDocument:
	"""An invoice of 100 plus 15 GST, or a return of one.

	incarnation: what it is and stays, whatever its name is. It is on the line that goes to Xero, so that the promises
	can tell whose copy a document in Xero is; no part of the protocol looks at it.
	"""
	sales, sign = doctype == "Sales Invoice", -1 if return_against else 1
	return ErpDocument(
		ref=DocumentRef(doctype, name),
		company=COMPANY,
		docstatus=0,
		party=CUSTOMER if sales else SUPPLIER,
		posting_date=date(2026, 11, 22),
		due_date=date(2026, 12, 20),
		currency="NZD",
		company_currency="NZD",
		conversion_rate=Decimal(1),
		items=(
			ItemRow(
				idx=1,
				item_code="TEA",
				item_name="Tea",
				description=incarnation or f"Tea of {name}",
				qty=Decimal(sign),
				uom="Nos",
				net_amount=Decimal(100 * sign),
				account="Sales - NW" if sales else "Expenses - NW",
			),
		),
		taxes=(
			TaxRow(
				idx=1,
				charge_type="On Net Total",
				account="GST - NW",
				description="GST",
				rate=Decimal(15),
				amount=Decimal(15 * sign),
			),
		),
		net_total=Decimal(100 * sign),
		grand_total=Decimal(115 * sign),
		rounded_total=Decimal(0),
		url="",
		created=START,
		is_return=bool(return_against),
		return_against=return_against,
		update_outstanding_for_self=False,
		taxes_template="GST sales" if sales else "GST purchases",
		bill_no=bill_no,
	)


def incarnation_of(document: ErpDocument) -> str:
	"""Which document it is, for the promises: not its name, which others may have had before."""
	return document.items[0].description


@dataclass
class Copy:
	"""The record of what was sent of a document, or found there."""

	xero_type: XeroType | None = None
	number: str = ""
	link: str = ""
	figures: Figures | None = None
	xero_id: str = ""
	origin: Origin = Origin.MADE_BY_US
	unconfirmed_until: datetime | None = None
	allocations: tuple[Allocation, ...] = ()
	has_ended: bool = False
	"""Voided or deleted in Xero, when a worker last saw it."""


@dataclass
class Row:
	name: str
	ref: DocumentRef
	key: str
	created: datetime
	operation: Operation
	trigger: Trigger
	attempt: int
	status: Status
	due_at: datetime | None
	priority: Priority
	times_claimed: int = 0
	xero_type: XeroType | None = None
	number: str = ""
	xero_id: str = ""
	unconfirmed_until: datetime | None = None
	error_class: ErrorClass | None = None
	sentence: str = ""
	detail: str = ""
	incarnation: str = ""
	"""Whose row it is, for the promises."""
	seen: XeroDocument | None = None
	"""What a worker had read of it in Xero when it said Success, for the promises."""


@dataclass
class ErpModel:
	"""Committed state, and the row locks of user transactions that are still open.

	A worker's block under lock has no stop inside. Another transaction could run during it only if it held none of the
	block's rows, and then it makes no difference whether it runs before or after.
	"""

	now: datetime = START
	copies: dict[str, Copy] = field(default_factory=dict)
	copies_away: dict[str, Copy] = field(default_factory=dict)
	site: str = SITE
	in_config: str = INSTALLATION
	of_connection: str = INSTALLATION
	documents: dict[DocumentRef, ErpDocument] = field(default_factory=dict)
	rows: list[Row] = field(default_factory=list)
	row_locks: dict[str, str] = field(default_factory=dict)
	paused_until: datetime | None = None
	outage_since: datetime | None = None
	first_reads: dict[DocumentRef, DocStatus] = field(default_factory=dict)
	"""The docstatus that a worker read first: in one transaction it would see no other."""
	settings: MappingSettings = MAPPING_SETTINGS
	organisation: str = HOME
	"""The one that the company sends to."""
	is_enabled: bool = True
	former_parties: dict[str, tuple[str, ...]] = field(default_factory=dict)
	"""The names of the parties that a document has had, by incarnation, for the promises."""
	contacts: dict[str, str] = field(default_factory=dict)
	"""The contact of a party, by organisation and name, where it is not the one that it had from the start."""
	cancelled: set[str] = field(default_factory=set)
	"""Incarnations that somebody has cancelled, whatever has become of them since."""
	withdrawn: set[str] = field(default_factory=set)
	"""Incarnations that were submitted and then cancelled, deleted or set back to draft: they may be voided."""

	def restored(self, site: str, in_config: str) -> ErpModel:
		"""A copy of what is committed, including rows and tokens, as in a backup restored to another site."""
		return replace(self.backup(), site=site, in_config=in_config)

	def backup(self) -> ErpModel:
		"""What is committed now. Open transactions and their locks are not in it."""
		return replace(
			self,
			documents=dict(self.documents),
			rows=[replace(row) for row in self.rows],
			row_locks={},
			first_reads={},
			cancelled=set(self.cancelled),
			withdrawn=set(self.withdrawn),
			copies={key: replace(copy) for key, copy in self.copies.items()},
			copies_away={key: replace(copy) for key, copy in self.copies_away.items()},
			contacts=dict(self.contacts),
		)

	def restore(self, backup: ErpModel) -> None:
		"""The database is as it was at the backup. Its clock is not."""
		copy = backup.backup()
		self.documents, self.rows, self.copies = copy.documents, copy.rows, copy.copies
		self.copies_away, self.contacts = copy.copies_away, copy.contacts
		self.cancelled, self.withdrawn = copy.cancelled, copy.withdrawn
		self.row_locks, self.first_reads, self.paused_until = {}, {}, copy.paused_until

	@property
	def is_connected(self) -> bool:
		"""Whether the connection is this site's own."""
		belongs = installation.belonging(self.of_connection, self.in_config, self.site)
		return belongs is Belonging.OURS

	def copies_in(self, organisation: str) -> dict[str, Copy]:
		"""By key: ids in Xero belong to an organisation."""
		return self.copies if organisation == HOME else self.copies_away

	# --- users

	def sweep(self) -> bool:
		"""Queue what could not be voided while its organisation was out of reach. True if there is any."""
		found = False
		for row in list({row.key: row for row in self.rows}.values()):
			copy = self.copies_in(self.organisation).get(row.key)
			if (
				row.status is Status.FAILED
				and row.error_class is ErrorClass.CONNECTION
				and not row.due_at
				and copy
				and (copy.xero_id or copy.unconfirmed_until)
				and not copy.has_ended
			):
				self.insert(row.ref, Operation.VOID, Trigger.AUTOMATIC, 1, of=row)
				found = True
		return found

	def submit(self, ref: DocumentRef, trigger: Trigger = Trigger.SUBMIT) -> None:
		"""Submit a draft. An open row of it is kept, due now: a draft that was set back may have one."""
		self.documents[ref] = replace(self.documents[ref], docstatus=1)
		row = self.open_row(ref)
		if not row:
			self.insert(ref, Operation.PUSH, trigger, 1)
		elif row.status is Status.QUEUED:
			row.due_at, row.priority = self.now, min(row.priority, trigger.priority)

	def submit_another(self, document: ErpDocument) -> None:
		"""A new document is inserted and submitted; its name is free, and may have been another one's before."""
		self.documents[document.ref] = document
		self.submit(document.ref)

	def set_back(self, ref: DocumentRef) -> None:
		"""A submitted or cancelled document becomes a draft again: on some sites by a script, without any event."""
		self.withdrawn.add(incarnation_of(self.documents[ref]))
		self.documents[ref] = replace(self.documents[ref], docstatus=0)

	def begin_cancel(self, ref: DocumentRef, session: str) -> None:
		"""The cancel's transaction up to its commit: it locks the open row, or adds a Void row that nobody sees yet."""
		row = self.open_row(ref)
		if not row and any(row.xero_type or row.xero_id for row in self.rows_of(ref)):
			row = self.insert(ref, Operation.VOID, Trigger.CANCEL, 1)
		if row:
			self.row_locks[row.name] = session

	def commit_cancel(self, ref: DocumentRef, session: str) -> None:
		"""What the cancel's transaction has written becomes visible, and its locks are released."""
		self.documents[ref] = replace(self.documents[ref], docstatus=2)
		self.cancelled.add(incarnation_of(self.documents[ref]))
		self.withdrawn.add(incarnation_of(self.documents[ref]))
		for name in [name for name, holder in self.row_locks.items() if holder == session]:
			del self.row_locks[name]
			if self.row(name).status is Status.QUEUED:
				self.row(name).due_at = self.now
				self.row(name).priority = min(self.row(name).priority, Trigger.CANCEL.priority)

	def delete(self, ref: DocumentRef) -> None:
		"""ERPNext deletes cancelled documents and drafts; the log keeps its rows."""
		self.withdrawn.add(incarnation_of(self.documents.pop(ref)))

	def rename(self, ref: DocumentRef, name: str) -> None:
		"""Rows follow a rename; claims made before it, and the number in Xero, do not."""
		renamed = DocumentRef(ref.doctype, name)
		rows = self.rows_of(ref)
		self.documents[renamed] = replace(self.documents.pop(ref), ref=renamed)
		for row in rows:
			row.ref = renamed

	def merge_party(self, ref: DocumentRef, into: str) -> None:
		"""The document's party becomes another one, which keeps its own contact."""
		self._give_documents_to(self.documents[ref].party.name, into)

	def rename_party(self, ref: DocumentRef) -> None:
		"""The document's party gets another name, and takes its link to a contact along, in each organisation."""
		old = self.documents[ref].party.name
		self._give_documents_to(old, f"{old}-RENAMED")
		for organisation in (HOME, AWAY):
			contact = self.contacts.get(f"{organisation}/{old}", f"contact-{old}")
			self.contacts[f"{organisation}/{old}-RENAMED"] = contact

	def _give_documents_to(self, old: str, new: str) -> None:
		for other, document in list(self.documents.items()):
			if document.party.name == old:
				self.documents[other] = replace(document, party=replace(document.party, name=new))
				incarnation = incarnation_of(document)
				self.former_parties[incarnation] = (*self.former_parties.get(incarnation, ()), old)

	def retry(self, ref: DocumentRef, trigger: Trigger = Trigger.RETRY) -> None:
		row = self.open_row(ref)
		if row and row.status is Status.QUEUED and row.name not in self.row_locks:
			row.due_at = self.now
			row.priority = min(row.priority, trigger.priority)
		elif not row and self.documents[ref].docstatus:
			operation = Operation.PUSH if self.documents[ref].docstatus == 1 else Operation.VOID
			self.insert(ref, operation, trigger, 1)

	def use(self, ref: DocumentRef, found: XeroDocument) -> None:
		"""Use This One: the document in Xero is this one, found there, and the push is tried again."""
		key = self.rows_of(ref)[-1].key
		self.copies[key] = Copy(
			found.xero_type, found.number, found.url, xero_id=found.id, origin=Origin.FOUND_THERE
		)
		self.retry(ref)

	def insert(
		self, ref: DocumentRef, operation: Operation, trigger: Trigger, attempt: int, of: Row | None = None
	) -> Row:
		"""`of`: the row whose next attempt this is. Its document may have lost its name."""
		earlier = self.rows_of(ref) if of is None else [row for row in self.rows if row.key == of.key]
		assert not any(row.due_at for row in earlier), f"a second open row of {ref}"
		key, created = (of.key, of.created) if of else self._identity(ref, earlier)
		stem = f"{key}#"
		row = Row(
			f"{stem}{sum(row.name.startswith(stem) for row in self.rows)}",
			ref,
			key,
			created,
			operation,
			trigger,
			attempt,
			Status.QUEUED,
			self.now,
			trigger.priority,
			incarnation=earlier[-1].incarnation if earlier else incarnation_of(self.documents[ref]),
		)
		for known in earlier[-1:]:
			row.xero_type, row.number, row.xero_id = known.xero_type, known.number, known.xero_id
			row.unconfirmed_until = known.unconfirmed_until
		self.rows.append(row)
		return row

	def _identity(self, ref: DocumentRef, earlier: Sequence[Row]) -> tuple[str, datetime]:
		"""The document's key and when it was inserted: as its rows know them, and derived for the first one."""
		if earlier:
			return earlier[-1].key, earlier[-1].created
		created = self.documents[ref].created
		assert created is not None
		return document_key(ref, created), created

	def rows_of(self, ref: DocumentRef) -> list[Row]:
		"""The rows of the document that has this name now; if none has, of the one that had it last."""
		rows = [row for row in self.rows if row.ref == ref]
		document = self.documents.get(ref)
		created = document.created if document else rows[-1].created if rows else None
		return [row for row in rows if row.created == created]

	def row(self, name: str) -> Row:
		return next(row for row in self.rows if row.name == name)

	def open_row(self, ref: DocumentRef) -> Row | None:
		return next((row for row in self.rows_of(ref) if row.due_at is not None), None)

	def is_in_progress(self, ref: DocumentRef) -> bool:
		return any(row.status is Status.IN_PROGRESS for row in self.rows_of(ref))

	@property
	def due(self) -> list[Row]:
		is_paused = self.paused_until and self.now < self.paused_until
		if not (self.is_enabled and self.is_connected) or is_paused:
			return []
		return [
			row
			for row in self.rows
			if row.due_at is not None and row.due_at <= self.now and row.name not in self.row_locks
		]

	@property
	def next_event(self) -> datetime | None:
		"""When, after now, a row falls due or the company's pause ends."""
		times = {row.due_at for row in self.rows if row.due_at} | {self.paused_until}
		return min((time for time in times if time and time > self.now), default=None)

	def state(self) -> object:
		return (
			self.now,
			tuple(
				(ref.name, document.docstatus, document.party.name, incarnation_of(document))
				for ref, document in sorted(self.documents.items(), key=str)
			),
			tuple(
				(
					row.name,
					row.status,
					row.due_at,
					row.times_claimed,
					row.xero_type,
					row.xero_id,
					row.unconfirmed_until,
					row.attempt,
					row.operation,
					row.priority,
					row.seen and (row.seen.date, row.seen.total),
				)
				for row in sorted(self.rows, key=lambda row: row.name)
			),
			tuple(
				(key, copy.xero_id, copy.unconfirmed_until, copy.origin, copy.allocations, copy.has_ended)
				for copies in (self.copies, self.copies_away)
				for key, copy in sorted(copies.items())
			),
			tuple(sorted(self.cancelled)),
			self.organisation,
			self.is_enabled,
			tuple(sorted(self.contacts.items())),
			tuple(sorted(self.row_locks.items())),
			self.paused_until,
			self.outage_since,
		)
