"""Reads Xero's JSON of an invoice, bill or credit note into a XeroDocument."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal

from nexwave_xero_connector.mapping.figures import without_nil
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.records import Allocation, XeroDocument
from nexwave_xero_connector.xero_api.response import day, money, text


def read_document(xero_type: XeroType, element: Mapping[str, object]) -> XeroDocument:
	"""Raises KeyError, TypeError or ValueError if the id, the status or an amount cannot be read.

	An unknown status is kept as it is. It counts as live, so nothing is overwritten or sent again because of it.
	"""
	is_credit_note = xero_type.is_credit_note
	lines = _lines(element)
	contact = element.get("Contact") or {}
	return XeroDocument(
		xero_type=xero_type,
		id=text(element["CreditNoteID" if is_credit_note else "InvoiceID"]),
		number=text(element.get("CreditNoteNumber" if is_credit_note else "InvoiceNumber")),
		status=str(element["Status"]),
		contact_id=text(contact.get("ContactID")),
		contact_name=text(contact.get("Name")),
		currency=text(element.get("CurrencyCode")),
		total=money(element.get("Total")),
		total_tax=money(element.get("TotalTax")),
		date=day(element, "Date"),
		url=text(element.get("Url")),
		amount_due=money(element.get("AmountDue")),
		remaining_credit=money(element.get("RemainingCredit")),
		allocations=tuple(_allocations_of(element)) if is_credit_note else (),
		applied=tuple(_applied(element)),
		currency_rate=money(element["CurrencyRate"]) if element.get("CurrencyRate") else None,
		tax_by_type=tuple(without_nil((tax_type, tax) for _code, tax_type, _net, tax in lines).items()),
		net=tuple(without_nil(((code, tax_type), net) for code, tax_type, net, _tax in lines).items()),
		tracking=tuple(without_nil(_tracking(element)).items()),
		account_ids=tuple(sorted(_account_ids(element))),
	)


def _lines(element: Mapping[str, object]) -> list[tuple[str, str, Decimal, Decimal]]:
	"""Account code, tax type, amount without tax and tax of each line; a line of text alone has none of them."""
	lines = []
	for line in element.get("LineItems") or ():
		tax = money(line.get("TaxAmount"))
		lines.append((text(line.get("AccountCode")), text(line.get("TaxType")), _net(element, line), tax))
	return lines


def _net(element: Mapping[str, object], line: Mapping[str, object]) -> Decimal:
	amount = money(line.get("LineAmount"))
	return amount - money(line.get("TaxAmount")) if element.get("LineAmountTypes") == "Inclusive" else amount


def _tracking(element: Mapping[str, object]) -> Iterator[tuple[str, Decimal]]:
	for line in element.get("LineItems") or ():
		for part in line.get("Tracking") or ():
			for name in {text(part.get("TrackingOptionID")), text(part.get("Option"))} - {""}:
				yield name, _net(element, line)


def _account_ids(element: Mapping[str, object]) -> set[tuple[str, str]]:
	return {
		(text(line.get("AccountCode")), text(line.get("AccountID")))
		for line in element.get("LineItems") or ()
		if line.get("AccountID")
	}


def _allocations_of(credit_note: Mapping[str, object]) -> Iterator[Allocation]:
	for allocation in credit_note.get("Allocations") or ():
		invoice = allocation.get("Invoice") or {}
		yield Allocation(
			id=text(allocation.get("AllocationID")),
			invoice_id=text(invoice.get("InvoiceID")),
			amount=money(allocation.get("Amount")),
			invoice_number=text(invoice.get("InvoiceNumber")),
		)


def _applied(element: Mapping[str, object]) -> Iterator[str]:
	"""What prevents the document from being voided, in words for a person. A credit note's refund is a payment too."""
	for payment in element.get("Payments") or ():
		yield _named("Payment", payment, "Reference", "Amount")
	for prepayment in element.get("Prepayments") or ():
		yield _named("Prepayment", prepayment, "Reference", "AppliedAmount")
	for overpayment in element.get("Overpayments") or ():
		yield _named("Overpayment", overpayment, "Reference", "AppliedAmount")
	for credit in element.get("CreditNotes") or ():
		yield _named("Credit note", credit, "CreditNoteNumber", "AppliedAmount")


def _named(what: str, element: Mapping[str, object], name_field: str, amount_field: str) -> str:
	name = text(element.get(name_field))
	on = day(element, "Date")
	parts = [what, name, f"of {money(element.get(amount_field)):.2f}", f"dated {on}" if on else ""]
	return " ".join(part for part in parts if part)
