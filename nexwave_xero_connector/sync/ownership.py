"""Decide whether a document in Xero with our number is ours.

The number is not enough: bills may share one, and people enter and copy documents in Xero. The table of all cases is
in docs/protocol.md.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.figures import Figures
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.agreement import differences
from nexwave_xero_connector.sync.identity import key_in, same_page
from nexwave_xero_connector.sync.records import XeroDocument


@dataclass(frozen=True, slots=True)
class Expected:
	"""What we know of a document when we ask Xero for it. `contact_id` and `known_id` are "" if we do not know them.

	link: as it was sent, or as it will be.
	figures: as they were sent; None if nothing was, or if that was before figures were kept.
	in_doubt: a create was sent whose outcome is not known, so the document may be in Xero under an unknown id.
	"""

	document: DocumentRef
	key: str
	xero_type: XeroType
	number: str
	link: str = ""
	contact_id: str = ""
	known_id: str = ""
	figures: Figures | None = None
	in_doubt: bool = False


@dataclass(frozen=True, slots=True)
class Owner:
	"""A document of ERPNext that has, or may have, a copy in Xero."""

	key: str
	document: DocumentRef


@dataclass(frozen=True, slots=True)
class Owners:
	"""Whom the ids in Xero and the keys in links belong to, as far as this site knows."""

	by_id: Mapping[str, Owner] = field(default_factory=dict)
	by_key: Mapping[str, Owner] = field(default_factory=dict)


class Relation(Enum):
	"""What a document in Xero, found under our number or our id, is to a document of ERPNext."""

	OURS = "ours"
	COPY = "a copy of ours"
	"""It carries our link, but ours is known by its id: somebody has copied ours in Xero."""
	ANOTHERS = "another document's"
	"""This site knows which document of ERPNext it belongs to."""
	UNKNOWN_KEY = "of an unknown key"
	"""A connector made it for a document that this site does not know: one lost by a restore, or another site's."""
	THEIRS = "somebody else's"


def relation(expected: Expected, found: XeroDocument, owners: Owners) -> Relation:
	"""Recognise a document by its id, else by the key in its link.

	A credit note has no link. While a create of ours is in doubt, one with our number and all of our figures is ours:
	its number carries ERPNext's name, and nobody types the same credit note in the minutes that a doubt lasts.

	So is an invoice or bill if Xero does not show its link, and says that our app has created it: people do type the
	same bill from the paper on their desk.
	"""
	if expected.known_id and found.id == expected.known_id:
		return Relation.OURS
	owner = owners.by_id.get(found.id)
	if owner and owner.key != expected.key:
		return Relation.ANOTHERS
	if _has_link(expected, found):
		return Relation.COPY if expected.known_id else Relation.OURS
	if key := key_in(found.url):
		return Relation.ANOTHERS if key in owners.by_key else Relation.UNKNOWN_KEY
	if expected.xero_type.is_credit_note and _is_unconfirmed_create(expected, found):
		return Relation.OURS
	if found.is_made_by_this_app and may_be_ours_without_link(expected, found):
		return Relation.OURS
	return Relation.THEIRS


def _has_link(expected: Expected, found: XeroDocument) -> bool:
	key = key_in(found.url)
	if key:
		return key == expected.key
	# A link that was sent before links carried a key. The record of what was sent has only these without one.
	return bool(expected.link) and not key_in(expected.link) and same_page(found.url, expected.link)


def may_be_ours_without_link(expected: Expected, found: XeroDocument) -> bool:
	"""Whether this can be the invoice or bill whose create is in doubt, in an organisation that shows no links."""
	return not expected.xero_type.is_credit_note and not found.url and _is_unconfirmed_create(expected, found)


def _is_unconfirmed_create(expected: Expected, found: XeroDocument) -> bool:
	return (
		expected.in_doubt
		and not expected.known_id
		and found.number == expected.number
		and expected.figures is not None
		and not differences(expected.figures, found)
	)


@dataclass(frozen=True, slots=True)
class Standing:
	"""What Xero has of a document, and what it has beside it. All are in the order in which Xero listed them.

	ours: by rights one. More are there only if its id is unknown, and then nobody can tell which is the right one.
	copies: of ours, live, made by somebody in Xero.
	rival: another document that keeps ours from being created, and `rival_owner` whose it is, if that is known.
	"""

	ours: tuple[XeroDocument, ...] = ()
	copies: tuple[XeroDocument, ...] = ()
	rival: XeroDocument | None = None
	rival_relation: Relation = Relation.THEIRS
	rival_owner: Owner | None = None

	@property
	def live(self) -> tuple[XeroDocument, ...]:
		return tuple(document for document in self.ours if document.is_live)

	@property
	def only(self) -> XeroDocument | None:
		"""Ours, if it is live and nothing else carries its link."""
		return self.ours[0] if len(self.ours) == 1 and self.live else None

	@property
	def newest(self) -> XeroDocument | None:
		"""Ours, if there is any: a live one rather than one that was voided."""
		return next(iter(self.live or self.ours), None)


def standing(expected: Expected, candidates: Sequence[XeroDocument], owners: Owners) -> Standing:
	"""Sort out what Xero has under a document's number and id."""
	relations = [(found, relation(expected, found, owners)) for found in candidates]
	rival = next(
		((found, what) for found, what in relations if _stands_in_the_way(expected, found, what)),
		(None, Relation.THEIRS),
	)
	return Standing(
		ours=tuple(found for found, what in relations if what is Relation.OURS),
		copies=tuple(found for found, what in relations if what is Relation.COPY and found.is_live),
		rival=rival[0],
		rival_relation=rival[1],
		rival_owner=_owner(rival[0], owners),
	)


def _owner(found: XeroDocument | None, owners: Owners) -> Owner | None:
	return found and (owners.by_id.get(found.id) or owners.by_key.get(key_in(found.url)))


def _stands_in_the_way(expected: Expected, found: XeroDocument, what: Relation) -> bool:
	"""Whether another document keeps ours from being created.

	Sales numbers are unique in Xero, ignoring case, and a voided document keeps its number (a deleted draft does not).
	A bill conflicts only with a live one of the same supplier and number that ERPNext does not know: who types S-4711
	as s-4711 means the same bill.
	"""
	if what in (Relation.OURS, Relation.COPY) or found.number.casefold() != expected.number.casefold():
		return False
	if expected.xero_type.number_is_unique:
		return found.status != "DELETED"
	return (
		found.is_live
		and what is not Relation.ANOTHERS
		and bool(expected.contact_id)
		and found.contact_id == expected.contact_id
	)


def twice(expected: Expected, live: Sequence[XeroDocument]) -> Sentence:
	"""More than one document is ours by its link, or without one by its figures: nothing tells which one we made."""
	if not any(found.url for found in live):
		return Sentence(
			_(
				"Xero has {count} documents that match {document} in number {number}, contact and figures, and shows no"
				" links to ERPNext, so nothing tells which of them is {document}. Nothing more was sent. Press Use This"
				" One to choose."
			),
			document=_link(expected),
			count=len(live),
			number=expected.number,
		)
	return Sentence(
		_(
			"{document} exists {count} times in Xero under number {number}. Void all but one there, then press Retry."
		),
		document=_link(expected),
		count=len(live),
		number=expected.number,
	)


def gone(expected: Expected, found: XeroDocument, copies: Sequence[XeroDocument]) -> Sentence:
	"""Ours was voided or deleted in Xero, and somebody may have put a copy in its place."""
	if copies:
		return Sentence(
			_(
				"{document} was in Xero as {number} and is now {status} there; somebody has put a copy in its place:"
				" {copy}, {copy_status}, {total} {currency}. Nothing was changed. If the copy is right, press Use This"
				" One; otherwise void it in Xero, and cancel and amend the document here."
			),
			document=_link(expected),
			number=found.number,
			status=found.status,
			copy=copies[0].number,
			copy_status=copies[0].status,
			total=copies[0].total,
			currency=copies[0].currency,
		)
	return Sentence(
		_(
			"{document} was in Xero as {number} and is now {status} there. It will not be recreated under the same"
			" number; cancel and amend it to send it again."
		),
		document=_link(expected),
		number=found.number,
		status=found.status,
	)


def taken(expected: Expected, standing: Standing) -> Sentence:
	"""Another document keeps ours from being created, and what can be done about it."""
	found = standing.rival
	assert found is not None
	named = {
		"number": found.number,
		"document": _link(expected),
		"contact": found.contact_name or found.contact_id,
		"total": found.total,
		"currency": found.currency,
		"status": found.status,
		"date": found.date or "",
	}
	owner = standing.rival_owner if standing.rival_relation is Relation.ANOTHERS else None
	# A rename takes the record of the copy along, so an owner that still has our name is gone.
	is_deleted = owner is not None and owner.document == expected.document
	if found.status == "VOIDED":
		whose = DocLink(owner.document.doctype, owner.document.name) if owner and not is_deleted else None
		return Sentence(
			_(
				"Number {number} of {document} is already used in Xero by {other}: {contact}, {date}, {total}"
				" {currency}, {status}. Xero never frees the number of a voided document. Cancel and amend {document}:"
				" the amended one has another number."
			),
			other=whose or Sentence(_("an earlier document")),
			**named,
		)
	if is_deleted:
		return Sentence(
			_(
				"Number {number} of {document} is already used in Xero by an earlier document of that name, which was"
				" deleted here: {contact}, {date}, {total} {currency}, {status}. It was not changed. If it is the same"
				" one, press Use This One; otherwise change its number in Xero, then press Retry; or cancel and amend"
				" {document}."
			),
			**named,
		)
	if owner:
		other = owner.document
		return Sentence(
			_(
				"Number {number} of {document} is already used in Xero by {other}: {contact}, {total} {currency},"
				" {status}. It was not changed. Change that number in Xero, or rename {document} here, then press"
				" Retry."
			),
			other=DocLink(other.doctype, other.name),
			**named,
		)
	if standing.rival_relation is Relation.UNKNOWN_KEY:
		return Sentence(
			_(
				"Number {number} of {document} is already used in Xero by a document that was sent from a site like"
				" this one, but not for {document}: {contact}, {date}, {total} {currency}, {status}. After a restore"
				" from a backup it may be a lost document. It was not changed. If it is the same one, press Use This"
				" One; otherwise change its number or delete it in Xero, then press Retry."
			),
			**named,
		)
	return Sentence(
		_(
			"Number {number} of {document} is already used in Xero by another document: {contact}, {date}, {total}"
			" {currency}, {status}. It was not changed. If it is the same one, press Use This One; otherwise change"
			" its number or delete it in Xero, then press Retry."
		),
		**named,
	)


def _link(expected: Expected) -> DocLink:
	return DocLink(expected.document.doctype, expected.document.name)
