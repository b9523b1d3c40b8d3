"""Money is Decimal, and every rounding in the ledger is half up."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

ZERO = Decimal("0.00")


def half_up(value: Decimal, places: int = 2) -> Decimal:
	"""`value` with exactly `places` decimals; a half is rounded away from zero."""
	return value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)


def cents(value: Decimal) -> int:
	"""The amount as an integer, which SQLite compares exactly."""
	return int(half_up(value) * 100)
