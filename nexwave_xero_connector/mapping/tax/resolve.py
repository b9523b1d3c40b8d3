"""Find the Xero tax type of a line: that of the first of its tax templates that is mapped."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from nexwave_xero_connector.mapping.erp_document import ErpDocument, ItemRow
from nexwave_xero_connector.mapping.line import Line
from nexwave_xero_connector.mapping.links import link_to_settings
from nexwave_xero_connector.mapping.settings import MappingSettings, XeroTaxRate
from nexwave_xero_connector.sentence import DocLink, Sentence, _, join

ITEM_TAX_TEMPLATE = "Item Tax Template"

TAX_TYPES_WITHOUT_TAX = ("NONE", "BASEXCLUDED")
"""Xero's own types for untaxed amounts: NONE in New Zealand and most countries, BASEXCLUDED in Australia."""


@dataclass(frozen=True, slots=True)
class TaxChoice:
	"""A tax rate of the organisation, and why it was chosen."""

	rate: XeroTaxRate
	reason: Sentence


@dataclass(frozen=True, slots=True)
class Candidate:
	"""A place where a tax type is looked up, and the tax type mapped there, or ""."""

	tax_type: str
	place: Sentence


def candidates_of_item(
	item: ItemRow, document: ErpDocument, settings: MappingSettings
) -> Iterator[Candidate]:
	"""Where an item row's tax type is looked up, in order."""
	yield from _template(
		_("the row's {tax_template}"), ITEM_TAX_TEMPLATE, item.item_tax_template, document, settings
	)
	yield from _template(
		_("the document's {tax_template}"),
		taxes_template(document),
		document.taxes_template,
		document,
		settings,
	)
	for default in item.default_tax_templates:
		yield from _template(_("the item's {tax_template}"), ITEM_TAX_TEMPLATE, default, document, settings)
	yield from _company_default(document, settings)


def candidates_of_charge(
	account: str, document: ErpDocument, settings: MappingSettings
) -> Iterator[Candidate]:
	"""Where a charge's tax type is looked up, in order."""
	charge = Sentence(_("the charge {account}"), account=DocLink("Account", account))
	if settings.charge_accounts.get(account):
		yield Candidate(settings.charge_accounts[account], charge)
	yield from _template(
		_("the document's {tax_template}"),
		taxes_template(document),
		document.taxes_template,
		document,
		settings,
	)
	yield from _company_default(document, settings)


def candidates_without_tax(settings: MappingSettings) -> Iterator[Candidate]:
	"""Where the tax type of an untaxed line is looked up: it changes the total after tax."""
	place = Sentence(_("the tax rate for untaxed lines"))
	if settings.no_tax_type:
		yield Candidate(settings.no_tax_type, place)
	for tax_type in TAX_TYPES_WITHOUT_TAX:
		rate = settings.tax_rates.get(tax_type)
		if rate is not None and rate.status == "ACTIVE":
			yield Candidate(tax_type, place)


def choose_tax(line: Line, document: ErpDocument, settings: MappingSettings) -> TaxChoice | Sentence:
	"""The first candidate that is mapped. A Sentence if none is, or if Xero does not have the tax type."""
	candidates = tuple(_candidates(line, document, settings))
	for candidate in candidates:
		if candidate.tax_type:
			return _checked(candidate, line, settings)
	return _no_mapping(line, candidates, settings)


def problem_with(rate: XeroTaxRate | None, account_class: str) -> str | None:
	"""Why Xero would reject the tax rate on an account of this class, or None.

	The template's values are {tax_type}, {name} and {account_class}.
	"""
	if rate is None:
		return _("Xero tax type {tax_type} does not exist in the organisation.")
	if rate.status != "ACTIVE":
		return _("Xero tax rate {name} ({tax_type}) is archived or deleted in Xero.")
	if rate.applies_to and account_class and account_class not in rate.applies_to:
		return _("Xero does not allow tax rate {name} ({tax_type}) on an account of class {account_class}.")
	return None


def taxes_template(document: ErpDocument) -> str:
	"""The DocType of the document's Taxes and Charges Template."""
	return (
		"Sales Taxes and Charges Template"
		if document.xero_type.is_sales
		else "Purchase Taxes and Charges Template"
	)


def _candidates(line: Line, document: ErpDocument, settings: MappingSettings) -> Iterator[Candidate]:
	if line.item is not None:
		return candidates_of_item(line.item, document, settings)
	if line.charge is not None:
		return candidates_of_charge(line.charge.account, document, settings)
	return candidates_without_tax(settings)


def _template(
	place: str, doctype: str, name: str, document: ErpDocument, settings: MappingSettings
) -> Iterator[Candidate]:
	if name:
		yield Candidate(
			_mapped(doctype, name, document, settings), Sentence(place, tax_template=DocLink(doctype, name))
		)


def _company_default(document: ErpDocument, settings: MappingSettings) -> Iterator[Candidate]:
	doctype, name = taxes_template(document), document.company_taxes_template
	return _template(_("the company's default {tax_template}"), doctype, name, document, settings)


def _mapped(doctype: str, name: str, document: ErpDocument, settings: MappingSettings) -> str:
	key = (doctype, name)
	if not document.xero_type.is_sales and settings.purchase_tax_types.get(key):
		return settings.purchase_tax_types[key]
	return settings.tax_types.get(key, "")


def _checked(candidate: Candidate, line: Line, settings: MappingSettings) -> TaxChoice | Sentence:
	rate = settings.tax_rates.get(candidate.tax_type)
	problem = problem_with(rate, "")
	if rate is None or problem is not None:
		return Sentence(
			_("{problem} {subject} gets it from {place}. Choose another in {settings}."),
			problem=Sentence(problem or "", tax_type=candidate.tax_type, name=rate.name if rate else ""),
			subject=line.subject,
			place=candidate.place,
			settings=link_to_settings(settings, "tax_mapping"),
		)
	return TaxChoice(rate, candidate.place)


def _no_mapping(line: Line, candidates: tuple[Candidate, ...], settings: MappingSettings) -> Sentence:
	link = link_to_settings(settings, "tax_mapping" if line.bears_tax else "no_tax_type")
	if not line.bears_tax:
		return Sentence(
			_("No Xero tax type for an untaxed line ({subject}). Choose one in {settings}."),
			subject=line.subject,
			settings=link,
		)
	template = (
		_("No tax mapping for item {item}. Map it in {settings}. {tried}")
		if line.item is not None
		else _("No tax mapping for charge {item}. Map it in {settings}. {tried}")
	)
	return Sentence(template, item=line.subject, settings=link, tried=_tried(candidates))


def _tried(candidates: tuple[Candidate, ...]) -> Sentence:
	if not candidates:
		return Sentence(_("The row, the document, the item and the company have no tax template."))
	places = join((candidate.place for candidate in candidates), ", ")
	return Sentence(_("Looked up, but not mapped: {places}."), places=places)
