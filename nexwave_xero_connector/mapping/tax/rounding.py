"""The cents of each tax on each line, so that their sum is the amount of ERPNext's tax row."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from nexwave_xero_connector.mapping.money import CENT, ZERO, to_cents
from nexwave_xero_connector.mapping.tax.charged import ChargedRow


def farthest_off(items: int) -> Decimal:
	"""How far ERPNext's amount of a tax row may be from the exact sum of its shares.

	Half a cent where ERPNext rounds the row once, half a cent for each item where it rounds row by row
	(Accounts Settings, Round Tax Amount Row-wise), and half a cent for the rounding of a charge that the tax
	was charged on.
	"""
	return (items + 2) * CENT / 2


def is_explained(tax: ChargedRow) -> bool:
	"""Whether rounding alone explains ERPNext's amount of the row."""
	if not tax.shares:
		return not tax.row.amount
	difference = abs(tax.row.amount - sum(tax.shares.values(), ZERO))
	return difference <= farthest_off(len(tax.by_item))


def spread(amount: Decimal, exact: Sequence[Decimal], start: Sequence[Decimal | None]) -> list[Decimal]:
	"""A tax row's amount in whole cents for each line, given its exact, unrounded amount on each.

	Begins with what Xero would compute by itself (`start`; None: the exact amount rounded) and moves single
	cents on the lines where that strays farthest from the exact amount: as few lines as can be then need a
	TaxAmount of their own. Lines that ERPNext charged nothing on get nothing.
	"""
	cents = [to_cents(share) if own is None else own for share, own in zip(exact, start, strict=True)]
	missing = amount - sum(cents, ZERO)
	step = CENT if missing > 0 else -CENT
	charged = [line for line, share in enumerate(exact) if share]
	for _cent in range(int(abs(missing) / CENT)):
		line = max(charged, key=lambda line: ((exact[line] - cents[line]) * step, abs(exact[line])))
		cents[line] += step
	return cents
