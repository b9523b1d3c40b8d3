"""Suggest the Xero account for an ERPNext account: by number, then by name, then by type."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from nexwave_xero_connector.mapping.lines.accounts import CONTROL_ACCOUNTS
from nexwave_xero_connector.mapping.settings import XeroAccount
from nexwave_xero_connector.sentence import Sentence, _

CLASS_OF_ROOT = {
	"Asset": "ASSET",
	"Equity": "EQUITY",
	"Expense": "EXPENSE",
	"Income": "REVENUE",
	"Liability": "LIABILITY",
}
TYPES = {
	"Capital Work in Progress": ("FIXED",),
	"Cost of Goods Sold": ("DIRECTCOSTS",),
	"Expenses Included In Asset Valuation": ("FIXED",),
	"Expenses Included In Valuation": ("DIRECTCOSTS",),
	"Fixed Asset": ("FIXED",),
	"Stock": ("INVENTORY",),
	"Stock Received But Not Billed": ("INVENTORY",),
}
"""Xero's types for those of ERPNext's account types for which the class alone would be too broad."""

TYPES_OF_ROOT = {
	"Expense": ("DIRECTCOSTS", "EXPENSE", "OVERHEADS"),
	"Income": ("SALES", "REVENUE", "OTHERINCOME"),
}

_SAYS_NOTHING = frozenset(
	"a account accounts and charge charges cost costs expense expenses income of on other revenue the".split()
)
_MANY = 3
"""A word of the names of so many accounts says nothing about one of them."""

_SAME_MEANING = {
	"unearned": "deferred",
	"prepaid": "deferred",
	"prepayments": "deferred",
	"advance": "deferred",
}
"""Words of Xero's charts for what ERPNext's say with another."""

_LETTERS_THAT_COUNT = 5
_LIKE_ENOUGH = 0.33


@dataclass(frozen=True, slots=True)
class ErpAccount:
	"""An account of the company. `name` is the record's name, `title` the account name without number and company."""

	name: str
	title: str
	number: str = ""
	root_type: str = ""
	account_type: str = ""


@dataclass(frozen=True, slots=True)
class AccountSuggestion:
	"""A Xero account's code, or "" if the user has to choose, and why. is_guess: the user has to check it."""

	code: str
	reason: Sentence
	is_guess: bool = False


def common_words(names: Iterable[str]) -> frozenset[str]:
	"""The words that three or more of the names share."""
	counts = Counter(word for name in names for word in set(_words(name)))
	return frozenset(word for word, count in counts.items() if count >= _MANY)


def suggest_account(
	account: ErpAccount, accounts: Sequence[XeroAccount], common: Collection[str] = ()
) -> AccountSuggestion:
	"""By number, else by name, else by type. Only accounts that Xero accepts on a line are suggested.

	common: words that many of the company's accounts share, such as "sales" in a chart of ten kinds of sales. They do
	not make two names similar.
	"""
	usable = sorted((one for one in accounts if _is_usable(one)), key=lambda one: one.code)
	for one in usable:
		if account.number and one.code == account.number:
			fits = one.account_class == CLASS_OF_ROOT.get(account.root_type, one.account_class)
			template = (
				_("Same number: {number}.")
				if fits
				else _("Same number only: {number} {name} is another kind of account. Please check.")
			)
			reason = Sentence(template, number=account.number, name=one.name)
			return AccountSuggestion(one.code, reason, is_guess=not fits)
	types = TYPES.get(account.account_type)
	of_class = [
		one
		for one in usable
		if (one.account_type in types if types else one.account_class == CLASS_OF_ROOT.get(account.root_type))
	]
	named = [one for one in of_class if _plain(one.name) == _plain(account.title)]
	if named:
		return AccountSuggestion(named[0].code, Sentence(_("Same name: {name}."), name=named[0].name))
	likely = _most_like(account.title, of_class, {*common, *common_words(one.name for one in of_class)})
	if likely:
		reason = Sentence(_("Similar name only: {name}. Please check."), name=likely.name)
		return AccountSuggestion(likely.code, reason, is_guess=True)
	for kind in types or TYPES_OF_ROOT.get(account.root_type, ()):
		of_type = [one for one in of_class if one.account_type == kind]
		if of_type:
			reason = Sentence(_("Matched by type only: {name}. Please check."), name=of_type[0].name)
			return AccountSuggestion(of_type[0].code, reason, is_guess=True)
	return AccountSuggestion(
		"",
		Sentence(
			_("No Xero account has its number, name or type. Without one, the default account is used.")
		),
	)


def _is_usable(account: XeroAccount) -> bool:
	return (
		account.status == "ACTIVE"
		and account.account_type != "BANK"
		and account.system_account not in CONTROL_ACCOUNTS
	)


def _plain(name: str) -> str:
	return " ".join(re.findall(r"\w+", name.casefold().replace("&", " and ")))


def _most_like(title: str, accounts: Sequence[XeroAccount], common: Collection[str]) -> XeroAccount | None:
	"""The one whose name is most like the title; None if none is similar enough, or if two are equally similar."""
	ranked = sorted(accounts, key=lambda one: _likeness(title, one.name, common), reverse=True)[:2]
	likeness = [_likeness(title, one.name, common) for one in ranked] + [(0.0, False)]
	return ranked[0] if likeness[0][0] >= _LIKE_ENOUGH and likeness[0] > likeness[1] else None


def _words(name: str) -> list[str]:
	"""The significant words of a name, cut so that "printing" matches "print"."""
	words = (_SAME_MEANING.get(word, word) for word in _plain(name).split())
	return [word[:_LETTERS_THAT_COUNT] for word in words if word not in _SAYS_NOTHING]


def _likeness(title: str, name: str, common: Collection[str]) -> tuple[float, bool]:
	"""The share of common words, and whether the title's last word is one of them: an office rent is a rent."""
	words, others = _words(title), _words(name)
	shared = {*words} & {*others} - {*common}
	if not shared:
		return (0.0, False)
	return (len(shared) / len({*words} | {*others}), words[-1] in others)
