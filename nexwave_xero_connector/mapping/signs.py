"""A return has negative quantities and amounts in ERPNext; a credit note has positive ones in Xero."""

from __future__ import annotations

from dataclasses import replace

from nexwave_xero_connector.mapping.erp_document import ErpDocument, ItemRow, TaxRow


def in_xero_signs(document: ErpDocument) -> ErpDocument:
	"""The document with Xero's signs: a return with quantities and amounts reversed, anything else unchanged."""
	if not document.is_return:
		return document
	return replace(
		document,
		items=tuple(_reversed_item(row) for row in document.items),
		taxes=tuple(_reversed_tax(row) for row in document.taxes),
		net_total=-document.net_total,
		grand_total=-document.grand_total,
		rounded_total=-document.rounded_total,
		discount_amount=-document.discount_amount,
	)


def _reversed_item(row: ItemRow) -> ItemRow:
	return replace(row, qty=-row.qty, net_amount=-row.net_amount)


def _reversed_tax(row: TaxRow) -> TaxRow:
	by_item = None if row.by_item is None else {idx: -amount for idx, amount in row.by_item.items()}
	return replace(row, amount=-row.amount, by_item=by_item)
