"""Line amounts, tax and totals, calculated as Xero does: each line rounded half up to cents, then summed."""

from __future__ import annotations

from decimal import Decimal

from ..money import ZERO, half_up
from .model import Document, Line

HUNDRED = Decimal(100)


def line_amount(
	quantity: Decimal, unit_amount: Decimal, discount_rate: Decimal | None, discount_amount: Decimal | None
) -> Decimal:
	"""The line's amount. A discount is a rate or an amount, not both; the rate takes precedence."""
	gross = quantity * unit_amount
	if discount_rate is not None:
		return half_up(gross * (1 - discount_rate / HUNDRED))
	if discount_amount is not None:
		return half_up(gross - discount_amount)
	return half_up(gross)


def tax_on(amount: Decimal, rate: Decimal, line_amount_types: str) -> Decimal:
	"""The tax on an exclusive amount, or the tax contained in an inclusive one."""
	if line_amount_types == "NoTax":
		return ZERO
	if line_amount_types == "Inclusive":
		return half_up(amount * rate / (HUNDRED + rate))
	return half_up(amount * rate / HUNDRED)


def set_totals(document: Document) -> None:
	"""Recalculates SubTotal, TotalTax and Total from the lines."""
	amounts = sum((line.line_amount for line in document.lines), ZERO)
	tax = sum((line.tax_amount for line in document.lines), ZERO)
	document.total_tax = half_up(tax)
	document.total = half_up(amounts if document.line_amount_types == "Inclusive" else amounts + tax)
	document.sub_total = document.total - document.total_tax


def rounded_price_mismatch(line: Line) -> tuple[Decimal, Decimal] | None:
	"""The stored and the recalculated total of a line, if rounding its price to two decimals changes it."""
	if line.quantity is None or line.unit_amount is None:
		return None
	expected = line_amount(line.quantity, half_up(line.unit_amount), line.discount_rate, line.discount_amount)
	return (line.line_amount, expected) if expected != line.line_amount else None
