"""A model of the ERP: documents, the outbox, and the transactions and locks that the protocol relies on."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from decimal import Decimal

from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument, ItemRow, Party, TaxRow
from nexwave_xero_connector.mapping.settings import MappingSettings, XeroAccount, XeroTaxRate
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync import installation
from nexwave_xero_connector.sync.installation import Belonging
from nexwave_xero_connector.sync.records import (
	Claim,
	DocStatus,
	ErrorClass,
	Operation,
	Outcome,
	Priority,
	Status,
	Trigger,
	XeroContact,
)
from tests.model.schedule import Steps

COMPANY = "NexWave"
SITE = "erp.example.com"
INSTALLATION = f"{SITE}/1"
START = datetime(2026, 11, 22, 9, 0)
CUSTOMER = Party("Customer", "CUST-1", "Kererū Café")
SUPPLIER = Party("Supplier", "SUPP-1", "Tūī Timber")
MAPPING_SETTINGS = MappingSettings(
	company=COMPANY,
	status="AUTHORISED",
	accounts={
		"200": XeroAccount("200", "Sales", "REVENUE"),
		"429": XeroAccount("429", "General Expenses", "EXPENSE"),
	},
	tax_rates={
		"OUTPUT2": XeroTaxRate("OUTPUT2", "GST on Income", Decimal(15), applies_to=frozenset({"REVENUE"})),
		"INPUT2": XeroTaxRate("INPUT2", "GST on Expenses", Decimal(15), applies_to=frozenset({"EXPENSE"})),
	},
	account_codes={"Sales - NW": "200", "Expenses - NW": "429"},
	tax_types={
		("Sales Taxes and Charges Template", "GST sales"): "OUTPUT2",
		("Purchase Taxes and Charges Template", "GST purchases"): "INPUT2",
	},
)


def url_of(ref: DocumentRef) -> str:
	return f"https://{SITE}/app/{ref.doctype.lower().replace(' ', '-')}/{ref.name}"


def document(doctype: str, name: str, return_against: str = "") -> ErpDocument:
	"""An invoice of 100 plus 15 GST, or a return of one."""
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
				description="Tea",
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
		url=url_of(DocumentRef(doctype, name)),
		is_return=bool(return_against),
		return_against=return_against,
		update_outstanding_for_self=False,
		taxes_template="GST sales" if sales else "GST purchases",
	)


@dataclass
class Row:
	name: str
	ref: DocumentRef
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


@dataclass
class ErpModel:
	"""Committed state, and the row locks of user transactions that are still open.

	A worker's block under lock has no stop inside. Another transaction could run during it only if it held none of the
	block's rows, and then it makes no difference whether it runs before or after.
	"""

	now: datetime = START
	site: str = SITE
	in_config: str = INSTALLATION
	of_connection: str = INSTALLATION
	documents: dict[DocumentRef, ErpDocument] = field(default_factory=dict)
	rows: list[Row] = field(default_factory=list)
	row_locks: dict[str, str] = field(default_factory=dict)
	paused_until: datetime | None = None
	first_reads: dict[DocumentRef, DocStatus] = field(default_factory=dict)
	"""The docstatus that a worker read first: in one transaction it would see no other."""

	def restored(self, site: str, in_config: str) -> ErpModel:
		"""A copy of what is committed, including rows and tokens, as in a backup restored to another site."""
		rows = [replace(row) for row in self.rows]
		return replace(
			self, site=site, in_config=in_config, documents=dict(self.documents), rows=rows, row_locks={}
		)

	@property
	def is_connected(self) -> bool:
		"""Whether the connection is this site's own."""
		belongs = installation.belonging(self.of_connection, self.in_config, self.site)
		return belongs is Belonging.OURS

	# --- users

	def submit(self, ref: DocumentRef, trigger: Trigger = Trigger.SUBMIT) -> None:
		self.documents[ref] = replace(self.documents[ref], docstatus=1)
		self._insert(ref, Operation.PUSH, trigger, 1)

	def begin_cancel(self, ref: DocumentRef, session: str) -> None:
		"""The cancel's transaction up to its commit: it locks the open row, or adds a Void row that nobody sees yet."""
		row = self.open_row(ref)
		if not row and any(row.xero_type or row.xero_id for row in self.rows_of(ref)):
			row = self._insert(ref, Operation.VOID, Trigger.CANCEL, 1)
		if row:
			self.row_locks[row.name] = session

	def commit_cancel(self, ref: DocumentRef, session: str) -> None:
		"""What the cancel's transaction has written becomes visible, and its locks are released."""
		self.documents[ref] = replace(self.documents[ref], docstatus=2)
		for name in [name for name, holder in self.row_locks.items() if holder == session]:
			del self.row_locks[name]
			if self.row(name).status is Status.QUEUED:
				self.row(name).due_at = self.now
				self.row(name).priority = min(self.row(name).priority, Trigger.CANCEL.priority)

	def delete(self, ref: DocumentRef) -> None:
		"""ERPNext deletes cancelled documents and drafts; the log keeps its rows."""
		del self.documents[ref]

	def rename(self, ref: DocumentRef, name: str) -> None:
		"""Rows follow a rename; claims made before it, and the number in Xero, do not."""
		renamed = DocumentRef(ref.doctype, name)
		self.documents[renamed] = replace(self.documents.pop(ref), ref=renamed, url=url_of(renamed))
		for row in self.rows_of(ref):
			row.ref = renamed

	def retry(self, ref: DocumentRef) -> None:
		row = self.open_row(ref)
		if row and row.status is Status.QUEUED and row.name not in self.row_locks:
			row.due_at = self.now
			row.priority = min(row.priority, Trigger.RETRY.priority)
		elif not row and self.documents[ref].docstatus:
			operation = Operation.PUSH if self.documents[ref].docstatus == 1 else Operation.VOID
			self._insert(ref, operation, Trigger.RETRY, 1)

	def _insert(self, ref: DocumentRef, operation: Operation, trigger: Trigger, attempt: int) -> Row:
		earlier = self.rows_of(ref)
		assert not any(row.due_at for row in earlier), f"a second open row of {ref}"
		row = Row(
			f"{ref.name}#{len(earlier)}",
			ref,
			operation,
			trigger,
			attempt,
			Status.QUEUED,
			self.now,
			trigger.priority,
		)
		for known in earlier[-1:]:
			row.xero_type, row.number, row.xero_id = known.xero_type, known.number, known.xero_id
			row.unconfirmed_until = known.unconfirmed_until
		self.rows.append(row)
		return row

	def rows_of(self, ref: DocumentRef) -> list[Row]:
		return [row for row in self.rows if row.ref == ref]

	def row(self, name: str) -> Row:
		return next(row for row in self.rows if row.name == name)

	def open_row(self, ref: DocumentRef) -> Row | None:
		return next((row for row in self.rows_of(ref) if row.due_at is not None), None)

	def is_in_progress(self, ref: DocumentRef) -> bool:
		return any(row.status is Status.IN_PROGRESS for row in self.rows_of(ref))

	@property
	def due(self) -> list[Row]:
		if not self.is_connected or (self.paused_until and self.now < self.paused_until):
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
				(ref.name, document.docstatus) for ref, document in sorted(self.documents.items(), key=str)
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
				)
				for row in sorted(self.rows, key=lambda row: row.name)
			),
			tuple(sorted(self.row_locks.items())),
			self.paused_until,
		)


class Rows:
	"""A worker's block under lock. Its writes are visible at once, because nobody can look before it ends."""

	def __init__(self, erp: ErpModel, claims: Sequence[Claim]) -> None:
		self.erp = erp
		self.claims = [
			claim
			for claim in claims
			if erp.row(claim.row).status is Status.IN_PROGRESS
			and erp.row(claim.row).due_at == claim.lease_until
		]

	def docstatus(self, claim: Claim) -> DocStatus:
		document = self.erp.documents.get(self.erp.row(claim.row).ref)
		return DocStatus(document.docstatus) if document else DocStatus.GONE

	def mark_sending(
		self, claim: Claim, xero_type: XeroType, number: str, unconfirmed_until: datetime
	) -> None:
		row = self.erp.row(claim.row)
		row.xero_type, row.number, row.unconfirmed_until = xero_type, number, unconfirmed_until

	def settle(self, claim: Claim, outcome: Outcome) -> None:
		row = self.erp.row(claim.row)
		row.status, row.error_class, row.sentence = outcome.status, outcome.error_class, str(outcome.sentence)
		row.unconfirmed_until, row.times_claimed = outcome.unconfirmed_until, outcome.times_claimed
		row.due_at = outcome.due
		if outcome.xero:
			row.xero_id, row.xero_type, row.number = (
				outcome.xero.id,
				outcome.xero.xero_type,
				outcome.xero.number,
			)
		if outcome.retry_at:
			again = self.erp._insert(row.ref, row.operation, Trigger.AUTOMATIC, row.attempt + 1)
			again.due_at, again.priority = outcome.retry_at, claim.next_priority


class OutboxPort:
	"""The outbox as one worker's job sees it; every claim and every lock is a step."""

	def __init__(self, erp: ErpModel, step: Steps) -> None:
		self.erp = erp
		self._steps = step

	def now(self) -> datetime:
		return self.erp.now

	def has_work(self, company: str) -> bool:
		return bool(self.erp.due)

	def claim(
		self,
		company: str,
		limit: int,
		lease_until: datetime,
		least_urgent: Priority = Priority.BACKFILL,
	) -> list[Claim]:
		self._steps.step("claim")
		claims = []
		urgent = [row for row in self.erp.due if row.priority <= least_urgent]
		first = min((row.priority for row in urgent), default=None)
		chosen = [row for row in urgent if row.priority == first]
		for row in sorted(chosen, key=lambda row: (row.due_at, row.name))[:limit]:
			due = row.due_at
			row.status, row.due_at, row.times_claimed = Status.IN_PROGRESS, lease_until, row.times_claimed + 1
			claims.append(
				Claim(
					row=row.name,
					document=row.ref,
					company=company,
					operation=row.operation,
					trigger=row.trigger,
					attempt=row.attempt,
					times_claimed=row.times_claimed,
					lease_until=lease_until,
					xero_type=row.xero_type,
					number=row.number,
					xero_id=row.xero_id,
					unconfirmed_until=row.unconfirmed_until,
					priority=row.priority,
					due=due,
				)
			)
		self._steps.learn(claims)
		return claims

	@contextmanager
	def locked(self, claims: Sequence[Claim]) -> Iterator[Rows]:
		self._steps.step("lock", lambda: any(claim.row in self.erp.row_locks for claim in claims))
		rows = Rows(self.erp, claims)
		self._steps.learn([(claim, rows.docstatus(claim)) for claim in rows.claims])
		yield rows

	def pause(
		self, company: str, until: datetime | None, sentence: Sentence, error_class: ErrorClass
	) -> None:
		self.erp.paused_until = until or self.erp.now + timedelta(hours=1)


class DocumentsPort:
	"""The documents; reading them is a step, the settings never change."""

	def __init__(self, erp: ErpModel, step: Steps) -> None:
		self.erp = erp
		self._steps = step

	def read(self, documents: Sequence[DocumentRef]) -> Mapping[DocumentRef, ErpDocument]:
		self._steps.step("read")
		found = {ref: self.erp.documents[ref] for ref in documents if ref in self.erp.documents}
		self.erp.first_reads.update((ref, DocStatus(document.docstatus)) for ref, document in found.items())
		self._steps.learn([(ref, document.docstatus) for ref, document in found.items()])
		return found

	def url(self, document: DocumentRef) -> str:
		return url_of(document)

	def mapping_settings(self, company: str) -> MappingSettings:
		return MAPPING_SETTINGS

	def contact_ids(self, company: str, parties: Sequence[Party]) -> Mapping[Party, str]:
		return {party: f"contact-{party.name}" for party in parties}

	def link_contact(self, company: str, party: Party, contact_id: str, contact_name: str) -> None:
		pass

	def unlink_contact(self, company: str, party: Party) -> None:
		pass

	def parties_of_contact(self, company: str, contact: XeroContact) -> Sequence[Party]:
		return []

	def xero_id(self, document: DocumentRef) -> str:
		return next((row.xero_id for row in reversed(self.erp.rows_of(document)) if row.xero_id), "")

	def owners(self, xero_ids: Sequence[str]) -> Mapping[str, DocumentRef]:
		return {row.xero_id: row.ref for row in self.erp.rows if row.xero_id in xero_ids}

	def is_waiting(self, document: DocumentRef) -> bool:
		return self.erp.open_row(document) is not None

	def return_is_waiting(self, document: DocumentRef) -> bool:
		return any(
			found.return_against == document.name and self.erp.open_row(ref)
			for ref, found in self.erp.documents.items()
		)
