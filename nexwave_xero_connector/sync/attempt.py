"""One attempt at a document: what this worker knows about it, and how that ends."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any

from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument
from nexwave_xero_connector.mapping.figures import Figures, figures
from nexwave_xero_connector.mapping.payload import XeroPayload
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import DocLink, Sentence
from nexwave_xero_connector.sync.ownership import Expected, Owners
from nexwave_xero_connector.sync.records import (
	Allocation,
	Claim,
	DocStatus,
	Elsewhere,
	ErrorClass,
	Outcome,
	Status,
	XeroDocument,
)


@dataclass(eq=False)
class Attempt:
	"""A claim, and what this worker has learnt about its document.

	docstatus: as this worker last read it.
	document: None if ERPNext no longer has it, or if it has not been read yet.
	xero_type, number: as they were sent, as long as that may be in Xero; otherwise as they are going to be.
	xero: the document in Xero, once this worker has found or created it.
	unconfirmed_until: until then a write whose response was lost may still arrive; None if none is under way.
	allocations: a credit note's own that are ours, with those that were sent and whose response was lost.
	not_in_xero: invoices that a credit note could not be allocated to, because they are not in Xero.
	is_unallocated: less of a credit note is allocated than was planned, or it is not known to which invoice it belongs.
	candidates, owners: what the latest look-up found in Xero under its number or id, and whose that is.
	elsewhere: copies in other organisations, looked for only if the document is to be voided.
	"""

	claim: Claim
	docstatus: DocStatus = DocStatus.SUBMITTED
	document: ErpDocument | None = None
	xero_type: XeroType | None = None
	number: str = ""
	link_in_xero: str = ""
	contact_id: str = ""
	candidates: Sequence[XeroDocument] = ()
	owners: Owners = field(default_factory=Owners)
	payload: XeroPayload | None = None
	xero: XeroDocument | None = None
	unconfirmed_until: datetime | None = None
	allocations: tuple[Allocation, ...] = ()
	not_in_xero: list[DocumentRef] = field(default_factory=list)
	is_unallocated: bool = False
	remarks: list[Sentence] = field(default_factory=list)
	elsewhere: Sequence[Elsewhere] = ()

	@property
	def link(self) -> DocLink:
		return DocLink(self.claim.document.doctype, self.claim.document.name)

	def outcome(
		self, status: Status, sentence: Sentence, error_class: ErrorClass | None = None, **values: Any
	) -> Outcome:
		"""How this attempt ends, or why it waits, keeping what is known about the document in Xero."""
		known = {
			"xero": self.xero,
			"unconfirmed_until": self.unconfirmed_until,
			"allocations": self.allocations,
		}
		return Outcome(status, sentence, error_class, **{**known, **values})

	@property
	def known_id(self) -> str:
		"""The document's id in Xero as this worker knows it, or as earlier ones did, or ""."""
		return self.xero.id if self.xero else self.claim.xero_id

	@property
	def figures(self) -> Figures | None:
		"""What Xero has to have of the document, once it is mapped."""
		return figures(self.payload, self.contact_id) if self.payload else None

	@property
	def expected(self) -> Expected:
		"""What is known of the document when Xero is asked for it."""
		claim = self.claim
		assert self.xero_type is not None
		return Expected(
			document=claim.document,
			key=claim.key,
			xero_type=self.xero_type,
			number=self.number,
			link=claim.link or self.link_in_xero,
			contact_id=self.contact_id,
			known_id=self.known_id,
			figures=self.figures or claim.figures,
			in_doubt=self.unconfirmed_until is not None,
		)


def by_xero_type(attempts: Sequence[Attempt]) -> list[tuple[XeroType, list[Attempt]]]:
	"""The attempts grouped by Xero type, which all of them have: Xero accepts one type of document per call."""

	def xero_type(attempt: Attempt) -> XeroType:
		assert attempt.xero_type is not None
		return attempt.xero_type

	return [(key, list(group)) for key, group in groupby(sorted(attempts, key=xero_type), key=xero_type)]


def needs_person(
	attempt: Attempt, sentence: Sentence, detail: str = "", error_class: ErrorClass = ErrorClass.NEEDS_PERSON
) -> Outcome:
	"""Failed until somebody has fixed the cause and presses Retry."""
	decisions = attempt.payload.decisions if attempt.payload else ()
	return attempt.outcome(Status.FAILED, sentence, error_class, decisions=decisions, detail=detail)


def idempotency_key(what: str, attempts: Sequence[Attempt], body: object) -> str:
	"""A key for exactly this body and these claims.

	Xero rejects a known key with a different body, and for six minutes repeats its response to it, errors included.
	"""
	claims = [(a.claim.row, a.claim.attempt, a.claim.lease_until.isoformat()) for a in attempts]
	text = json.dumps([what, claims, body], default=str, sort_keys=True)
	return hashlib.sha256(text.encode()).hexdigest()
