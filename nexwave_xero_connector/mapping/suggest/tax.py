"""Suggest the Xero tax rate for a tax template: by rate and by sales or purchases, then by name."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from nexwave_xero_connector.mapping.settings import XeroTaxRate
from nexwave_xero_connector.mapping.tax.resolve import TAX_TYPES_WITHOUT_TAX
from nexwave_xero_connector.sentence import Sentence, _

SALES, PURCHASES = "REVENUE", "EXPENSE"
"""The account classes for which a Xero tax rate counts as one for sales or for purchases."""

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
"""What a name can say besides the rate. A tax rate whose name says more than the template's is another tax."""

_OF_UNREGISTERED_SUPPLIERS = {SALES: (), PURCHASES: ("EXEMPTEXPENSES",)}
"""In Australia, purchases without GST in the price are reported (G14 of the BAS), so they are not BAS excluded."""

_EXAMPLE = {
	SALES: _("freight that bore none"),
	PURCHASES: _("bills of a supplier who is not registered"),
}

_INSTEAD = {
	"exempt": ("free", "outside"),
	"export": ("zero", "free"),
	"free": ("zero", "exempt", "outside"),
	"zero": ("free",),
}
"""What to look for instead where a country's rates have none: in New Zealand exports are zero-rated."""


@dataclass(frozen=True, slots=True)
class TaxTemplate:
	"""A tax template.

	rates: those of its tax rows, in percent. directions: SALES, PURCHASES or both, whichever it is used for.
	"""

	doctype: str
	name: str
	title: str
	rates: tuple[Decimal, ...]
	directions: frozenset[str]


def suggest_untaxed(direction: str, rates: Sequence[XeroTaxRate]) -> tuple[str, Sentence]:
	"""The tax type for lines on which no tax was charged, and why. "" if the user has to choose."""
	for tax_type in (*_OF_UNREGISTERED_SUPPLIERS[direction], *TAX_TYPES_WITHOUT_TAX):
		for rate in rates:
			if rate.tax_type == tax_type and rate.status == "ACTIVE":
				return tax_type, Sentence(
					_(
						"{name} is Xero's own rate for untaxed amounts. It is used only where ERPNext charged no tax:"
						" {example}, for example."
					),
					example=Sentence(_EXAMPLE[direction]),
					name=rate.name,
				)
	return "", Sentence(_("Xero's own rate for untaxed amounts is not active. Choose another 0% rate."))


def suggest_tax(template: TaxTemplate, rates: Sequence[XeroTaxRate]) -> tuple[str, str, Sentence]:
	"""The tax type, another one for purchases if that differs, and why. "" if the user has to choose."""
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
		_(
			"Xero has no active {percent}% rate for this. Create one there and fetch again, or choose another."
		),
		percent=_number(percent),
	)


def _by_name(template: TaxTemplate, percent: Decimal, of_rate: Sequence[XeroTaxRate]) -> tuple[str, Sentence]:
	said = _traits(template.title)
	for wanted in _wanted(said):
		fitting = [rate for rate in of_rate if _traits(rate.name) == wanted]
		# A name that does not say why a rate is zero is not enough: there are several reasons.
		if len(fitting) == 1 and (wanted or percent):
			return fitting[0].tax_type, Sentence(
				_("Same rate ({percent}%) and a matching name: {name}."),
				percent=_number(percent),
				name=fitting[0].name,
			)
	if len(of_rate) == 1:
		return of_rate[0].tax_type, Sentence(
			_("The only {percent}% rate for this: {name}."), percent=_number(percent), name=of_rate[0].name
		)
	return "", Sentence(
		_("Xero has several {percent}% rates: {names}. Choose the right one."),
		percent=_number(percent),
		names=", ".join(rate.name for rate in of_rate),
	)


def _percents(template: TaxTemplate) -> tuple[Decimal, ...]:
	"""The rates to look for: an Item Tax Template may list one tax for several accounts, other taxes add up."""
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
	"""What the template's name says, then its alternatives, in order."""
	wanted = [said]
	for trait in sorted(said):
		wanted += [said | {other} for other in _INSTEAD.get(trait, ())]
		wanted += [said - {trait} | {other} for other in _INSTEAD.get(trait, ())]
		wanted += [frozenset({other}) for other in _INSTEAD.get(trait, ())]
		wanted.append(frozenset({trait}))
	return list(dict.fromkeys(wanted))


def _number(percent: Decimal) -> str:
	return f"{percent.normalize():f}"
