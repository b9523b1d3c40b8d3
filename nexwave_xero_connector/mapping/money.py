"""Amounts as Decimal. Xero keeps two decimals of an amount and rounds half up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal(0)


def to_cents(amount: Decimal) -> Decimal:
	"""Round to two decimals, half away from zero, as Xero rounds a line and its tax (documented by Xero)."""
	return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def has_only_cents(amount: Decimal) -> bool:
	return amount == to_cents(amount)


def is_half_a_cent_off(amount: Decimal) -> bool:
	"""Whether the amount is exactly between two cents, so that only the rounding rule decides."""
	return abs(amount * 100 % 1) == Decimal("0.5")
