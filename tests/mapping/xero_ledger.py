"""Xero's arithmetic, implemented again for the tests in whole ten-thousandths and fractions.

It shares no code with the mapping.

Documented by Xero: lines exclusive of tax; quantity and unit amount (unitdp=4) keep four decimals; line amount and tax
are rounded half up to the cent, then added up; a TaxAmount that is sent is used as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class XeroTotals:
	sub_total: Decimal
	tax_by_type: dict[str, Decimal]
	total_tax: Decimal
	total: Decimal


def xero_totals(body: dict, rates: dict[str, Decimal]) -> XeroTotals:
	"""Xero's totals for the body. AssertionError if Xero would reject it, or if its rounding is not known."""
	assert body["LineAmountTypes"] == "Exclusive"
	assert not {"SubTotal", "TotalTax", "Total"} & set(body)
	assert body["LineItems"]
	sub_total = 0
	tax_by_type: dict[str, int] = {}
	for line in body["LineItems"]:
		quantity, unit_amount = four_places(line["Quantity"]), four_places(line["UnitAmount"])
		assert quantity > 0
		assert len(f"{line['Quantity']:f}") <= 13
		assert 1 <= len(line["Description"]) <= 4000
		assert "LineAmount" not in line
		amount = cents(quantity * unit_amount)
		assert not unit_amount or amount, "Xero misreads lines below a cent"
		computed = Fraction(amount, 100) * Fraction(rates[line["TaxType"]]) / 100
		if "TaxAmount" in line:
			tax = exactly_cents(line["TaxAmount"])
		else:
			tax = cents(computed)
		sub_total += amount
		tax_by_type[line["TaxType"]] = tax_by_type.get(line["TaxType"], 0) + tax
	total_tax = sum(tax_by_type.values())
	assert sub_total + total_tax >= 0
	return XeroTotals(
		money(sub_total),
		{tax_type: money(tax) for tax_type, tax in tax_by_type.items()},
		money(total_tax),
		money(sub_total + total_tax),
	)


def four_places(number: Decimal) -> Fraction:
	assert isinstance(number, Decimal)
	assert (number * 10000) % 1 == 0, f"{number} has more than four decimals"
	return Fraction(number)


def exactly_cents(number: Decimal) -> int:
	assert isinstance(number, Decimal)
	assert (number * 100) % 1 == 0, f"{number} has more than two decimals"
	return int(number * 100)


def cents(amount: Fraction) -> int:
	whole, rest = divmod(abs(amount) * 100, 1)
	if amount < 0:
		assert rest != Fraction(1, 2), "how Xero rounds a negative half is not documented"
	return (-1 if amount < 0 else 1) * int(whole + (1 if rest >= Fraction(1, 2) else 0))


def money(in_cents: int) -> Decimal:
	return Decimal(in_cents) / 100
