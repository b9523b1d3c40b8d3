"""The ports Outbox and Documents on the model of the ERP: as one worker sees it, step by step."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import TypeVar

from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument, Party
from nexwave_xero_connector.mapping.figures import Figures
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.identity import link
from nexwave_xero_connector.sync.ownership import Owner, Owners
from nexwave_xero_connector.sync.records import (
	Allocation,
	Claim,
	DocStatus,
	Elsewhere,
	ErrorClass,
	Outcome,
	Priority,
	Status,
	Trigger,
	XeroContact,
)
from tests.model.erp_model import SITE, Copy, ErpModel, Row
from tests.model.schedule import Steps
from tests.model.xero_model import AWAY, HOME

Learnt = TypeVar("Learnt")


class LockedRows:
	"""A worker's block under lock. Its writes are visible at once, because nobody can look before it ends."""

	def __init__(self, erp: ErpModel, claims: Sequence[Claim]) -> None:
		self.erp = erp
		ours = [
			claim
			for claim in claims
			if erp.row(claim.row).status is Status.IN_PROGRESS
			and erp.row(claim.row).due_at == claim.lease_until
		]
		self.held = [claim for claim in ours if claim.row in erp.row_locks]
		self.claims = [claim for claim in ours if claim.row not in erp.row_locks]

	def docstatus(self, claim: Claim) -> DocStatus:
		row = self.erp.row(claim.row)
		document = self.erp.documents.get(row.ref)
		if document is None or self.is_namesake(document, row):
			return DocStatus.GONE
		return DocStatus(document.docstatus)

	def is_namesake(self, document: ErpDocument, row: Row) -> bool:
		return document.created != row.created

	def mark_sending(
		self,
		claim: Claim,
		xero_type: XeroType,
		number: str,
		unconfirmed_until: datetime,
		link: str = "",
		figures: Figures | None = None,
	) -> None:
		row = self.erp.row(claim.row)
		row.xero_type, row.number, row.unconfirmed_until = xero_type, number, unconfirmed_until
		copy = self.erp.copies_in(claim.organisation).setdefault(claim.key, Copy())
		copy.xero_type, copy.number, copy.unconfirmed_until = xero_type, number, unconfirmed_until
		copy.link, copy.figures = link, figures

	def mark_allocating(
		self, claim: Claim, allocations: Sequence[Allocation], unconfirmed_until: datetime
	) -> None:
		self.erp.row(claim.row).unconfirmed_until = unconfirmed_until
		copy = self.erp.copies_in(claim.organisation).setdefault(claim.key, Copy())
		copy.allocations, copy.unconfirmed_until = tuple(allocations), unconfirmed_until

	def settle(self, claim: Claim, outcome: Outcome) -> None:
		row = self.erp.row(claim.row)
		row.status, row.error_class, row.sentence = outcome.status, outcome.error_class, str(outcome.sentence)
		row.unconfirmed_until, row.times_claimed = outcome.unconfirmed_until, outcome.times_claimed
		row.due_at, row.detail = outcome.due, outcome.detail
		row.seen = outcome.xero if outcome.status is Status.SUCCESS else None
		copies = self.erp.copies_in(claim.organisation)
		copy = copies.get(claim.key)
		if copy:
			copy.unconfirmed_until = outcome.unconfirmed_until
		if copy and outcome.allocations is not None:
			copy.allocations = outcome.allocations
		if outcome.xero:
			copy = copies.setdefault(claim.key, Copy())
			copy.has_ended = not outcome.xero.is_live
			copy.xero_id, copy.xero_type, copy.number = (
				outcome.xero.id,
				outcome.xero.xero_type,
				outcome.xero.number,
			)
			row.xero_id, row.xero_type, row.number = (
				outcome.xero.id,
				outcome.xero.xero_type,
				outcome.xero.number,
			)
		if outcome.retry_at:
			again = self.erp.insert(row.ref, row.operation, Trigger.AUTOMATIC, row.attempt + 1, of=row)
			again.due_at, again.priority = outcome.retry_at, claim.next_priority


class OutboxPort:
	"""The outbox as one worker's job sees it; every claim and every lock is a step."""

	def __init__(self, erp: ErpModel, step: Steps, organisation: str = HOME) -> None:
		self.erp = erp
		self._steps = step
		self._organisation = organisation

	def now(self) -> datetime:
		return self.erp.now

	def has_work(self, company: str) -> bool:
		return bool(self.erp.due) and self.erp.organisation == self._organisation

	def claim(
		self,
		company: str,
		limit: int,
		lease_until: datetime,
		least_urgent: Priority = Priority.BACKFILL,
	) -> list[Claim]:
		self._steps.step("claim")
		claims = []
		if self.erp.organisation != self._organisation:
			return claims
		urgent = [row for row in self.erp.due if row.priority <= least_urgent]
		first = min((row.priority for row in urgent), default=None)
		chosen = [row for row in urgent if row.priority == first]
		for row in sorted(chosen, key=lambda row: row.due_at)[:limit]:
			due = row.due_at
			row.status, row.due_at, row.times_claimed = Status.IN_PROGRESS, lease_until, row.times_claimed + 1
			copy = self.erp.copies_in(self._organisation).get(row.key, Copy())
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
					key=row.key,
					created=row.created,
					organisation=self._organisation,
					xero_type=copy.xero_type,
					number=copy.number,
					link=copy.link,
					figures=copy.figures,
					xero_id=copy.xero_id,
					origin=copy.origin,
					unconfirmed_until=copy.unconfirmed_until,
					priority=row.priority,
					due=due,
					allocations=copy.allocations,
					detail=row.detail,
				)
			)
		self._steps.learn(claims)
		return claims

	@contextmanager
	def locked(self, claims: Sequence[Claim], wait: bool = False) -> Iterator[LockedRows]:
		blocked = (lambda: any(claim.row in self.erp.row_locks for claim in claims)) if wait else None
		self._steps.step("lock", blocked)
		rows = LockedRows(self.erp, claims)
		self._steps.learn([(claim, rows.docstatus(claim)) for claim in rows.claims])
		yield rows

	def queue_returns(self, invoices: Sequence[DocumentRef]) -> None:
		self._steps.step("queue returns")
		names = {invoice.name for invoice in invoices}
		for ref, document in list(self.erp.documents.items()):
			if document.docstatus != 1 or document.return_against not in names:
				continue
			newest = self.erp.rows_of(ref)[-1:]
			if newest and newest[0].status in (Status.SUCCESS, Status.QUEUED):
				self.erp.retry(ref, Trigger.AUTOMATIC)

	def is_passing(self, error: Exception) -> bool:
		return False

	def recover(self, failures: int = 1) -> None:
		pass

	def pause(
		self,
		company: str,
		until: datetime | None,
		sentence: Sentence,
		error_class: ErrorClass,
		outage_since: datetime | None = None,
	) -> None:
		self.erp.paused_until = until or self.erp.now + timedelta(hours=1)
		self.erp.outage_since = self.erp.outage_since or outage_since

	def outage_since(self, company: str) -> datetime | None:
		return self.erp.outage_since

	def begin_probe(self, company: str, until: datetime) -> bool:
		if self.erp.paused_until and self.erp.now < self.erp.paused_until:
			return False
		self.erp.paused_until = until
		return True

	def resume(self, company: str, outage_is_over: bool = False) -> None:
		self.erp.paused_until = None
		if outage_is_over:
			self.erp.outage_since = None


class DocumentsPort:
	"""The documents; reading them is a step, the mapping never changes."""

	def __init__(self, erp: ErpModel, step: Steps, organisation: str = HOME) -> None:
		self.erp = erp
		self._steps = step
		self._organisation = organisation

	def read(self, documents: Sequence[DocumentRef]) -> Mapping[DocumentRef, ErpDocument]:
		self._steps.step("read")
		found = {ref: self.erp.documents[ref] for ref in documents if ref in self.erp.documents}
		self.erp.first_reads.update((ref, DocStatus(document.docstatus)) for ref, document in found.items())
		self._steps.learn([(ref, document.docstatus, document.created) for ref, document in found.items()])
		return found

	def link(self, key: str) -> str:
		return link(f"https://{SITE}", key)

	def mapping_settings(self, company: str) -> MappingSettings:
		return self.erp.settings

	def contact_ids(self, company: str, parties: Sequence[Party]) -> Mapping[Party, str]:
		return self._learnt(
			{
				party: self.erp.contacts.get(f"{self._organisation}/{party.name}", f"contact-{party.name}")
				for party in parties
			}
		)

	def link_contact(self, company: str, party: Party, contact_id: str, contact_name: str) -> None:
		self.erp.contacts[f"{self._organisation}/{party.name}"] = contact_id

	def unlink_contact(self, company: str, party: Party) -> None:
		pass

	def parties_of_contact(self, company: str, contact: XeroContact) -> Sequence[Party]:
		return []

	def xero_id(self, company: str, document: DocumentRef) -> str:
		rows = self.erp.rows_of(document)
		return self._learnt(self._copies.get(rows[-1].key, Copy()).xero_id if rows else "")

	@property
	def _copies(self) -> dict[str, Copy]:
		return self.erp.copies_in(self._organisation)

	def elsewhere(self, company: str, keys: Sequence[str]) -> Mapping[str, Sequence[Elsewhere]]:
		other = AWAY if self._organisation == HOME else HOME
		found = {key: self.erp.copies_in(other).get(key) for key in keys}
		return self._learnt(
			{
				key: [Elsewhere(other, copy.number, not copy.has_ended)]
				for key, copy in found.items()
				if copy and (copy.xero_id or copy.unconfirmed_until)
			}
		)

	def owners(self, company: str, xero_ids: Sequence[str], keys: Sequence[str]) -> Owners:
		refs = {row.key: row.ref for row in self.erp.rows}
		owners = {key: Owner(key, refs[key]) for key in self._copies}
		return self._learnt(
			Owners(
				by_id={
					copy.xero_id: owners[key]
					for key, copy in self._copies.items()
					if copy.xero_id in xero_ids
				},
				by_key={key: owners[key] for key in keys if key in owners},
			)
		)

	def note_missing_links(self, company: str) -> None:
		"""For the settings only: the protocol does not depend on it."""

	def is_waiting(self, document: DocumentRef) -> bool:
		return self._learnt(self.erp.open_row(document) is not None)

	def has_open_row(self, key: str) -> bool:
		return self._learnt(any(row.key == key and row.due_at is not None for row in self.erp.rows))

	def return_is_waiting(self, document: DocumentRef) -> bool:
		return self._learnt(
			any(
				found.return_against == document.name and self.erp.open_row(ref)
				for ref, found in self.erp.documents.items()
			)
		)

	def _learnt(self, what: Learnt) -> Learnt:
		self._steps.learn(what)
		return what
