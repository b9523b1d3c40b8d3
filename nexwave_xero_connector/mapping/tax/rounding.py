"""Each line's cents of a tax, so that their sum is the amount of ERPNext's tax row."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from nexwave_xero_connector.mapping.money import CENT, ZERO, to_cents
from nexwave_xero_connector.mapping.tax.charged import ChargedRow


def farthest_off(items: int) -> Decimal:
	"""How far ERPNext's amount of a tax row may be from the exact sum of its shares.

	Half a cent because ERPNext rounds the row, half a cent for each item if it rounds row by row (Accounts Settings,
	Round Tax Amount Row-wise), and half a cent because a charge is rounded before tax is charged on it.
	"""
	return (items + 2) * CENT / 2


def is_explained(tax: ChargedRow) -> bool:
	"""Whether rounding alone explains ERPNext's amount of the row."""
	if not tax.shares:
		return not tax.row.amount
	difference = abs(tax.row.amount - sum(tax.shares.values(), ZERO))
	return difference <= farthest_off(len(tax.by_item))


def spread(amount: Decimal, exact: Sequence[Decimal], start: Sequence[Decimal | None]) -> list[Decimal]:
	"""Divide a tax row's amount into whole cents for each line, given its exact, unrounded amount on each.

	Starts with what Xero would calculate (`start`; None means the exact amount rounded), then moves single cents on the
	lines that are farthest from the exact amount, so that as few lines as possible need a TaxAmount. Lines that ERPNext
	charged nothing on get nothing.
	"""
	cents = [to_cents(share) if own is None else own for share, own in zip(exact, start, strict=True)]
	missing = amount - sum(cents, ZERO)
	step = CENT if missing > 0 else -CENT
	charged = [line for line, share in enumerate(exact) if share]
	for _cent in range(int(abs(missing) / CENT)):
		line = max(charged, key=lambda line: ((exact[line] - cents[line]) * step, abs(exact[line])))
		cents[line] += step
	return cents
