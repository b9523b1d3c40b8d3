"""Where a line's Xero tax type is looked up: the places, in order, and what is mapped for each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from nexwave_xero_connector.mapping.erp_document import ErpDocument, ItemRow
from nexwave_xero_connector.mapping.line import Line
from nexwave_xero_connector.mapping.settings import GONE, MappingSettings, XeroTaxRate
from nexwave_xero_connector.mapping.tax.charged import is_tax
from nexwave_xero_connector.sentence import DocLink, Sentence, _

ITEM_TAX_TEMPLATE = "Item Tax Template"

TAX_TYPES_WITHOUT_TAX = ("NONE", "BASEXCLUDED")
"""Xero's own types for untaxed amounts: NONE in New Zealand and most countries, BASEXCLUDED in Australia."""


@dataclass(frozen=True, slots=True)
class TaxChoice:
	"""A tax rate of the organisation, and why it was chosen.

	is_untaxed: because no tax was charged on the line. is_later: because an earlier candidate did not agree.
	"""

	rate: XeroTaxRate
	reason: Sentence
	is_untaxed: bool = False
	is_later: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
	"""A place where a tax type is looked up, and the tax type mapped there, or ""."""

	tax_type: str
	place: Sentence


def candidates(line: Line, document: ErpDocument, settings: MappingSettings) -> Iterator[Candidate]:
	"""Where the line's tax type is looked up, in order. Empty for a line after tax: rounding, cash discount."""
	found: Iterator[Candidate] = iter(())
	if line.item is not None:
		found = _candidates_of_item(line.item, document, settings)
	elif line.charge is not None:
		found = _candidates_of_charge(line.charge.account, document, settings)
	templates: set[DocLink] = set()
	for candidate in found:
		# A template that is the item's and the company's default, say, is looked up once.
		if not templates.issuperset(candidate.place.links):
			templates.update(candidate.place.links)
			yield candidate


def mapped_rates(line: Line, document: ErpDocument, settings: MappingSettings) -> list[XeroTaxRate]:
	"""The usable rates that are mapped for the line, in order."""
	found = (settings.tax_rates.get(candidate.tax_type) for candidate in candidates(line, document, settings))
	return [rate for rate in found if rate is not None and problem_with(rate, "") is None]


def candidate_untaxed(document: ErpDocument, settings: MappingSettings) -> Candidate:
	"""The setting for lines on which no tax was charged."""
	if document.xero_type.is_sales:
		return Candidate(settings.untaxed_sales_tax_type, Sentence(_("the tax rate for untaxed sales lines")))
	return Candidate(
		settings.untaxed_purchase_tax_type, Sentence(_("the tax rate for untaxed purchase lines"))
	)


def candidates_after_tax(document: ErpDocument, settings: MappingSettings) -> Iterator[Candidate]:
	"""Where the tax type of a line is looked up that changes the total after tax: the setting, else Xero's own."""
	chosen = candidate_untaxed(document, settings)
	if chosen.tax_type:
		yield chosen
	for tax_type in TAX_TYPES_WITHOUT_TAX:
		rate = settings.tax_rates.get(tax_type)
		if rate is not None and rate.status == "ACTIVE":
			yield Candidate(tax_type, Sentence(_("Xero's own rate for untaxed amounts")))


def problem_with(rate: XeroTaxRate | None, account_class: str) -> str | None:
	"""Why Xero would reject the tax rate on an account of this class, or None.

	The template's values are {tax_type}, {name} and {account_class}.
	"""
	if rate is None:
		return _("Xero tax type {tax_type} does not exist in the organisation.")
	if rate.status == GONE:
		return _("Xero tax rate {name} ({tax_type}) does not exist in the organisation.")
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


def has_template(line: Line, document: ErpDocument) -> bool:
	"""Whether the row or the document has a tax template. The defaults of item and company are not on the document."""
	return bool(document.taxes_template or (line.item and line.item.item_tax_template))


def _candidates_of_item(
	item: ItemRow, document: ErpDocument, settings: MappingSettings
) -> Iterator[Candidate]:
	yield from _template(
		_("the row's {tax_template}"), ITEM_TAX_TEMPLATE, item.item_tax_template, document, settings
	)
	yield from _of_document(document, settings)
	for default in item.default_tax_templates:
		yield from _template(_("the item's {tax_template}"), ITEM_TAX_TEMPLATE, default, document, settings)
	yield from _company_default(document, settings)
	yield from _of_tax_rows(document, settings)


def _candidates_of_charge(
	account: str, document: ErpDocument, settings: MappingSettings
) -> Iterator[Candidate]:
	charge = Sentence(_("the charge {account}"), account=DocLink("Account", account))
	if settings.charge_accounts.get(account):
		yield Candidate(settings.charge_accounts[account], charge)
	yield from _of_document(document, settings)
	yield from _company_default(document, settings)
	yield from _of_tax_rows(document, settings)


def _of_document(document: ErpDocument, settings: MappingSettings) -> Iterator[Candidate]:
	doctype, name = taxes_template(document), document.taxes_template
	return _template(_("the document's {tax_template}"), doctype, name, document, settings)


def _company_default(document: ErpDocument, settings: MappingSettings) -> Iterator[Candidate]:
	doctype, name = taxes_template(document), document.company_taxes_template
	return _template(_("the company's default {tax_template}"), doctype, name, document, settings)


def _of_tax_rows(document: ErpDocument, settings: MappingSettings) -> Iterator[Candidate]:
	"""Mapped templates with the tax accounts of the document's own rows, if it names none. The highest rate first.

	Shops, and people who type a bill, add the rows of a template without choosing it. Of two tax types with one rate
	nothing says which is meant, so neither is a candidate.
	"""
	rows = [row for row in document.taxes if is_tax(row, settings.charge_accounts)]
	if document.taxes_template or not rows:
		return
	accounts = {row.account for row in rows}
	by_rate: dict[Decimal, dict[str, str]] = {}
	for (doctype, name), of_template in sorted(settings.template_accounts.items()):
		tax_type = _mapped(doctype, name, document, settings)
		rate = settings.tax_rates.get(tax_type)
		if doctype == taxes_template(document) and of_template == accounts and rate and rate.rate:
			by_rate.setdefault(rate.rate, {}).setdefault(tax_type, name)
	for _rate, templates in sorted(by_rate.items(), reverse=True):
		if len(templates) == 1:
			((tax_type, name),) = templates.items()
			place = _("the tax rows, which are those of {tax_template}")
			yield Candidate(tax_type, Sentence(place, tax_template=DocLink(taxes_template(document), name)))


def _template(
	place: str, doctype: str, name: str, document: ErpDocument, settings: MappingSettings
) -> Iterator[Candidate]:
	if name:
		yield Candidate(
			_mapped(doctype, name, document, settings), Sentence(place, tax_template=DocLink(doctype, name))
		)


def _mapped(doctype: str, name: str, document: ErpDocument, settings: MappingSettings) -> str:
	key = (doctype, name)
	if not document.xero_type.is_sales and settings.purchase_tax_types.get(key):
		return settings.purchase_tax_types[key]
	return settings.tax_types.get(key, "")
