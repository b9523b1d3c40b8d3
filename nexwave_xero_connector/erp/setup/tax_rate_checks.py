"""Tax rates in the settings that Xero does not allow on any account their lines could be booked to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.erp.documents.mapping_settings import read_accounts, read_tax_rates
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.mapping.money import rate_in_percent
from nexwave_xero_connector.mapping.settings import XeroAccount, XeroTaxRate
from nexwave_xero_connector.mapping.tax.resolve import ITEM_TAX_TEMPLATE, problem_with

ROOT_TYPE = {"Sales": "Income", "Purchase": "Expense"}
"""The root type of the accounts that documents of each side are usually booked to."""

DEFAULT = {"Sales": "default_sales_account", "Purchase": "default_purchase_account"}


def rates_not_allowed(settings: Document) -> Iterator[str]:
	"""A sentence for each tax rate with which no document could be sent.

	The account of a line is only known when it is sent, so a template's rate is refused here only if it fits no account
	that is chosen for its side.
	"""
	accounts, rates = read_accounts(settings.company), read_tax_rates(settings.company)
	yield from _taxed_and_for_untaxed_lines(settings, rates)
	classes = {side: _classes_of(side, settings, accounts) for side in ROOT_TYPE}
	for row in settings.tax_mapping:
		for chosen, sides in _sides_of(row).items():
			wanted = set().union(*(classes[side] for side in sides))
			yield from _not_allowed(settings.place_of(row), rates.get(chosen), wanted)
	for row in settings.charge_mapping:
		account = accounts.get(row.xero_account)
		wanted = {account.account_class} if account else set()
		yield from _not_allowed(settings.place_of(row), rates.get(row.xero_tax_rate), wanted)


def _taxed_and_for_untaxed_lines(settings: Document, rates: Mapping[str, XeroTaxRate]) -> Iterator[str]:
	for fieldname in ("untaxed_sales_tax_rate", "untaxed_purchase_tax_rate"):
		rate = rates.get(settings.get(fieldname))
		if rate is not None and rate.rate:
			yield _(
				"{0}: {1} ({2}) is {3}%, but no tax was charged on these lines. Choose a tax rate of 0%."
			).format(
				_(settings.meta.get_label(fieldname)), rate.name, rate.tax_type, rate_in_percent(rate.rate)
			)


def _sides_of(row: Document) -> dict[str, tuple[str, ...]]:
	"""The tax rates of a row of the tax mapping, each with the sides it is used on."""
	if row.template_type != ITEM_TAX_TEMPLATE:
		return {row.xero_tax_rate: (row.template_type.split()[0],)}
	if not row.purchase_tax_rate or row.purchase_tax_rate == row.xero_tax_rate:
		return {row.xero_tax_rate: tuple(ROOT_TYPE)}
	return {row.xero_tax_rate: ("Sales",), row.purchase_tax_rate: ("Purchase",)}


def _classes_of(side: str, settings: Document, accounts: Mapping[str, XeroAccount]) -> set[str]:
	"""The classes of the accounts that documents of the side are booked to.

	These are the default account, accounts mapped for any ERPNext account except one of the other side, and those with
	the number of an income or expense account.
	"""
	names = [settings.get(DEFAULT[side])]
	root_types = dict(
		frappe.get_all("Account", {"company": settings.company}, ["name", "root_type"], as_list=True)
	)
	others = set(ROOT_TYPE.values()) - {ROOT_TYPE[side]}
	names += [
		row.xero_account for row in settings.account_mapping if root_types.get(row.account) not in others
	]
	numbers = frappe.get_all(
		"Account",
		{"company": settings.company, "root_type": ROOT_TYPE[side], "account_number": ("is", "set")},
		pluck="account_number",
	)
	by_code = {account.code: account for account in accounts.values()}
	found = [accounts.get(name) for name in names] + [by_code.get(number) for number in numbers]
	return {account.account_class for account in found if account and account.account_class}


def _not_allowed(place: str, rate: XeroTaxRate | None, classes: Iterable[str]) -> Iterator[str]:
	if rate is None or rate.status != "ACTIVE":
		return  # reported elsewhere, by name
	problems = [(account_class, problem_with(rate, account_class)) for account_class in sorted(classes)]
	if not problems or any(problem is None for _class, problem in problems):
		return
	account_class, problem = problems[0]
	yield _("{0}: {1} Choose another tax rate, or an account of class {2}.").format(
		place,
		_(problem).format(name=rate.name, tax_type=rate.tax_type, account_class=account_class),
		", ".join(sorted(rate.applies_to)),
	)
