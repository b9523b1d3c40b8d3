"""An ERPNext invoice as the mapping reads it: plain values, Decimal amounts, no Frappe.

Amounts are in document currency unless the name says base. Returns keep ERPNext's signs (negative quantities and
totals); `signs.py` reverses them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from nexwave_xero_connector.mapping.xero_type import XeroType


@dataclass(frozen=True, slots=True)
class DocumentRef:
	"""The invoice that a row of the outbox is about."""

	doctype: str
	name: str

	def __str__(self) -> str:
		return f"{self.doctype} {self.name}"


@dataclass(frozen=True, slots=True)
class Party:
	"""The Customer or Supplier, with the details for a new Xero contact."""

	doctype: str
	name: str
	title: str
	email: str = ""
	tax_id: str = ""
	phone: str = ""
	address_line1: str = ""
	address_line2: str = ""
	city: str = ""
	region: str = ""
	postal_code: str = ""
	country: str = ""


@dataclass(frozen=True, slots=True)
class ItemRow:
	"""One row of the items table.

	default_tax_templates: the Item Tax Templates that ERPNext itself would choose: from the Item, its Item Group, then
		the groups above, in that order.
	item_tax_rate: rates by tax account; they override the rates of the tax rows.
	dimensions: the row's own accounting dimensions: name by DocType, such as Cost Center, Project or Department.
	"""

	idx: int
	item_code: str
	item_name: str
	description: str
	qty: Decimal
	uom: str
	net_amount: Decimal
	account: str
	item_tax_template: str = ""
	default_tax_templates: tuple[str, ...] = ()
	item_tax_rate: Mapping[str, Decimal] = field(default_factory=dict)
	dimensions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TaxRow:
	"""One row of the taxes and charges table.

	amount: tax_amount_after_discount_amount, positive even if `deducted`.
	account_type: that of the account, such as Tax or Chargeable; "" if not known.
	dimensions: the row's own accounting dimensions, as in ItemRow. ERPNext books a charge to the document's Project.
	by_item: ERPNext 16's own amount for each item row, by idx; None where it has none, as for documents of ERPNext 15.
	"""

	idx: int
	charge_type: str
	account: str
	description: str
	rate: Decimal
	amount: Decimal
	category: str = "Total"
	deducted: bool = False
	row_id: int = 0
	is_tax_withholding: bool = False
	dimensions: Mapping[str, str] = field(default_factory=dict)
	account_type: str = ""
	by_item: Mapping[int, Decimal] | None = None


@dataclass(frozen=True, slots=True)
class SetAgainst:
	"""Part of a return's balance that ERPNext used up after the return was submitted.

	amount: positive, in the return's currency.
	voucher: the Journal Entry of a Payment Reconciliation, or the Payment Entry of a refund.
	invoice: what it is set against; None for a refund, and if the voucher sets several together.
	"""

	amount: Decimal
	voucher: DocumentRef
	invoice: DocumentRef | None = None


@dataclass(frozen=True, slots=True)
class ErpDocument:
	"""A submitted or cancelled Sales Invoice or Purchase Invoice.

	update_outstanding_for_self: a return keeps a balance of its own, instead of reducing its invoice's.
	billed_by: of a return without return_against, the invoices that billed what it takes back, by its delivery.
	set_against: what ERPNext has done with this balance since; empty if it is not a return.
	reversed_on: the latest date on which a cancelled document's entries were reversed, if that is not its own date: an
		immutable ledger books a cancel on the day it happens.
	closed_until: the end of the period closed in ERPNext in which the document lies; None if it is in an open one.
	created: when ERPNext inserted it, in the site's time zone and to the microsecond.
	dimensions: its accounting dimensions, which apply to every row that does not have its own.
	"""

	ref: DocumentRef
	company: str
	docstatus: int
	party: Party
	posting_date: date
	currency: str
	company_currency: str
	conversion_rate: Decimal
	items: tuple[ItemRow, ...]
	taxes: tuple[TaxRow, ...]
	net_total: Decimal
	grand_total: Decimal
	rounded_total: Decimal
	url: str
	is_return: bool = False
	return_against: str = ""
	update_outstanding_for_self: bool = True
	due_date: date | None = None
	bill_no: str = ""
	bill_date: date | None = None
	customer_purchase_order: str = ""
	taxes_template: str = ""
	company_taxes_template: str = ""
	discount_amount: Decimal = Decimal(0)
	is_cash_discount: bool = False
	discount_account: str = ""
	dimensions: Mapping[str, str] = field(default_factory=dict)
	billed_by: tuple[str, ...] = ()
	set_against: tuple[SetAgainst, ...] = ()
	reversed_on: date | None = None
	closed_until: date | None = None
	created: datetime | None = None

	@property
	def xero_type(self) -> XeroType:
		return XeroType.of(self.ref.doctype, self.is_return)

	@property
	def total(self) -> Decimal:
		"""What the ledger books to the party: the rounded total if the document is rounded."""
		return self.rounded_total or self.grand_total
