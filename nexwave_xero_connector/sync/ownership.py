"""Decide whether a document in Xero with our number is ours.

The number is not enough: bills may share one, and people enter their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import unquote, urlsplit

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import DocLink, Sentence, _, join
from nexwave_xero_connector.sync.records import XeroDocument


@dataclass(frozen=True, slots=True)
class Expected:
	"""What Xero should hold if it has our document. `contact_id` and `known_id` are "" if we do not know them.

	sent: a create of this document was sent at some time, so it may be in Xero although we do not know its id.
	"""

	document: DocumentRef
	xero_type: XeroType
	number: str
	url: str = ""
	currency: str = ""
	total: Decimal | None = None
	contact_id: str = ""
	known_id: str = ""
	sent: bool = False


@dataclass(frozen=True, slots=True)
class OwnershipVerdict:
	"""ours: every document in Xero that is this one, live ones first. conflict: why the push must stop."""

	ours: tuple[XeroDocument, ...] = ()
	conflict: Sentence | None = None

	@property
	def live(self) -> tuple[XeroDocument, ...]:
		return tuple(document for document in self.ours if document.is_live)


Owners = Mapping[str, DocumentRef]
"""Which document of ERPNext each Xero id belongs to, as far as that is known."""


def is_ours(expected: Expected, found: XeroDocument, owners: Owners) -> bool:
	"""Recognise a document by its id or by its link to ERPNext; a credit note, which has no link, by its figures."""
	if expected.known_id and found.id == expected.known_id:
		return True
	if found.number != expected.number or _is_anothers(expected, found, owners):
		return False
	if expected.xero_type.has_url:
		return bool(expected.url) and same_page(found.url, expected.url)
	if expected.total is None:
		# The credit note no longer exists in ERPNext. A number of its supplier's may be anybody's; its own name is not.
		return found.number == expected.document.name
	return not differences(expected, found)


def voidable(
	expected: Expected, candidates: Sequence[XeroDocument], owners: Owners
) -> tuple[XeroDocument, ...]:
	"""Which of them a cancel may change: only ours, and a credit note only if we know that we sent it."""
	if not (expected.sent or expected.known_id or expected.xero_type.has_url):
		return ()
	return _live_first(found for found in candidates if is_ours(expected, found, owners))


def judge(expected: Expected, candidates: Sequence[XeroDocument], owners: Owners) -> OwnershipVerdict:
	"""Decide whether the document may be created, is already in Xero, or conflicts with something there."""
	ours = _live_first(found for found in candidates if is_ours(expected, found, owners))
	live = [found for found in ours if found.is_live]
	if len(live) > 1:
		return OwnershipVerdict(ours, _twice(expected, live))
	if live:
		differing = differences(expected, live[0])
		return OwnershipVerdict(ours, _differs(expected, live[0], differing) if differing else None)
	if ours:
		return OwnershipVerdict(ours, _gone(expected, ours[0]))
	rival = next((found for found in candidates if _stands_in_the_way(expected, found, owners)), None)
	return OwnershipVerdict((), _taken(expected, rival) if rival else None)


def differences(expected: Expected, found: XeroDocument) -> list[Sentence]:
	"""Where a document that should be ours does not match ERPNext."""
	differing = []
	if expected.currency and found.currency != expected.currency:
		differing.append(
			Sentence(_("currency {theirs} instead of {ours}"), theirs=found.currency, ours=expected.currency)
		)
	if expected.total is not None and found.total != expected.total:
		differing.append(
			Sentence(_("total {theirs} instead of {ours}"), theirs=found.total, ours=expected.total)
		)
	if expected.contact_id and found.contact_id != expected.contact_id:
		differing.append(Sentence(_("contact {theirs}"), theirs=found.contact_name or found.contact_id))
	return differing


def same_page(theirs: str, ours: str) -> bool:
	"""Whether both are one ERPNext page. Frappe 15 has /app where later versions have /desk; the scheme may change."""
	return bool(theirs) and _page(theirs) == _page(ours)


def _page(url: str) -> tuple[str, tuple[str, ...]]:
	parts = urlsplit(url)
	path = [unquote(part) for part in parts.path.split("/") if part]
	return parts.netloc.lower(), tuple(path[1:] if path[:1] in (["app"], ["desk"]) else path)


def _live_first(documents: Iterable[XeroDocument]) -> tuple[XeroDocument, ...]:
	return tuple(sorted(documents, key=lambda document: not document.is_live))


def _is_anothers(expected: Expected, found: XeroDocument, owners: Owners) -> bool:
	"""Whether it belongs to another document of ERPNext, which may have the same number, party and figures."""
	return owners.get(found.id, expected.document) != expected.document


def _stands_in_the_way(expected: Expected, found: XeroDocument, owners: Owners) -> bool:
	"""Whether another document keeps ours from being created.

	Sales numbers are unique in Xero, ignoring case, and a voided document keeps its number (a deleted draft does not).
	A bill conflicts only with a bill of the same supplier and number that ERPNext does not know.
	"""
	if expected.xero_type.number_is_unique:
		return found.status != "DELETED" and found.number.casefold() == expected.number.casefold()
	return (
		found.is_live
		and not _is_anothers(expected, found, owners)
		and found.number == expected.number
		and bool(expected.contact_id)
		and found.contact_id == expected.contact_id
	)


def _link(expected: Expected) -> DocLink:
	return DocLink(expected.document.doctype, expected.document.name)


def _differs(expected: Expected, found: XeroDocument, differing: Sequence[Sentence]) -> Sentence:
	return Sentence(
		_(
			"{document} is in Xero as {number} ({status}), but it does not match: {differences}. Nothing was changed."
			" Make them match, then press Retry."
		),
		document=_link(expected),
		number=found.number,
		status=found.status,
		differences=join(differing, ", "),
	)


def _twice(expected: Expected, live: Sequence[XeroDocument]) -> Sentence:
	return Sentence(
		_(
			"{document} exists {count} times in Xero under number {number}. Void all but one there, then press Retry."
		),
		document=_link(expected),
		count=len(live),
		number=expected.number,
	)


def _gone(expected: Expected, found: XeroDocument) -> Sentence:
	return Sentence(
		_(
			"{document} was in Xero as {number} and is now {status} there. It will not be recreated under the same"
			" number; cancel and amend it to send it again."
		),
		document=_link(expected),
		number=found.number,
		status=found.status,
	)


def _taken(expected: Expected, found: XeroDocument) -> Sentence:
	return Sentence(
		_(
			"Number {number} of {document} is already used in Xero by another document: {contact}, {total} {currency},"
			" {status}. It was not changed. Change its number or delete it in Xero, then press Retry."
		),
		number=found.number,
		document=_link(expected),
		contact=found.contact_name or found.contact_id,
		total=found.total,
		currency=found.currency,
		status=found.status,
	)
