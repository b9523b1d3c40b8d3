"""The document's lines with account, tax and tracking, or every reason why it cannot be mapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nexwave_xero_connector.mapping.erp_document import ErpDocument
from nexwave_xero_connector.mapping.errors import CannotMap, LineReason
from nexwave_xero_connector.mapping.line import Line
from nexwave_xero_connector.mapping.lines.accounts import AccountChoice, choose_account
from nexwave_xero_connector.mapping.lines.charge_split import split_by_tax_of_items
from nexwave_xero_connector.mapping.lines.charges import cash_discount_lines, charge_lines, rounding_lines
from nexwave_xero_connector.mapping.lines.items import item_lines
from nexwave_xero_connector.mapping.lines.tracking import tracking
from nexwave_xero_connector.mapping.links import link_to_settings
from nexwave_xero_connector.mapping.money import ZERO
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.mapping.tax.agreement import agrees, agrees_to_the_cent
from nexwave_xero_connector.mapping.tax.by_hand import by_hand, spreads_by_rate
from nexwave_xero_connector.mapping.tax.charged import ChargedRow, is_tax, is_unsupported
from nexwave_xero_connector.mapping.tax.choose import choose_tax, choose_tax_after_tax
from nexwave_xero_connector.mapping.tax.refusals import entered_tax_disagrees, is_certainly_tax
from nexwave_xero_connector.mapping.tax.resolve import TaxChoice, mapped_rates, problem_with
from nexwave_xero_connector.mapping.tax.rows import tax_row_problems
from nexwave_xero_connector.mapping.unsupported import unsupported
from nexwave_xero_connector.sentence import Sentence, _


@dataclass(frozen=True, slots=True)
class MappedLine:
	"""A line with the account, tax and tracking that were found for it."""

	line: Line
	account: AccountChoice
	tax: TaxChoice
	tracking: list[dict[str, str]]


LineWithTax = tuple[Line, TaxChoice | LineReason]


def mapped_lines(
	document: ErpDocument, settings: MappingSettings, charged: Sequence[ChargedRow]
) -> tuple[list[MappedLine], list[ChargedRow]]:
	"""Every line of the document (with Xero's signs): items, charges, cash discount, rounding. And its taxes.

	Taxes that were entered by hand are spread as they are on the lines. Raises CannotMap with every reason why the
	document cannot be mapped.
	"""
	# Skip taxes that `unsupported` rejects, so their lines are not reported a second time.
	taxes = [
		row for row in charged if is_tax(row.row, settings.charge_accounts) and not is_unsupported(row.row)
	]
	reasons: list[Sentence | LineReason] = list(unsupported(document, settings))
	items = item_lines(document, settings)
	charges = charge_lines(document, settings)
	discounts = cash_discount_lines(document, settings)
	rounding = rounding_lines(document, settings, [*items, *charges, *discounts])
	if isinstance(rounding, Sentence):
		reasons.append(rounding)
		rounding = []
	reasons.extend(tax_row_problems(document, taxes, [*items, *charges]))

	with_tax, taxes, problem = _with_tax(items, charges, document, settings, charged, taxes)
	if problem is not None:
		reasons.append(problem)
	mapped = []
	for line, choice in [*with_tax, *((line, None) for line in (*discounts, *rounding))]:
		result = _mapped(line, choice, document, settings, is_said=problem is not None)
		if isinstance(result, MappedLine):
			mapped.append(result)
		else:
			reasons.extend(result)
	if reasons:
		raise CannotMap(reasons)
	return mapped, taxes


def _with_tax(
	items: Sequence[Line],
	charges: Sequence[Line],
	document: ErpDocument,
	settings: MappingSettings,
	charged: Sequence[ChargedRow],
	taxes: list[ChargedRow],
) -> tuple[list[LineWithTax], list[ChargedRow], Sentence | None]:
	"""Items and charges with their tax, and the taxes spread as they are on them.

	Where ERPNext's own spreading of a tax entered by hand does not agree with the rate that is mapped first for each
	line, others are tried. The Sentence says that none agrees, for all lines at once.
	"""
	first = _choose(items, charges, document, settings, charged, taxes)
	entered = by_hand(taxes)
	lines = [*items, *charges]
	mapped = [mapped_rates(line, document, settings) for line in lines]
	if not entered or _is_complete(first, by_first_candidates=True) or not all(mapped):
		return first, taxes, None
	rates = [of_line[0].rate for of_line in mapped]
	if_taxed = [
		next((one.rate for one in of_line if one.rate), ZERO) if line.charge else of_line[0].rate
		for line, of_line in zip(lines, mapped, strict=True)
	]
	tried = [(first, taxes)]
	for spread in spreads_by_rate(taxes, lines, rates, if_taxed):
		tried.append((_choose(items, charges, document, settings, charged, spread), spread))
	for by_first_candidates in (True, False):
		for with_tax, spread in tried:
			if _is_complete(with_tax, by_first_candidates):
				return with_tax, spread, None
	expected = [line.amount * rate / 100 for line, rate in zip(lines, if_taxed, strict=True)]
	if not is_certainly_tax(entered) or not any(expected):
		return first, taxes, None
	on_items = sum(expected[: len(items)], ZERO)
	problem = entered_tax_disagrees(document, entered, on_items, sum(expected, ZERO))
	return first, taxes, problem


def _choose(
	items: Sequence[Line],
	charges: Sequence[Line],
	document: ErpDocument,
	settings: MappingSettings,
	charged: Sequence[ChargedRow],
	taxes: Sequence[ChargedRow],
) -> list[LineWithTax]:
	with_tax: list[LineWithTax] = [(line, choose_tax(line, document, settings, taxes)) for line in items]
	tax_of_items = {
		line.item.idx: choice
		for line, choice in with_tax
		if line.item is not None and isinstance(choice, TaxChoice)
	}
	for line in charges:
		with_tax.extend(_tax_of_charge(line, document, settings, charged, taxes, tax_of_items))
	return with_tax


def _is_complete(with_tax: Sequence[LineWithTax], by_first_candidates: bool) -> bool:
	return all(
		isinstance(choice, TaxChoice) and not (by_first_candidates and choice.is_later)
		for _line, choice in with_tax
	)


def _tax_of_charge(
	line: Line,
	document: ErpDocument,
	settings: MappingSettings,
	charged: Sequence[ChargedRow],
	taxes: Sequence[ChargedRow],
	tax_of_items: Mapping[int, TaxChoice],
) -> Sequence[LineWithTax]:
	"""The charge with its tax, split into several lines if it was spread over items with different taxes."""
	choice = choose_tax(line, document, settings, taxes)
	is_mapped = isinstance(choice, TaxChoice) and not choice.is_untaxed
	if is_mapped and agrees_to_the_cent(line, choice.rate, taxes):
		return [(line, choice)]
	if len(tax_of_items) < len(document.items):
		return [(line, choice)]
	(charge,) = (row for row in charged if row.row is line.charge)
	split = split_by_tax_of_items(line, charge, tax_of_items)
	if is_mapped and len(split) == 1:
		return [(line, choice)]
	if all(agrees(part, part_choice.rate, taxes) for part, part_choice in split):
		return split
	return [(line, choice)]


def _mapped(
	line: Line,
	tax: TaxChoice | LineReason | None,
	document: ErpDocument,
	settings: MappingSettings,
	is_said: bool,
) -> MappedLine | list[Sentence | LineReason]:
	"""tax: None for a line after tax. is_said: why the taxes do not agree is given for the document as a whole."""
	account = choose_account(line, settings)
	options = tracking(line, settings)
	if tax is None:
		account_class = account.account.account_class if isinstance(account, AccountChoice) else ""
		tax = choose_tax_after_tax(line, document, settings, account_class)
	reasons: list[Sentence | LineReason] = []
	if isinstance(tax, LineReason) and not is_said:
		reasons.append(tax)
	reasons += [result for result in (account, options) if isinstance(result, (LineReason, Sentence))]
	if isinstance(tax, TaxChoice) and isinstance(account, AccountChoice):
		problem = problem_with(tax.rate, account.account.account_class)
		if problem is not None:
			reasons.append(_not_allowed(problem, line, tax, account, settings))
	if (
		isinstance(tax, TaxChoice)
		and isinstance(account, AccountChoice)
		and not reasons
		and not isinstance(options, Sentence)
	):
		return MappedLine(line, account, tax, options)
	return reasons


def _not_allowed(
	problem: str, line: Line, tax: TaxChoice, account: AccountChoice, settings: MappingSettings
) -> LineReason:
	return LineReason(
		Sentence(
			_(
				"{problem} {lines} is booked to {code} {account}, and its tax comes from {place}. Change one of"
				" these two mappings in {settings}."
			),
			problem=Sentence(
				problem,
				tax_type=tax.rate.tax_type,
				name=tax.rate.name,
				account_class=account.account.account_class,
			),
			code=account.account.code,
			account=account.account.name,
			place=tax.reason,
			settings=link_to_settings(settings, "tax_mapping"),
		),
		line.subject,
		_(
			"{problem} {lines} are booked to {code} {account}, and their tax comes from {place}. Change one of"
			" these two mappings in {settings}."
		),
	)
