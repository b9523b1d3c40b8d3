"""Reads one company's Xero Sync Settings, and what its organisation has, for the mapping."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from decimal import Decimal

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.erp.decimals import decimal_of
from nexwave_xero_connector.erp.doctypes import ACCOUNT, SETTINGS, TAX_RATE, TRACKING_OPTION
from nexwave_xero_connector.erp.foreign_text import as_given
from nexwave_xero_connector.erp.plain_rows import plain_rows
from nexwave_xero_connector.mapping.settings import MappingSettings, TrackingOption, XeroAccount, XeroTaxRate
from nexwave_xero_connector.mapping.xero_type import XeroType

STATUS_IN_XERO = {"Draft": "DRAFT", "Awaiting approval": "SUBMITTED", "Authorised": "AUTHORISED"}
STATUS_FIELDS = {
	XeroType.ACCREC: "sales_invoice_status",
	XeroType.ACCRECCREDIT: "sales_credit_note_status",
	XeroType.ACCPAY: "purchase_invoice_status",
	XeroType.ACCPAYCREDIT: "purchase_credit_note_status",
}
ONLY_AS_ERPNEXT = "Only as ERPNext does"
MAPPINGS = {
	"account_mapping": "Xero Account Mapping",
	"charge_mapping": "Xero Charge Mapping",
	"tax_mapping": "Xero Tax Mapping",
	"tracking_mapping": "Xero Tracking Mapping",
}
"""The tables of the settings that the mapping needs."""
TAXES_TEMPLATES = {
	"Sales Taxes and Charges": "Sales Taxes and Charges Template",
	"Purchase Taxes and Charges": "Purchase Taxes and Charges Template",
}
"""The templates by the DocType of their rows."""


def read_mapping_settings(company: str) -> MappingSettings:
	settings = _settings(company)
	accounts = read_accounts(company)
	rates = read_tax_rates(company)
	options = _records(TRACKING_OPTION, company)

	def key(name: str | None) -> str:
		return accounts[name].key if name in accounts else ""

	def tax_type(name: str | None) -> str:
		return rates[name].tax_type if name in rates else ""

	return MappingSettings(
		company=company,
		statuses={
			xero_type: STATUS_IN_XERO[settings.get(field)] for xero_type, field in STATUS_FIELDS.items()
		},
		accounts={account.key: account for account in accounts.values()},
		tax_rates={rate.tax_type: rate for rate in rates.values()},
		account_keys={row.account: key(row.xero_account) for row in _account_rows(settings)},
		account_numbers=_account_numbers(company),
		tax_types={
			(row.template_type, row.template): tax_type(row.xero_tax_rate) for row in settings.tax_mapping
		},
		purchase_tax_types={
			(row.template_type, row.template): tax_type(row.purchase_tax_rate)
			for row in settings.tax_mapping
			if row.purchase_tax_rate
		},
		template_accounts=_template_accounts(settings),
		untaxed_sales_tax_type=tax_type(settings.untaxed_sales_tax_rate),
		untaxed_purchase_tax_type=tax_type(settings.untaxed_purchase_tax_rate),
		charge_accounts={row.account: tax_type(row.xero_tax_rate) for row in settings.charge_mapping},
		default_sales_account=key(settings.default_sales_account),
		default_purchase_account=key(settings.default_purchase_account),
		rounding_account=key(settings.rounding_account),
		discount_account=key(settings.discount_account),
		tracking_sources=tracking_sources(settings),
		tracking={
			(row.source_doctype, row.source): _option(options[row.tracking_option])
			for row in settings.tracking_mapping
			if row.tracking_option in options
		},
		bill_number_source=settings.bill_number_source,
		bill_date_source=settings.bill_date_source,
		base_currency=settings.base_currency or "",
		currencies=frozenset(re.findall(r"[A-Z]{3}", settings.currencies or "")),
		allocates_only_as_erpnext=settings.allocate_credit_notes == ONLY_AS_ERPNEXT,
		lock_date=settings.lock_date,
		year_end_lock_date=settings.year_end_lock_date,
	)


def _settings(company: str) -> frappe._dict:
	"""The company's Xero Sync Settings with the rows of its tables. Raises frappe.DoesNotExistError."""
	found = plain_rows(SETTINGS, name=company)
	if not found:
		raise frappe.DoesNotExistError(f"{SETTINGS} {company}")
	(settings,) = found
	for table, doctype in MAPPINGS.items():
		rows = plain_rows(doctype, parent=company, parenttype=SETTINGS, parentfield=table)
		settings[table] = sorted(rows, key=lambda row: row.idx)
	return settings


def tracking_sources(settings: Document | frappe._dict) -> tuple[str, ...]:
	"""The DocTypes of the accounting dimensions that become tracking in Xero, which has two categories at most."""
	chosen = (settings.tracking_source, settings.second_tracking_source)
	return tuple(doctype for doctype in chosen if doctype)


def read_accounts(company: str) -> dict[str, XeroAccount]:
	"""The organisation's accounts by record name."""
	return {name: _account(row) for name, row in _records(ACCOUNT, company).items()}


def read_tax_rates(company: str) -> dict[str, XeroTaxRate]:
	"""The organisation's tax rates by record name."""
	return {name: _tax_rate(row) for name, row in _records(TAX_RATE, company).items()}


def _records(doctype: str, company: str) -> dict[str, frappe._dict]:
	newest_first = sorted(plain_rows(doctype, company=company), key=lambda row: row.creation, reverse=True)
	return {row.name: row for row in newest_first}


def _account_rows(settings: frappe._dict) -> list[frappe._dict]:
	"""Rows of the account mapping, and rows of the charge mapping that map an account too."""
	return [*settings.account_mapping, *(row for row in settings.charge_mapping if row.xero_account)]


def _template_accounts(settings: frappe._dict) -> dict[tuple[str, str], frozenset[str]]:
	"""The tax accounts of the mapped Taxes and Charges Templates, without those of charges."""
	charges = {row.account for row in settings.charge_mapping}
	found: dict[tuple[str, str], set[str]] = defaultdict(set)
	for rows, doctype in TAXES_TEMPLATES.items():
		names = [row.template for row in settings.tax_mapping if row.template_type == doctype]
		for row in plain_rows(rows, "parent", "account_head", parenttype=doctype, parent=names):
			if row.account_head not in charges:
				found[doctype, row.parent].add(row.account_head)
	return {template: frozenset(accounts) for template, accounts in found.items()}


def _account_numbers(company: str) -> dict[str, str]:
	rows = plain_rows("Account", "name", "account_number", company=company)
	return {row.name: row.account_number for row in rows if row.account_number}


def _account(row: frappe._dict) -> XeroAccount:
	return XeroAccount(
		code=as_given(row.code),
		name=as_given(row.account_name or ""),
		account_class=row.account_class or "",
		status=row.status,
		account_type=row.account_type or "",
		system_account=row.get("system_account") or "",
		id=row.account_id or "",
		code_was_of=row.code_was_of or "",
	)


def _tax_rate(row: frappe._dict) -> XeroTaxRate:
	classes = {
		"ASSET": row.can_apply_to_assets,
		"EQUITY": row.can_apply_to_equity,
		"EXPENSE": row.can_apply_to_expenses,
		"LIABILITY": row.can_apply_to_liabilities,
		"REVENUE": row.can_apply_to_revenue,
	}
	components = json.loads(row.components or "[]", parse_float=Decimal, parse_int=Decimal)
	return XeroTaxRate(
		tax_type=as_given(row.tax_type),
		name=as_given(row.tax_rate_name or ""),
		# Percent columns have nine decimals; a rate has four at most, which a float prints exactly.
		rate=decimal_of(str(row.effective_rate or 0)),
		status=row.status,
		applies_to=frozenset(name for name, applies in classes.items() if applies),
		components=tuple(
			(as_given(part["name"]), Decimal(part["rate"]), bool(part.get("is_compound")))
			for part in components
		),
	)


def _option(row: frappe._dict) -> TrackingOption:
	return TrackingOption(
		category=as_given(row.category),
		option=as_given(row.option),
		status=row.status,
		category_id=row.category_id or "",
		option_id=row.option_id,
	)
