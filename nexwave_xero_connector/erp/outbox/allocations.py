"""How a row of the log keeps the allocations of its credit note that are ours."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal

from nexwave_xero_connector.sync.records import Allocation


def to_column(allocations: Iterable[Allocation]) -> str | None:
	rows = [
		{
			"id": found.id,
			"invoice_id": found.invoice_id,
			"amount": str(found.amount),
			"number": found.invoice_number,
		}
		for found in allocations
	]
	return json.dumps(rows) if rows else None


def from_column(text: str | None) -> tuple[Allocation, ...]:
	return tuple(
		Allocation(row["id"], row["invoice_id"], Decimal(row["amount"]), row.get("number", ""))
		for row in json.loads(text or "[]")
	)
