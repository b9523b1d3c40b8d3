"""The lines of the item rows."""

from __future__ import annotations

from decimal import Decimal

from nexwave_xero_connector.mapping.erp_document import ErpDocument, ItemRow
from nexwave_xero_connector.mapping.line import Line, Source
from nexwave_xero_connector.mapping.lines.description import line_description, plain_text
from nexwave_xero_connector.mapping.lines.quantity import quantity_and_unit_amount
from nexwave_xero_connector.mapping.links import link_to_item
from nexwave_xero_connector.mapping.settings import MappingSettings


def item_lines(document: ErpDocument, settings: MappingSettings) -> list[Line]:
	"""A line for each item row at its net amount: after all discounts, without inclusive tax."""
	return [_item_line(row, document, settings) for row in document.items]


def default_account(document: ErpDocument, settings: MappingSettings) -> tuple[str, str]:
	"""The Xero code to use if nothing is mapped, and the settings field that holds it."""
	if document.xero_type.is_sales:
		return settings.default_sales_account, "default_sales_account"
	return settings.default_purchase_account, "default_purchase_account"


def _item_line(row: ItemRow, document: ErpDocument, settings: MappingSettings) -> Line:
	quantity, unit_amount = quantity_and_unit_amount(row.qty, row.net_amount)
	code, field = default_account(document, settings)
	return Line(
		parts=((Source.ITEM, row.idx, 0),),
		subject=link_to_item(row),
		amount=row.net_amount,
		quantity=quantity,
		unit_amount=unit_amount,
		description=line_description(
			row.description, row.item_name, row.item_code, suffix=_quantity_in_words(row, quantity)
		),
		account=row.account,
		default_account=code,
		default_field=field,
		dimensions={**document.dimensions, **row.dimensions},
		item=row,
		row=row.idx if len(document.items) > 1 else 0,
	)


def _quantity_in_words(row: ItemRow, quantity: Decimal) -> str:
	"""The quantity for the description, if the line itself does not have it."""
	if not row.qty or abs(row.qty) == quantity:
		return ""
	return f"{abs(row.qty).normalize():f} {plain_text(row.uom)}".rstrip()
