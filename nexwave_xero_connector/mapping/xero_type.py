"""Xero's type for each of the four kinds of ERPNext invoice."""

from __future__ import annotations

from enum import Enum


class XeroType(str, Enum):
	"""Xero's Type of an invoice or credit note."""

	ACCREC = "ACCREC"
	ACCPAY = "ACCPAY"
	ACCRECCREDIT = "ACCRECCREDIT"
	ACCPAYCREDIT = "ACCPAYCREDIT"

	@classmethod
	def of(cls, doctype: str, is_return: bool) -> XeroType:
		"""The Xero type of a Sales Invoice or Purchase Invoice; a debit note is an invoice."""
		if doctype == "Sales Invoice":
			return cls.ACCRECCREDIT if is_return else cls.ACCREC
		if doctype == "Purchase Invoice":
			return cls.ACCPAYCREDIT if is_return else cls.ACCPAY
		raise ValueError(f"{doctype} is not sent to Xero")

	@property
	def is_credit_note(self) -> bool:
		return self in (XeroType.ACCRECCREDIT, XeroType.ACCPAYCREDIT)

	@property
	def is_sales(self) -> bool:
		return self in (XeroType.ACCREC, XeroType.ACCRECCREDIT)

	@property
	def number_is_unique(self) -> bool:
		"""Xero rejects a second ACCREC or ACCRECCREDIT with the same number, but accepts bills that share one."""
		return self.is_sales

	@property
	def has_url(self) -> bool:
		"""Invoices and bills carry a link back to ERPNext; Xero's credit notes have no field for it."""
		return not self.is_credit_note
