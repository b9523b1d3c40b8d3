"""Documents that several probes use."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..lab import CONTACTS, Lab
from ..probe import CannotAsk, fixture


@fixture(1)
def plain_invoice(lab: Lab) -> Mapping[str, Any]:
	"""An approved sales invoice that stays unchanged."""
	return lab.create(lab.invoice("plain"))


@fixture(1)
def plain_credit_note(lab: Lab) -> Mapping[str, Any]:
	return lab.create(lab.credit_note("plain-cn"))


@fixture(2)
def voided_invoice(lab: Lab) -> Mapping[str, Any]:
	"""As it was before the void."""
	invoice = lab.create(lab.invoice("voided"))
	lab.end(invoice, "VOIDED")
	return invoice


@fixture(1)
def four_places(lab: Lab) -> Mapping[str, Any]:
	"""100 at 1.2345: 123.45, and 123.00 with the price rounded to two decimals."""
	line = lab.line(Quantity=100, UnitAmount=Decimal("1.2345"))
	return lab.create(lab.invoice("four-places", LineItems=[line]))


@fixture(3)
def allocated(lab: Lab) -> dict[str, Any]:
	"""An invoice, its credit note, and the response to an allocation of 10.00 between them."""
	invoice = lab.create(lab.invoice("allocated"))
	credit_note = lab.create(lab.credit_note("allocated-cn"))
	answer = lab.allocate(credit_note, invoice, Decimal("10.00"))
	if answer.status != 200:
		raise CannotAsk(f"an allocation was refused: {answer.words}")
	return {"invoice": invoice, "credit_note": credit_note, "answer": answer}


def contact(lab: Lab, which: str) -> dict[str, str]:
	return {"ContactID": lab.get(CONTACTS)[which]}
