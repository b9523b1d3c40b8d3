"""What a void changes, what cannot be voided, and what Xero says then."""

from __future__ import annotations

from ..lab import Lab, judge
from ..probe import NO_SOURCE, Seen, Subject
from .documents import allocated, four_places, voided_invoice

SUBJECT = Subject("Voids")
VOID = {"Status": "VOIDED"}


@SUBJECT.probe(
	"void-keeps-the-rest",
	"Does a void that sends only the id and the status leave everything else as it was?",
	outcomes={"kept": "yes: lines, total and number", "changed": "no"},
	believed="kept",
	source="recorded for the total; measured by others",
	calls=1,
	needs=(voided_invoice,),
)
def void_keeps_the_rest(lab: Lab) -> Seen:
	before, after = lab.get(voided_invoice), lab.read(lab.get(voided_invoice))
	fields = ("InvoiceNumber", "Reference", "Total", "DateString", "DueDateString", "CurrencyCode")
	changed = [name for name in fields if before[name] != after[name]]
	lines = [[line["Description"], line["LineAmount"]] for line in before["LineItems"]]
	if lines != [[line["Description"], line["LineAmount"]] for line in after["LineItems"]]:
		changed.append("LineItems")
	return Seen("changed" if changed else "kept", ", ".join(changed) or "nothing changed")


@SUBJECT.probe(
	"end_twice",
	"Is a second void of the same invoice refused?",
	outcomes={"refused": "yes: not of valid status for modification", "accepted": "no: 200"},
	source="a bulk tool reads the refusal as already voided; nobody shows it",
	calls=1,
	needs=(voided_invoice,),
)
def end_twice(lab: Lab) -> Seen:
	tried = lab.change(lab.get(voided_invoice), VOID)
	return judge(tried, saved="accepted", refused={"refused": "not of valid status for modification"})


@SUBJECT.probe(
	"void_with_content",
	"What happens to lines that are sent along with a void?",
	outcomes={"refused": "the void is refused", "ignored": "it is voided"},
	source="freakboy3742/pyxero#189",
	calls=2,
)
def void_with_content(lab: Lab) -> Seen:
	invoice = lab.create(lab.invoice("void-lines"))
	tried = lab.change(invoice, {**VOID, "LineItems": [lab.line(UnitAmount=7)]})
	return judge(tried, saved="ignored", refused={"refused": ""})


@SUBJECT.probe(
	"void_checks_line_totals",
	"Does a void without unitdp=4 fail on lines with four-decimal prices?",
	outcomes={"yes": "refused: the line total does not match", "no": "voided"},
	source="reported by users; the cause is our guess",
	calls=1,
	needs=(four_places,),
)
def void_checks_line_totals(lab: Lab) -> Seen:
	tried = lab.change(lab.get(four_places), VOID, unitdp=None)
	return judge(tried, saved="no", refused={"yes": "does not match the expected line total"})


@SUBJECT.probe(
	"void-of-allocated-invoice",
	"What does Xero say when we void an invoice that has a credit note allocated to it?",
	outcomes={
		"cannot_be_applied": "The status VOIDED cannot be applied to the invoice ...",
		"other_words": "in other words",
		"voided": "it is not refused",
	},
	believed="cannot_be_applied",
	source="reported by several users",
	calls=1,
	needs=(allocated,),
)
def void_of_allocated_invoice(lab: Lab) -> Seen:
	tried = lab.change(lab.get(allocated)["invoice"], VOID)
	refused = {"cannot_be_applied": "The status VOIDED cannot be applied", "other_words": ""}
	return judge(tried, saved="voided", refused=refused)


@SUBJECT.probe(
	"allocated_credit_note_void",
	"What does Xero say when we void an allocated credit note?",
	outcomes={
		"edit": "cannot be edited as it has a payment or credit note allocated to it",
		"void": "the status VOIDED cannot be applied",
		"status": "not of valid status for modification",
	},
	source=NO_SOURCE,
	calls=1,
	needs=(allocated,),
)
def allocated_credit_note_void(lab: Lab) -> Seen:
	tried = lab.change(lab.get(allocated)["credit_note"], VOID)
	refused = {
		"edit": "cannot be edited as it has",
		"void": "cannot be applied",
		"status": "not of valid status for modification",
	}
	return judge(tried, saved=None, refused=refused)
