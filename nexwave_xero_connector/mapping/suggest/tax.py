"""Which Xero tax rate a tax template is most likely to be: by rate and direction, then by what its name says."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from nexwave_xero_connector.mapping.settings import XeroTaxRate
from nexwave_xero_connector.mapping.tax.resolve import TAX_TYPES_WITHOUT_TAX
from nexwave_xero_connector.sentence import Sentence, _

SALES, PURCHASES = "REVENUE", "EXPENSE"
"""The account classes that tell which way a tax goes."""

_TRAITS = {
	"capital": r"capital|capex",
	"digital": r"digital|moss|oss",
	"ec": r"ec|eu|intra[- ]?community",
	"exempt": r"exempt",
	"export": r"exports?|overseas|foreign",
	"free": r"free",
	"import": r"imports?",
	"input taxed": r"input[- ]?taxed",
	"outside": r"no (?:gst|vat|tax)|non[- ]?(?:gst|vat|taxable)|out(?:side)? (?:of )?(?:the )?scope|bas excluded"
	r"|excluded|not registered|without (?:gst|vat|tax)|none",
	"reverse charge": r"reverse charge|drc",
	"zero": r"zero(?:[- ]?rated)?",
}
"""What a name can say besides its rate. A rate that says more than the template is another tax."""

_INSTEAD = {
	"exempt": ("free", "outside"),
	"export": ("zero", "free"),
	"free": ("zero", "exempt", "outside"),
	"zero": ("free",),
}
"""What stands for it in countries whose rates do not have it: New Zealand's exports are zero-rated."""


@dataclass(frozen=True, slots=True)
class TaxTemplate:
	"""A tax template. `rates` are those of its tax rows in percent.

	directions: the account classes SALES and PURCHASES, as far as it is used for them.
	"""

	doctype: str
	name: str
	title: str
	rates: tuple[Decimal, ...]
	directions: frozenset[str]


def suggest_no_tax(rates: Sequence[XeroTaxRate]) -> tuple[str, Sentence]:
	"""The tax type of lines that no tax is charged on, and why. "" where a person has to choose."""
	for tax_type in TAX_TYPES_WITHOUT_TAX:
		for rate in rates:
			if rate.tax_type == tax_type and rate.status == "ACTIVE":
				return tax_type, Sentence(
					_("Xero's own rate for what is outside any tax: {name}."), name=rate.name
				)
	return "", Sentence(_("Xero's own rate for what is outside any tax is not active. Choose another of 0%."))


def suggest_tax(template: TaxTemplate, rates: Sequence[XeroTaxRate]) -> tuple[str, str, Sentence]:
	"""The tax type, one of its own for purchases where that differs, and why. "" where a person has to choose."""
	found = {way: _choose(template, way, rates) for way in (SALES, PURCHASES) if way in template.directions}
	first, reason = next(iter(found.values()))
	if len(found) == 1:
		return first, "", reason
	purchases, purchase_reason = found[PURCHASES]
	if not first:
		return "", "", reason
	if not purchases:
		return (
			first,
			"",
			Sentence(_("{sales} For purchases: {purchases}"), sales=reason, purchases=purchase_reason),
		)
	return first, purchases if purchases != first else "", reason


def _choose(template: TaxTemplate, way: str, rates: Sequence[XeroTaxRate]) -> tuple[str, Sentence]:
	usable = [rate for rate in rates if rate.status == "ACTIVE" and way in (rate.applies_to or {way})]
	for percent in _percents(template):
		of_rate = [rate for rate in usable if rate.rate == percent]
		if of_rate:
			return _by_name(template, percent, of_rate)
	percent = _percents(template)[0]
	return "", Sentence(
		_("No active tax rate of {percent}% for this in Xero. Create it there and fetch, or choose another."),
		percent=_number(percent),
	)


def _by_name(template: TaxTemplate, percent: Decimal, of_rate: Sequence[XeroTaxRate]) -> tuple[str, Sentence]:
	said = _traits(template.title)
	for wanted in _wanted(said):
		fitting = [rate for rate in of_rate if _traits(rate.name) == wanted]
		# Without a word about why it is zero, several reasons are possible.
		if len(fitting) == 1 and (wanted or percent):
			return fitting[0].tax_type, Sentence(
				_("{percent}% and the name fit: {name}."), percent=_number(percent), name=fitting[0].name
			)
	if len(of_rate) == 1:
		return of_rate[0].tax_type, Sentence(
			_("The only rate of {percent}% for this: {name}."), percent=_number(percent), name=of_rate[0].name
		)
	return "", Sentence(
		_("Several rates of {percent}% in Xero: {names}. Choose the one that is meant."),
		percent=_number(percent),
		names=", ".join(rate.name for rate in of_rate),
	)


def _percents(template: TaxTemplate) -> tuple[Decimal, ...]:
	"""An item tax template lists the same tax once for each of its accounts; else taxes add up."""
	distinct = sorted(set(template.rates), reverse=True)
	if not distinct:
		return (Decimal(0),)
	return (distinct[0],) if len(distinct) == 1 else (sum(template.rates, Decimal(0)), distinct[0])


def _traits(name: str) -> frozenset[str]:
	text = name.casefold()
	return frozenset(
		trait for trait, pattern in _TRAITS.items() if re.search(rf"(?<![a-z])(?:{pattern})(?![a-z])", text)
	)


def _wanted(said: frozenset[str]) -> list[frozenset[str]]:
	"""What the template says, then what may stand for it."""
	wanted = [said]
	for trait in sorted(said):
		wanted += [said | {other} for other in _INSTEAD.get(trait, ())]
		wanted += [said - {trait} | {other} for other in _INSTEAD.get(trait, ())]
		wanted += [frozenset({other}) for other in _INSTEAD.get(trait, ())]
		wanted.append(frozenset({trait}))
	return list(dict.fromkeys(wanted))


def _number(percent: Decimal) -> str:
	return f"{percent.normalize():f}"
