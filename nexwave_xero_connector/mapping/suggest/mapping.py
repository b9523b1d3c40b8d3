"""Suggest a company's mapping, each part with its reason. The user accepts or changes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nexwave_xero_connector.mapping.settings import TrackingOption, XeroAccount, XeroTaxRate
from nexwave_xero_connector.mapping.suggest.account import ErpAccount, common_words, suggest_account
from nexwave_xero_connector.mapping.suggest.tax import (
	PURCHASES,
	SALES,
	TaxTemplate,
	suggest_tax,
	suggest_untaxed,
)
from nexwave_xero_connector.mapping.suggest.tracking import Dimension, suggest_tracking
from nexwave_xero_connector.sentence import DocLink, Sentence, _


@dataclass(frozen=True, slots=True)
class Suggestion:
	"""What to enter in a field or a row of the settings.

	place: the field, or the mapping table for a new row. subject: what the row maps; None for a field.
	account: a Xero account code. tax_type, purchase_tax_type: Xero tax types. "" if there is no suggestion; `reason`
		then says what the user has to decide.
	option: a tracking option. is_guess: the user has to check it before accepting it.
	"""

	place: str
	subject: DocLink | None
	reason: Sentence
	account: str = ""
	tax_type: str = ""
	purchase_tax_type: str = ""
	option: TrackingOption | None = None
	is_guess: bool = False


@dataclass(frozen=True, slots=True)
class MappingInput:
	"""What there is to map in ERPNext: the accounts that invoices are booked to, and the tax templates.

	income, expense: the company's default accounts. charges: accounts in the taxes table that are charges, not taxes.
	dimensions: the values of the accounting dimensions that become tracking.
	"""

	accounts: Sequence[ErpAccount]
	templates: Sequence[TaxTemplate]
	charges: Sequence[ErpAccount] = ()
	income: ErpAccount | None = None
	expense: ErpAccount | None = None
	dimensions: Sequence[Dimension] = ()


def suggest(
	mapping_input: MappingInput,
	accounts: Sequence[XeroAccount],
	rates: Sequence[XeroTaxRate],
	options: Sequence[TrackingOption] = (),
) -> Iterator[Suggestion]:
	"""Suggestions for everything in `mapping_input`, in the order of the settings."""
	yield from _defaults(mapping_input, accounts)
	for place, to_map in (
		("account_mapping", mapping_input.accounts),
		("charge_mapping", mapping_input.charges),
	):
		common = common_words(account.title for account in to_map)
		for account in to_map:
			found = suggest_account(account, accounts, common)
			subject = DocLink("Account", account.name)
			yield Suggestion(place, subject, found.reason, account=found.code, is_guess=found.is_guess)
	for place, direction in (("untaxed_sales_tax_rate", SALES), ("untaxed_purchase_tax_rate", PURCHASES)):
		tax_type, reason = suggest_untaxed(direction, rates)
		yield Suggestion(place, None, reason, tax_type=tax_type)
	for template in mapping_input.templates:
		tax_type, purchase_tax_type, reason = suggest_tax(template, rates)
		subject = DocLink(template.doctype, template.name)
		yield Suggestion(
			"tax_mapping", subject, reason, tax_type=tax_type, purchase_tax_type=purchase_tax_type
		)
	for dimension in mapping_input.dimensions:
		if found := suggest_tracking(dimension, options):
			option, reason = found
			subject = DocLink(dimension.doctype, dimension.name)
			yield Suggestion("tracking_mapping", subject, reason, option=option)


def _defaults(mapping_input: MappingInput, accounts: Sequence[XeroAccount]) -> Iterator[Suggestion]:
	for place, default, fallback in (
		("default_sales_account", mapping_input.income, ErpAccount("", "Sales", root_type="Income")),
		("default_purchase_account", mapping_input.expense, ErpAccount("", "Purchases", root_type="Expense")),
	):
		found = suggest_account(default or fallback, accounts)
		yield Suggestion(place, None, found.reason, account=found.code, is_guess=found.is_guess)
	rounding = _first(account for account in accounts if account.system_account == "ROUNDING")
	if rounding:
		reason = Sentence(_("Xero's own account for rounding: {name}."), name=rounding.name)
		yield Suggestion("rounding_account", None, reason, account=rounding.code)
	elif rounding := _named("round", accounts):
		reason = Sentence(_("Matched by name: {name}."), name=rounding.name)
		yield Suggestion("rounding_account", None, reason, account=rounding.code)
	discount = _named("discount", accounts)
	if discount:
		reason = Sentence(_("Matched by name: {name}."), name=discount.name)
		yield Suggestion("discount_account", None, reason, account=discount.code)


def _named(word: str, accounts: Sequence[XeroAccount]) -> XeroAccount | None:
	return _first(
		account
		for account in accounts
		if account.status == "ACTIVE" and account.account_type != "BANK" and word in account.name.casefold()
	)


def _first(accounts: Iterable[XeroAccount]) -> XeroAccount | None:
	return next(iter(accounts), None)
