"""Choose a line's Xero tax rate: the first that is mapped for it and is what ERPNext charged."""

from __future__ import annotations

from collections.abc import Sequence

from nexwave_xero_connector.mapping.erp_document import ErpDocument
from nexwave_xero_connector.mapping.errors import LineReason
from nexwave_xero_connector.mapping.line import Line
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.mapping.tax.agreement import agrees, agrees_to_the_cent, is_untaxed
from nexwave_xero_connector.mapping.tax.charged import ChargedRow
from nexwave_xero_connector.mapping.tax.refusals import (
	Tried,
	no_agreement,
	no_mapping,
	no_rate_after_tax,
	unusable_rate,
)
from nexwave_xero_connector.mapping.tax.resolve import (
	Candidate,
	TaxChoice,
	candidate_untaxed,
	candidates,
	candidates_after_tax,
	has_template,
	problem_with,
)
from nexwave_xero_connector.sentence import Sentence, _, join


def choose_tax(
	line: Line, document: ErpDocument, settings: MappingSettings, taxes: Sequence[ChargedRow]
) -> TaxChoice | LineReason:
	"""The first mapped candidate that agrees with what ERPNext charged; a later one has to agree to the cent.

	A charge on which ERPNext charged no tax goes out at the rate for untaxed lines, and so does an item row if neither
	it nor the document has a template.
	"""
	looked_up = tuple(candidates(line, document, settings))
	tried: list[Tried] = []
	for candidate in looked_up:
		if not candidate.tax_type:
			continue
		rate = settings.tax_rates.get(candidate.tax_type)
		if rate is None or problem_with(rate, ""):
			# A later candidate does not replace a mapping that is broken: the user has to know.
			if not tried:
				return unusable_rate(line, candidate, settings)
			continue
		if agrees(line, rate, taxes) and (not tried or agrees_to_the_cent(line, rate, taxes)):
			return TaxChoice(rate, _reason(candidate, tried), is_later=bool(tried))
		tried.append(Tried(candidate, rate))
	untaxed = _untaxed(line, document, settings, taxes)
	if untaxed is not None:
		return untaxed
	if not tried:
		return no_mapping(line, looked_up, document, settings, taxes)
	return no_agreement(line, tried, document, settings, taxes)


def choose_tax_after_tax(
	line: Line, document: ErpDocument, settings: MappingSettings, account_class: str
) -> TaxChoice | LineReason:
	"""The tax rate of a line that changes the total after tax: the first that Xero allows on the line's account."""
	looked_up = tuple(candidates_after_tax(document, settings))
	for candidate in looked_up:
		rate = settings.tax_rates.get(candidate.tax_type)
		if rate is not None and not rate.rate and problem_with(rate, account_class) is None:
			return TaxChoice(rate, candidate.place)
	if looked_up and problem_with(settings.tax_rates.get(looked_up[0].tax_type), ""):
		return unusable_rate(line, looked_up[0], settings)
	return no_rate_after_tax(line, document, settings)


def _untaxed(
	line: Line, document: ErpDocument, settings: MappingSettings, taxes: Sequence[ChargedRow]
) -> TaxChoice | LineReason | None:
	"""The rate for untaxed lines, if ERPNext charged nothing on the line.

	An item row with a template of its own or of the document is not one of them: that template's tax is missing.
	"""
	if not is_untaxed(line, taxes) or (line.item is not None and has_template(line, document)):
		return None
	candidate = candidate_untaxed(document, settings)
	if not candidate.tax_type:
		return None
	rate = settings.tax_rates.get(candidate.tax_type)
	if rate is None or problem_with(rate, ""):
		return unusable_rate(line, candidate, settings)
	if rate.rate:
		return None
	reason = Sentence(_("{place}, because ERPNext charged no tax on it"), place=candidate.place)
	return TaxChoice(rate, reason, is_untaxed=True)


def _reason(candidate: Candidate, tried: Sequence[Tried]) -> Sentence:
	if not tried:
		return candidate.place
	return Sentence(
		_("{place}, because ERPNext did not charge the tax of {others}"),
		place=candidate.place,
		others=join((one.described() for one in tried), ", "),
	)
