"""One line of the Xero document before its tax and account are looked up."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum

from nexwave_xero_connector.mapping.erp_document import ItemRow, TaxRow
from nexwave_xero_connector.sentence import DocLink, Sentence


class Source(Enum):
	"""What an ERPNext document makes a Xero line from."""

	ITEM = "item"
	CHARGE = "charge"
	CASH_DISCOUNT = "cash discount"
	ROUNDING = "rounding"


Part = tuple[Source, int, int]
"""What tax is charged on: an item row (its idx), or a charge row's share (its idx) of an item row (idx)."""


@dataclass(frozen=True, slots=True)
class Line:
	"""Amounts in document currency with Xero's signs; `amount` is exclusive of tax and has whole cents.

	parts: what of ERPNext's rows the line is made of; the first one tells the lines of a document apart.
	subject: the item or account as a message names it.
	account: the ERPNext account the ledger books to; default_account: the Xero code when nothing is mapped.
	default_field: the field of Xero Sync Settings that holds that default.
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
	cost_center: str = ""
	project: str = ""
	item: ItemRow | None = None
	charge: TaxRow | None = None

	@property
	def source(self) -> Source:
		return self.parts[0][0]

	@property
	def bears_tax(self) -> bool:
		"""Cash discounts and roundings move the total after tax and never bear any."""
		return self.source in (Source.ITEM, Source.CHARGE)
