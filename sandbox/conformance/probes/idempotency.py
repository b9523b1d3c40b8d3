"""Idempotency-Key: what Xero keeps for it, and for whom."""

from __future__ import annotations

from ..lab import Lab
from ..probe import NO_SOURCE, CannotAsk, Seen, Subject

SUBJECT = Subject("Idempotency-Key")


@SUBJECT.probe(
	"idempotency_errors",
	"Does the same Idempotency-Key get the same error after its cause is gone?",
	outcomes={"kept": "yes, for six minutes", "forgotten": "no: the call is carried out"},
	source="Xero's documentation",
	calls=4,
)
def idempotency_errors(lab: Lab) -> Seen:
	holder = lab.create(lab.invoice("key", Status="DRAFT"))
	body = {"Invoices": [lab.invoice("key")]}
	key = {"Idempotency-Key": lab.number("key-errors")}
	first = lab.write("PUT", "/Invoices", body, {"unitdp": 4}, headers=key)
	if first.status != 400:
		raise CannotAsk(f"a number in use was not refused: {first.words}")
	renamed = lab.change(holder, {"InvoiceNumber": lab.number("key-renamed")})
	if not renamed.saved:
		raise CannotAsk(f"a draft could not be renamed: {renamed.words}")
	again = lab.write("PUT", "/Invoices", body, {"unitdp": 4}, headers=key)
	return Seen({400: "kept", 200: "forgotten"}.get(again.status or 0), again.words)


@SUBJECT.probe(
	"idempotency_key_elsewhere",
	"Does the same key, address and body for another organisation get the first one's answer?",
	outcomes={"replayed": "yes", "refused": "no: it is refused as a different request"},
	source=NO_SOURCE,
	calls=2,
)
def idempotency_key_elsewhere(lab: Lab) -> Seen:
	if not lab.other_demo_tenant:
		raise CannotAsk("the app is connected to one demo company only; connect another and run it again")
	# The contact's id exists only in the first organisation, so nothing can be created in the other one.
	body = {"Invoices": [lab.invoice("key-elsewhere")]}
	key = {"Idempotency-Key": lab.number("key-elsewhere")}
	first = lab.write("PUT", "/Invoices", body, {"unitdp": 4}, headers=key)
	again = lab.xero.call(
		"PUT", "/Invoices", query={"unitdp": 4}, body=body, headers=key, tenant=lab.other_demo_tenant
	)
	if again.status == 200 and again.body == first.body:
		return Seen("replayed", "the same answer")
	is_different = "different request" in " ".join(again.messages)
	return Seen("refused" if is_different else None, again.words)
