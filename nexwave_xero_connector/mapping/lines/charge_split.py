"""Split a charge that was spread over items with different taxes: one line for each tax.

ERPNext charges tax on freight item by item: no tax is charged on the part of the freight that falls on a zero-rated
item. No single Xero tax rate can express that, but one line for each of the items' tax rates can.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal

from nexwave_xero_connector.mapping.line import Line, Part
from nexwave_xero_connector.mapping.money import ZERO, to_cents
from nexwave_xero_connector.mapping.tax.charged import ChargedRow
from nexwave_xero_connector.mapping.tax.resolve import TaxChoice
from nexwave_xero_connector.sentence import Sentence, _


def split_by_tax_of_items(
	line: Line, charge: ChargedRow, tax_of_items: Mapping[int, TaxChoice]
) -> list[tuple[Line, TaxChoice]]:
	"""The charge's line as one line for each tax type of the items. Together they have the charge's amount.

	tax_of_items: by idx of the item row, for every item that the charge was spread over.
	"""
	parts: dict[str, list[Part]] = {}
	choices: dict[str, TaxChoice] = {}
	for part in line.parts:
		if part in charge.shares:
			choice = tax_of_items[part[2]]
			choices.setdefault(choice.rate.tax_type, choice)
			parts.setdefault(choice.rate.tax_type, []).append(part)
	amounts = _cents_of(line, charge, parts)
	return [
		(
			replace(line, parts=tuple(parts[tax_type]), amount=amount, unit_amount=amount),
			TaxChoice(choices[tax_type].rate, Sentence(_("the items it was spread over"))),
		)
		for tax_type, amount in amounts.items()
	]


def _cents_of(line: Line, charge: ChargedRow, parts: Mapping[str, list[Part]]) -> dict[str, Decimal]:
	"""Each tax type's part of the charge. The largest part absorbs the rounding difference."""
	sign = -1 if charge.row.deducted else 1
	exact = {
		tax_type: sign * sum((charge.shares[part] for part in of_type), ZERO)
		for tax_type, of_type in parts.items()
	}
	amounts = {tax_type: to_cents(amount) for tax_type, amount in exact.items()}
	if amounts:
		largest = max(exact, key=lambda tax_type: abs(exact[tax_type]))
		amounts[largest] += line.amount - sum(amounts.values(), ZERO)
	return amounts
