"""The quantity and unit amount from which Xero calculates exactly the net amount."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from nexwave_xero_connector.mapping.money import ZERO, is_half_a_cent_off, to_cents

FOUR_PLACES = Decimal("0.0001")
"""Xero keeps four decimals of a quantity and, with unitdp=4, of a unit amount (documented by Xero)."""

MIN_UNIT_AMOUNT = Decimal("0.01")
"""Below this, Xero says that the account and tax rate must be valid, although they are (reported by users)."""

MAX_QUANTITY_LENGTH = 13
"""The most characters that Xero accepts in a Quantity, all four decimals included (documented by Xero)."""


def quantity_and_unit_amount(qty: Decimal, net_amount: Decimal) -> tuple[Decimal, Decimal]:
	"""ERPNext's quantity if Xero can calculate the net amount from it, else 1 at the net amount.

	The quantity is positive and the unit amount has the sign, because Xero rejects negative quantities. A quantity of
	zero (a rate adjustment) becomes 1. The product is never exactly between two cents, because Xero documents how it
	rounds a positive half cent, but not a negative one.
	"""
	quantity = abs(qty)
	if quantity and _xero_keeps(quantity):
		unit_amount = (net_amount / quantity).quantize(FOUR_PLACES, rounding=ROUND_HALF_UP)
		product = quantity * unit_amount
		is_micro = 0 < abs(unit_amount) < MIN_UNIT_AMOUNT
		if to_cents(product) == net_amount and not is_half_a_cent_off(product) and not is_micro:
			return quantity, unit_amount or ZERO
	return Decimal(1), net_amount


def _xero_keeps(quantity: Decimal) -> bool:
	rounded = quantity.quantize(FOUR_PLACES, rounding=ROUND_HALF_UP)
	return quantity == rounded and len(f"{rounded:f}") <= MAX_QUANTITY_LENGTH
