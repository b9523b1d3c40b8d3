"""Check that a Xero tax rate is the tax that ERPNext charged on a line."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from nexwave_xero_connector.mapping.line import Line, Source
from nexwave_xero_connector.mapping.money import CENT, ZERO
from nexwave_xero_connector.mapping.settings import XeroTaxRate
from nexwave_xero_connector.mapping.tax.charged import ChargedRow

RATE_PRECISION = Decimal("0.0005")
"""Percentage points. ERPNext keeps three decimals of a rate, Xero four."""

BY_HAND = 2 * CENT
"""How far a tax entered by hand may be off: it is often copied from a supplier who rounds differently."""


def agrees(line: Line, rate: XeroTaxRate, taxes: Sequence[ChargedRow]) -> bool:
	"""Whether the rate is what ERPNext charged on the line, with the same components where there are several taxes."""
	return rate_agrees(line, rate, taxes) and components_agree(line, rate, taxes)


def rate_agrees(line: Line, rate: XeroTaxRate, taxes: Sequence[ChargedRow]) -> bool:
	"""The exact, unrounded figures are compared, so that a wrong rate is found even on the smallest amount."""
	return abs(tax_on(line, taxes) - expected_on(line, rate)) <= _tolerance(line, rate, taxes)


def components_agree(line: Line, rate: XeroTaxRate, taxes: Sequence[ChargedRow]) -> bool:
	"""Whether the Xero rate has one component for each of several taxes charged, with the same percentage."""
	charged = by_account(line, taxes)
	if len(charged) <= 1 or not line.amount:
		return True
	plain = sum((percent for _name, percent, compound in rate.components if not compound), ZERO)
	ours = sorted(amount / line.amount * 100 for amount in charged.values())
	xeros = sorted(
		percent * (100 + plain) / 100 if compound else percent for _name, percent, compound in rate.components
	)
	tolerance = RATE_PRECISION * 2 + CENT / abs(line.amount) * 100
	return len(ours) == len(xeros) and all(
		abs(our - xero) <= tolerance for our, xero in zip(ours, xeros, strict=True)
	)


def agrees_to_the_cent(line: Line, rate: XeroTaxRate, taxes: Sequence[ChargedRow]) -> bool:
	"""Whether the tax is the same to the cent (an amount entered by hand to two more), whatever the precision of rates.

	On a large charge that allowance would hide the small part that was spread over items with another tax.
	"""
	by_hand = sum((_by_hand(line, tax) for tax in taxes), ZERO)
	return abs(tax_on(line, taxes) - expected_on(line, rate)) <= CENT + by_hand


def is_untaxed(line: Line, taxes: Sequence[ChargedRow]) -> bool:
	"""Whether ERPNext charged nothing on the line."""
	return not any(part in tax.shares for tax in taxes for part in line.parts)


def expected_on(line: Line, rate: XeroTaxRate) -> Decimal:
	"""The exact tax at the rate."""
	return line.amount * rate.rate / 100


def tax_on(line: Line, taxes: Sequence[ChargedRow]) -> Decimal:
	"""The exact tax that was charged on a line."""
	return sum((charged_on(line, tax) for tax in taxes), ZERO)


def charged_on(line: Line, tax: ChargedRow) -> Decimal:
	"""The exact, unrounded amount of a tax on a line."""
	return sum((tax.shares[part] for part in line.parts if part in tax.shares), ZERO)


def by_account(line: Line, taxes: Sequence[ChargedRow]) -> dict[str, Decimal]:
	"""The exact tax on a line by tax account."""
	amounts: dict[str, Decimal] = {}
	for tax in taxes:
		if any(part in tax.shares for part in line.parts):
			amounts[tax.row.account] = amounts.get(tax.row.account, ZERO) + charged_on(line, tax)
	return amounts


def _tolerance(line: Line, rate: XeroTaxRate, taxes: Sequence[ChargedRow]) -> Decimal:
	"""How far charged and expected tax may be apart: not at all on a line at 0%.

	On other lines: the precision of rates; a cent on a charge, which is itself rounded before its tax is; and two cents
	for each tax amount entered by hand. On a large line the precision of rates would hide the tax of a
	charge, so where an amount was entered only a rate with more decimals than ERPNext's has that allowance.
	"""
	if not rate.rate:
		return ZERO
	by_hand = sum((_by_hand(line, tax) for tax in taxes), ZERO)
	precision = abs(rate.rate - round(rate.rate, 3)) if by_hand else RATE_PRECISION
	tolerance = abs(line.amount) * precision / 100 + by_hand
	return tolerance + CENT if line.source is Source.CHARGE else tolerance


def _by_hand(line: Line, tax: ChargedRow) -> Decimal:
	"""How far a share of an Actual row may be off.

	The row is in whole cents. With positive and negative lines a share can be larger than the row, and its difference
	grows with it.
	"""
	if tax.row.charge_type != "Actual" or not any(part in tax.shares for part in line.parts):
		return ZERO
	return BY_HAND * max(Decimal(1), abs(charged_on(line, tax) / tax.row.amount))
