"""What a person may change in Xero of a document that was sent, as actions of the sandbox and what is said of each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Change:
	"""`action`, `arguments`: of the sandbox's admin; the number is added. found: part of the sentence about it."""

	what: str
	action: str
	arguments: Mapping[str, object]
	found: str
	foreign: bool = field(default=False, kw_only=True)
	"""Whether it can only be done to a document in a foreign currency."""


CHANGES = (
	Change("date", "edit", {"date": "2026-02-03"}, ": date "),
	Change("number", "rename", {}, "number "),
	Change("contact", "edit", {"contact": "City Limousines"}, "contact City Limousines"),
	Change("total", "edit", {"unit_amount": "77.70"}, "total "),
	Change("tax", "edit", {"tax_type": "ZERORATED"}, "with tax rate ZERORATED"),
	Change("account of a line", "edit", {"account": "270"}, "on account 270"),
	Change("status", "void", {}, "is now VOIDED"),
	Change("currency rate", "edit", {"rate": "0.7"}, "exchange rate 0.7", foreign=True),
)


def arguments_of(change: Change, number: str) -> dict[str, object]:
	renamed = {"new_number": f"X-{number}"} if change.action == "rename" else {}
	return {"number": number, **change.arguments, **renamed}
