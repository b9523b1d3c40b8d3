"""What ERPNext charged: each row of the taxes table, divided among the lines it was charged on.

ERPNext goes through the items and, for each, through the rows of the taxes table (`controllers/taxes_and_totals.py`).
This does the same with exact figures, except that the share of a charge (freight) is kept apart from the item it was
spread over, so that tax on freight ends up on the freight line.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import Decimal

from nexwave_xero_connector.mapping.erp_document import ErpDocument, ItemRow, TaxRow
from nexwave_xero_connector.mapping.line import Part, Source
from nexwave_xero_connector.mapping.money import ZERO

Shares = dict[Part, Decimal]

TAX_ACCOUNT = "Tax"
"""ERPNext's account type for an account that is certainly no charge, such as freight."""


@dataclass(frozen=True, slots=True)
class ChargedRow:
	"""A row of the taxes table and its exact, unrounded amount on each part of a line, in document currency.

	shares: by part; parts that it was not charged on are missing. A charge's shares are those of the items.
	by_item: the same amounts by idx of the item row; tax on a charge counts towards the items it was spread over.
	"""

	row: TaxRow
	shares: Mapping[Part, Decimal]
	by_item: Mapping[int, Decimal]


def rows_charged(document: ErpDocument, charge_accounts: Collection[str]) -> list[ChargedRow]:
	"""The taxes and charges in the document's total, in order; no valuation-only rows, no deductions of zero."""
	rows = sorted(document.taxes, key=lambda row: row.idx)
	shares: dict[int, Shares] = {row.idx: {} for row in rows}
	by_item: dict[int, dict[int, Decimal]] = {row.idx: {} for row in rows}
	left_of_actual = {row.idx: row.amount for row in rows if row.charge_type == "Actual"}
	for item in document.items:
		is_last = item is document.items[-1]
		for row, amount in _of_item(
			item, rows, document, charge_accounts, left_of_actual if is_last else None
		).items():
			if row in left_of_actual:
				left_of_actual[row] -= sum(amount.values(), ZERO)
			by_item[row][item.idx] = sum(amount.values(), ZERO)
			_add(shares[row], amount)
	return [
		ChargedRow(row, {part: share for part, share in shares[row.idx].items() if share}, by_item[row.idx])
		for row in rows
		if row.category != "Valuation" and (row.amount or not row.deducted)
	]


def is_tax(row: TaxRow, charge_accounts: Collection[str]) -> bool:
	"""Whether the row is a tax in the document's total. The mapping of charges decides, not a guess."""
	return row.category != "Valuation" and row.account not in charge_accounts


def is_unsupported(row: TaxRow) -> bool:
	"""Whether Xero cannot hold the row as a tax, whatever its rate."""
	return row.deducted or row.is_tax_withholding


def is_charge(row: TaxRow, charge_accounts: Collection[str]) -> bool:
	"""Whether the row is a charge in the document's total."""
	return row.category != "Valuation" and row.account in charge_accounts


def in_total(row: TaxRow) -> Decimal:
	"""What the row adds to the document's total: zero if it is valuation-only, negative if it is deducted."""
	if row.category == "Valuation":
		return ZERO
	return -row.amount if row.deducted else row.amount


def _of_item(
	item: ItemRow,
	rows: list[TaxRow],
	document: ErpDocument,
	charge_accounts: Collection[str],
	left_of_actual: Mapping[int, Decimal] | None,
) -> dict[int, Shares]:
	"""One item's part of each tax row, by the part of a line that it was charged on.

	left_of_actual: what is left of each Actual row, for the last item; None for the others.
	"""
	part: Part = (Source.ITEM, item.idx, 0)
	running: Shares = {part: item.net_amount}
	amounts: dict[int, Shares] = {}
	totals: dict[int, Shares] = {}
	for row in rows:
		rate = _rate(item, row)
		if row.charge_type == "Actual":
			amount = {part: _share_of_actual(item, row, document, left_of_actual)}
		elif row.charge_type == "On Item Quantity":
			amount = {part: rate * item.qty}
		elif row.charge_type == "On Previous Row Amount":
			amount = _times(amounts.get(row.row_id, {}), rate / 100)
		elif row.charge_type == "On Previous Row Total":
			amount = _times(totals.get(row.row_id, {}), rate / 100)
		else:
			amount = {part: item.net_amount * rate / 100}
		if row.account in charge_accounts:
			amount = {(Source.CHARGE, row.idx, item.idx): sum(amount.values(), ZERO)}
		amounts[row.idx] = amount
		if row.category != "Valuation":
			_add(running, _times(amount, Decimal(-1)) if row.deducted else amount)
		totals[row.idx] = dict(running)
	return amounts


def _rate(item: ItemRow, row: TaxRow) -> Decimal:
	return item.item_tax_rate.get(row.account, row.rate)


def _share_of_actual(
	item: ItemRow, row: TaxRow, document: ErpDocument, left_of_actual: Mapping[int, Decimal] | None
) -> Decimal:
	"""By net amount. The last item gets what is left; if the net total is zero, that is the whole row."""
	if left_of_actual is not None:
		return left_of_actual[row.idx]
	return item.net_amount * row.amount / document.net_total if document.net_total else ZERO


def _times(shares: Mapping[Part, Decimal], factor: Decimal) -> Shares:
	return {part: share * factor for part, share in shares.items()}


def _add(to: Shares, shares: Mapping[Part, Decimal]) -> None:
	for part, share in shares.items():
		to[part] = to.get(part, ZERO) + share
