"""What passes between the protocol and its ports."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence


class DocStatus(Enum):
	"""What ERPNext says of a document now. A deleted document counts as cancelled."""

	DRAFT = 0
	SUBMITTED = 1
	CANCELLED = 2


class Operation(str, Enum):
	PUSH = "Push"
	VOID = "Void"


class Status(str, Enum):
	QUEUED = "Queued"
	IN_PROGRESS = "In Progress"
	SUCCESS = "Success"
	FAILED = "Failed"
	VOIDED = "Voided"
	SKIPPED = "Skipped"

	@property
	def is_final(self) -> bool:
		"""Final rows are history; the others are open, at most one a document."""
		return self not in (Status.QUEUED, Status.IN_PROGRESS)


class Priority(IntEnum):
	"""Who goes first to Xero; the smaller, the more urgent."""

	PERSON = 0
	"""Somebody pressed a button and looks at the screen."""
	CURRENT = 1
	"""Today's documents."""
	BACKFILL = 2
	"""What has waited for long, and comes by the thousand."""


class Trigger(str, Enum):
	SUBMIT = "Submit"
	CANCEL = "Cancel"
	RETRY = "Retry"
	AUTOMATIC = "Automatic"
	BACKFILL = "Backfill"

	@property
	def priority(self) -> Priority:
		"""That of the row which it adds. An automatic one takes its predecessor's: see Claim.next_priority."""
		if self is Trigger.RETRY:
			return Priority.PERSON
		return Priority.BACKFILL if self is Trigger.BACKFILL else Priority.CURRENT


class ErrorClass(str, Enum):
	"""Why a row is Failed or waiting: says who has to act."""

	TRANSIENT = "Transient"
	UNKNOWN = "Unknown"
	NEEDS_PERSON = "Needs a person"
	CONNECTION = "Connection"
	CONFLICT = "Conflict"
	DAY_LIMIT = "Day limit"
	BUG = "Bug"


@dataclass(frozen=True, slots=True)
class Claim:
	"""An outbox row that belongs to one worker until `lease_until`.

	xero_type and number: what an earlier send of this document used; None when nothing was ever sent.
	xero_id: the document in Xero, where an earlier answer told it.
	unconfirmed_until: a create or an allocation sent earlier, whose answer was lost, may still arrive up to
	then.
	due: when it fell due; its place among those that wait, to go back to where nothing was tried.
	"""

	row: str
	document: DocumentRef
	company: str
	operation: Operation
	trigger: Trigger
	attempt: int
	times_claimed: int
	lease_until: datetime
	xero_type: XeroType | None = None
	number: str = ""
	xero_id: str = ""
	unconfirmed_until: datetime | None = None
	priority: Priority = Priority.CURRENT
	due: datetime | None = None

	@property
	def next_priority(self) -> Priority:
		"""That of an automatic attempt after this one: a backfill stays one, and nobody looks at the screen."""
		return max(self.priority, Priority.CURRENT)


@dataclass(frozen=True, slots=True)
class Allocation:
	"""Part of a credit note set against an invoice, in the documents' currency."""

	id: str
	invoice_id: str
	amount: Decimal
	credit_note_id: str = ""
	number: str = ""


@dataclass(frozen=True, slots=True)
class XeroDocument:
	"""An invoice, bill or credit note as Xero has it. Money in `currency`.

	applied: payments, prepayments, overpayments and credit notes set against an invoice, each named for a
		person.
	tax_by_type: the tax of every tax type that a line uses, by its name; empty where Xero did not list the lines.
	"""

	xero_type: XeroType
	id: str
	number: str
	status: str
	contact_id: str
	contact_name: str
	currency: str
	total: Decimal
	total_tax: Decimal
	date: date | None = None
	url: str = ""
	reference: str = ""
	amount_due: Decimal = Decimal(0)
	remaining_credit: Decimal = Decimal(0)
	allocations: tuple[Allocation, ...] = ()
	applied: tuple[str, ...] = ()
	tax_by_type: tuple[tuple[str, Decimal], ...] = ()

	@property
	def is_live(self) -> bool:
		return self.status not in ("VOIDED", "DELETED")


@dataclass(frozen=True, slots=True)
class XeroContact:
	"""A contact of the organisation. `number` is its ContactNumber, where ERPNext's own name of the party
	stands.

	is_archived: true also for one removed under the GDPR; neither can be invoiced.
	merged_into: the contact that took this one's place, or "".
	"""

	id: str
	name: str
	number: str = ""
	is_archived: bool = False
	merged_into: str = ""


@dataclass(frozen=True, slots=True)
class ValidationErrors:
	"""Xero's no to one element of a write. Its own words, for a person."""

	messages: tuple[str, ...]

	@property
	def number_is_taken(self) -> bool:
		"""Xero says the number belongs to another document, for credit notes in either wording."""
		return any("# must be unique" in message for message in self.messages)


@dataclass(frozen=True, slots=True)
class Outcome:
	"""How an attempt ended, or why it waits.

	A terminal status closes the row; with `retry_at` the next attempt is queued in the same transaction.
	Status.QUEUED keeps the row open and due at `due`: the attempt is not over, because its outcome is not
	known or nothing was tried. `unconfirmed_until` is kept on the row as given: None says that no write of
	ours can be under way any more. `times_claimed` is how often the row has been claimed without an outcome, kept
	when a bug cut the attempt short.
	"""

	status: Status
	sentence: Sentence
	error_class: ErrorClass | None = None
	xero: XeroDocument | None = None
	due: datetime | None = None
	retry_at: datetime | None = None
	unconfirmed_until: datetime | None = None
	decisions: tuple[Sentence, ...] = field(default=())
	detail: str = ""
	times_claimed: int = 0
