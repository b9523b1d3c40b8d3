"""What the mapping needs from a company's Xero Sync Settings and from its Xero organisation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from nexwave_xero_connector.mapping.xero_type import XeroType

GONE = "GONE"
"""The status of what the organisation does not have: it was deleted there, or is of another organisation."""


@dataclass(frozen=True, slots=True)
class XeroAccount:
	"""An account of the organisation. `account_class` is ASSET, EQUITY, EXPENSE, LIABILITY or REVENUE.

	account_type: Xero's Type, such as BANK. system_account: Xero's SystemAccount, such as DEBTORS, or "".
	id: Xero's AccountID, which stays when the account gets another code or name; "" if not known.
	code_was_of: the account that had this code before, if the code has changed hands in Xero; or "".
	"""

	code: str
	name: str
	account_class: str
	status: str = "ACTIVE"
	account_type: str = ""
	system_account: str = ""
	id: str = ""
	code_was_of: str = ""

	@property
	def key(self) -> str:
		"""What identifies the account among the organisation's: its id, or its code while the id is not known."""
		return self.id or self.code


@dataclass(frozen=True, slots=True)
class XeroTaxRate:
	"""A tax rate of the organisation. `rate` is Xero's EffectiveRate in percent.

	applies_to: the account classes it may be used with, from CanApplyToAssets and similar fields; empty if not known.
	components: the name, rate in percent and IsCompound of each.
	"""

	tax_type: str
	name: str
	rate: Decimal
	status: str = "ACTIVE"
	applies_to: frozenset[str] = frozenset()
	components: tuple[tuple[str, Decimal, bool], ...] = ()


@dataclass(frozen=True, slots=True)
class TrackingOption:
	"""An option of a tracking category, with the ids of both in Xero, "" if not known.

	`status` is ACTIVE only if both the option and the category are.
	"""

	category: str
	option: str
	status: str = "ACTIVE"
	category_id: str = ""
	option_id: str = ""


@dataclass(frozen=True, slots=True)
class MappingSettings:
	"""One company's mapping settings.

	statuses: the Xero status that documents of each type are sent with.
	accounts, tax_rates: what the organisation has, by the account's key and by tax type, which is Xero's own key.
	tax_types: Xero tax type by (template DocType, template name).
	purchase_tax_types: the same for purchases, looked up first. One Item Tax Template serves sales and purchases, but a
		Xero tax type serves only one of them.
	template_accounts: the tax accounts of each mapped Taxes and Charges Template, by its DocType and name.
	account_keys: key of the Xero account by ERPNext account. account_numbers: the number of each ERPNext account.
	charge_accounts: accounts whose rows in the taxes table are charges such as freight, not taxes; each with its own
		tax type, or "" for the document's.
	default_sales_account, default_purchase_account, rounding_account, discount_account: keys of Xero accounts.
	untaxed_sales_tax_type, untaxed_purchase_tax_type: tax type of lines on which ERPNext charged no tax: lines and
		charges without a tax template, and rounding and cash discount, for which "" means NONE or BASEXCLUDED.
	tracking_sources: the DocTypes of the accounting dimensions that become tracking, at most two.
	tracking: Xero option by (DocType, name) of the dimension's value.
	bill_number_source: "ERPNext Name", "Supplier Invoice No" or "Supplier Invoice No and ERPNext Name".
	bill_date_source: "Posting Date" or "Supplier Invoice Date".
	base_currency: the organisation's currency, or "" if not known.
	currencies: those that the organisation can invoice in; empty if not known.
	allocates_only_as_erpnext: a credit note is allocated only as ERPNext sets it against invoices, not always to the
		invoice that it returns.
	lock_date: the later of Xero's two lock dates, as last fetched; nothing dated on or before it can be approved.
	year_end_lock_date: Xero's end of year lock date, which holds for advisers, too.
	"""

	company: str
	statuses: Mapping[XeroType, str]
	accounts: Mapping[str, XeroAccount]
	tax_rates: Mapping[str, XeroTaxRate]
	account_keys: Mapping[str, str] = field(default_factory=dict)
	account_numbers: Mapping[str, str] = field(default_factory=dict)
	tax_types: Mapping[tuple[str, str], str] = field(default_factory=dict)
	charge_accounts: Mapping[str, str] = field(default_factory=dict)
	default_sales_account: str = ""
	default_purchase_account: str = ""
	rounding_account: str = ""
	discount_account: str = ""
	tracking_sources: tuple[str, ...] = ("Cost Center", "Project")
	tracking: Mapping[tuple[str, str], TrackingOption] = field(default_factory=dict)
	bill_number_source: str = "ERPNext Name"
	bill_date_source: str = "Posting Date"
	purchase_tax_types: Mapping[tuple[str, str], str] = field(default_factory=dict)
	template_accounts: Mapping[tuple[str, str], frozenset[str]] = field(default_factory=dict)
	untaxed_sales_tax_type: str = ""
	untaxed_purchase_tax_type: str = ""
	base_currency: str = ""
	currencies: frozenset[str] = frozenset()
	allocates_only_as_erpnext: bool = False
	lock_date: date | None = None
	year_end_lock_date: date | None = None
