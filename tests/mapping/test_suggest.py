"""Suggestions for the standard accounts and tax templates of ERPNext and Xero in New Zealand, Australia and the UK."""

from __future__ import annotations

from decimal import Decimal

import pytest

from nexwave_xero_connector.mapping.settings import TrackingOption, XeroAccount, XeroTaxRate
from nexwave_xero_connector.mapping.suggest.account import ErpAccount, suggest_account
from nexwave_xero_connector.mapping.suggest.mapping import MappingInput, suggest
from nexwave_xero_connector.mapping.suggest.tax import (
	PURCHASES,
	SALES,
	TaxTemplate,
	suggest_tax,
	suggest_untaxed,
)
from nexwave_xero_connector.mapping.suggest.tracking import Dimension, suggest_tracking
from sandbox.xero.seed.charts import ARCHIVED_ACCOUNTS, CHART, CLASS_OF_TYPE
from sandbox.xero.seed.tax_tables import TAX_TABLES

CLASSES = {"A": "ASSET", "Q": "EQUITY", "X": "EXPENSE", "L": "LIABILITY", "R": "REVENUE"}
ACCOUNTS = [
	XeroAccount(
		code, name, CLASS_OF_TYPE[kind], "ARCHIVED" if code in ARCHIVED_ACCOUNTS else "ACTIVE", kind, system
	)
	for code, name, kind, _tax, system in CHART
]
BOTH = frozenset({SALES, PURCHASES})
ITEM, ON_SALES, ON_PURCHASES = (
	"Item Tax Template",
	"Sales Taxes and Charges Template",
	"Purchase Taxes and Charges Template",
)


def rates(country: str) -> list[XeroTaxRate]:
	return [
		XeroTaxRate(
			rate.tax_type,
			rate.name,
			Decimal(rate.rate),
			rate.status,
			frozenset(CLASSES[letter] for letter in rate.applies),
		)
		for rate in TAX_TABLES[country]
	]


def template(doctype: str, title: str, *percents: str) -> TaxTemplate:
	ways = {ITEM: BOTH, ON_SALES: frozenset({SALES}), ON_PURCHASES: frozenset({PURCHASES})}[doctype]
	return TaxTemplate(doctype, f"{title} - NW", title, tuple(map(Decimal, percents)), ways)


@pytest.mark.parametrize(
	("country", "doctype", "title", "percent", "expected"),
	[
		("NZ", ON_SALES, "New Zealand", "15", ("OUTPUT2", "")),
		("NZ", ON_PURCHASES, "New Zealand", "15", ("INPUT2", "")),
		("NZ", ITEM, "GST 15%", "15", ("OUTPUT2", "INPUT2")),
		("NZ", ITEM, "Zero Rated", "0", ("ZERORATED", "NONE")),
		("NZ", ON_SALES, "Exports", "0", ("ZERORATED", "")),
		("NZ", ON_SALES, "Zero-rated exports", "0", ("ZERORATED", "")),
		("NZ", ITEM, "No GST", "0", ("NONE", "")),
		("NZ", ITEM, "Exempt", "0", ("NONE", "")),
		("NZ", ON_PURCHASES, "Overseas supplier", "0", ("NONE", "")),
		("NZ", ON_SALES, "Old GST", "12.5", ("", "")),
		("NZ", ITEM, "Nought", "0", ("", "")),
		("AU", ON_SALES, "Australia GST", "10", ("OUTPUT", "")),
		("AU", ON_PURCHASES, "Australia GST", "10", ("INPUT", "")),
		("AU", ON_PURCHASES, "GST on Capital", "10", ("CAPEXINPUT", "")),
		("AU", ITEM, "GST Free", "0", ("EXEMPTOUTPUT", "EXEMPTEXPENSES")),
		("AU", ON_SALES, "GST Free Exports", "0", ("EXEMPTEXPORT", "")),
		("AU", ON_SALES, "Export", "0", ("EXEMPTEXPORT", "")),
		("AU", ITEM, "Input Taxed", "0", ("INPUTTAXED", "")),
		("AU", ITEM, "BAS Excluded", "0", ("BASEXCLUDED", "")),
		("AU", ITEM, "No GST", "0", ("BASEXCLUDED", "")),
		("AU", ON_PURCHASES, "GST on Imports", "0", ("GSTONIMPORTS", "")),
		("GB", ON_SALES, "United Kingdom Tax", "20", ("OUTPUT2", "")),
		("GB", ON_PURCHASES, "United Kingdom Tax", "20", ("INPUT2", "")),
		("GB", ITEM, "VAT reduced", "5", ("RROUTPUT", "RRINPUT")),
		("GB", ITEM, "Zero rated", "0", ("ZERORATEDOUTPUT", "ZERORATEDINPUT")),
		("GB", ITEM, "Exempt", "0", ("EXEMPTOUTPUT", "EXEMPTINPUT")),
		("GB", ITEM, "No VAT", "0", ("NONE", "")),
		("GB", ITEM, "Outside the scope", "0", ("NONE", "")),
	],
)
def test_the_usual_tax_templates(
	country: str, doctype: str, title: str, percent: str, expected: tuple[str, str]
) -> None:
	*found, reason = suggest_tax(template(doctype, title, percent), rates(country))
	assert tuple(found) == expected, str(reason)
	assert str(reason)


def test_an_item_template_that_lists_one_tax_for_two_accounts_counts_it_once() -> None:
	assert suggest_tax(template(ITEM, "GST", "15", "15"), rates("NZ"))[:2] == ("OUTPUT2", "INPUT2")


def test_several_taxes_are_matched_by_their_sum() -> None:
	two = [XeroTaxRate("TAX001", "GST + PST", Decimal(12), applies_to=frozenset({"REVENUE"}))]
	assert suggest_tax(template(ON_SALES, "BC", "5", "7"), two)[0] == "TAX001"


def test_a_deleted_rate_is_never_suggested_and_the_reason_says_what_is_missing() -> None:
	tax_type, _purchases, reason = suggest_tax(template(ON_SALES, "Old", "12.5"), rates("NZ"))
	assert tax_type == "" and "12.5%" in str(reason)


@pytest.mark.parametrize(
	("account", "code", "why"),
	[
		(ErpAccount("Sales - NW", "Sales", root_type="Income"), "200", "Same name"),
		(ErpAccount("Service - NW", "Service", root_type="Income"), "200", "Matched by type only"),
		(ErpAccount("x", "Anything", number="425", root_type="Expense"), "425", "Same number: 425."),
		(
			ErpAccount("x", "Freight Recovered", number="425", root_type="Income"),
			"425",
			"Same number only: 425 Freight & Courier is another kind",
		),
		(
			ErpAccount("x", "Cost of Goods Sold", root_type="Expense", account_type="Cost of Goods Sold"),
			"310",
			"Same name",
		),
		(ErpAccount("x", "Freight and Forwarding Charges", root_type="Expense"), "425", "Similar name"),
		(ErpAccount("x", "Office Rent", root_type="Expense"), "469", "Similar name"),
		(ErpAccount("x", "Print and Stationery", root_type="Expense"), "461", "Similar name"),
		(ErpAccount("x", "Entertainment Expenses", root_type="Expense"), "420", "Similar name"),
		(ErpAccount("x", "Telephone Expenses", root_type="Expense"), "489", "Similar name"),
		(ErpAccount("x", "Legal Expenses", root_type="Expense"), "441", "Same name"),
		(
			ErpAccount(
				"x", "Stock Received But Not Billed", "", "Liability", "Stock Received But Not Billed"
			),
			"630",
			"Matched by type only",
		),
		(ErpAccount("x", "Accounts Receivable", number="610", root_type="Asset"), "", "No Xero account has"),
		(
			ErpAccount("x", "Business Bank Account", number="090", root_type="Asset"),
			"",
			"No Xero account has",
		),
		(ErpAccount("x", "Old Product Sales", number="280", root_type="Income"), "200", "Similar name"),
	],
)
def test_accounts_by_number_then_name_then_type(account: ErpAccount, code: str, why: str) -> None:
	found = suggest_account(account, ACCOUNTS)
	assert (found.code, str(found.reason).startswith(why)) == (code, True), str(found.reason)
	assert found.is_guess is why.startswith(("Similar", "Matched", "Same number only"))


def test_each_suggestion_says_what_it_is_for() -> None:
	sales = ErpAccount("Sales - NW", "Sales", root_type="Income")
	freight = ErpAccount("Freight - NW", "Freight", root_type="Expense")
	mapping_input = MappingInput([sales], [template(ITEM, "GST 15%", "15")], [freight], income=sales)
	found = {
		(one.place, one.subject.name if one.subject else ""): one
		for one in suggest(mapping_input, ACCOUNTS, rates("NZ"))
	}
	assert {key: (one.account, one.tax_type) for key, one in found.items()} == {
		("default_sales_account", ""): ("200", ""),
		("default_purchase_account", ""): ("300", ""),
		("rounding_account", ""): ("860", ""),
		("account_mapping", "Sales - NW"): ("200", ""),
		("charge_mapping", "Freight - NW"): ("425", ""),
		("untaxed_sales_tax_rate", ""): ("", "NONE"),
		("untaxed_purchase_tax_rate", ""): ("", "NONE"),
		("tax_mapping", "GST 15% - NW"): ("", "OUTPUT2"),
	}
	assert all(str(one.reason) for one in found.values())


@pytest.mark.parametrize(
	("country", "on_sales", "on_purchases"),
	[("NZ", "NONE", "NONE"), ("AU", "BASEXCLUDED", "EXEMPTEXPENSES"), ("GB", "NONE", "NONE")],
)
def test_untaxed_lines_get_the_countrys_own_rate(country: str, on_sales: str, on_purchases: str) -> None:
	found, reason = suggest_untaxed(SALES, rates(country))
	assert found == on_sales and "Xero's own rate for untaxed amounts" in str(reason)
	found, reason = suggest_untaxed(PURCHASES, rates(country))
	assert found == on_purchases and "a supplier who is not registered" in str(reason)


def test_a_word_that_many_accounts_share_says_nothing() -> None:
	"""Each would be 270 Interest Income, or one of Xero's own many sales accounts."""
	for title in ("Consulting Income", "Sundry Income", "Rental Income"):
		found = suggest_account(ErpAccount("x", title, root_type="Income"), ACCOUNTS)
		assert (found.code, found.is_guess) == ("200", True), str(found.reason)
	same = suggest_account(ErpAccount("x", "Interest Income", root_type="Income"), ACCOUNTS)
	assert (same.code, same.is_guess) == ("270", False)
	freight = [
		ErpAccount(f"{name} - NW", name, root_type="Expense")
		for name in ("Sea Freight", "Air Freight", "Freight In")
	]
	found = {one.subject.name: one for one in suggest(MappingInput(freight, []), ACCOUNTS, []) if one.subject}
	assert all(one.is_guess and "type only" in str(one.reason) for one in found.values()), found


def test_deferred_revenue_is_unearned_revenue_in_xero() -> None:
	unearned = XeroAccount("825", "Unearned Revenue", "LIABILITY", account_type="CURRLIAB")
	deferred = ErpAccount("x", "Deferred Revenue", root_type="Liability")
	assert suggest_account(deferred, [*ACCOUNTS, unearned]).code == "825"
	missing = suggest_account(deferred, ACCOUNTS)
	assert missing.code == "" and "the default account is used" in str(missing.reason)


def test_an_organisation_without_that_rate_leaves_the_choice_to_the_user() -> None:
	found, reason = suggest_untaxed(SALES, [XeroTaxRate("NONE", "No GST", Decimal(0), "DELETED")])
	assert found == "" and "Choose another" in str(reason)


NORTH, NORTH_TOO = TrackingOption("Region", "North"), TrackingOption("Area", "north ")
CLOSED = TrackingOption("Region", "South", "ARCHIVED")


def test_tracking_is_suggested_if_exactly_one_active_option_has_the_name() -> None:
	north, south, main = (
		Dimension("Cost Center", f"{name} - NW", name) for name in ("North", "South", "Main")
	)
	found = suggest_tracking(north, [NORTH, CLOSED])
	assert found and found[0] == NORTH and str(found[1]) == "Same name: North of Region."
	assert suggest_tracking(north, [NORTH, NORTH_TOO]) is None
	assert suggest_tracking(south, [NORTH, CLOSED]) is None
	assert suggest_tracking(main, [NORTH, CLOSED]) is None


def test_of_two_options_with_the_name_the_one_in_the_dimensions_own_category_is_suggested() -> None:
	region, area = (
		TrackingOption("Region", "North", "ACTIVE", "r", "1"),
		TrackingOption("Area", "North", "ACTIVE", "a", "2"),
	)
	for category, option in (("r", region), ("a", area)):
		found = suggest_tracking(Dimension("Branch", "North", "North", category), [region, area])
		assert found and found[0] == option
	assert suggest_tracking(Dimension("Branch", "North", "North", "a"), [region]) is None
