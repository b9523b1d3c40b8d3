"""The records that pass between the protocol and its ports."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum, IntEnum

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.figures import Figures
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence


class DocStatus(Enum):
	"""What ERPNext has now under a document's name."""

	DRAFT = 0
	SUBMITTED = 1
	CANCELLED = 2
	GONE = "gone"
	"""Deleted, or renamed since its name was read."""


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
		"""Final rows are history. The others are open, at most one per document."""
		return self not in (Status.QUEUED, Status.IN_PROGRESS)


class Priority(IntEnum):
	"""Which rows go to Xero first: the smaller the value, the more urgent."""

	PERSON = 0
	"""Somebody pressed a button and is waiting for the result."""
	CURRENT = 1
	"""Today's documents."""
	BACKFILL = 2
	"""Older documents, which come by the thousand."""


class Trigger(str, Enum):
	SUBMIT = "Submit"
	CANCEL = "Cancel"
	RETRY = "Retry"
	AUTOMATIC = "Automatic"
	BACKFILL = "Backfill"
	LEAVE_OUT = "Leave Out"
	"""A row that says only that nothing is sent."""

	@property
	def priority(self) -> Priority:
		"""The priority of a row that it adds. An automatic row gets its predecessor's: see Claim.next_priority."""
		if self is Trigger.RETRY:
			return Priority.PERSON
		return Priority.BACKFILL if self is Trigger.BACKFILL else Priority.CURRENT


class ErrorClass(str, Enum):
	"""Why a row is Failed or waiting, which decides who has to act."""

	TRANSIENT = "Transient"
	UNKNOWN = "Unknown"
	NEEDS_PERSON = "Needs a person"
	CONNECTION = "Connection"
	CONFLICT = "Conflict"
	DAY_LIMIT = "Day limit"
	BUG = "Bug"


class Origin(str, Enum):
	"""Where a document in Xero comes from that belongs to one of ERPNext."""

	MADE_BY_US = "Made by us"
	FOUND_THERE = "Found there"
	"""Somebody made it in Xero, and somebody here said that it is this document."""


@dataclass(frozen=True, slots=True)
class Allocation:
	"""Part of a credit note set against an invoice, in the documents' currency."""

	id: str
	invoice_id: str
	amount: Decimal
	invoice_number: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Claim:
	"""An outbox row that belongs to one worker until `lease_until`.

	key: the document's, see sync/identity.py. created: when ERPNext inserted it; None if that is no longer known. What
		has the name now and was inserted at another time is another document.
	organisation: the tenant id of the one that the company sends to. What follows is about this one alone.
	xero_type, number, link, figures: what was sent of this document to the organisation; xero_type is None if nothing
		ever was. A link without a key was sent before links had one.
	xero_id: the document's id in Xero, if a response gave it. Once it is known, it alone is this document.
	unconfirmed_until: until then a create or an allocation sent earlier, whose response was lost, may still arrive.
	due: when the row fell due. A row for which nothing was tried keeps this place among those that wait.
	allocations: those of a credit note that earlier attempts made; one whose response was not received has no id.
	detail: what was answered to the write that `unconfirmed_until` is about, first in a few words.
	"""

	row: str
	document: DocumentRef
	company: str
	operation: Operation
	trigger: Trigger
	attempt: int
	times_claimed: int
	lease_until: dt.datetime
	key: str = ""
	created: dt.datetime | None = None
	organisation: str = ""
	xero_type: XeroType | None = None
	number: str = ""
	link: str = ""
	figures: Figures | None = None
	xero_id: str = ""
	origin: Origin = Origin.MADE_BY_US
	unconfirmed_until: dt.datetime | None = None
	priority: Priority = Priority.CURRENT
	due: dt.datetime | None = None
	allocations: tuple[Allocation, ...] = ()
	detail: str = ""

	@property
	def next_priority(self) -> Priority:
		"""The priority of an automatic attempt after this one: a backfill stays one, and no user is waiting for it."""
		return max(self.priority, Priority.CURRENT)


@dataclass(frozen=True, slots=True)
class XeroDocument:
	"""An invoice, bill or credit note as Xero has it. Amounts are in `currency`.

	allocations: a credit note's own; an invoice has its credit notes in `applied`.
	applied: the payments, prepayments, overpayments and credit notes applied to an invoice, each described for a user.
	currency_rate: units of the currency for one unit of the organisation's own; None if Xero did not give it.
	tax_by_type: the tax of the lines by tax type; net: their amounts without tax by account code and tax type. Both are
		sorted and without what adds up to nothing, and empty if Xero did not list the lines.
	tracking: the same amounts by the tracking options on the lines, each under its id and under its name.
	account_ids: the ids of the accounts on the lines, by their present codes.
	is_made_by_this_app: our Xero app has created it. False if a person or another app has, or if Xero was not asked.
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
	date: dt.date | None = None
	url: str = ""
	amount_due: Decimal = Decimal(0)
	remaining_credit: Decimal = Decimal(0)
	allocations: tuple[Allocation, ...] = ()
	applied: tuple[str, ...] = ()
	currency_rate: Decimal | None = None
	tax_by_type: tuple[tuple[str, Decimal], ...] = ()
	net: tuple[tuple[tuple[str, str], Decimal], ...] = ()
	tracking: tuple[tuple[str, Decimal], ...] = ()
	account_ids: tuple[tuple[str, str], ...] = ()
	is_made_by_this_app: bool = False

	@property
	def is_live(self) -> bool:
		return self.status not in ("VOIDED", "DELETED")


@dataclass(frozen=True, slots=True)
class Elsewhere:
	"""A copy of a document in an organisation that the company does not send to now.

	is_live: it is live there, or may be. Otherwise it was seen voided.
	"""

	organisation: str
	number: str
	is_live: bool = True


@dataclass(frozen=True, slots=True)
class XeroContact:
	"""A contact of the organisation. `number` is its ContactNumber, which holds the id of the party in ERPNext.

	is_archived: also True for a contact removed under the GDPR; neither can be invoiced.
	merged_into: the contact that replaced this one, or "".
	"""

	id: str
	name: str
	number: str = ""
	is_archived: bool = False
	merged_into: str = ""


@dataclass(frozen=True, slots=True)
class XeroFile:
	"""A file attached to a document in Xero; `length` in bytes."""

	id: str
	name: str
	length: int


@dataclass(frozen=True, slots=True)
class ValidationErrors:
	"""Xero's validation errors for one element of a batch, in Xero's own words."""

	messages: tuple[str, ...]

	@property
	def number_is_taken(self) -> bool:
		"""Whether Xero says that another document has the number. It words this in two ways for credit notes."""
		return any("# must be unique" in message for message in self.messages)


@dataclass(frozen=True, slots=True)
class Outcome:
	"""How an attempt ended, or why it waits.

	A final status closes the row; with `retry_at` the next attempt is queued in the same transaction. Status.QUEUED
	keeps the row open and due at `due`: the attempt is not over, because its outcome is not known or nothing was tried.

	unconfirmed_until: stored on the row as given; None means that no write of ours can be under way any more.
	times_claimed: how often the row has been claimed without an outcome; 0 unless a bug has interrupted the attempt, or
		its batch had no time to find out whose fault a call's failure was. A row with more than one claim goes alone.
	allocations: stored on the row as given; None leaves what it has.
	is_unallocated: a credit note is in Xero, but less of it is allocated than it should be.
	finding: what somebody should look at in Xero although the attempt is over.
	is_elsewhere: the document is cancelled here, and live in an organisation that the company does not send to now.
	"""

	status: Status
	sentence: Sentence
	error_class: ErrorClass | None = None
	xero: XeroDocument | None = None
	due: dt.datetime | None = None
	retry_at: dt.datetime | None = None
	unconfirmed_until: dt.datetime | None = None
	decisions: tuple[Sentence, ...] = field(default=())
	detail: str = ""
	times_claimed: int = 0
	allocations: tuple[Allocation, ...] | None = None
	is_unallocated: bool = False
	finding: Sentence | None = None
	is_elsewhere: bool = False


class AttachmentStatus(str, Enum):
	TO_DO = "To Do"
	IN_PROGRESS = "In Progress"
	DONE = "Done"
	FAILED = "Failed"
	REMOVED_HERE = "Removed Here"
	"""It was removed from the document here, and stays in Xero."""


@dataclass(frozen=True, slots=True)
class AttachmentClaim:
	"""A file that is due to be sent to its document in Xero. It belongs to one worker until `lease_until`.

	attempt: counted from 1, this one included, also if a worker dies in it.
	title: what the file is called here. file_name: what it is, or is going to be, called in Xero; no two files of ours
		on a document have the same.
	file_id: the file's id in Xero, if a response gave it. Once it is known, it alone is this file.
	sent_length, unconfirmed_until: of an upload without a response: its length, and until when it may still arrive.
	"""

	row: str
	document: DocumentRef
	company: str
	xero_type: XeroType
	xero_id: str
	attempt: int
	lease_until: dt.datetime
	title: str
	file_name: str
	file_id: str = ""
	sent_length: int = 0
	unconfirmed_until: dt.datetime | None = None
	include_online: bool = False


@dataclass(frozen=True, slots=True)
class AttachmentOutcome:
	"""How an attempt to send a file ended.

	due: when a worker may try again; None if it is done, or waits for a person. file: as Xero has it.
	unconfirmed_until: as of AttachmentClaim; stored as given.
	counts: whether it was an attempt; otherwise nothing was tried that has to do with the file.
	"""

	status: AttachmentStatus
	sentence: Sentence | None = None
	due: dt.datetime | None = None
	file: XeroFile | None = None
	unconfirmed_until: dt.datetime | None = None
	detail: str = ""
	counts: bool = True
