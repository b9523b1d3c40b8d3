"""The matrix of settings that identity and state depend on, each combination a cell.

Tests that take a cell from XERO_CELL run in that one; without it, with the defaults. A cell is written with the labels
of Xero Sync Settings, for example XERO_CELL="Supplier Invoice No, Draft, Only as ERPNext does". What is left out is the
default, so XERO_CELL=Draft is a cell, too.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from itertools import product

BILL_NUMBERS = ("ERPNext Name", "Supplier Invoice No", "Supplier Invoice No and ERPNext Name")
STATUSES = {"Authorised": "AUTHORISED", "Awaiting approval": "SUBMITTED", "Draft": "DRAFT"}
"""Labels in the settings, and Xero's words."""
ALLOCATIONS = ("To the invoice they return", "Only as ERPNext does")


@dataclass(frozen=True, slots=True)
class Cell:
	"""Where a bill's number comes from, the status of new documents, and which credit notes are allocated."""

	bill_number: str = BILL_NUMBERS[0]
	status: str = "Authorised"
	allocation: str = ALLOCATIONS[0]

	def __str__(self) -> str:
		return f"{self.bill_number}, {self.status}, {self.allocation}"

	@property
	def is_approved(self) -> bool:
		"""Whether Xero allocates the credit notes: only those that are approved."""
		return self.status == "Authorised"

	@property
	def allocates_always(self) -> bool:
		return self.allocation == ALLOCATIONS[0]

	def settings(self) -> dict[str, str]:
		"""The fields of Xero Sync Settings."""
		kinds = ("sales_invoice", "sales_credit_note", "purchase_invoice", "purchase_credit_note")
		return {
			"bill_number_source": self.bill_number,
			"allocate_credit_notes": self.allocation,
			**{f"{kind}_status": self.status for kind in kinds},
		}

	def number(self, doctype: str, name: str, bill_no: str, is_return: bool = False) -> str:
		"""The number that a document has in Xero."""
		if doctype != "Purchase Invoice" or self.bill_number == BILL_NUMBERS[0] or not bill_no:
			return name
		carries_name = is_return or self.bill_number == BILL_NUMBERS[2]
		return f"{bill_no} - {name}" if carries_name else bill_no


CELLS = [Cell(*values) for values in product(BILL_NUMBERS, STATUSES, ALLOCATIONS)]


def cell_named(text: str) -> Cell:
	"""Raises ValueError for a label that is none of the settings'."""
	chosen: dict[str, str] = {}
	for label in filter(None, (part.strip() for part in text.split(","))):
		for field, labels in (
			("bill_number", BILL_NUMBERS),
			("status", STATUSES),
			("allocation", ALLOCATIONS),
		):
			if label in labels:
				chosen[field] = label
				break
		else:
			raise ValueError(f"{label} is none of {', '.join((*BILL_NUMBERS, *STATUSES, *ALLOCATIONS))}")
	return Cell(**chosen)


def chosen_cell() -> Cell:
	"""The cell that XERO_CELL names; otherwise the defaults."""
	return cell_named(os.environ.get("XERO_CELL", ""))
