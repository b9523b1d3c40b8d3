"""What the organisation has: its record, accounts, tax rates, tracking categories and currencies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from nexwave_xero_connector.mapping.settings import XeroAccount, XeroTaxRate
from nexwave_xero_connector.xero_api.client import Client
from nexwave_xero_connector.xero_api.errors import readable
from nexwave_xero_connector.xero_api.response import Response, day, money, text

Record = TypeVar("Record")

ACCOUNT_CLASSES = {
	"CanApplyToAssets": "ASSET",
	"CanApplyToEquity": "EQUITY",
	"CanApplyToExpenses": "EXPENSE",
	"CanApplyToLiabilities": "LIABILITY",
	"CanApplyToRevenue": "REVENUE",
}


@dataclass(frozen=True, slots=True)
class Organisation:
	"""`short_code` is for deep links. Nothing dated on or before a lock date can be written; None where none is set."""

	name: str
	base_currency: str
	short_code: str
	period_lock_date: date | None
	end_of_year_lock_date: date | None


@dataclass(frozen=True, slots=True)
class TrackingOption:
	"""An option, and whether it can still be used."""

	id: str
	name: str
	is_active: bool


@dataclass(frozen=True, slots=True)
class TrackingCategory:
	"""A tracking category with its options."""

	id: str
	name: str
	is_active: bool
	options: tuple[TrackingOption, ...]


def organisation(client: Client) -> Organisation:
	(record,) = _read_all(
		client, client.accounting.get_organisations, "Organisations", _read_organisation, count=1
	)
	return record


def plan(client: Client) -> str:
	"""The organisation's plan as Xero names it (STARTER, IGNITE, ...); "" if Xero does not say."""
	response = client.call(client.accounting.get_organisations)
	with readable(response):
		return text(response.elements("Organisations")[0].get("Class"))


def accounts(client: Client) -> list[XeroAccount]:
	"""All accounts with a code, including archived ones. A line cannot name one without, such as some bank accounts."""
	found = _read_all(client, client.accounting.get_accounts, "Accounts", _read_account)
	return [account for account in found if account.code]


def tax_rates(client: Client) -> list[XeroTaxRate]:
	"""All tax rates, including deleted ones."""
	return _read_all(client, client.accounting.get_tax_rates, "TaxRates", _read_tax_rate)


def tracking_categories(client: Client) -> list[TrackingCategory]:
	"""All tracking categories, including archived ones."""
	operation = client.accounting.get_tracking_categories
	return _read_all(client, operation, "TrackingCategories", _read_tracking_category, include_archived=True)


def currencies(client: Client) -> list[str]:
	"""The currencies the organisation can invoice in, as ISO codes."""
	return _read_all(
		client, client.accounting.get_currencies, "Currencies", lambda element: str(element["Code"])
	)


def contact_count(client: Client) -> int:
	"""How many active contacts the organisation has."""
	response = client.call(client.accounting.get_contacts, page=1, page_size=1, summary_only=True)
	with readable(response):
		return response.item_count()


def _read_all(
	client: Client,
	operation: Callable[..., Response],
	collection: str,
	read: Callable[[dict], Record],
	count: int | None = None,
	**parameters: Any,
) -> list[Record]:
	"""Read one of the lists that Xero does not page."""
	response = client.call(operation, **parameters)
	with readable(response):
		return [read(element) for element in response.elements(collection, count)]


def _read_organisation(element: dict) -> Organisation:
	return Organisation(
		name=str(element["Name"]),
		base_currency=str(element["BaseCurrency"]),
		short_code=text(element.get("ShortCode")),
		period_lock_date=day(element, "PeriodLockDate"),
		end_of_year_lock_date=day(element, "EndOfYearLockDate"),
	)


def _read_account(element: dict) -> XeroAccount:
	return XeroAccount(
		code=text(element.get("Code")),
		name=str(element["Name"]),
		account_class=text(element.get("Class")),
		status=text(element.get("Status")),
		account_type=text(element.get("Type")),
		system_account=text(element.get("SystemAccount")),
		id=str(element["AccountID"]),
	)


def _read_tax_rate(element: dict) -> XeroTaxRate:
	"""The third value of a component says whether it compounds on the ones before it."""
	return XeroTaxRate(
		tax_type=str(element["TaxType"]),
		name=str(element["Name"]),
		rate=money(element.get("EffectiveRate")),
		status=text(element.get("Status")),
		applies_to=frozenset(name for field, name in ACCOUNT_CLASSES.items() if element.get(field)),
		components=tuple(
			(text(part.get("Name")), money(part.get("Rate")), bool(part.get("IsCompound")))
			for part in element.get("TaxComponents") or ()
		),
	)


def _read_tracking_category(element: dict) -> TrackingCategory:
	return TrackingCategory(
		id=str(element["TrackingCategoryID"]),
		name=str(element["Name"]),
		is_active=element.get("Status") == "ACTIVE",
		options=tuple(
			TrackingOption(
				id=str(option["TrackingOptionID"]),
				name=str(option["Name"]),
				is_active=option.get("Status") == "ACTIVE",
			)
			for option in element.get("Options") or ()
		),
	)
