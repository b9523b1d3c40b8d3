"""The JSON body of a Xero invoice or credit note, without its contact."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from nexwave_xero_connector.mapping.erp_document import ErpDocument
from nexwave_xero_connector.mapping.header import currency_fields, document_date, document_number, due_date
from nexwave_xero_connector.mapping.lines.mapped import MappedLine
from nexwave_xero_connector.mapping.money import is_half_a_cent_off
from nexwave_xero_connector.mapping.settings import MappingSettings, XeroAccount
from nexwave_xero_connector.mapping.totals import line_tax

MAX_REFERENCE_LENGTH = 255


def body(
	document: ErpDocument, settings: MappingSettings, line_items: Sequence[dict[str, object]]
) -> dict[str, object]:
	"""The document without totals. Xero calculates them, and rejects other totals (reported by users of its API)."""
	xero_type = document.xero_type
	fields: dict[str, object] = {
		"Type": xero_type.value,
		"CreditNoteNumber" if xero_type.is_credit_note else "InvoiceNumber": document_number(
			document, settings
		),
		"Date": document_date(document, settings).isoformat(),
		"Status": settings.statuses[xero_type],
		"LineAmountTypes": "Exclusive",
		**currency_fields(document),
	}
	if not xero_type.is_credit_note:
		fields["DueDate"] = due_date(document).isoformat()
	if xero_type.has_url and document.url:
		fields["Url"] = document.url
	reference = " ".join(document.customer_purchase_order.split())[:MAX_REFERENCE_LENGTH]
	if xero_type.is_sales and reference:
		fields["Reference"] = reference
	fields["LineItems"] = list(line_items)
	return fields


def _account(account: XeroAccount) -> dict[str, object]:
	"""By its id, so that a code which somebody has given to another account since the last fetch is not followed."""
	return {"AccountID": account.id} if account.id else {"AccountCode": account.code}


def line_item(mapped: MappedLine, tax: Decimal) -> dict[str, object]:
	"""A line with `tax`, which is sent only if Xero would calculate another amount.

	On a negative line it is also sent if Xero's result depends on how it rounds a negative half cent, which is not
	documented.
	"""
	line, rate = mapped.line, mapped.tax.rate
	fields: dict[str, object] = {
		"Description": line.description,
		"Quantity": line.quantity,
		"UnitAmount": line.unit_amount,
		**_account(mapped.account.account),
		"TaxType": rate.tax_type,
	}
	exact = line.amount * rate.rate / 100
	if tax != line_tax(line.amount, rate) or (exact < 0 and is_half_a_cent_off(exact)):
		fields["TaxAmount"] = tax
	if mapped.tracking:
		fields["Tracking"] = mapped.tracking
	return fields
