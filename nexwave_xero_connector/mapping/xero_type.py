"""The four documents ERPNext can make and what Xero calls them."""

from __future__ import annotations

from enum import Enum


class XeroType(str, Enum):
	"""Xero's document type. Sales documents carry unique numbers in Xero, purchase documents do not."""

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
		"""Xero refuses a second ACCREC or ACCRECCREDIT with the same number, but takes any number of equal
		bills.
		"""
		return self.is_sales

	@property
	def has_url(self) -> bool:
		"""Invoices and bills carry the link back to ERPNext; Xero's credit notes have no such field."""
		return not self.is_credit_note
