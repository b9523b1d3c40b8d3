"""What the mapping needs to know of one company's Xero Sync Settings and of its Xero organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class XeroAccount:
	"""An account of the organisation. `account_class` is ASSET, EQUITY, EXPENSE, LIABILITY or REVENUE.

	account_type: Xero's Type, e.g. BANK. system_account: Xero's SystemAccount, e.g. DEBTORS; "" for an
		ordinary one.
	"""

	code: str
	name: str
	account_class: str
	status: str = "ACTIVE"
	account_type: str = ""
	system_account: str = ""


@dataclass(frozen=True, slots=True)
class XeroTaxRate:
	"""A tax rate of the organisation. `rate` is Xero's EffectiveRate in percent.

	applies_to: the account classes it may be used with, from CanApplyToAssets and its like; empty: not known.
	components: name, rate in percent and IsCompound of each.
	"""

	tax_type: str
	name: str
	rate: Decimal
	status: str = "ACTIVE"
	applies_to: frozenset[str] = frozenset()
	components: tuple[tuple[str, Decimal, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class TrackingOption:
	"""An option of a tracking category. `status` is ACTIVE only where option and category both are."""

	category: str
	option: str
	status: str = "ACTIVE"


@dataclass(frozen=True, slots=True)
class MappingSettings:
	"""One company's mapping, as the settings hold it.

	tax_types: Xero tax type by (template doctype, template name). purchase_tax_types: the same for
		purchase documents, looked up before tax_types; an Item Tax Template serves sales and purchases,
		Xero's tax types only one of them.
	account_codes: Xero account code by ERPNext account. account_numbers: each ERPNext account's number.
	charge_accounts: accounts whose rows in the taxes table are charges (freight) and not taxes, each with
		its own tax type or "" for the document's.
	default_sales_account, default_purchase_account, rounding_account, discount_account: Xero account
		codes.
	no_tax_type: tax type of lines outside any tax (rounding, cash discount); "" takes NONE or
		BASEXCLUDED.
	tracking: Xero option by ("Cost Center" or "Project", name).
	bill_number_source: "ERPNext Name" or "Supplier Invoice No". bill_date_source: "Posting Date" or
		"Supplier Invoice Date".
	base_currency: the organisation's currency; "" where it is not known. currencies: those it can invoice in;
		empty where they are not known.
	"""

	company: str
	status: str
	accounts: Mapping[str, XeroAccount]
	tax_rates: Mapping[str, XeroTaxRate]
	account_codes: Mapping[str, str] = field(default_factory=dict)
	account_numbers: Mapping[str, str] = field(default_factory=dict)
	tax_types: Mapping[tuple[str, str], str] = field(default_factory=dict)
	charge_accounts: Mapping[str, str] = field(default_factory=dict)
	default_sales_account: str = ""
	default_purchase_account: str = ""
	rounding_account: str = ""
	discount_account: str = ""
	tracking: Mapping[tuple[str, str], TrackingOption] = field(default_factory=dict)
	bill_number_source: str = "ERPNext Name"
	bill_date_source: str = "Posting Date"
	purchase_tax_types: Mapping[tuple[str, str], str] = field(default_factory=dict)
	no_tax_type: str = ""
	base_currency: str = ""
	currencies: frozenset[str] = frozenset()
