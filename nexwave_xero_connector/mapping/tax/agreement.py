"""Check that the tax rate mapped for a line is the tax that ERPNext charged on it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from nexwave_xero_connector.mapping.line import Line, Source
from nexwave_xero_connector.mapping.links import link_to_settings
from nexwave_xero_connector.mapping.money import CENT, ZERO, to_cents
from nexwave_xero_connector.mapping.settings import MappingSettings, XeroTaxRate
from nexwave_xero_connector.mapping.tax.charged import ChargedRow
from nexwave_xero_connector.mapping.tax.resolve import TaxChoice
from nexwave_xero_connector.sentence import DocLink, Sentence, _, join

RATE_PRECISION = Decimal("0.0005")
"""Percentage points. ERPNext keeps three decimals of a rate, Xero four."""

Parts = Sequence[tuple[ChargedRow, Decimal]]
"""The taxes charged on a line, with the exact amount of each."""


def disagreement(
	line: Line, choice: TaxChoice, taxes: Sequence[ChargedRow], settings: MappingSettings
) -> Sentence | None:
	"""None if the mapped rate is what ERPNext charged, else a sentence with both figures.

	The exact, unrounded figures are compared, so that a wrong rate is found even on the smallest amount.
	"""
	parts = _taxes_on(line, taxes)
	charged = sum((share for _tax, share in parts), ZERO)
	expected = line.amount * choice.rate.rate / 100
	if abs(charged - expected) > _tolerance(line, choice, parts):
		return _other_rate(line, choice, parts, charged, expected, settings)
	if len(_by_account(parts)) > 1 and not _has_components(choice.rate, line.amount, parts):
		return _several_taxes(line, choice, parts, settings)
	return None


def agrees_to_the_cent(line: Line, choice: TaxChoice, taxes: Sequence[ChargedRow]) -> bool:
	"""Whether the tax is the same to the cent, with no allowance for the precision of rates.

	On a large charge that allowance would hide the small part that was spread over items with another tax.
	"""
	charged = sum((share for _tax, share in _taxes_on(line, taxes)), ZERO)
	return abs(charged - line.amount * choice.rate.rate / 100) <= CENT


def _taxes_on(line: Line, taxes: Sequence[ChargedRow]) -> Parts:
	return [(tax, charged_on(line, tax)) for tax in taxes if any(part in tax.shares for part in line.parts)]


def charged_on(line: Line, tax: ChargedRow) -> Decimal:
	"""The exact, unrounded amount of a tax on a line."""
	return sum((tax.shares[part] for part in line.parts if part in tax.shares), ZERO)


def _tolerance(line: Line, choice: TaxChoice, parts: Parts) -> Decimal:
	"""How far charged and expected tax may be apart: not at all on a line at 0%.

	On other lines: the precision of rates; a cent on a charge, which is itself rounded before its tax is; and two cents
	for each tax amount entered by hand.
	"""
	if not choice.rate.rate:
		return ZERO
	tolerance = abs(line.amount) * RATE_PRECISION / 100
	if line.source is Source.CHARGE:
		tolerance += CENT
	return tolerance + sum((_by_hand(tax, share) for tax, share in parts), ZERO)


def _by_hand(tax: ChargedRow, share: Decimal) -> Decimal:
	"""How far a share of an Actual row may be off.

	The row is in whole cents, and often copied from a supplier who rounds differently. With positive and negative lines
	a share can be larger than the row, and its difference grows with it.
	"""
	if tax.row.charge_type != "Actual":
		return ZERO
	return 2 * CENT * max(Decimal(1), abs(share / tax.row.amount))


def _by_account(parts: Parts) -> dict[str, Decimal]:
	amounts: dict[str, Decimal] = {}
	for tax, share in parts:
		amounts[tax.row.account] = amounts.get(tax.row.account, ZERO) + share
	return amounts


def _has_components(rate: XeroTaxRate, net_amount: Decimal, parts: Parts) -> bool:
	"""Whether the Xero rate has one component for each tax that was charged, with the same percentage."""
	if not net_amount:
		return True
	plain = sum((percent for _name, percent, compound in rate.components if not compound), ZERO)
	ours = sorted(amount / net_amount * 100 for amount in _by_account(parts).values())
	xeros = sorted(
		percent * (100 + plain) / 100 if compound else percent for _name, percent, compound in rate.components
	)
	tolerance = RATE_PRECISION * 2 + CENT / abs(net_amount) * 100
	return len(ours) == len(xeros) and all(
		abs(our - xero) <= tolerance for our, xero in zip(ours, xeros, strict=True)
	)


def _other_rate(
	line: Line,
	choice: TaxChoice,
	parts: Parts,
	charged: Decimal,
	expected: Decimal,
	settings: MappingSettings,
) -> Sentence:
	values: dict[str, object] = {
		"subject": line.subject,
		"net": to_cents(line.amount),
		"charged": to_cents(charged),
		"charged_rate": _percent(charged, line.amount),
		"place": choice.reason,
		"name": choice.rate.name,
		"rate": f"{choice.rate.rate.normalize():f}",
		"expected": to_cents(expected),
		"settings": link_to_settings(settings, "tax_mapping"),
	}
	entered = _entered_amounts(parts)
	if entered:
		values["accounts"] = entered
		values["charges"] = link_to_settings(settings, "charge_mapping")
		return Sentence(
			_(
				"ERPNext charged {charged} tax ({charged_rate}%) on {subject} at {net} net, but {place} is"
				" mapped to {name}, which gives {expected} ({rate}%). If {accounts} is a charge such as"
				" freight, not a tax, add it to the charges in {charges}; otherwise change the mapping in"
				" {settings}, or the document's taxes."
			),
			**values,
		)
	return Sentence(
		_(
			"ERPNext charged {charged} tax ({charged_rate}%) on {subject} at {net} net, but {place} is mapped"
			" to {name}, which gives {expected} ({rate}%). Change the mapping in {settings}, or the document's"
			" taxes."
		),
		**values,
	)


def _several_taxes(line: Line, choice: TaxChoice, parts: Parts, settings: MappingSettings) -> Sentence:
	return Sentence(
		_(
			"ERPNext charged {count} taxes on {subject} ({accounts}), but Xero's tax rate {name} does not"
			" have the same components. Create a tax rate with these components in Xero and map it in"
			" {settings}."
		),
		count=len(_by_account(parts)),
		subject=line.subject,
		accounts=join((_account(account) for account in _by_account(parts)), ", "),
		name=choice.rate.name,
		settings=link_to_settings(settings, "tax_mapping"),
	)


def _entered_amounts(parts: Parts) -> Sentence | None:
	"""The accounts of rows that may be charges that are not mapped as such."""
	rows = [tax.row for tax, _share in parts if tax.row.charge_type in ("Actual", "On Item Quantity")]
	accounts = dict.fromkeys(row.account for row in rows)
	return join((_account(account) for account in accounts), ", ") if accounts else None


def _account(account: str) -> Sentence:
	return Sentence("{account}", account=DocLink("Account", account))


def _percent(part: Decimal, whole: Decimal) -> str:
	if not whole:
		return "-"
	return f"{(part / whole * 100).quantize(Decimal('0.001')).normalize():f}"
