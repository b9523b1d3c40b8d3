"""What the protocol needs of an ERP and of Xero. Frappe and the embedded ERP pass the same contract tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol

from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument, Party
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.records import (
	Claim,
	DocStatus,
	ErrorClass,
	Outcome,
	Priority,
	Trigger,
	ValidationErrors,
	XeroContact,
	XeroDocument,
)


class LockedRows(Protocol):
	"""Outbox rows under lock in a transaction that began with the lock; it commits when the block ends well.

	A cancel of one of their documents has either committed, and `docstatus` shows it, or it waits for this
	transaction and then finds its outcome. The locks are ours alone: no invoice row is ever locked.
	"""

	claims: Sequence[Claim]
	"""Those whose lease is still ours. A row that somebody else has taken over is not among them."""

	def docstatus(self, claim: Claim) -> DocStatus:
		"""What ERPNext says of the document, read after the lock was had."""

	def mark_sending(
		self, claim: Claim, xero_type: XeroType, number: str, unconfirmed_until: datetime
	) -> None:
		"""Note, before it leaves, that a create or an allocation may be under way until then."""

	def settle(self, claim: Claim, outcome: Outcome) -> None:
		"""Write the outcome and give the row back."""


class Outbox(Protocol):
	"""The rows waiting for Xero. At most one row of a document is open (Queued or In Progress) at any time."""

	def now(self) -> datetime:
		"""The clock that leases and due times are measured by."""

	def has_work(self, company: str) -> bool:
		"""Whether a row of the company is due; False while it is paused, or its connection is not this site's."""

	def claim(
		self,
		company: str,
		limit: int,
		lease_until: datetime,
		least_urgent: Priority = Priority.BACKFILL,
	) -> list[Claim]:
		"""Take up to `limit` due rows of one priority, the most urgent that has any, oldest due first, and
		commit; none less urgent than `least_urgent`, and none while the company is paused.

		None either where the connection belongs to another installation: see sync/installation.py.

		Due: Queued and due by now, or In Progress with a lease that has run out. Rows locked by others are
		passed over.
		"""

	def locked(self, claims: Sequence[Claim]) -> AbstractContextManager[LockedRows]:
		"""A new transaction that holds the claims' rows."""

	def pause(
		self, company: str, until: datetime | None, sentence: Sentence, error_class: ErrorClass
	) -> None:
		"""Let the company wait: until a time, or, with None, until somebody has connected it again. Commits.

		claim() takes none of its rows while it waits.
		"""


class BatchRateLimiter(Protocol):
	"""When a worker may go on: Xero takes so many calls, and there are other companies."""

	def least_urgent(self) -> Priority | None:
		"""The least urgent priority of which a batch may start now; None while none may."""

	def begin(self, priority: Priority) -> None:
		"""A batch of this priority begins; the calls to Xero are its own from here on."""

	def more_is_due(self) -> None:
		"""More is due than the batch that begins: workers that are idle may join in."""

	def rest(self) -> bool:
		"""Let some of the wait go by; False, at once, where it is too long to keep a worker for, or another waits."""

	def is_needed_elsewhere(self, idle: bool) -> bool:
		"""Does another company's push wait for this worker, or, when it has nothing to do, any other job?"""


class Enqueuer(Protocol):
	"""How work comes into the outbox. Each joins the caller's transaction: the row commits with what caused
	it.
	"""

	def submitted(self, document: DocumentRef, trigger: Trigger) -> None:
		"""Queue a push. A document that has an open row keeps it, and it is made due now, and as urgent as the
		trigger at least.
		"""

	def cancelled(self, document: DocumentRef) -> None:
		"""See to it that what Xero may have of the document is voided.

		An open row is made due now if it is Queued, and locked until the caller commits, so that the worker's
		last look at the document comes after the cancel. Without an open row a Void is queued if the document
		was ever sent or found in Xero, or may have been. Where the last row asks for a person although nothing was
		ever sent, a Skipped one takes its place, and nobody is asked any more.
		"""

	def retry(self, document: DocumentRef, trigger: Trigger) -> bool:
		"""Queue a further attempt, Push or Void by the document's docstatus; False when an open row is there
		already, which is then made due now, and as urgent as the trigger at least, unless a worker has it.
		"""


class Documents(Protocol):
	"""ERPNext's documents and one company's settings."""

	def read(self, documents: Sequence[DocumentRef]) -> Mapping[DocumentRef, ErpDocument]:
		"""The documents that exist, as they are now (in a new transaction)."""

	def mapping_settings(self, company: str) -> MappingSettings:
		"""The company's mapping."""

	def contact_ids(self, company: str, parties: Sequence[Party]) -> Mapping[Party, str]:
		"""The Xero contacts already linked to these parties in the company's organisation."""

	def link_contact(self, company: str, party: Party, contact_id: str, contact_name: str) -> None:
		"""Remember which contact a party is, and commit."""

	def is_contact_of_another(self, company: str, party: Party, contact_id: str) -> bool:
		"""Is the contact linked to another party of the same kind? A customer and a supplier may share one."""

	def xero_id(self, document: DocumentRef) -> str:
		"""The document's id in Xero as its newest log row with one tells it, or ""."""

	def owners(self, xero_ids: Sequence[str]) -> Mapping[str, DocumentRef]:
		"""Which document each of these Xero ids belongs to by the log; an id that the log does not have is left out."""

	def is_waiting(self, document: DocumentRef) -> bool:
		"""Has the document an open outbox row?"""

	def return_is_waiting(self, document: DocumentRef) -> bool:
		"""Has a return of the document, cancelled or not, an open outbox row?"""


class Xero(Protocol):
	"""One organisation. Every call raises what sync.errors lists; reads never raise OutcomeUnknown."""

	def find(self, xero_type: XeroType, numbers: Sequence[str]) -> list[XeroDocument]:
		"""All documents of the kind with one of the numbers, in any status; Xero compares without case."""

	def read(self, xero_type: XeroType, ids: Sequence[str]) -> list[XeroDocument]:
		"""The documents with these ids, with what is applied to them."""

	def create(
		self, xero_type: XeroType, bodies: Sequence[Mapping[str, object]], idempotency_key: str
	) -> list[XeroDocument | ValidationErrors | None]:
		"""Create, never overwrite: a result for each body, in order.

		None where Xero's response does not say which of its elements belongs to the body.
		"""

	def void(
		self, documents: Sequence[XeroDocument], idempotency_key: str
	) -> list[XeroDocument | ValidationErrors | None]:
		"""Void what is AUTHORISED, delete what is DRAFT or SUBMITTED: a result for each, in order; None as in `create`.

		All documents are of one type.
		"""

	def find_contacts(self, numbers: Sequence[str], names: Sequence[str]) -> list[XeroContact]:
		"""Contacts with one of the contact numbers or names, archived ones too."""

	def create_contacts(
		self, bodies: Sequence[Mapping[str, object]], idempotency_key: str
	) -> list[XeroContact | ValidationErrors | None]:
		"""Create contacts, never overwrite: a result for each body, in order; None as in `create`."""

	def allocate(
		self, credit_note_id: str, invoice_id: str, amount: Decimal, on: date, idempotency_key: str
	) -> ValidationErrors | None:
		"""Set part of a credit note against an invoice; None when Xero took it."""

	def remove_allocation(self, credit_note_id: str, allocation_id: str) -> None:
		"""Take an allocation off again; one that is gone already is no error."""
