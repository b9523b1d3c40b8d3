"""The records that the mapping's sentences point to."""

from __future__ import annotations

from nexwave_xero_connector.mapping.erp_document import DocumentRef, ItemRow
from nexwave_xero_connector.mapping.settings import Chart
from nexwave_xero_connector.sentence import DocLink, settings_link


def settings(chart: Chart, fieldname: str) -> DocLink:
	"""The company's Xero Sync Settings, at the field where the matter is mended."""
	return settings_link(chart.company, fieldname)


def item(row: ItemRow) -> DocLink | str:
	"""The Item; a row without one has only a name."""
	return DocLink("Item", row.item_code) if row.item_code else row.item_name


def document(ref: DocumentRef) -> DocLink:
	return DocLink(ref.doctype, ref.name)
