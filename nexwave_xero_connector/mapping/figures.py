"""The figures of a document that both books must agree on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import TypeVar

from nexwave_xero_connector.mapping.money import ZERO
from nexwave_xero_connector.mapping.payload import XeroPayload
from nexwave_xero_connector.mapping.totals import line_amount

Name = TypeVar("Name", str, tuple[str, str])


@dataclass(frozen=True, slots=True)
class Figures:
	"""What a document says in the books. Amounts are in `currency`; those that are nil are left out of the two sums.

	currency_rate: units of the currency for one unit of the organisation's own; None in its own currency.
	net: the lines' amounts without tax, by account and tax type. An account is named by its id, or by its code if that
		is all we know. tracking: the same amounts by the id (or name) of each tracking option.
	names: what a message calls accounts and options that are named by their ids.
	"""

	date: date | None
	currency: str
	currency_rate: Decimal | None
	contact_id: str
	total: Decimal
	total_tax: Decimal
	tax_by_type: Mapping[str, Decimal] = field(hash=False)
	net: Mapping[tuple[str, str], Decimal] = field(hash=False)
	tracking: Mapping[str, Decimal] = field(hash=False, default_factory=dict)
	names: Mapping[str, str] = field(hash=False, default_factory=dict)


def figures(payload: XeroPayload, contact_id: str) -> Figures:
	"""What Xero will have, once it has saved the payload for this contact."""
	body = payload.body
	lines = body["LineItems"]
	assert isinstance(lines, list)
	rate = body.get("CurrencyRate")
	return Figures(
		date=date.fromisoformat(str(body["Date"])),
		currency=payload.currency,
		currency_rate=None if rate is None else Decimal(str(rate)),
		contact_id=contact_id,
		total=payload.total,
		total_tax=payload.total_tax,
		tax_by_type=without_nil(payload.tax_by_type.items()),
		net=without_nil(
			((str(line.get("AccountID") or line["AccountCode"]), str(line["TaxType"])), _net(line))
			for line in lines
		),
		tracking=without_nil(
			(str(part.get("TrackingOptionID") or part["Option"]), _net(line))
			for line in lines
			for part in line.get("Tracking", ())
		),
		names=payload.names,
	)


def _net(line: Mapping[str, object]) -> Decimal:
	return line_amount(Decimal(str(line["Quantity"])), Decimal(str(line["UnitAmount"])))


def without_nil(amounts: Iterable[tuple[Name, Decimal]]) -> dict[Name, Decimal]:
	"""The sums by name, in the order of their names. What adds up to nothing is left out."""
	sums: dict[Name, Decimal] = {}
	for name, amount in amounts:
		sums[name] = sums.get(name, ZERO) + amount
	return {name: sums[name] for name in sorted(sums) if sums[name]}


def to_json(figures: Figures) -> str:
	"""The figures as JSON, to be stored."""
	return json.dumps(
		{
			"date": figures.date and figures.date.isoformat(),
			"currency": figures.currency,
			"currency_rate": None if figures.currency_rate is None else str(figures.currency_rate),
			"contact_id": figures.contact_id,
			"total": str(figures.total),
			"total_tax": str(figures.total_tax),
			"tax_by_type": {name: str(amount) for name, amount in figures.tax_by_type.items()},
			"net": [[account, tax_type, str(net)] for (account, tax_type), net in figures.net.items()],
			"tracking": {option: str(net) for option, net in figures.tracking.items()},
			"names": dict(figures.names),
		}
	)


def from_json(text: str | None) -> Figures | None:
	"""The figures that `to_json` has stored; None if there are none."""
	if not text:
		return None
	stored = json.loads(text)
	return Figures(
		date=date.fromisoformat(stored["date"]) if stored["date"] else None,
		currency=stored["currency"],
		currency_rate=None if stored["currency_rate"] is None else Decimal(stored["currency_rate"]),
		contact_id=stored["contact_id"],
		total=Decimal(stored["total"]),
		total_tax=Decimal(stored["total_tax"]),
		tax_by_type={name: Decimal(amount) for name, amount in stored["tax_by_type"].items()},
		net={(account, tax_type): Decimal(net) for account, tax_type, net in stored["net"]},
		tracking={option: Decimal(net) for option, net in stored.get("tracking", {}).items()},
		names=stored.get("names", {}),
	)
