"""One line of the Xero document, before its account and tax are looked up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum

from nexwave_xero_connector.mapping.erp_document import ItemRow, TaxRow
from nexwave_xero_connector.sentence import DocLink, Sentence


class Source(Enum):
	"""What part of the ERPNext document a Xero line comes from."""

	ITEM = "item"
	CHARGE = "charge"
	CASH_DISCOUNT = "cash discount"
	ROUNDING = "rounding"


Part = tuple[Source, int, int]
"""What a tax is charged on: (ITEM, idx of the item row, 0), or (CHARGE, idx of the charge row, idx of the item row that
this share of the charge belongs to)."""


@dataclass(frozen=True, slots=True)
class Line:
	"""Amounts are in document currency with Xero's signs; `amount` excludes tax and is in whole cents.

	parts: the parts of ERPNext's rows that the line is made of. The first identifies the line in its document.
	subject: the item or account as a message names it.
	account: the ERPNext account that the ledger books to.
	default_account: the Xero account code to use if nothing is mapped.
	default_field: the field of Xero Sync Settings that holds this default.
	dimensions: name by DocType of the accounting dimensions that the ledger books the line to.
	row: the number of the item row, if the document has several; else 0.
	"""

	parts: tuple[Part, ...]
	subject: DocLink | Sentence | str
	amount: Decimal
	quantity: Decimal
	unit_amount: Decimal
	description: str
	account: str
	default_account: str
	default_field: str
	dimensions: Mapping[str, str] = field(default_factory=dict)
	item: ItemRow | None = None
	charge: TaxRow | None = None
	row: int = 0

	@property
	def source(self) -> Source:
		return self.parts[0][0]

	@property
	def bears_tax(self) -> bool:
		"""Cash discounts and rounding change the total after tax, so no tax is charged on them."""
		return self.source in (Source.ITEM, Source.CHARGE)
