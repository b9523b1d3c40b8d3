"""What the mapping hands to the protocol: the body to send and what Xero must answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence


@dataclass(frozen=True, slots=True)
class XeroPayload:
	"""A document ready to be sent, all but its contact.

	`total` and `total_tax` are what Xero will compute from `body`, equal to ERPNext's to the cent: the
	mapping refuses otherwise. `sub_total` and `tax_by_type` (every tax type that a line uses) are Xero's too.
	`decisions` says for each line which account and tax mapping won.
	"""

	xero_type: XeroType
	number: str
	date: date
	currency: str
	total: Decimal
	total_tax: Decimal
	body: dict[str, object]
	decisions: tuple[Sentence, ...] = field(default=())
	sub_total: Decimal = Decimal(0)
	tax_by_type: Mapping[str, Decimal] = field(default_factory=dict)
