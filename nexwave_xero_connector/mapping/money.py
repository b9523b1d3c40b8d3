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


def percentage(part: Decimal, whole: Decimal) -> str:
	"""The part in percent of the whole, to the three decimals that ERPNext keeps; "-" if there is no whole."""
	return rate_in_percent((part / whole * 100).quantize(Decimal("0.001"))) if whole else "-"


def rate_in_percent(rate: Decimal) -> str:
	"""A rate without trailing zeros, and without a minus before a zero."""
	return f"{(rate or ZERO).normalize():f}"
