"""How dataclasses are stored in the database: as JSON that people can read."""

from __future__ import annotations

from pydantic import TypeAdapter

from nexwave_xero_connector.mapping.erp_document import ErpDocument, Party, TaxRow
from nexwave_xero_connector.mapping.settings import XeroAccount, XeroTaxRate
from nexwave_xero_connector.sync.records import Allocation

INVOICE = TypeAdapter(ErpDocument)
PARTY = TypeAdapter(Party)
TAX_ROWS = TypeAdapter(tuple[TaxRow, ...])
XERO_ACCOUNT = TypeAdapter(XeroAccount)
XERO_TAX_RATE = TypeAdapter(XeroTaxRate)
ALLOCATIONS = TypeAdapter(tuple[Allocation, ...])


def to_json(adapter: TypeAdapter, value: object) -> str:
	return adapter.dump_json(value).decode()
