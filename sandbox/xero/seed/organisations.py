"""The organisations, apps and contacts of a new sandbox. Ids are fixed.

README.md lists the most useful ones.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from ..clock import Clock
from ..storage import Storage
from ..wire import dumps, ms_instant
from .charts import ARCHIVED_ACCOUNTS, CHART, CLASS_OF_TYPE, COUNTRY_TAX
from .contacts import seed_contacts
from .identifiers import fixed_id
from .tax_tables import REPORT_TYPES, TAX_TABLES, SeedRate

CREATED = 1767225600000  # 2026-01-01T00:00:00Z


@dataclass(frozen=True)
class Organisation:
	key: str
	name: str
	country: str
	base_currency: str
	currencies: tuple[str, ...]
	zone: str
	xero_zone: str
	short_code: str
	sales_tax_basis: str

	@property
	def tenant_id(self) -> str:
		return fixed_id(self.key, "tenant")


ORGANISATIONS = (
	Organisation(
		"nz",
		"NexWave Demo NZ",
		"NZ",
		"NZD",
		("NZD", "AUD", "USD", "EUR", "GBP", "JPY"),
		"Pacific/Auckland",
		"NEWZEALANDSTANDARDTIME",
		"!nzS4b",
		"PAYMENTS",
	),
	Organisation(
		"au",
		"NexWave Demo AU",
		"AU",
		"AUD",
		("AUD", "NZD", "USD", "EUR", "JPY"),
		"Australia/Sydney",
		"AUSEASTERNSTANDARDTIME",
		"!auS4b",
		"ACCRUALS",
	),
	Organisation(
		"uk",
		"NexWave Demo UK",
		"GB",
		"GBP",
		("GBP", "EUR", "USD"),
		"Europe/London",
		"GMTSTANDARDTIME",
		"!ukS4b",
		"ACCRUALS",
	),
)

CURRENCY_NAMES = {
	"NZD": "New Zealand Dollar",
	"AUD": "Australian Dollar",
	"USD": "United States Dollar",
	"EUR": "Euro",
	"GBP": "British Pound",
	"JPY": "Japanese Yen",
	"KWD": "Kuwaiti Dinar",
}

DEMO_APP = ("5A4D0B0C5E7B4C0FA5C1DEMOAPP00001", "sandbox-demo-secret")
LEGACY_APP = ("5A4D0B0C5E7B4C0FA5C1LEGACY000002", "sandbox-legacy-secret")
PKCE_APP = ("5A4D0B0C5E7B4C0FA5C1PKCEAPP00004", "")
CUSTOM_APP = ("5A4D0B0C5E7B4C0FA5C1CUSTOM000003", "sandbox-custom-secret")


def sow(storage: Storage, clock: Clock) -> None:
	"""Fills an empty file."""
	with storage.transaction():
		_sow_apps(storage)
		for organisation in ORGANISATIONS:
			sow_organisation(storage, organisation, organisation.tenant_id)
		storage.remember("seeded", True)


def _sow_apps(storage: Storage) -> None:
	"""A current app (granular scopes only), one from before March 2026 (also broad ones), a custom connection, PKCE."""
	for (client_id, secret), name, broad, tenant in (
		(DEMO_APP, "NexWave Connector", 0, None),
		(LEGACY_APP, "NexWave Connector (app from before granular scopes)", 1, None),
		(CUSTOM_APP, "NexWave Custom Connection", 0, ORGANISATIONS[0].tenant_id),
		(PKCE_APP, "NexWave Connector (app without secret)", 0, None),
	):
		storage.put(
			"apps", client_id=client_id, secret=secret, name=name, broad_scopes=broad, custom_tenant=tenant
		)


def sow_organisation(storage: Storage, organisation: Organisation, tenant: str) -> None:
	"""One organisation's settings and contacts under `tenant`; a demo reset uses a new tenant id."""
	tax = COUNTRY_TAX[organisation.country]
	defaults = {"sales": tax.sales, "purchases": tax.purchases, "none": tax.none}
	rows: list[tuple[str, str, dict[str, Any]]] = [
		("organisation", tenant, _organisation(organisation, tenant))
	]
	for code, name, kind, which, system in CHART:
		account_id = fixed_id(tenant, "account", code)
		rows.append(("account", account_id, _account(account_id, code, name, kind, defaults[which], system)))
	rows += [("tax_rate", rate.tax_type, _tax_rate(rate)) for rate in TAX_TABLES[organisation.country]]
	rows += [
		("currency", code, {"Code": code, "Description": CURRENCY_NAMES[code]})
		for code in organisation.currencies
	]
	for name, options in (
		("Region", ("North", "South", "East", "West")),
		("Department", ("Sales", "Service")),
	):
		category = _tracking_category(tenant, name, options)
		rows.append(("tracking_category", category["TrackingCategoryID"], category))
	theme = fixed_id(tenant, "branding theme", "Standard")
	rows.append(
		(
			"branding_theme",
			theme,
			{
				"BrandingThemeID": theme,
				"Name": "Standard",
				"SortOrder": 0,
				"CreatedDateUTC": ms_instant(CREATED),
			},
		)
	)
	for position, (kind, key, value) in enumerate(rows):
		storage.put("settings", tenant=tenant, kind=kind, key=key, position=position, json=dumps(value))
	seed_contacts(storage, tenant, organisation.country, CREATED)


def _organisation(organisation: Organisation, tenant: str) -> dict[str, Any]:
	tax = COUNTRY_TAX[organisation.country]
	return {
		"Name": organisation.name,
		"LegalName": f"{organisation.name} Limited",
		"PaysTax": True,
		"Version": "UK" if organisation.country == "GB" else organisation.country,
		"OrganisationType": "COMPANY",
		"BaseCurrency": organisation.base_currency,
		"CountryCode": organisation.country,
		"IsDemoCompany": True,
		"OrganisationStatus": "ACTIVE",
		"FinancialYearEndDay": 30 if organisation.country == "AU" else 31,
		"FinancialYearEndMonth": 6 if organisation.country == "AU" else 3,
		"SalesTaxBasis": organisation.sales_tax_basis,
		"SalesTaxPeriod": "TWOMONTHS" if organisation.country == "NZ" else "QUARTERLY",
		"DefaultSalesTax": "Tax Exclusive",
		"DefaultPurchasesTax": "Tax Inclusive",
		"CreatedDateUTC": ms_instant(CREATED),
		"OrganisationEntityType": "COMPANY",
		"Timezone": organisation.xero_zone,
		"ShortCode": organisation.short_code,
		"OrganisationID": tenant,
		"Edition": "BUSINESS",
		"Class": "DEMO",
		"Addresses": [],
		"Phones": [],
		"ExternalLinks": [],
		"PaymentTerms": {},
		"_zone": organisation.zone,
		"_key": organisation.key,
		"_sales_tax": tax.sales,
	}


def _account(account_id: str, code: str, name: str, kind: str, tax_type: str, system: str) -> dict[str, Any]:
	account: dict[str, Any] = {
		"AccountID": account_id,
		"Code": code,
		"Name": name,
		"Status": "ARCHIVED" if code in ARCHIVED_ACCOUNTS else "ACTIVE",
		"Type": kind,
		"TaxType": tax_type,
		"Class": CLASS_OF_TYPE[kind],
		"EnablePaymentsToAccount": kind == "BANK",
		"ShowInExpenseClaims": False,
		"ReportingCode": CLASS_OF_TYPE[kind][:3],
		"HasAttachments": False,
		"UpdatedDateUTC": ms_instant(CREATED),
		"AddToWatchlist": False,
	}
	if kind == "BANK":
		account["BankAccountNumber"] = "0102030405060" + code
		account["BankAccountType"] = "BANK"
	if system:
		account["SystemAccount"] = system
	return account


def _tax_rate(rate: SeedRate) -> dict[str, Any]:
	return {
		"Name": rate.name,
		"TaxType": rate.tax_type,
		"ReportTaxType": REPORT_TYPES.get(rate.tax_type, rate.tax_type),
		"CanApplyToAssets": "A" in rate.applies,
		"CanApplyToEquity": "Q" in rate.applies,
		"CanApplyToExpenses": "X" in rate.applies,
		"CanApplyToLiabilities": "L" in rate.applies,
		"CanApplyToRevenue": "R" in rate.applies,
		"DisplayTaxRate": Decimal(rate.rate),
		"EffectiveRate": Decimal(rate.rate),
		"Status": rate.status,
		"TaxComponents": [
			{
				"Name": "VAT" if "VAT" in rate.name else "GST",
				"Rate": Decimal(rate.rate),
				"IsCompound": False,
				"IsNonRecoverable": False,
			}
		],
	}


def _tracking_category(tenant: str, name: str, options: tuple[str, ...]) -> dict[str, Any]:
	return {
		"Name": name,
		"Status": "ACTIVE",
		"TrackingCategoryID": fixed_id(tenant, "tracking", name),
		"Options": [
			{
				"TrackingOptionID": fixed_id(tenant, "tracking", name, option),
				"Name": option,
				"Status": "ACTIVE",
				"HasValidationErrors": False,
				"IsDeleted": False,
				"IsArchived": False,
				"IsActive": True,
			}
			for option in options
		],
	}
