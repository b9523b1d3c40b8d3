"""Money as Decimal: Xero keeps two decimals of an amount and rounds half up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
ZERO = Decimal(0)


def to_cents(amount: Decimal) -> Decimal:
	"""Two decimals, half away from zero: how Xero rounds a line and its tax (documented by Xero)."""
	return amount.quantize(CENT, rounding=ROUND_HALF_UP)


def has_only_cents(amount: Decimal) -> bool:
	return amount == to_cents(amount)


def is_half_a_cent_off(amount: Decimal) -> bool:
	"""Exactly between two cents, where the rule of rounding alone decides."""
	return abs(amount * 100 % 1) == Decimal("0.5")
