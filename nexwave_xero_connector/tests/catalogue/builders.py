"""Short builders for ERPNext documents, used by the catalogue and the random documents.

They build unsaved drafts; ERPNext's own insert and submit do the rest.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import erpnext
import frappe
from erpnext.accounts.doctype.purchase_invoice.purchase_invoice import make_debit_note
from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return
from erpnext.controllers.accounts_controller import get_taxes_and_charges
from frappe.model.document import Document
from frappe.utils import nowdate

from nexwave_xero_connector.tests.catalogue.company import (
	COMPANY,
	CUSTOMER,
	FREIGHT,
	GST,
	SERVICE,
	SUPPLIER,
	own,
)
from nexwave_xero_connector.tests.records import price_list_of

IS_16 = int(erpnext.__version__.partition(".")[0]) >= 16


@dataclass(frozen=True)
class Entry:
	"""A document of the catalogue.

	refused: part of the sentence that says why it is not sent, or "". why: why it cannot be said in Xero.
	refused_on_16: the same where ERPNext 16 computes something that Xero cannot hold.
	difference_on_16: why ERPNext 16 has the document otherwise, whether it is sent there or not.
	impossible_on_16: part of what ERPNext 16 itself says when the document is saved, or "".
	tax_types: Xero's tax types of its lines, where they are not those of its templates.
	"""

	name: str
	build: Callable[[], Document]
	refused: str = ""
	why: str = ""
	tax_types: tuple[str, ...] = ()
	refused_on_16: str = ""
	impossible_on_16: str = ""
	difference_on_16: str = ""

	@property
	def impossible_here(self) -> bool:
		return IS_16 and bool(self.impossible_on_16)

	@property
	def outcome_on_16(self) -> str:
		if self.impossible_on_16:
			return "ERPNext does not save it"
		return "not sent" if self.refused_on_16 else "equal in both books"

	@property
	def refused_here(self) -> str:
		return self.refused_on_16 if IS_16 and self.refused_on_16 else self.refused


def sales(*items: dict, **values: object) -> Document:
	"""A Sales Invoice at 15 % GST, unless `taxes` or `template` are given."""
	return _draft("Sales Invoice", {"customer": CUSTOMER}, items, values)


def bill(*items: dict, **values: object) -> Document:
	"""A Purchase Invoice at 15 % GST, unless `taxes` or `template` are given."""
	return _draft("Purchase Invoice", {"supplier": SUPPLIER, "bill_no": "S-4711"}, items, values)


def item(rate: float = 100, qty: float = 1, code: str = SERVICE, **values: object) -> dict:
	return {"item_code": code, "qty": qty, "rate": rate, **values}


def taxed(template: str, rate: float = 100, qty: float = 1, **values: object) -> dict:
	"""An item row with its own Item Tax Template."""
	return item(rate, qty, item_tax_template=own(template), **values)


def gst(rate: float = 15, account: str = GST, **values: object) -> dict:
	return _tax("On Net Total", account, rate=rate, **values)


def included(rate: float = 15) -> dict:
	return gst(rate, included_in_print_rate=1)


def freight(amount: float, account: str = FREIGHT, **values: object) -> dict:
	"""A charge of a fixed amount."""
	return _tax("Actual", account, tax_amount=amount, **values)


def by_hand(amount: float, account: str = GST, **values: object) -> dict:
	"""A tax that a person or a shop entered as an amount."""
	return freight(amount, account, **values)


def on_total(row: int, rate: float = 15, account: str = GST, **values: object) -> dict:
	return _tax("On Previous Row Total", account, rate=rate, row_id=row, **values)


def on_amount(row: int, rate: float = 15, account: str = GST, **values: object) -> dict:
	return _tax("On Previous Row Amount", account, rate=rate, row_id=row, **values)


def per_unit(rate: float, account: str) -> dict:
	return _tax("On Item Quantity", account, rate=rate)


def rows_of_template(doctype: str, template: str) -> list[dict]:
	"""The rows that ERPNext's form adds when a user chooses the template."""
	return get_taxes_and_charges(f"{doctype.partition(' ')[0]} Taxes and Charges Template", own(template))


def submitted(draft: Document) -> Document:
	if draft.is_new():
		draft.insert()
	return draft.submit() if draft.docstatus == 0 else draft


def returned(draft: Document, **values: object) -> Document:
	"""Submit the document and return its return, as ERPNext's button makes it."""
	original = submitted(draft)
	make = make_sales_return if original.doctype == "Sales Invoice" else make_debit_note
	return_ = make(original.name)
	return_.update(values)
	return return_


def _draft(doctype: str, party: dict, items: tuple[dict, ...], values: dict) -> Document:
	template = values.pop("template", "GST")
	values.setdefault("taxes", [gst()])
	return frappe.get_doc(
		{
			"doctype": doctype,
			"company": COMPANY,
			**party,
			"posting_date": nowdate(),
			"due_date": nowdate(),
			"currency": "NZD",
			"conversion_rate": 1,
			**price_list_of(doctype),
			"disable_rounded_total": 1,
			"taxes_and_charges": template and own(template),
			"items": list(items),
			**values,
		}
	)


def _tax(charge_type: str, account: str, **values: object) -> dict:
	return {"charge_type": charge_type, "account_head": account, "description": account, **values}
