"""The Item Tax Templates that ERPNext would choose for an item row without one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from decimal import Decimal

import frappe

from nexwave_xero_connector.erp.decimals import decimal_of, exactly
from nexwave_xero_connector.erp.plain_rows import plain_rows


class DefaultTaxTemplates:
	"""For the item rows of a batch, with a fixed number of queries.

	The rules are those of ERPNext's `get_item_details._get_item_tax_template`. Of the Item's taxes for the company,
	take the rows whose date or range applies, latest first, or else the rows without either; of these, the first with
	the document's tax category. The same for the Item Group and the groups above it. For a range without a date,
	ERPNext assumes today, so that it never applies to a document in the past; here it does.
	"""

	def __init__(self, rows: Sequence[frappe._dict]) -> None:
		self._group_of = _item_groups({row.item_code for row in rows if row.item_code})
		self._parent_of = _parent_groups()
		chosen_groups = {group for group in self._group_of.values() if group}
		groups = {above for group in chosen_groups for above in self._chain(group)}
		self._taxes = _item_taxes(set(self._group_of) | groups)

	def of(self, row: frappe._dict, header: frappe._dict) -> tuple[str, ...]:
		"""The templates of the Item, then of its group, then of the groups above; each once."""
		owners = [("Item", row.item_code)]
		owners += [("Item Group", group) for group in self._chain(self._group_of.get(row.item_code))]
		found: dict[str, None] = {}
		for owner in owners:
			template = _choose(self._taxes.get(owner, []), row, header)
			if template:
				found[template] = None
		return tuple(found)

	def _chain(self, group: str | None) -> list[str]:
		chain: list[str] = []
		while group and group not in chain:
			chain.append(group)
			group = self._parent_of.get(group)
		return chain


def _choose(taxes: Sequence[frappe._dict], row: frappe._dict, header: frappe._dict) -> str | None:
	of_company = [tax for tax in taxes if tax.company == header.company]
	limited = [
		tax
		for tax in of_company
		if (tax.valid_from or decimal_of(tax.maximum_net_rate)) and _holds(tax, row, header)
	]
	unlimited = [tax for tax in of_company if not tax.valid_from and not decimal_of(tax.maximum_net_rate)]
	latest_first = sorted(limited, key=lambda tax: tax.valid_from or date.min, reverse=True)
	for tax in latest_first or unlimited:
		if (tax.tax_category or "") == (header.tax_category or ""):
			return tax.item_tax_template
	return None


def _holds(tax: frappe._dict, row: frappe._dict, header: frappe._dict) -> bool:
	if tax.valid_from and tax.valid_from > (header.bill_date or header.posting_date):
		return False
	maximum = decimal_of(tax.maximum_net_rate)
	rate: Decimal = decimal_of(row.base_net_rate)
	return not maximum or decimal_of(tax.minimum_net_rate) <= rate <= maximum


def _item_groups(items: set[str]) -> dict[str, str]:
	return {row.name: row.item_group for row in plain_rows("Item", "name", "item_group", name=items)}


def _parent_groups() -> dict[str, str]:
	return {row.name: row.parent_item_group for row in plain_rows("Item Group", "name", "parent_item_group")}


def _item_taxes(owners: set[str]) -> dict[tuple[str, str], list[frappe._dict]]:
	if not owners:
		return {}
	tax, template = frappe.qb.DocType("Item Tax"), frappe.qb.DocType("Item Tax Template")
	rows = (
		frappe.qb.from_(tax)
		.join(template)
		.on(template.name == tax.item_tax_template)
		.select(tax.parenttype, tax.parent, tax.item_tax_template, tax.tax_category, tax.valid_from)
		.select(exactly(tax.minimum_net_rate), exactly(tax.maximum_net_rate), template.company)
		.where(tax.parenttype.isin(["Item", "Item Group"]) & tax.parent.isin(sorted(owners)))
		.orderby(tax.idx)
		.run(as_dict=True)
	)
	grouped: dict[tuple[str, str], list[frappe._dict]] = defaultdict(list)
	for row in rows:
		grouped[(row.parenttype, row.parent)].append(row)
	return grouped
