"""The mapping's result: the body to send, and the figures that Xero must return for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence


@dataclass(frozen=True, slots=True)
class XeroPayload:
	"""A document ready to be sent, except for its contact.

	total, total_tax, sub_total, tax_by_type: what Xero will calculate from `body`. Total and tax equal ERPNext's to the
		cent, or there is no payload. `tax_by_type` has every tax type that a line uses.
	names: what a message calls the accounts and tracking options that the body names by their ids.
	decisions: for each line, which account and tax mapping was used.
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
	names: Mapping[str, str] = field(default_factory=dict)
