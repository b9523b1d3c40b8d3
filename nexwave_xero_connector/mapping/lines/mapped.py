"""The document's lines with account, tax and tracking, or every reason why it cannot be mapped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from nexwave_xero_connector.mapping.erp_document import ErpDocument
from nexwave_xero_connector.mapping.errors import CannotMap
from nexwave_xero_connector.mapping.line import Line
from nexwave_xero_connector.mapping.lines.accounts import AccountChoice, choose_account
from nexwave_xero_connector.mapping.lines.charge_split import split_by_tax_of_items
from nexwave_xero_connector.mapping.lines.charges import cash_discount_lines, charge_lines, rounding_lines
from nexwave_xero_connector.mapping.lines.items import item_lines
from nexwave_xero_connector.mapping.lines.tracking import tracking
from nexwave_xero_connector.mapping.links import link_to_settings
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.mapping.tax.agreement import agrees_to_the_cent, disagreement
from nexwave_xero_connector.mapping.tax.charged import ChargedRow, is_tax, is_unsupported
from nexwave_xero_connector.mapping.tax.resolve import TaxChoice, choose_tax, problem_with
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


def mapped_lines(
	document: ErpDocument, settings: MappingSettings, charged: Sequence[ChargedRow]
) -> list[MappedLine]:
	"""Every line of the document (with Xero's signs): items, charges, cash discount, rounding.

	Raises CannotMap with every reason why the document cannot be mapped.
	"""
	# Skip taxes that `unsupported` rejects, so their lines are not reported a second time.
	taxes = [
		row for row in charged if is_tax(row.row, settings.charge_accounts) and not is_unsupported(row.row)
	]
	reasons = list(unsupported(document, settings))
	items = item_lines(document, settings)
	charges = charge_lines(document, settings)
	discounts = cash_discount_lines(document, settings)
	rounding = rounding_lines(document, settings, [*items, *charges, *discounts])
	if isinstance(rounding, Sentence):
		reasons.append(rounding)
		rounding = []
	reasons.extend(tax_row_problems(document, taxes, [*items, *charges]))

	with_tax: list[tuple[Line, TaxChoice | Sentence]] = []
	with_tax.extend((line, choose_tax(line, document, settings)) for line in items)
	tax_of_items = {
		line.item.idx: choice
		for line, choice in with_tax
		if line.item is not None and isinstance(choice, TaxChoice)
	}
	for line in charges:
		with_tax.extend(_tax_of_charge(line, document, settings, charged, taxes, tax_of_items))
	with_tax.extend((line, choose_tax(line, document, settings)) for line in [*discounts, *rounding])

	mapped = []
	for line, choice in with_tax:
		result = _mapped(line, choice, settings, taxes)
		if isinstance(result, MappedLine):
			mapped.append(result)
		else:
			reasons.extend(result)
	if reasons:
		raise CannotMap(list(dict.fromkeys(reasons)))
	return mapped


def _tax_of_charge(
	line: Line,
	document: ErpDocument,
	settings: MappingSettings,
	charged: Sequence[ChargedRow],
	taxes: Sequence[ChargedRow],
	tax_of_items: Mapping[int, TaxChoice],
) -> Sequence[tuple[Line, TaxChoice | Sentence]]:
	"""The charge with its tax, split into several lines if it was spread over items with different taxes.

	A charge with its own tax type in the settings stays one line.
	"""
	choice = choose_tax(line, document, settings)
	if isinstance(choice, Sentence):
		return [(line, choice)]
	agrees = disagreement(line, choice, taxes, settings) is None
	if agrees and agrees_to_the_cent(line, choice, taxes):
		return [(line, choice)]
	if settings.charge_accounts.get(line.account) or len(tax_of_items) < len(document.items):
		return [(line, choice)]
	(charge,) = (row for row in charged if row.row is line.charge)
	split = split_by_tax_of_items(line, charge, tax_of_items)
	if agrees and len(split) == 1:
		return [(line, choice)]
	if any(disagreement(part, part_choice, taxes, settings) for part, part_choice in split):
		return [(line, choice)]
	return split


def _mapped(
	line: Line, tax: TaxChoice | Sentence, settings: MappingSettings, taxes: Sequence[ChargedRow]
) -> MappedLine | list[Sentence]:
	account = choose_account(line, settings)
	options = tracking(line, settings)
	reasons = [result for result in (tax, account, options) if isinstance(result, Sentence)]
	if isinstance(tax, TaxChoice):
		if isinstance(account, AccountChoice):
			problem = problem_with(tax.rate, account.account.account_class)
			if problem is not None:
				reasons.append(_not_allowed(problem, line, tax, account, settings))
		difference = disagreement(line, tax, taxes, settings)
		if difference is not None:
			reasons.append(difference)
	if reasons or isinstance(tax, Sentence) or isinstance(account, Sentence) or isinstance(options, Sentence):
		return reasons
	return MappedLine(line, account, tax, options)


def _not_allowed(
	problem: str, line: Line, tax: TaxChoice, account: AccountChoice, settings: MappingSettings
) -> Sentence:
	return Sentence(
		_(
			"{problem} {subject} is booked to {code} {account}, and its tax comes from {place}. Change one of"
			" these two mappings in {settings}."
		),
		problem=Sentence(
			problem,
			tax_type=tax.rate.tax_type,
			name=tax.rate.name,
			account_class=account.account.account_class,
		),
		subject=line.subject,
		code=account.account.code,
		account=account.account.name,
		place=tax.reason,
		settings=link_to_settings(settings, "tax_mapping"),
	)
