"""Reads Sales and Purchase Invoices in bulk: a fixed number of queries per batch, whatever its size."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

import frappe
from frappe.utils import cint

from nexwave_xero_connector.erp.decimals import decimal_of, exactly
from nexwave_xero_connector.erp.documents.closed_books import closed_until, reversed_on
from nexwave_xero_connector.erp.documents.dimensions import dimension_fields, dimensions_of
from nexwave_xero_connector.erp.documents.item_tax import DefaultTaxTemplates
from nexwave_xero_connector.erp.documents.parties import read_parties
from nexwave_xero_connector.erp.outbox.log import party_type_of
from nexwave_xero_connector.erp.plain_rows import plain_rows
from nexwave_xero_connector.erp.returns import billed_by, set_against
from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument, ItemRow, Party, TaxRow
from nexwave_xero_connector.sync.records import DocStatus

HEADER = (
	"name creation company docstatus customer supplier posting_date due_date currency is_return return_against"
	" update_outstanding_for_self bill_no bill_date po_no taxes_and_charges tax_category"
	" is_cash_or_non_trade_discount apply_discount_on additional_discount_account"
	" customer_address supplier_address contact_email contact_mobile tax_id"
	" party_account_currency"
).split()
HEADER_AMOUNTS = "conversion_rate net_total grand_total rounded_total discount_amount".split()
ITEM = (
	"name parent idx item_code item_name item_group description uom income_account expense_account"
	" enable_deferred_revenue deferred_revenue_account enable_deferred_expense deferred_expense_account"
	" item_tax_template item_tax_rate"
).split()
ITEM_AMOUNTS = "qty net_amount base_net_rate".split()
TAX = (
	"name parent idx charge_type account_head description category add_deduct_tax row_id"
	" is_tax_withholding_account"
).split()
TAX_AMOUNTS = "rate tax_amount_after_discount_amount".split()
ITEM_WISE_TAX = "Item Wise Tax Detail"
NOT_APPLICABLE = "N/A"
ROW = ("name", "creation", "parent", "idx", "docstatus")
"""Columns that every table has, and those that every child table has."""


def read_invoices(doctype: str, names: Sequence[str]) -> dict[DocumentRef, ErpDocument]:
	"""The documents that exist, as this transaction sees them."""
	dimensions = dimension_fields()
	# ERPNext books a tax row to the document's project, also where the row has a field for one of its own.
	of_taxes = {name: field for name, field in dimensions.items() if name != "Project"}
	headers = _rows(doctype, "name", names, [*HEADER, *dimensions.values()], HEADER_AMOUNTS)
	if not headers:
		return {}
	parties = read_parties(party_type_of(doctype), headers)
	item_fields, tax_fields = [*ITEM, *dimensions.values()], [*TAX, *of_taxes.values()]
	items = _by_parent(
		_rows(f"{doctype} Item", "parent", names, item_fields, ITEM_AMOUNTS, parenttype=doctype)
	)
	tax_doctype = _child_doctype(doctype, "taxes")
	taxes = _by_parent(_rows(tax_doctype, "parent", names, tax_fields, TAX_AMOUNTS, parenttype=doctype))
	account_types = _account_types({row.account_head for rows in taxes.values() for row in rows})
	shares = _item_wise_taxes(doctype, headers, items)
	templates = DefaultTaxTemplates([row for rows in items.values() for row in rows])
	company_values = {name: _company(doctype, name) for name in {header.company for header in headers}}
	booked = _Booked(doctype, headers)
	return {
		DocumentRef(doctype, header.name): _document(
			doctype,
			header,
			parties[header.name],
			tuple(_item(row, header, doctype, templates, dimensions) for row in items[header.name]),
			tuple(_tax(row, account_types, shares, of_taxes) for row in taxes[header.name]),
			company_values[header.company],
			booked,
			dimensions,
		)
		for header in headers
	}


class _Booked:
	"""What the ledgers say about returns and cancelled documents; most batches have none, and cost no query."""

	def __init__(self, doctype: str, headers: Sequence[frappe._dict]) -> None:
		cancelled = [header for header in headers if header.docstatus == DocStatus.CANCELLED.value]
		returns = [header for header in headers if header.is_return]
		self.set_against = set_against(doctype, returns)
		self.billed_by = billed_by(doctype, [header.name for header in returns if not header.return_against])
		self.reversed_on = reversed_on(doctype, cancelled)
		self._closed = {name: closed_until(name) for name in {header.company for header in cancelled}}

	def closed_until(self, header: frappe._dict) -> date | None:
		day = self._closed.get(header.company)
		return day if day and header.posting_date <= day else None


def _document(
	doctype: str,
	header: frappe._dict,
	party: Party,
	items: tuple[ItemRow, ...],
	taxes: tuple[TaxRow, ...],
	company: frappe._dict,
	booked: _Booked,
	dimensions: Mapping[str, str],
) -> ErpDocument:
	return ErpDocument(
		ref=DocumentRef(doctype, header.name),
		company=header.company,
		docstatus=header.docstatus,
		party=party,
		posting_date=header.posting_date,
		currency=header.currency,
		company_currency=company.default_currency,
		conversion_rate=decimal_of(header.conversion_rate),
		items=items,
		taxes=taxes,
		net_total=decimal_of(header.net_total),
		grand_total=decimal_of(header.grand_total),
		rounded_total=decimal_of(header.rounded_total),
		url="",
		is_return=bool(header.is_return),
		return_against=header.return_against or "",
		update_outstanding_for_self=bool(header.update_outstanding_for_self),
		due_date=header.due_date,
		bill_no=header.bill_no or "",
		bill_date=header.bill_date,
		customer_purchase_order=header.po_no or "",
		taxes_template=header.taxes_and_charges or "",
		company_taxes_template=company.taxes_template or "",
		discount_amount=decimal_of(header.discount_amount),
		is_cash_discount=_is_cash_discount(header),
		discount_account=header.additional_discount_account or "",
		dimensions=dimensions_of(header, dimensions),
		billed_by=booked.billed_by.get(header.name, ()),
		set_against=booked.set_against.get(header.name, ()),
		reversed_on=booked.reversed_on.get(header.name),
		closed_until=booked.closed_until(header) if header.docstatus == DocStatus.CANCELLED.value else None,
		created=header.creation,
	)


def _item(
	row: frappe._dict,
	header: frappe._dict,
	doctype: str,
	templates: DefaultTaxTemplates,
	dimensions: Mapping[str, str],
) -> ItemRow:
	return ItemRow(
		idx=row.idx,
		item_code=row.item_code or "",
		item_name=row.item_name or "",
		description=row.description or "",
		qty=decimal_of(row.qty),
		uom=row.uom or "",
		net_amount=decimal_of(row.net_amount),
		account=_account(row, bool(header.is_return), doctype) or "",
		item_tax_template=row.item_tax_template or "",
		default_tax_templates=templates.of(row, header),
		item_tax_rate=_item_tax_rate(row.item_tax_rate),
		dimensions=dimensions_of(row, dimensions),
	)


def _account(row: frappe._dict, is_return: bool, doctype: str) -> str | None:
	"""The account that ERPNext books the row to in its ledger."""
	if doctype == "Sales Invoice":
		deferred = row.enable_deferred_revenue and not is_return
		return row.deferred_revenue_account if deferred else row.income_account
	deferred = row.enable_deferred_expense and not is_return
	return row.deferred_expense_account if deferred else row.expense_account


def _is_cash_discount(header: frappe._dict) -> bool:
	"""ERPNext applies the checkbox only to a discount on the grand total; one on the net total is an ordinary one."""
	return bool(header.is_cash_or_non_trade_discount) and header.apply_discount_on == "Grand Total"


def _item_tax_rate(text: str | None) -> dict[str, Decimal]:
	"""Rates by tax account. "N/A" means that a tax does not apply to the item, so it charges nothing.

	See https://github.com/frappe/erpnext/pull/50898, in ERPNext 15 and 16.
	"""
	rates = json.loads(text or "{}", parse_float=Decimal, parse_int=Decimal)
	return {
		account: Decimal(0) if rate == NOT_APPLICABLE else Decimal(rate)
		for account, rate in rates.items()
		if rate is not None
	}


def _tax(
	row: frappe._dict,
	account_types: Mapping[str, str],
	shares: Mapping[str, dict[int, Decimal]] | None,
	dimensions: Mapping[str, str],
) -> TaxRow:
	return TaxRow(
		idx=row.idx,
		charge_type=row.charge_type,
		account=row.account_head or "",
		description=row.description or "",
		rate=decimal_of(row.rate),
		amount=decimal_of(row.tax_amount_after_discount_amount),
		category=row.category or "Total",
		deducted=row.add_deduct_tax == "Deduct",
		row_id=cint(row.row_id),
		is_tax_withholding=bool(row.is_tax_withholding_account),
		dimensions=dimensions_of(row, dimensions),
		account_type=account_types.get(row.account_head) or "",
		by_item=(shares or {}).get(row.name),
	)


def _account_types(accounts: set[str]) -> dict[str, str]:
	rows = plain_rows("Account", "name", "account_type", name={account for account in accounts if account})
	return {row.name: row.account_type for row in rows}


def _item_wise_taxes(
	doctype: str, headers: Sequence[frappe._dict], items: Mapping[str, list[frappe._dict]]
) -> dict[str, dict[int, Decimal]] | None:
	"""Each item row's share of each tax row in ERPNext 16, by the tax row's name; None if there is no such table.

	A tax row without any is missing: it was charged before the site was upgraded, and its shares are unknown. ERPNext
	stores them in company currency, so they are divided by the rate. They are used as a check, not as amounts to send.
	"""
	if not frappe.db.table_exists(ITEM_WISE_TAX):
		return None
	rates = {header.name: decimal_of(header.conversion_rate) or Decimal(1) for header in headers}
	idx_of = {row.name: row.idx for rows in items.values() for row in rows}
	rows = _rows(
		ITEM_WISE_TAX,
		"parent",
		list(rates),
		["parent", "item_row", "tax_row"],
		["amount"],
		parenttype=doctype,
	)
	shares: dict[str, dict[int, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
	for row in rows:
		if row.item_row in idx_of:
			shares[row.tax_row][idx_of[row.item_row]] += decimal_of(row.amount) / rates[row.parent]
	return shares


def _company(doctype: str, company: str) -> frappe._dict:
	"""The company's currency, and its default taxes template as ERPNext finds it (get_default_taxes_and_charges)."""
	return frappe._dict(
		default_currency=frappe.db.get_value("Company", company, "default_currency"),
		taxes_template=frappe.db.get_value(
			_child_doctype(doctype, "taxes") + " Template", {"is_default": 1, "company": company}
		),
	)


def _child_doctype(doctype: str, table: str) -> str:
	return frappe.get_meta(doctype).get_field(table).options


def _by_parent(rows: Sequence[frappe._dict]) -> dict[str, list[frappe._dict]]:
	grouped: dict[str, list[frappe._dict]] = defaultdict(list)
	for row in rows:
		grouped[row.parent].append(row)
	return grouped


def _rows(
	doctype: str,
	key: str,
	names: Sequence[str],
	fields: Sequence[str],
	amounts: Sequence[str],
	parenttype: str = "",
) -> list[frappe._dict]:
	"""The rows whose key is one of the names, ordered by idx, without fields that this version does not have."""
	table = frappe.qb.DocType(doctype)
	meta = frappe.get_meta(doctype)
	query = (
		frappe.qb.from_(table)
		.select(*(table[field] for field in fields if field in ROW or meta.has_field(field)))
		.select(*(exactly(table[field]) for field in amounts if meta.has_field(field)))
		.where(table[key].isin(list(names)))
		.orderby(table.idx)
	)
	if parenttype:
		query = query.where(table.parenttype == parenttype)
	return query.run(as_dict=True)
