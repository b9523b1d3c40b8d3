"""What a lock date locks. A person sets it, and it is removed at the end."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..lab import Lab, judge
from ..probe import NO_SOURCE, CannotAsk, Seen, Subject, fixture

SUBJECT = Subject("Lock dates")
LOCKED_DAYS = -60
LOCK = "lock date"


@fixture(1)
def locked_books(lab: Lab) -> Mapping[str, Any]:
	"""An approved invoice, and a lock date ten days after it."""
	if lab.facts.lock_date:
		raise CannotAsk("the organisation already has a lock date: remove it and run it again")
	before = lab.create(lab.invoice("before-lock", Date=lab.day(LOCKED_DAYS - 10)))
	lab.hands.set_lock_date(lab.day(LOCKED_DAYS))

	def unlock() -> None:
		"""The lock date is still set"""
		lab.hands.set_lock_date(None)

	lab.at_the_end.append(unlock)
	return before


@SUBJECT.probe(
	"lock_dates_hold",
	"Does a lock date also lock drafts?",
	outcomes={"all": "yes: a draft is refused", "approved": "no: only approved documents"},
	source=NO_SOURCE,
	calls=1,
	needs=(locked_books,),
)
def lock_dates_hold(lab: Lab) -> Seen:
	body = lab.invoice("lock-draft", Status="DRAFT", Date=lab.day(LOCKED_DAYS - 5))
	return judge(lab.attempt(body), saved="approved", refused={"all": LOCK})


@SUBJECT.probe(
	"lock_date_itself",
	"Is a document dated on the lock date itself locked?",
	outcomes={"locked": "yes: refused", "open": "no: accepted"},
	source=NO_SOURCE,
	calls=1,
	needs=(locked_books,),
)
def lock_date_itself(lab: Lab) -> Seen:
	body = lab.invoice("lock-day", Date=lab.day(LOCKED_DAYS))
	return judge(lab.attempt(body), saved="open", refused={"locked": LOCK})


@SUBJECT.probe(
	"lock-date-words",
	"What does Xero say to a new document before the lock date?",
	outcomes={
		"cannot_be_before": "The document date cannot be before the ... lock date, currently set at ...",
		"other_words": "in other words",
		"accepted": "it is accepted",
	},
	believed="cannot_be_before",
	source="reported by users",
	calls=1,
	needs=(locked_books,),
)
def lock_date_words(lab: Lab) -> Seen:
	body = lab.invoice("lock-words", Date=lab.day(LOCKED_DAYS - 5))
	refused = {"cannot_be_before": "The document date cannot be before the", "other_words": ""}
	return judge(lab.attempt(body), saved="accepted", refused=refused)


@SUBJECT.probe(
	"lock_holds_void",
	"Is the void of an invoice dated before a lock date refused?",
	outcomes={"yes": "yes", "no": "no: it is voided"},
	source="reported by users, for edits",
	calls=1,
	needs=(locked_books,),
)
def lock_holds_void(lab: Lab) -> Seen:
	tried = lab.change(lab.get(locked_books), {"Status": "VOIDED"})
	return judge(tried, saved="no", refused={"yes": LOCK})
