"""The reasons why a line has no Xero tax rate, each with what to do about a document that is submitted."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from decimal import Decimal

from nexwave_xero_connector.mapping.erp_document import ErpDocument
from nexwave_xero_connector.mapping.errors import LineReason
from nexwave_xero_connector.mapping.line import Line
from nexwave_xero_connector.mapping.links import link_to_document, link_to_settings
from nexwave_xero_connector.mapping.money import ZERO, percentage, rate_in_percent, to_cents
from nexwave_xero_connector.mapping.settings import MappingSettings, XeroTaxRate
from nexwave_xero_connector.mapping.tax.agreement import (
	by_account,
	components_agree,
	is_untaxed,
	rate_agrees,
	tax_on,
)
from nexwave_xero_connector.mapping.tax.charged import TAX_ACCOUNT, ChargedRow
from nexwave_xero_connector.mapping.tax.resolve import Candidate, has_template, problem_with, taxes_template
from nexwave_xero_connector.mapping.tax.rows import at_the_last_rows_rate
from nexwave_xero_connector.sentence import DocLink, Sentence, _, join


@dataclass(frozen=True, slots=True)
class Tried:
	"""A mapped rate that is not what ERPNext charged."""

	candidate: Candidate
	rate: XeroTaxRate

	def described(self) -> Sentence:
		return Sentence(
			_("{place} ({rate}%)"), place=self.candidate.place, rate=rate_in_percent(self.rate.rate)
		)


def unusable_rate(line: Line, candidate: Candidate, settings: MappingSettings) -> LineReason:
	"""The mapped rate is archived, or not in the organisation."""
	rate = settings.tax_rates.get(candidate.tax_type)
	return LineReason(
		Sentence(
			_("{problem} The tax of {lines} comes from {place}. Choose another tax rate in {settings}."),
			problem=Sentence(
				problem_with(rate, "") or "",
				tax_type=candidate.tax_type,
				name=rate.name if rate else "",
			),
			place=candidate.place,
			settings=link_to_settings(settings, "tax_mapping"),
		),
		line.subject,
	)


def no_rate_after_tax(line: Line, document: ErpDocument, settings: MappingSettings) -> LineReason:
	"""The organisation has neither NONE nor BASEXCLUDED, and the settings choose nothing that the account allows."""
	return LineReason(
		Sentence(
			_("No Xero tax type for an untaxed line ({lines}). Choose a {label} in {settings}."),
			label=_label_untaxed(document),
			settings=_link_untaxed(document, settings),
		),
		line.subject,
	)


def no_mapping(
	line: Line,
	looked_up: Sequence[Candidate],
	document: ErpDocument,
	settings: MappingSettings,
	taxes: Sequence[ChargedRow],
) -> LineReason:
	"""Nothing is mapped for the line; where it has no template, how it can go out all the same."""
	why = _why_not_mapped(line, looked_up, document, settings, taxes)
	if line.item is None:
		return LineReason(
			Sentence(_("No tax mapping for charge {lines}: {why}"), why=why),
			line.subject,
			_("No tax mapping for charges {lines}: {why}"),
		)
	return LineReason(
		Sentence(_("No tax mapping for item {lines}: {why}"), why=why),
		line.subject,
		_("No tax mapping for items {lines}: {why}"),
	)


def _why_not_mapped(
	line: Line,
	looked_up: Sequence[Candidate],
	document: ErpDocument,
	settings: MappingSettings,
	taxes: Sequence[ChargedRow],
) -> Sentence:
	to_map = link_to_settings(settings, "tax_mapping")
	if len(looked_up) == 1:
		return Sentence(
			_("{place} is not mapped to a Xero tax rate. Map it in {settings}."),
			place=looked_up[0].place,
			settings=to_map,
		)
	if looked_up:
		return Sentence(
			_(
				"none of these is mapped to a Xero tax rate: {places}. Map the one with the right tax in {settings}."
			),
			places=_places(looked_up),
			settings=to_map,
		)
	if is_untaxed(line, taxes):
		return Sentence(
			_(
				"there is no tax template, and ERPNext charged no tax. If that is right, choose the {label} in"
				" {settings}; otherwise cancel {document} and amend it with a template."
			),
			label=_label_untaxed(document),
			settings=_link_untaxed(document, settings),
			document=link_to_document(document.ref),
		)
	return Sentence(
		_(
			"ERPNext charged tax, but there is no tax template that says which. Cancel {document} and amend it with"
			" the {doctype} of this tax; or make that template the company's default, and map it in {settings}."
		),
		document=link_to_document(document.ref),
		doctype=Sentence(taxes_template(document)),
		settings=to_map,
	)


def no_agreement(
	line: Line,
	tried: Sequence[Tried],
	document: ErpDocument,
	settings: MappingSettings,
	taxes: Sequence[ChargedRow],
) -> LineReason:
	"""No mapped rate is what ERPNext charged. Lines with the same rate and the same templates are one reason."""
	for one in tried:
		if rate_agrees(line, one.rate, taxes) and not components_agree(line, one.rate, taxes):
			return _several_taxes(line, one, settings, taxes)
	advice = _advice(line, document, settings, taxes)
	mapped = join(
		(
			Sentence(
				_("{place} is mapped to {rate}"),
				place=one.candidate.place,
				rate=_rate(one.rate),
			)
			for one in tried
		),
		", ",
	)
	if is_untaxed(line, taxes):
		return LineReason(
			Sentence(
				_("ERPNext charged no tax on {lines}, but {mapped}. {advice}"), mapped=mapped, advice=advice
			),
			_with_net(line),
		)
	if not line.amount:
		return LineReason(
			Sentence(
				_(
					"ERPNext charged tax on {lines}, which has no net amount, so no tax rate in Xero gives that tax."
					" If it is GST that customs charged, cancel {document}, amend it with this GST on an account of"
					" its own, and add that account to the charges in {charges}. Otherwise enter {document} in Xero by"
					" hand, and mark this as handled."
				),
				charges=link_to_settings(settings, "charge_mapping"),
				document=link_to_document(document.ref),
			),
			_with_tax(line, taxes),
		)
	return LineReason(
		Sentence(
			_("ERPNext charged {rate}% tax on {lines}, but {mapped}. {advice}"),
			rate=percentage(tax_on(line, taxes), line.amount),
			mapped=mapped,
			advice=advice,
		),
		_with_tax(line, taxes),
	)


def entered_tax_disagrees(
	document: ErpDocument, entered: Sequence[ChargedRow], on_items: Decimal, with_charges: Decimal
) -> Sentence:
	"""The mapped rates do not explain a tax that was entered by hand, neither on the items nor with the charges."""
	return Sentence(
		_(
			"{amount} tax was entered by hand in {document} ({accounts}), but the mapped tax rates give {on_items} on"
			" its items and {with_charges} on items and charges together. Cancel {document} and amend it: correct the"
			" amount, or let ERPNext calculate the tax (On Net Total, and On Previous Row Amount for a charge)."
		),
		amount=sum((tax.row.amount for tax in entered), ZERO),
		document=link_to_document(document.ref),
		accounts=_accounts(dict.fromkeys(tax.row.account for tax in entered)),
		on_items=to_cents(on_items),
		with_charges=to_cents(with_charges),
	)


def is_certainly_tax(taxes: Sequence[ChargedRow]) -> bool:
	"""Whether all of the rows are booked to accounts that are no charges, such as freight."""
	return all(tax.row.account_type == TAX_ACCOUNT for tax in taxes)


def _several_taxes(
	line: Line, tried: Tried, settings: MappingSettings, taxes: Sequence[ChargedRow]
) -> LineReason:
	accounts = by_account(line, taxes)
	return LineReason(
		Sentence(
			_(
				"ERPNext charged {count} taxes on {lines} ({accounts}), but Xero's tax rate {name} does not have the"
				" same components. Create a tax rate with these components in Xero, press Fetch in {settings}, and map"
				" it there."
			),
			count=len(accounts),
			accounts=_accounts(accounts),
			name=tried.rate.name,
			settings=link_to_settings(settings, "tax_mapping"),
		),
		_named(line),
	)


def _advice(
	line: Line, document: ErpDocument, settings: MappingSettings, taxes: Sequence[ChargedRow]
) -> Sentence:
	for account in dict.fromkeys(tax.row.account for tax in taxes):
		if advice := at_the_last_rows_rate(document, account):
			return advice
	if may_be_charges := _may_be_charges(line, taxes):
		return Sentence(
			_(
				"If {accounts} is a charge such as freight, not a tax, add it to the charges in {charges}. {otherwise}"
			),
			accounts=_accounts(may_be_charges),
			charges=link_to_settings(settings, "charge_mapping"),
			otherwise=_other_template(document, settings),
		)
	if is_untaxed(line, taxes) and not (line.item is not None and has_template(line, document)):
		return Sentence(
			_(
				"If that is right, choose the {label} in {settings}; otherwise cancel {document} and amend it so that"
				" it is taxed."
			),
			label=_label_untaxed(document),
			settings=_link_untaxed(document, settings),
			document=link_to_document(document.ref),
		)
	if is_untaxed(line, taxes):
		return Sentence(
			_(
				"Cancel {document} and amend it: add the tax that is missing, or choose a 0% template if none is due."
			),
			document=link_to_document(document.ref),
		)
	return _other_template(document, settings)


def _other_template(document: ErpDocument, settings: MappingSettings) -> Sentence:
	"""A mapping serves all documents with the template: it is only changed where it is wrong for all of them."""
	return Sentence(
		_(
			"If this document is wrong, cancel {document} and amend it with the template of the right tax; if the"
			" mapping is wrong, change it in {settings}."
		),
		document=link_to_document(document.ref),
		settings=link_to_settings(settings, "tax_mapping"),
	)


def _may_be_charges(line: Line, taxes: Sequence[ChargedRow]) -> list[str]:
	"""The accounts of rows that may be charges that are not mapped as such."""
	rows = [
		tax.row
		for tax in taxes
		if tax.row.charge_type in ("Actual", "On Item Quantity")
		and tax.row.account_type != TAX_ACCOUNT
		and any(part in tax.shares for part in line.parts)
	]
	return list(dict.fromkeys(row.account for row in rows))


def _rate(rate: XeroTaxRate) -> str:
	percent = f"{rate_in_percent(rate.rate)}%"
	return rate.name if percent in rate.name else f"{rate.name} ({percent})"


def _label_untaxed(document: ErpDocument) -> Sentence:
	if document.xero_type.is_sales:
		return Sentence(_("Tax Rate for Untaxed Sales Lines"))
	return Sentence(_("Tax Rate for Untaxed Purchase Lines"))


def _link_untaxed(document: ErpDocument, settings: MappingSettings) -> DocLink:
	side = "sales" if document.xero_type.is_sales else "purchase"
	return link_to_settings(settings, f"untaxed_{side}_tax_rate")


def _named(line: Line) -> DocLink | Sentence | str:
	if not line.row:
		return line.subject
	return Sentence(_("{subject} in row {row}"), subject=line.subject, row=line.row)


def _with_net(line: Line) -> Sentence:
	return Sentence("{line} ({net})", line=_named(line), net=line.amount)


def _with_tax(line: Line, taxes: Sequence[ChargedRow]) -> Sentence:
	return Sentence(
		_("{line} ({tax} on {net})"),
		line=_named(line),
		tax=to_cents(tax_on(line, taxes)),
		net=to_cents(line.amount),
	)


def _places(looked_up: Sequence[Candidate]) -> Sentence:
	return join((candidate.place for candidate in looked_up), ", ")


def _accounts(accounts: Collection[str]) -> Sentence:
	return join((Sentence("{account}", account=DocLink("Account", account)) for account in accounts), ", ")
