"""Tax that was entered by hand: which lines an Actual row of the taxes table is the tax of.

ERPNext spreads such a row over the items by their net amounts, whatever their tax rates, and never over a charge. That
is not what the person meant who copied "GST 18.00" from a supplier's bill for 100.00 and freight of 20.00, or whose
shop sent the tax of its shipping in a row of its own. Where the mapped rates of items and charges together explain the
amount, it is spread by them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import product

from nexwave_xero_connector.mapping.line import Line, Source
from nexwave_xero_connector.mapping.money import CENT, ZERO
from nexwave_xero_connector.mapping.tax.agreement import BY_HAND, RATE_PRECISION, tax_on
from nexwave_xero_connector.mapping.tax.charged import ChargedRow

MAX_CHARGES = 6
"""Of more charges than this, it is not tried which of them bear the tax."""


def by_hand(taxes: Sequence[ChargedRow]) -> list[ChargedRow]:
	"""The rows whose amount was entered by hand."""
	return [tax for tax in taxes if tax.row.charge_type == "Actual" and tax.row.amount]


def spreads_by_rate(
	taxes: Sequence[ChargedRow],
	lines: Sequence[Line],
	rates: Sequence[Decimal],
	rates_if_taxed: Sequence[Decimal],
) -> Iterator[list[ChargedRow]]:
	"""The taxes with the rows entered by hand spread over items and charges by their rates, likeliest first.

	First with every line at its rate, as far as the tolerance of each line allows; then with some of the charges taxed
	and the others not, if exactly one choice of them explains the amount to within two cents for each row.

	lines: those that bear tax. rates: of each, in percent, as it is mapped. rates_if_taxed: the same, but for a charge
		that is mapped to 0% the document's rate.
	"""
	entered = by_hand(taxes)
	total = sum((tax.row.amount for tax in entered), ZERO)
	if not total:
		return
	computed = [tax for tax in taxes if tax not in entered]
	missing = [_missing(line, rate, computed) for line, rate in zip(lines, rates, strict=True)]
	yield from _spread(taxes, lines, entered, total, missing)
	missing = [_missing(line, rate, computed) for line, rate in zip(lines, rates_if_taxed, strict=True)]
	# Whether a charge of a few cents is taxed does not show in the amount, so it has its rate.
	charges = [
		at
		for at, line in enumerate(lines)
		if line.source is Source.CHARGE and abs(missing[at] or ZERO) > BY_HAND * len(entered)
	]
	if len(charges) > MAX_CHARGES:
		return
	fitting = []
	for bears_tax in product((True, False), repeat=len(charges)):
		untaxed = {at for at, is_taxed in zip(charges, bears_tax, strict=True) if not is_taxed}
		of_lines = [ZERO if at in untaxed else amount for at, amount in enumerate(missing)]
		known = [amount for amount in of_lines if amount is not None]
		if abs(total - sum(known, ZERO)) <= BY_HAND * len(entered):
			fitting.append(of_lines)
	if len(fitting) == 1:
		yield from _spread(taxes, lines, entered, total, fitting[0])


def _missing(line: Line, rate: Decimal, computed: Sequence[ChargedRow]) -> Decimal | None:
	"""The tax of the line that ERPNext's own calculation has not charged; None if it charged too much or a wrong one.

	So that an amount entered by hand never hides a rate that does not agree.
	"""
	expected = line.amount * rate / 100
	charged = tax_on(line, computed)
	if not charged:
		return expected
	precision = abs(line.amount) * RATE_PRECISION / 100 + (CENT if line.source is Source.CHARGE else ZERO)
	if abs(expected - charged) <= precision:
		return ZERO
	return expected - charged if charged * expected > 0 and abs(charged) < abs(expected) else None


def _spread(
	taxes: Sequence[ChargedRow],
	lines: Sequence[Line],
	entered: Sequence[ChargedRow],
	total: Decimal,
	missing: Sequence[Decimal | None],
) -> Iterator[list[ChargedRow]]:
	"""Each line gets what it is missing, and a part of the cents by which the total is off."""
	amounts = [amount for amount in missing if amount is not None]
	weight = sum((abs(amount) for amount in amounts), ZERO)
	off = total - sum(amounts, ZERO)
	if len(amounts) < len(missing) or not weight or abs(off) > BY_HAND * len(entered) * len(missing):
		return
	shares = {
		line.parts[0]: amount + off * abs(amount) / weight
		for line, amount in zip(lines, amounts, strict=True)
		if amount
	}
	yield [
		replace(tax, shares={part: share * tax.row.amount / total for part, share in shares.items()})
		if tax in entered
		else tax
		for tax in taxes
	]
