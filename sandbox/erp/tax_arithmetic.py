"""Taxes and charges as ERPNext calculates them, for the charge types of an ordinary invoice.

As in erpnext/controllers/taxes_and_totals.py: a row is summed over the items and rounded once, half to even; an item's
own rate for the tax account takes precedence over the row's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import ROUND_HALF_EVEN, Decimal

from nexwave_xero_connector.mapping.erp_document import ItemRow, TaxRow

CENT = Decimal("0.01")


def round_money(amount: Decimal) -> Decimal:
	return amount.quantize(CENT, ROUND_HALF_EVEN)


def with_amounts(items: Sequence[ItemRow], rows: Sequence[TaxRow]) -> tuple[TaxRow, ...]:
	"""The rows with their amounts. An Actual row keeps its given amount."""
	sums = [Decimal(0)] * len(rows)
	net_total = sum((item.net_amount for item in items), Decimal(0))
	for item in items:
		amounts: list[Decimal] = []
		totals: list[Decimal] = []
		for row in rows:
			amounts.append(_share(item, row, net_total, amounts, totals))
			totals.append((totals[-1] if totals else item.net_amount) + amounts[-1])
		sums = [total + amount for total, amount in zip(sums, amounts, strict=True)]
	return tuple(
		row if row.charge_type == "Actual" else replace(row, amount=round_money(total))
		for row, total in zip(rows, sums, strict=True)
	)


def _share(
	item: ItemRow, row: TaxRow, net_total: Decimal, amounts: Sequence[Decimal], totals: Sequence[Decimal]
) -> Decimal:
	"""How much the row charges on one item."""
	if row.charge_type == "Actual":
		return item.net_amount * row.amount / net_total if net_total else Decimal(0)
	base = {
		"On Net Total": lambda: item.net_amount,
		"On Previous Row Amount": lambda: amounts[row.row_id - 1],
		"On Previous Row Total": lambda: totals[row.row_id - 1],
	}[row.charge_type]()
	return base * item.item_tax_rate.get(row.account, row.rate) / 100
