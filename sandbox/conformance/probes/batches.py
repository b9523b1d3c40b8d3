"""What happens to a batch: its order, and the valid elements beside an invalid one."""

from __future__ import annotations

import uuid

from ..calls import Exchange, is_saved
from ..lab import Lab
from ..probe import NO_SOURCE, CannotAsk, Seen, Subject, fixture

SUBJECT = Subject("Batches")


@fixture(1)
def refused_batch(lab: Lab) -> Exchange:
	"""A valid invoice before and after one without lines, with summarizeErrors left at its default."""
	bodies = [
		lab.invoice("refused-first"),
		lab.invoice("refused-bad", LineItems=[]),
		lab.invoice("refused-last"),
	]
	exchange = lab.put(bodies, summarizeErrors=None)
	if exchange.status != 400:
		raise CannotAsk(f"a batch with a bad element was not refused: HTTP {exchange.status}")
	return exchange


@SUBJECT.probe(
	"batch_order",
	"Does the response to a batch keep the order in which it was sent?",
	outcomes={"as_sent": "as sent", "by_date": "by the documents' dates"},
	source="XeroAPI/Xero-NetStandard#532 reports date order, #586 finds no promise",
	calls=1,
)
def batch_order(lab: Lab) -> Seen:
	days = (-1, -3, 0, -2)
	bodies = [lab.invoice(f"order{day}", Date=lab.day(day)) for day in days]
	exchange = lab.put(bodies)
	answered = [element.get("InvoiceNumber") for element in exchange.elements("Invoices")]
	words = ", ".join(str(number) for number in answered)
	if answered == [body["InvoiceNumber"] for body in bodies]:
		return Seen("as_sent", words)
	by_date = [lab.number(f"order{day}") for day in sorted(days)]
	return Seen("by_date" if answered in (by_date, by_date[::-1]) else None, words)


@SUBJECT.probe(
	"batch_error_elements",
	"Which elements does the 400 list when a batch is refused?",
	outcomes={"failing": "only the failing ones", "all": "all"},
	source=NO_SOURCE,
	calls=0,
	needs=(refused_batch,),
)
def batch_error_elements(lab: Lab) -> Seen:
	count = len(lab.get(refused_batch).elements("Invoices"))
	return Seen({1: "failing", 3: "all"}.get(count), f"{count} of 3 elements")


@SUBJECT.probe(
	"refused_batch_saves",
	"What is saved of a batch that is refused with 400?",
	outcomes={"nothing": "nothing", "valid": "the valid elements, or some of them"},
	source="users say nothing is; XeroAPI/xero-ruby#247 and freakboy3742/pyxero#79 say the valid ones are",
	calls=1,
	needs=(refused_batch,),
)
def refused_batch_saves(lab: Lab) -> Seen:
	found = lab.find(lab.number("refused-first"), lab.number("refused-last"))
	return Seen("valid" if found else "nothing", f"{len(found)} of 2 valid ones are there")


@SUBJECT.probe(
	"unknown_contact",
	"How is an unknown ContactID in one element of a batch refused?",
	outcomes={"not_found": "404 for the whole call", "element": "an error of that element"},
	source="measured by others",
	calls=1,
)
def unknown_contact(lab: Lab) -> Seen:
	stranger = {"ContactID": str(uuid.uuid4())}
	exchange = lab.put([lab.invoice("known"), lab.invoice("unknown", Contact=stranger)])
	if exchange.status == 404:
		return Seen("not_found", "HTTP 404")
	saved = [is_saved(element, "InvoiceID") for element in exchange.elements("Invoices")]
	return Seen(
		"element" if exchange.status == 200 and sorted(saved) == [False, True] else None, exchange.words
	)
