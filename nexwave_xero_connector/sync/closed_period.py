"""Voiding in Xero changes the figures of the document's own date, which may have been reported already.

Decided here, per cause (docs/protocol.md, "Cancelling in a closed period"):

* The date is locked in Xero: a person decides. Nothing is sent before they press Void in Xero.
* ERPNext booked the cancellation in another month (immutable ledger): a person decides, as the two books would disagree
  about both months.
* The period is closed in ERPNext, which changed its own figures of that date all the same: voided, with a remark.

A draft in Xero is in no figures, so it is always deleted.
"""

from __future__ import annotations

from datetime import date

from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence, _
from nexwave_xero_connector.sync.attempt import Attempt
from nexwave_xero_connector.sync.explain import lock_date
from nexwave_xero_connector.sync.records import Operation, Priority, XeroDocument

UNAPPROVED = ("DRAFT", "SUBMITTED")


def why_a_person_decides(attempt: Attempt, found: XeroDocument, settings: MappingSettings) -> Sentence | None:
	"""Why the cancelled document `found` in Xero is not voided before a user asks for it; None if it may be."""
	asked_for = attempt.claim.operation is Operation.VOID and attempt.claim.priority is Priority.PERSON
	if asked_for or found.status in UNAPPROVED or found.date is None:
		return None
	if settings.lock_date and found.date <= settings.lock_date:
		year_end = settings.year_end_lock_date
		is_year_end = year_end is not None and found.date <= year_end
		return locked(attempt, found, is_year_end, year_end if is_year_end else settings.lock_date)
	reversed_on = attempt.document.reversed_on if attempt.document else None
	if reversed_on and (reversed_on.year, reversed_on.month) != (found.date.year, found.date.month):
		return Sentence(
			_(
				"{document} is cancelled here, but still {status} in Xero as {number}. ERPNext booked the cancellation"
				" on {reversed_on}, while a void in Xero would change the figures of {date}. If those have not been"
				" reported, press Void in Xero. Otherwise enter {opposite} dated {reversed_on} in Xero and mark this as"
				" handled."
			),
			**_named(attempt, found),
			reversed_on=reversed_on,
			opposite=_opposite(found.xero_type),
		)
	return None


def locked(attempt: Attempt, found: XeroDocument, is_year_end: bool, day: date | str) -> Sentence:
	"""The document's date is locked in Xero, by what we know or by what Xero says.

	An adviser can still change what the period lock date locks, but nobody what the end of year lock date does.
	"""
	if found.status in UNAPPROVED:
		return Sentence(
			_(
				"{document} is cancelled here, but still {status} in Xero as {number}, because Xero's {lock}"
				" also keeps drafts from being deleted. As a draft it is in no figures: mark this as handled, or move"
				" the lock date in Xero and press Void in Xero."
			),
			**_named(attempt, found),
			lock=lock_date(is_year_end, day),
		)
	template = (
		_(
			"{document} is cancelled here, but still {status} in Xero as {number}. It is dated {date}, in a year that"
			" is closed in Xero ({lock}), so its figures have been reported. Enter {opposite} with"
			" a later date in Xero and mark this as handled."
		)
		if is_year_end
		else _(
			"{document} is cancelled here, but still {status} in Xero as {number}. It is dated {date}, in a period that"
			" is locked in Xero ({lock}), so its figures may have been reported. Enter {opposite} with"
			" a later date in Xero and mark this as handled; or have an adviser move the lock date, then press Void in"
			" Xero."
		)
	)
	return Sentence(
		template,
		**_named(attempt, found),
		lock=lock_date(is_year_end, day),
		opposite=_opposite(found.xero_type),
	)


def remark(attempt: Attempt) -> Sentence | None:
	"""What to know about a void in a period that is closed in ERPNext."""
	document = attempt.document
	if document is None or document.closed_until is None:
		return None
	return Sentence(
		_("It is dated {date}, and ERPNext's books are closed until {day}: the figures changed in both."),
		date=document.posting_date,
		day=document.closed_until,
	)


def _named(attempt: Attempt, found: XeroDocument) -> dict[str, object]:
	return {"document": attempt.link, "status": found.status, "number": found.number, "date": found.date}


def _opposite(xero_type: XeroType) -> Sentence:
	"""What takes back a document of this type in Xero."""
	if not xero_type.is_credit_note:
		return Sentence(_("a credit note"))
	return Sentence(_("an invoice")) if xero_type.is_sales else Sentence(_("a bill"))
