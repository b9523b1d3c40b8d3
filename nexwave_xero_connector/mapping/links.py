"""Links to the records that the mapping's sentences name."""

from __future__ import annotations

from nexwave_xero_connector.mapping.erp_document import DocumentRef, ItemRow
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.sentence import DocLink, settings_link


def link_to_settings(settings: MappingSettings, fieldname: str) -> DocLink:
	"""The company's Xero Sync Settings, at the field where the problem is fixed."""
	return settings_link(settings.company, fieldname)


def link_to_item(row: ItemRow) -> DocLink | str:
	"""The Item, or the row's name if it has no item."""
	return DocLink("Item", row.item_code) if row.item_code else row.item_name


def link_to_document(ref: DocumentRef) -> DocLink:
	return DocLink(ref.doctype, ref.name)
