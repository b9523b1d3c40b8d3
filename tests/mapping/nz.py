"""A New Zealand company, its Xero organisation and its invoices, for the tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from nexwave_xero_connector.mapping.document import map_document
from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument, ItemRow, Party, TaxRow
from nexwave_xero_connector.mapping.errors import CannotMap
from nexwave_xero_connector.mapping.payload import XeroPayload
from nexwave_xero_connector.mapping.settings import MappingSettings, XeroAccount, XeroTaxRate
from nexwave_xero_connector.mapping.xero_type import XeroType

D = Decimal
SALES_TEMPLATE = "Sales Taxes and Charges Template"
PURCHASE_TEMPLATE = "Purchase Taxes and Charges Template"
ITEM_TEMPLATE = "Item Tax Template"
GST = "GST - NZ"
FREIGHT = "Freight - NZ"

# The account classes of each tax rate are those observed in a New Zealand organisation.
TAX_RATES = {
	rate.tax_type: rate
	for rate in (
		XeroTaxRate(
			"OUTPUT2",
			"15% GST on Income",
			D(15),
			applies_to=frozenset(("ASSET", "EQUITY", "LIABILITY", "REVENUE")),
			components=(("GST", D(15), False),),
		),
		XeroTaxRate(
			"INPUT2",
			"15% GST on Expenses",
			D(15),
			applies_to=frozenset(("ASSET", "EQUITY", "EXPENSE", "LIABILITY")),
			components=(("GST", D(15), False),),
		),
		XeroTaxRate("ZERORATED", "Zero Rated", D(0), applies_to=frozenset(("LIABILITY", "REVENUE"))),
		XeroTaxRate("EXEMPT", "Exempt", D(0)),
		XeroTaxRate("NONE", "No GST", D(0)),
		XeroTaxRate("OUTPUT", "12.5% GST on Income", D("12.5"), status="DELETED"),
		XeroTaxRate("TAX001", "GST and PST", D(12), components=(("GST", D(5), False), ("PST", D(7), False))),
		XeroTaxRate("TAX002", "Twelve", D(12), components=(("Twelve", D(12), False),)),
	)
}


def mapping_settings(**other: Any) -> MappingSettings:
	fields: dict[str, Any] = {
		"company": "NZ Co",
		"statuses": dict.fromkeys(XeroType, "AUTHORISED"),
		"accounts": {
			account.code: account
			for account in (
				XeroAccount("200", "Sales", "REVENUE"),
				XeroAccount("260", "Other Revenue", "REVENUE"),
				XeroAccount("300", "Purchases", "EXPENSE"),
				XeroAccount("860", "Rounding", "EXPENSE"),
				XeroAccount("999", "Old Sales", "REVENUE", status="ARCHIVED"),
				XeroAccount("610", "Accounts Receivable", "ASSET", system_account="DEBTORS"),
				XeroAccount("090", "Bank", "ASSET", account_type="BANK"),
			)
		},
		"tax_rates": TAX_RATES,
		"tax_types": {
			(SALES_TEMPLATE, "NZ GST"): "OUTPUT2",
			(PURCHASE_TEMPLATE, "NZ GST"): "INPUT2",
			(ITEM_TEMPLATE, "Zero"): "ZERORATED",
			(ITEM_TEMPLATE, "GST"): "OUTPUT2",
		},
		"purchase_tax_types": {(ITEM_TEMPLATE, "GST"): "INPUT2"},
		"charge_accounts": {FREIGHT: ""},
		"default_sales_account": "200",
		"default_purchase_account": "300",
		"rounding_account": "860",
		"discount_account": "260",
	}
	return MappingSettings(**(fields | other))


def item(idx: int = 1, net: str = "100.00", qty: str = "1", **other: Any) -> ItemRow:
	fields: dict[str, Any] = {
		"idx": idx,
		"item_code": f"ITEM-{idx}",
		"item_name": f"Item {idx}",
		"description": f"Item {idx}",
		"qty": D(qty),
		"uom": "Nos",
		"net_amount": D(net),
		"account": "Sales - NZ",
	}
	return ItemRow(**(fields | other))


def gst(amount: str, idx: int = 1, rate: str = "15", **other: Any) -> TaxRow:
	fields: dict[str, Any] = {"charge_type": "On Net Total", "account": GST, "description": "GST"}
	return TaxRow(idx=idx, rate=D(rate), amount=D(amount), **(fields | other))


def freight(amount: str, idx: int = 1, **other: Any) -> TaxRow:
	fields: dict[str, Any] = {
		"charge_type": "Actual",
		"account": FREIGHT,
		"description": "Freight",
		"rate": D(0),
	}
	return TaxRow(idx=idx, amount=D(amount), **(fields | other))


def invoice(
	items: tuple[ItemRow, ...] = (item(),), taxes: tuple[TaxRow, ...] = (gst("15.00"),), **other: Any
) -> ErpDocument:
	"""A Sales Invoice with the totals of its rows, unless other totals are given."""
	net_total = sum((row.net_amount for row in items), D(0))
	of_rows = sum(
		(-tax.amount if tax.deducted else tax.amount for tax in taxes if tax.category != "Valuation"), D(0)
	)
	fields: dict[str, Any] = {
		"ref": DocumentRef("Sales Invoice", "SINV-0001"),
		"company": "NZ Co",
		"docstatus": 1,
		"party": Party("Customer", "CUST-1", "Customer One"),
		"posting_date": date(2026, 3, 31),
		"currency": "NZD",
		"company_currency": "NZD",
		"conversion_rate": D(1),
		"items": items,
		"taxes": taxes,
		"net_total": net_total,
		"grand_total": net_total + of_rows,
		"rounded_total": D(0),
		"url": "https://erp.example/app/sales-invoice/SINV-0001",
		"taxes_template": "NZ GST",
	}
	return ErpDocument(**(fields | other))


def bill(**other: Any) -> ErpDocument:
	document = invoice(**other)
	return replace(
		document,
		ref=DocumentRef("Purchase Invoice", "PINV-0001"),
		party=Party("Supplier", "SUPP-1", "Supplier One"),
	)


def lines(document: ErpDocument, of_settings: MappingSettings | None = None) -> list[dict]:
	return map_document(document, of_settings or mapping_settings()).body["LineItems"]  # type: ignore[return-value]


def payload(document: ErpDocument, of_settings: MappingSettings | None = None) -> XeroPayload:
	return map_document(document, of_settings or mapping_settings())


def cannot_map(document: ErpDocument, of_settings: MappingSettings | None = None) -> CannotMap:
	with pytest.raises(CannotMap) as caught:
		map_document(document, of_settings or mapping_settings())
	return caught.value
