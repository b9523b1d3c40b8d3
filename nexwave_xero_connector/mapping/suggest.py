"""A proposal for a company's mapping, each part with its reason. A person accepts or changes it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from nexwave_xero_connector.mapping.chart import XeroAccount, XeroTaxRate
from nexwave_xero_connector.mapping.suggest_account import ErpAccount, suggest_account
from nexwave_xero_connector.mapping.suggest_tax import TaxTemplate, suggest_tax
from nexwave_xero_connector.sentence import DocLink, Sentence, _


@dataclass(frozen=True, slots=True)
class Suggestion:
	"""What to enter in a field or a row of the settings.

	place: the field, or the mapping table that gets a row. subject: what the row maps; None for a field.
	account: a Xero account's code; tax_type, purchase_tax_type: Xero tax types. "" where nothing is proposed: then
	`reason` says what a person has to decide.
	"""

	place: str
	subject: DocLink | None
	reason: Sentence
	account: str = ""
	tax_type: str = ""
	purchase_tax_type: str = ""


@dataclass(frozen=True, slots=True)
class Books:
	"""What ERPNext has to be mapped: accounts that invoices use, and tax templates.

	income, expense: the company's default accounts. charges: accounts of the taxes table that are no taxes.
	"""

	accounts: Sequence[ErpAccount]
	templates: Sequence[TaxTemplate]
	charges: Sequence[ErpAccount] = ()
	income: ErpAccount | None = None
	expense: ErpAccount | None = None


def suggest(
	books: Books, accounts: Sequence[XeroAccount], rates: Sequence[XeroTaxRate]
) -> Iterator[Suggestion]:
	"""For all that `books` lists, in the order of the settings."""
	yield from _defaults(books, accounts)
	for account in books.accounts:
		code, reason = suggest_account(account, accounts)
		yield Suggestion("account_mapping", DocLink("Account", account.name), reason, account=code)
	for charge in books.charges:
		code, reason = suggest_account(charge, accounts)
		yield Suggestion("charge_mapping", DocLink("Account", charge.name), reason, account=code)
	for template in books.templates:
		tax_type, purchase_tax_type, reason = suggest_tax(template, rates)
		subject = DocLink(template.doctype, template.name)
		yield Suggestion(
			"tax_mapping", subject, reason, tax_type=tax_type, purchase_tax_type=purchase_tax_type
		)


def _defaults(books: Books, accounts: Sequence[XeroAccount]) -> Iterator[Suggestion]:
	for place, default, fallback in (
		("default_sales_account", books.income, ErpAccount("", "Sales", root_type="Income")),
		("default_purchase_account", books.expense, ErpAccount("", "Purchases", root_type="Expense")),
	):
		code, reason = suggest_account(default or fallback, accounts)
		yield Suggestion(place, None, reason, account=code)
	rounding = _first(account for account in accounts if account.system_account == "ROUNDING")
	rounding = rounding or _named("round", accounts)
	if rounding:
		yield Suggestion(
			"rounding_account", None, Sentence(_("Xero's own account for rounding.")), account=rounding.code
		)
	discount = _named("discount", accounts)
	if discount:
		yield Suggestion("discount_account", None, Sentence(_("By its name.")), account=discount.code)


def _named(word: str, accounts: Sequence[XeroAccount]) -> XeroAccount | None:
	return _first(
		account
		for account in accounts
		if account.status == "ACTIVE" and account.account_type != "BANK" and word in account.name.casefold()
	)


def _first(accounts: Iterable[XeroAccount]) -> XeroAccount | None:
	return next(iter(accounts), None)
