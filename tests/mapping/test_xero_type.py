"""Xero's document type of each ERPNext document."""

from __future__ import annotations

import pytest

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.xero_type import XeroType
from tests.mapping.nz import bill, invoice


def test_each_document_has_its_xero_type() -> None:
	assert invoice().xero_type is XeroType.ACCREC
	assert invoice(is_return=True).xero_type is XeroType.ACCRECCREDIT
	assert bill().xero_type is XeroType.ACCPAY
	assert bill(is_return=True).xero_type is XeroType.ACCPAYCREDIT


def test_another_doctype_is_an_error() -> None:
	with pytest.raises(ValueError, match="Payment Entry is not sent to Xero"):
		_ = invoice(ref=DocumentRef("Payment Entry", "PE-1")).xero_type
