"""Exact numbers from the database: Frappe's connection returns decimals as floats, so they are read as text."""

from __future__ import annotations

from decimal import Decimal

from frappe.query_builder.functions import Cast

CENT = Decimal("0.01")


def exactly(column: object) -> object:
	"""The column as text, under its own name, for `decimal_of`."""
	return Cast(column, "CHAR").as_(column.name)


def decimal_of(text: str | None) -> Decimal:
	"""The number in the column, unrounded, with at least two decimals and no zeros after those."""
	value = Decimal(text or 0)
	cents = value.quantize(CENT)
	return cents if cents == value else value.normalize()
