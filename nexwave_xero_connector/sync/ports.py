"""What the protocol needs from an ERP and from Xero. Frappe and the embedded ERP pass the same contract tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument, Party
from nexwave_xero_connector.mapping.figures import Figures
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.ownership import Owners
from nexwave_xero_connector.sync.records import (
	Allocation,
	AttachmentClaim,
	AttachmentOutcome,
	Claim,
	DocStatus,
	Elsewhere,
	ErrorClass,
	Outcome,
	Priority,
	Trigger,
	ValidationErrors,
	XeroContact,
	XeroDocument,
	XeroFile,
)


class OutboxFailed(Exception):
	"""The database did not carry out a transaction of the outbox, and rolled it back: it may be repeated."""


class LockedRows(Protocol):
	"""Locked outbox rows, in a transaction that began with the lock and commits when the block ends without an error.

	A cancel of one of their documents either has committed, and `docstatus` shows it, or waits for this transaction and
	then finds its outcome. Only outbox rows are locked, never an invoice row.
	"""

	claims: Sequence[Claim]
	"""The claims that are locked. A row that another worker has taken over is not among them."""

	held: Sequence[Claim]
	"""The claims whose row a user's transaction holds. They are still ours, and nothing is known about them."""

	def docstatus(self, claim: Claim) -> DocStatus:
		"""The document's docstatus, read after the lock was acquired."""

	def mark_sending(
		self,
		claim: Claim,
		xero_type: XeroType,
		number: str,
		unconfirmed_until: datetime,
		link: str = "",
		figures: Figures | None = None,
	) -> None:
		"""Note, before it is sent, what is sent, and that the create may be under way until then."""

	def mark_allocating(
		self, claim: Claim, allocations: Sequence[Allocation], unconfirmed_until: datetime
	) -> None:
		"""Note the allocations that a credit note has from us, including one that may be under way until then."""

	def settle(self, claim: Claim, outcome: Outcome) -> None:
		"""Write the outcome and give the row back."""


class Outbox(Protocol):
	"""The rows waiting for Xero. At most one row per document is open (Queued or In Progress) at any time."""

	def now(self) -> datetime:
		"""The time by the clock that leases and due times use."""

	def has_work(self, company: str) -> bool:
		"""Whether a row of the company is due. False while it is paused, or if its connection is not this site's."""

	def claim(
		self,
		company: str,
		limit: int,
		lease_until: datetime,
		least_urgent: Priority = Priority.BACKFILL,
	) -> list[Claim]:
		"""Claim up to `limit` due rows of the most urgent priority that has any, oldest due first, and commit.

		Nothing less urgent than `least_urgent` is claimed, nothing while the company is paused, and nothing if the
		connection belongs to another installation (see sync/installation.py).

		A row is due if it is Queued and its time has come, or In Progress and its lease has ended. Rows that are locked
		elsewhere are skipped.
		"""

	def locked(self, claims: Sequence[Claim], wait: bool = False) -> AbstractContextManager[LockedRows]:
		"""A new transaction that locks the claims' rows, except those that a user's transaction holds.

		`wait`: give such a transaction some time to end first. Raises OutboxFailed.
		"""

	def recover(self, failures: int = 1) -> None:
		"""After an error: make the database usable again if it is not, and leave it alone for a while.

		`failures`: how often the same has failed; the while grows with it.
		"""

	def is_passing(self, error: Exception) -> bool:
		"""Whether the error is the database's, of a kind that passes: a deadlock, a lost connection, a full disk."""

	def queue_returns(self, invoices: Sequence[DocumentRef]) -> None:
		"""Queue another attempt of each submitted return of these invoices that is in Xero or waits. Commits.

		Rows that are locked elsewhere are skipped.
		"""

	def pause(
		self,
		company: str,
		until: datetime | None,
		sentence: Sentence,
		error_class: ErrorClass,
		outage_since: datetime | None = None,
	) -> None:
		"""Pause the company until the given time or, with None, until somebody has connected it again. Commits.

		claim() returns none of its rows while it is paused. `outage_since`: the pause is for an outage that began then.
		"""

	def outage_since(self, company: str) -> datetime | None:
		"""Since when Xero has not responded, or has refused, for the company as a whole; None if it is not so."""

	def begin_probe(self, company: str, until: datetime) -> bool:
		"""Let this worker, and no other before `until`, ask Xero whether it responds again. Commits.

		False if the company is paused: it is not time yet, or another worker asks.
		"""

	def resume(self, company: str, outage_is_over: bool = False) -> None:
		"""End the company's pause: Xero has responded, and with `outage_is_over` accepted something. Commits."""


class BatchRateLimiter(Protocol):
	"""Decide when a worker may continue: Xero limits the calls, and other companies need workers too."""

	def least_urgent(self) -> Priority | None:
		"""The least urgent priority for which a batch may start now; None while none may."""

	def begin(self, priority: Priority) -> None:
		"""Begin a batch of this priority: the calls to Xero count as its own from here on."""

	def more_is_due(self) -> None:
		"""Let idle workers join in: more rows are due than the batch that begins."""

	def rest(self) -> bool:
		"""Sleep for part of the wait. False at once if it is too long to hold a worker for, or if another one waits."""

	def is_needed_elsewhere(self, idle: bool) -> bool:
		"""Whether another company's push waits for this worker or, if the worker is idle, any other job does."""


class Enqueuer(Protocol):
	"""How work gets into the outbox. Each method joins the caller's transaction: the row commits with its cause."""

	def submitted(self, document: DocumentRef, trigger: Trigger) -> None:
		"""Queue a push. An open row is kept instead, due now and at least as urgent as the trigger."""

	def cancelled(self, document: DocumentRef) -> None:
		"""Ensure that whatever Xero may have of the document is voided.

		An open row is made due now if it is Queued, and locked until the caller commits, so that the worker reads the
		document for the last time after the cancel. Without an open row, a Void is queued if the document was ever sent
		or found in Xero, or may have been. If the last row asks for a person although nothing was ever sent, a Skipped
		row replaces it, and nobody is asked any more.
		"""

	def retry(self, document: DocumentRef, trigger: Trigger) -> bool:
		"""Queue another attempt, a Push or a Void depending on the docstatus. False if an open row exists already.

		The open row is then made due now and at least as urgent as the trigger, unless a worker has it.
		"""


class Documents(Protocol):
	"""ERPNext's documents and one company's settings."""

	def read(self, documents: Sequence[DocumentRef]) -> Mapping[DocumentRef, ErpDocument]:
		"""The documents that exist, as they are now (in a new transaction)."""

	def link(self, key: str) -> str:
		"""The link to the document with this key that is sent to Xero: see sync/identity.py."""

	def mapping_settings(self, company: str) -> MappingSettings:
		"""The company's mapping."""

	def contact_ids(self, company: str, parties: Sequence[Party]) -> Mapping[Party, str]:
		"""The Xero contacts already linked to these parties in the organisation that this port was made for."""

	def link_contact(self, company: str, party: Party, contact_id: str, contact_name: str) -> None:
		"""Store which contact belongs to a party, and commit."""

	def parties_of_contact(self, company: str, contact: XeroContact) -> Sequence[Party]:
		"""Whose contact it is, by id and title: the parties linked to it in the organisation, by any company, and
		those whose id is its number and whose name can be its name."""

	def unlink_contact(self, company: str, party: Party) -> None:
		"""Remove the party's link in this organisation, and commit: Xero no longer has its contact."""

	def xero_id(self, company: str, document: DocumentRef) -> str:
		"""The id that this document, which exists, has in the company's organisation, or ""."""

	def owners(self, company: str, xero_ids: Sequence[str], keys: Sequence[str]) -> Owners:
		"""Whom these ids in the company's organisation, and these keys, belong to; unknown ones are left out."""

	def note_missing_links(self, company: str) -> None:
		"""Note, and commit, that this port's organisation does not show the links that are sent with documents."""

	def elsewhere(self, company: str, keys: Sequence[str]) -> Mapping[str, Sequence[Elsewhere]]:
		"""By key, the copies of these documents in other organisations than this port's."""

	def is_waiting(self, document: DocumentRef) -> bool:
		"""Whether the document has an open outbox row."""

	def has_open_row(self, key: str) -> bool:
		"""The same for the document with this key: its name may have been given to another one."""

	def return_is_waiting(self, document: DocumentRef) -> bool:
		"""Whether a return of the document, cancelled or not, has an open outbox row."""


class Xero(Protocol):
	"""One organisation. Every call raises only the errors of sync/errors.py; a read never raises OutcomeUnknown."""

	def probe(self) -> str:
		"""Read something that no document has a part in, to learn whether Xero responds. Returns the plan's name."""

	def find(self, xero_type: XeroType, numbers: Sequence[str]) -> list[XeroDocument]:
		"""All documents of the type with one of the numbers, in any status. Xero ignores case."""

	def ids_made_by_this_app(self, xero_type: XeroType, numbers: Sequence[str]) -> set[str]:
		"""Which invoices or bills with one of the numbers our Xero app has created, and not a person or another app."""

	def read(self, xero_type: XeroType, ids: Sequence[str]) -> list[XeroDocument]:
		"""The documents with these ids, including what is applied to them."""

	def create(
		self, xero_type: XeroType, bodies: Sequence[Mapping[str, object]], idempotency_key: str
	) -> list[XeroDocument | ValidationErrors | None]:
		"""Create, never overwrite. Returns a result for each body, in order.

		None where Xero's response does not say which of its elements belongs to the body.
		"""

	def void(
		self, documents: Sequence[XeroDocument], idempotency_key: str
	) -> list[XeroDocument | ValidationErrors | None]:
		"""Void AUTHORISED documents, delete DRAFT or SUBMITTED ones; one type per call. Returns results as `create`."""

	def read_contacts(self, ids: Sequence[str]) -> list[XeroContact]:
		"""The contacts with these ids, including archived and merged ones; an unknown id is left out."""

	def find_contacts(self, numbers: Sequence[str], names: Sequence[str]) -> list[XeroContact]:
		"""Contacts with one of the contact numbers or names, including archived ones."""

	def create_contacts(
		self, bodies: Sequence[Mapping[str, object]], idempotency_key: str
	) -> list[XeroContact | ValidationErrors | None]:
		"""Create contacts, never overwrite. Returns results as `create`."""

	def allocate(
		self, credit_note_id: str, invoice_id: str, amount: Decimal, on: date, idempotency_key: str
	) -> ValidationErrors | None:
		"""Allocate part of a credit note to an invoice. None if Xero accepted it."""

	def remove_allocation(self, credit_note_id: str, allocation_id: str) -> None:
		"""Remove an allocation. It is not an error if it no longer exists."""


class Attachments(Protocol):
	"""The files that are to be sent to documents which are in Xero: see sync/attachments.py."""

	def now(self) -> datetime:
		"""The time by the clock that leases and due times use."""

	def claim(self, company: str, lease_until: datetime) -> list[AttachmentClaim]:
		"""Claim the due files of one document, the first of those that wait, and commit.

		Nothing of a document that is no longer submitted, nor while the company is paused or disconnected.
		"""

	def content(self, claim: AttachmentClaim) -> bytes:
		"""The file's bytes as they are now. Raises CannotAttach."""

	def mark_sending(
		self, claim: AttachmentClaim, file_name: str, length: int, unconfirmed_until: datetime
	) -> None:
		"""Note, before it is sent, what is sent and until when it may arrive. Commits."""

	def settle(self, claim: AttachmentClaim, outcome: AttachmentOutcome) -> None:
		"""Write the outcome and give the file back, if it is still this worker's. Commits."""

	def postpone(self, company: str, until: datetime, sentence: Sentence) -> None:
		"""Let none of the company's files be due before then, and note why. Commits."""


class XeroFiles(Protocol):
	"""The files of one organisation's documents. Raises the errors of sync/errors.py."""

	def attachments(self, xero_type: XeroType, xero_id: str) -> list[XeroFile]:
		"""What is attached to the document, by whomever."""

	def attach(
		self,
		xero_type: XeroType,
		xero_id: str,
		name: str,
		content: bytes,
		idempotency_key: str,
		include_online: bool = False,
	) -> XeroFile:
		"""Add a file under a name that the document does not have yet. Returns what Xero has stored."""

	def replace_attachment(
		self, xero_type: XeroType, xero_id: str, name: str, content: bytes, idempotency_key: str
	) -> XeroFile:
		"""Put this content in place of that of the document's file of this name. Returns what Xero has stored."""
