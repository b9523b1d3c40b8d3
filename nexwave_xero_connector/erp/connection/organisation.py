"""Fetches what a company's organisation has into Xero Account, Xero Tax Rate and Xero Tracking Option."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import frappe
from frappe.utils import flt, now_datetime

from nexwave_xero_connector.erp.connection.tokens import organisation_client
from nexwave_xero_connector.erp.doctypes import ACCOUNT, CONNECTION, SETTINGS, TAX_RATE, TRACKING_OPTION
from nexwave_xero_connector.erp.foreign_text import as_columns, as_stored
from nexwave_xero_connector.mapping.settings import GONE

if TYPE_CHECKING:
	from nexwave_xero_connector.mapping.settings import XeroAccount, XeroTaxRate
	from nexwave_xero_connector.xero_api.organisation import TrackingCategory
	from nexwave_xero_connector.xero_api.rate_limit_headers import CallRateLimiter

ACTIVE, ARCHIVED = "ACTIVE", "ARCHIVED"


@dataclass(frozen=True, slots=True)
class Fetched:
	"""How much the organisation has. `gone`: mapped records that it does not have (any more)."""

	accounts: int
	tax_rates: int
	tracking_options: int
	currencies: int
	contacts: int
	gone: tuple[str, ...]


def fetch(company: str, rate_limiter: CallRateLimiter | None = None) -> Fetched:
	"""Bring the company's lists up to date with its organisation, in seven calls. Does not commit what it writes.

	Records of what the organisation does not have are kept as gone if mapped, else deleted. Without a rate limiter,
	the calls count as a person's. Raises XeroError.
	"""
	from nexwave_xero_connector.xero_api import organisation as xero

	client = organisation_client(company, rate_limiter)
	record = xero.organisation(client)
	accounts, rates = xero.accounts(client), xero.tax_rates(client)
	categories, currencies = xero.tracking_categories(client), xero.currencies(client)
	contacts = xero.contact_count(client)

	settings = frappe.get_doc(SETTINGS, company)
	mapped = {(choice.doctype, choice.name) for choice in settings.choices()}
	options = list(_options(categories))
	gone = [
		*_store(ACCOUNT, company, _accounts(company, accounts), "account_id", mapped),
		*_store(TAX_RATE, company, [_tax_rate(rate) for rate in rates], "tax_type", mapped),
		*_store(TRACKING_OPTION, company, options, "option_id", mapped),
	]
	lock_dates = [day for day in (record.period_lock_date, record.end_of_year_lock_date) if day]
	settings.db_set(
		as_columns(
			SETTINGS,
			{
				"organisation_name": record.name,
				"base_currency": record.base_currency,
				"short_code": record.short_code,
				"currencies": ", ".join(currencies),
				"contacts_in_xero": contacts,
				"lock_date": max(lock_dates, default=None),
				"year_end_lock_date": record.end_of_year_lock_date,
				"last_fetched": now_datetime(),
			},
		)
	)
	if client.rate_limits.day is not None:
		frappe.db.set_value(CONNECTION, company, "day_calls_remaining", client.rate_limits.day)
	return Fetched(len(accounts), len(rates), len(options), len(currencies), contacts, tuple(gone))


def _store(
	doctype: str,
	company: str,
	records: Iterable[Mapping[str, object]],
	key: str,
	mapped: set[tuple[str, str]],
) -> list[str]:
	"""Write new and changed records. Returns the mapped records that are gone."""
	# A row without a key was fetched before the key was stored, and nothing in Xero is certain to be the same.
	known = {row[key] or row.name: row for row in frappe.get_all(doctype, {"company": company}, ["*"])}
	for record in (as_columns(doctype, record) for record in records):
		row = known.pop(record[key], None)
		if row is None:
			frappe.get_doc({"doctype": doctype, "company": company, **record}).insert(ignore_permissions=True)
		elif any(_differs(row[field], value) for field, value in record.items()):
			doc = frappe.get_doc(doctype, row.name)
			doc.update(record)
			doc.save(ignore_permissions=True)
	gone = [row for row in known.values() if (doctype, row.name) in mapped]
	for row in gone:
		if row.status != GONE:
			frappe.db.set_value(doctype, row.name, "status", GONE)
	for row in known.values():
		if row not in gone:
			frappe.delete_doc(doctype, row.name, ignore_permissions=True, delete_permanently=True)
	return [row.title or row.name for row in gone]


def _differs(stored: object, fetched: object) -> bool:
	if isinstance(fetched, float | int):
		return flt(stored, 6) != flt(fetched, 6)
	return (stored or "") != (fetched or "")


def _accounts(company: str, accounts: Iterable[XeroAccount]) -> list[dict[str, object]]:
	"""The accounts as records, and of which other account each new code was until now."""
	accounts = list(accounts)
	_recognise(company, accounts)
	stored = frappe.get_all(
		ACCOUNT, {"company": company}, ["account_id", "code", "account_name", "code_was_of"]
	)
	by_id = {row.account_id: row for row in stored if row.account_id}
	holders = {row.code: row for row in stored}
	records = []
	for account in accounts:
		known, holder = by_id.get(account.id), holders.get(account.code)
		code_was_of = ""
		if known and known.code == account.code:
			code_was_of = known.code_was_of or ""
		elif holder and holder.account_id != account.id:
			code_was_of = holder.account_name
		records.append({**_account(account), "code_was_of": code_was_of})
	return records


def _recognise(company: str, accounts: Iterable[XeroAccount]) -> None:
	"""Note the ids of accounts that were fetched before ids were stored.

	By code and name together, or by one of them if the other is nobody else's. A record whose code now belongs to one
	account and whose name to another stays without: only a person can say which of them was meant.
	"""
	by_code = {account.code: account for account in accounts}
	by_name = {account.name: account for account in accounts}
	for row in frappe.get_all(
		ACCOUNT, {"company": company, "account_id": ("is", "not set")}, ["name", "code", "account_name"]
	):
		found = {account.id for account in (by_code.get(row.code), by_name.get(row.account_name)) if account}
		if len(found) == 1:
			frappe.db.set_value(ACCOUNT, row.name, "account_id", found.pop(), update_modified=False)


def _account(account: XeroAccount) -> dict[str, object]:
	return {
		"account_id": account.id,
		"code": account.code,
		"account_name": account.name,
		"account_type": account.account_type,
		"account_class": account.account_class,
		"status": account.status,
		"system_account": account.system_account,
	}


def _tax_rate(rate: XeroTaxRate) -> dict[str, object]:
	components = [
		{"name": as_stored(name), "rate": str(percent), "is_compound": is_compound}
		for name, percent, is_compound in rate.components
	]
	return {
		"tax_type": rate.tax_type,
		"tax_rate_name": rate.name,
		"effective_rate": float(rate.rate),
		"status": rate.status,
		"components": json.dumps(components),
		"can_apply_to_assets": int("ASSET" in rate.applies_to),
		"can_apply_to_equity": int("EQUITY" in rate.applies_to),
		"can_apply_to_expenses": int("EXPENSE" in rate.applies_to),
		"can_apply_to_liabilities": int("LIABILITY" in rate.applies_to),
		"can_apply_to_revenue": int("REVENUE" in rate.applies_to),
	}


def _options(categories: Iterable[TrackingCategory]) -> Iterable[dict[str, object]]:
	for category in categories:
		for option in category.options:
			yield {
				"option_id": option.id,
				"option": option.name,
				"category": category.name,
				"category_id": category.id,
				"status": ACTIVE if option.is_active and category.is_active else ARCHIVED,
			}
