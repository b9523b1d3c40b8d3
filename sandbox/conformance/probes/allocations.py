"""Credit notes applied to invoices."""

from __future__ import annotations

from decimal import Decimal

from ..lab import Lab, judge_refusal
from ..probe import NO_SOURCE, Seen, Subject
from .documents import allocated, contact

SUBJECT = Subject("Allocations")


@SUBJECT.probe(
	"allocation_create_answer",
	"Does the response to a new allocation have its AllocationID?",
	outcomes={"without_id": "no", "with_id": "yes"},
	source="Xero's documentation, in an example",
	calls=0,
	needs=(allocated,),
)
def allocation_create_answer(lab: Lab) -> Seen:
	answer = lab.get(allocated)["answer"]
	found = answer.elements("Allocations")
	if answer.status != 200 or not found:
		return Seen(None, answer.words)
	return Seen("with_id" if found[0].get("AllocationID") else "without_id", ", ".join(found[0]))


@SUBJECT.probe(
	"allocation_repeated",
	"Does the same allocation sent twice allocate twice?",
	outcomes={"allocated": "yes", "refused": "no: the second is refused"},
	source="reported by users; calcinai/xero-php#911",
	calls=1,
	needs=(allocated,),
)
def allocation_repeated(lab: Lab) -> Seen:
	pair = lab.get(allocated)
	exchange = lab.allocate(pair["credit_note"], pair["invoice"], Decimal("10.00"))
	if exchange.status == 200:
		return Seen("allocated", "saved")
	return judge_refusal(exchange, {"refused": ""})


@SUBJECT.probe(
	"allocation-above-balance",
	"What does Xero say when an allocation exceeds the amount outstanding?",
	outcomes={
		"greater": "amount is greater than amount outstanding",
		"other_words": "in other words",
	},
	believed="greater",
	source="waynerobinson/xeroizer#320",
	calls=1,
	needs=(allocated,),
)
def allocation_above_balance(lab: Lab) -> Seen:
	pair = lab.get(allocated)
	exchange = lab.allocate(pair["credit_note"], pair["invoice"], Decimal("5000.00"))
	if exchange.status == 200:
		return Seen(None, "saved")
	return judge_refusal(exchange, {"greater": "greater than amount outstanding", "other_words": ""})


@SUBJECT.probe(
	"allocation-to-another-contact",
	"Is an allocation to another contact's invoice refused?",
	outcomes={"refused": "yes", "accepted": "no"},
	believed="refused",
	source=NO_SOURCE,
	calls=2,
	needs=(allocated,),
)
def allocation_to_another_contact(lab: Lab) -> Seen:
	invoice = lab.create(lab.invoice("others", Contact=contact(lab, "other customer")))
	exchange = lab.allocate(lab.get(allocated)["credit_note"], invoice, Decimal("1.00"))
	if exchange.status == 200:
		return Seen("accepted", "saved")
	return judge_refusal(exchange, {"refused": ""})


@SUBJECT.probe(
	"allocation_delete_answer",
	"Does the response to removing an allocation have its invoice and amount?",
	outcomes={"bare": "no, so that xero-python cannot read it", "full": "yes"},
	source="XeroAPI/xero-python#159",
	calls=3,
	needs=(allocated,),
)
def allocation_delete_answer(lab: Lab) -> Seen:
	pair = lab.get(allocated)
	lab.allocate(pair["credit_note"], pair["invoice"], Decimal("3.00"))
	credit_note = lab.read(pair["credit_note"])
	found = [row for row in credit_note["Allocations"] if Decimal(str(row["Amount"])) == 3]
	path = f"/CreditNotes/{credit_note['CreditNoteID']}/Allocations/{found[0]['AllocationID']}"
	exchange = lab.xero.call("DELETE", path)
	removed = exchange.elements("Allocations") or [exchange.json]
	if exchange.status != 200:
		return Seen(None, exchange.words)
	is_full = removed[0].get("Invoice") and removed[0].get("Amount") is not None
	return Seen("full" if is_full else "bare", ", ".join(removed[0]))
