"""Compare an ERPNext document with the sandbox's copy. Both are read again, without the mapping's code."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.tests.catalogue.company import CHARGES, REDUCED_GST, TAX_TYPES, own

CENT = Decimal("0.01")
RATES = {"OUTPUT2": "15", "INPUT2": "15", "REDUCED": "9", "GSTPST": "12", "GSTPSTC": "12.35"}
"""In percent; the other tax types of the catalogue are 0%."""


def money(value: object) -> Decimal:
	return Decimal(str(value or 0)).quantize(Decimal("0.000001")).normalize() + 0


def total(document: Document) -> Decimal:
	return abs(money(document.rounded_total or document.grand_total))


def tax_by_account(document: Document) -> dict[str, Decimal]:
	"""What the document charged to each tax account, with Xero's signs."""
	sign = -1 if document.is_return else 1
	taxes: dict[str, Decimal] = {}
	for row in document.taxes:
		if row.account_head in CHARGES or row.get("category") == "Valuation":
			continue
		amount = money(row.tax_amount_after_discount_amount)
		amount = -amount if row.get("add_deduct_tax") == "Deduct" else amount
		taxes[row.account_head] = taxes.get(row.account_head, Decimal(0)) + sign * amount
	return taxes


def tax_by_type(wire: dict[str, Any]) -> dict[str, Decimal]:
	taxes: dict[str, Decimal] = {}
	for line in wire["LineItems"]:
		taxes[line["TaxType"]] = taxes.get(line["TaxType"], Decimal(0)) + money(line["TaxAmount"])
	return taxes


def differences(document: Document, wire: dict[str, Any], tax_types: Sequence[str] = ()) -> list[str]:
	"""How Xero's document differs from ERPNext's: totals, tax, lines, currency, rate, dates. Empty if they agree.

	tax_types: those of the lines, where they are not those of the templates.
	"""
	document = frappe.get_doc(document.doctype, document.name)
	theirs, ours = tax_by_type(wire), tax_by_account(document)
	pairs = {
		"total": (total(document), money(wire["Total"])),
		"tax": (sum(ours.values(), Decimal(0)), money(wire["TotalTax"])),
		"tax of the lines": (money(wire["TotalTax"]), sum(theirs.values(), Decimal(0))),
		"without tax": (total(document) - sum(ours.values(), Decimal(0)), money(wire["SubTotal"])),
		"currency": (document.currency, wire["CurrencyCode"]),
		"date": (str(document.posting_date), wire["DateString"][:10]),
		"type": (_type(document), wire["Type"]),
	}
	if REDUCED_GST in ours:
		pairs["reduced tax"] = (ours[REDUCED_GST], theirs.get("REDUCED", Decimal(0)))
	if document.currency != "NZD":
		rate = Decimal(1) / Decimal(str(document.conversion_rate))
		pairs["rate"] = (money(round(rate, 6)), money(wire["CurrencyRate"]))
		pairs["base total, beyond the rate's precision"] = (Decimal(0), _base_difference(document, wire))
	if not document.is_return:
		pairs["due date"] = (str(document.due_date), wire["DueDateString"][:10])
	untaxed = {"NONE", "ZERORATED", "EXEMPT", "GSTONIMPORTS"}
	pairs["tax on untaxed lines"] = (Decimal(0), sum(tax for key, tax in theirs.items() if key in untaxed))
	pairs |= _lines(document, wire, bool(tax_types)) | _tax_at_its_rate(wire)
	if tax_types:
		pairs["tax types"] = (list(tax_types), [line["TaxType"] for line in wire["LineItems"]])
	return [f"{name}: {our} here, {their} in Xero" for name, (our, their) in pairs.items() if our != their]


def _lines(document: Document, wire: dict[str, Any], others: bool) -> dict[str, tuple[object, object]]:
	"""Each item row's net amount, and the tax type of its own template if it has one, unless it has `others`."""
	sign = -1 if document.is_return else 1
	side = 0 if document.doctype == "Sales Invoice" else 1
	mapped = {own(template): tax_types[side] for template, tax_types in TAX_TYPES.items()}
	pairs: dict[str, tuple[object, object]] = {}
	for row, line in zip(document.items, wire["LineItems"], strict=False):
		pairs[f"amount of row {row.idx}"] = (sign * money(row.net_amount), money(line["LineAmount"]))
		if row.item_tax_template and not others:
			pairs[f"tax type of row {row.idx}"] = (mapped[row.item_tax_template], line["TaxType"])
	pairs["item rows"] = (len(document.items), len(wire["LineItems"][: len(document.items)]))
	return pairs


def _tax_at_its_rate(wire: dict[str, Any]) -> dict[str, tuple[object, object]]:
	"""Each tax type's tax, beyond what rounding of its lines and a cent entered by hand explain."""
	pairs: dict[str, tuple[object, object]] = {}
	for tax_type, tax in tax_by_type(wire).items():
		lines = [line for line in wire["LineItems"] if line["TaxType"] == tax_type]
		net = sum((money(line["LineAmount"]) for line in lines), Decimal(0))
		apart = abs(tax - net * Decimal(RATES.get(tax_type, "0")) / 100)
		is_explained = apart <= CENT * (len(lines) + 3) / 2
		pairs[f"{tax_type} beyond roundings"] = (Decimal(0), Decimal(0) if is_explained else apart)
	return pairs


def _base_difference(document: Document, wire: dict[str, Any]) -> Decimal:
	"""How far the totals in company currency differ, beyond what six decimals of the rate explain."""
	rate = Decimal(str(document.conversion_rate))
	base = abs(money(document.base_rounded_total or document.base_grand_total))
	in_xero = money(wire["Total"]) / money(wire["CurrencyRate"])
	allowed = money(wire["Total"]) * rate * rate * Decimal("0.0000005") + CENT
	apart = abs(base - in_xero)
	return Decimal(0) if apart <= allowed else apart


def _type(document: Document) -> str:
	is_sales = document.doctype == "Sales Invoice"
	return ("ACCREC" if is_sales else "ACCPAY") + ("CREDIT" if document.is_return else "")
