"""The document's number, dates and currency in Xero."""

from __future__ import annotations

import unicodedata
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from nexwave_xero_connector.mapping.erp_document import ErpDocument
from nexwave_xero_connector.mapping.links import link_to_document, link_to_settings
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.sentence import DocLink, Sentence, _

SUPPLIER_INVOICE_NO = "Supplier Invoice No"
SUPPLIER_INVOICE_NO_AND_NAME = "Supplier Invoice No and ERPNext Name"

MAX_NUMBER_LENGTH = 255


def document_number(document: ErpDocument, settings: MappingSettings) -> str:
	"""The ERPNext name; on purchases, if the settings say so, the supplier's number where there is one.

	A credit note of a supplier always carries ERPNext's name too. It has no link in Xero, and ERPNext gives a return
	its invoice's supplier number, so that several may share one: the name is what tells them apart.
	"""
	name = document.ref.name
	if document.xero_type.is_sales or settings.bill_number_source not in (
		SUPPLIER_INVOICE_NO,
		SUPPLIER_INVOICE_NO_AND_NAME,
	):
		return name
	supplier_number = " ".join(document.bill_no.split())
	if document.xero_type.is_credit_note or settings.bill_number_source == SUPPLIER_INVOICE_NO_AND_NAME:
		end = f" - {name}"
		start = _in_ascii(supplier_number)[: MAX_NUMBER_LENGTH - len(end)].rstrip()
		return f"{start}{end}" if start else name
	return supplier_number[:MAX_NUMBER_LENGTH] or name


def _in_ascii(number: str) -> str:
	"""The number in unaccented Latin letters, digits and symbols: the whole is looked up in Xero again and again."""
	return " ".join(unicodedata.normalize("NFKD", number).encode("ascii", "ignore").decode().split())


def number_problem(document: ErpDocument, number: str) -> Sentence | None:
	"""Xero accepts only printable ASCII in the number of a sales document (documented by Xero, Invoices)."""
	if not document.xero_type.is_sales or (number.isascii() and number.isprintable()):
		return None
	return Sentence(
		_(
			"Xero accepts only unaccented Latin letters, digits and symbols in a document number, and {document} has"
			" other characters. Choose a naming series without them, cancel the document, and enter it again with"
			" Duplicate: an amended document would keep its number."
		),
		document=link_to_document(document.ref),
	)


AUTHORISED = "AUTHORISED"
SUPPLIER_INVOICE_DATE = "Supplier Invoice Date"


def document_date(document: ErpDocument, settings: MappingSettings) -> date:
	"""The posting date; on purchases, if the settings say so, the supplier's date where there is one."""
	is_bill = not document.xero_type.is_sales
	if is_bill and settings.bill_date_source == SUPPLIER_INVOICE_DATE and document.bill_date:
		return document.bill_date
	return document.posting_date


def date_problem(document: ErpDocument, settings: MappingSettings) -> Sentence | None:
	"""A draft dated in a period that is locked in Xero could never be approved, although Xero may accept it.

	An approved document is left to Xero, which refuses it, and knows of a lock date that has been moved since.
	"""
	if settings.statuses[document.xero_type] == AUTHORISED or not settings.lock_date:
		return None
	day = document_date(document, settings)
	if day > settings.lock_date:
		return None
	return Sentence(
		_(
			"{document} could never be approved in Xero: it is dated {date}, and the lock date is {lock}. Move the lock"
			" date in Xero and press Fetch in {settings}, or cancel the document and amend it with a later date."
		),
		document=link_to_document(document.ref),
		date=day,
		lock=settings.lock_date,
		settings=link_to_settings(settings, "lock_date"),
	)


def due_date(document: ErpDocument) -> date:
	"""The last date of the payment schedule, else the posting date: Xero requires one on every invoice."""
	return document.due_date or document.posting_date


SIX_PLACES = Decimal("0.000001")

MIN_RATE = Decimal("0.001")
"""Below this, six decimals leave fewer than four significant digits, and the base amounts of the two books differ by
more than 5 in 10,000."""


def currency_fields(document: ErpDocument) -> dict[str, object]:
	"""CurrencyCode, and for a foreign currency CurrencyRate: units of it for one unit of the company's currency.

	ERPNext's conversion_rate is the inverse. At six decimals the base amounts of both books agree to within
	amount x conversion_rate^2 x 0.0000005, plus half a cent of rounding: 0.01 on 7,000 at a rate of 1.6667.
	"""
	if document.currency == document.company_currency:
		return {"CurrencyCode": document.currency}
	return {"CurrencyCode": document.currency, "CurrencyRate": currency_rate(document.conversion_rate)}


def currency_rate(conversion_rate: Decimal) -> Decimal:
	"""Xero's CurrencyRate for ERPNext's conversion_rate, to six decimals."""
	return (1 / conversion_rate).quantize(SIX_PLACES, rounding=ROUND_HALF_UP)


def currency_problem(document: ErpDocument, settings: MappingSettings) -> Sentence | None:
	"""Why the two books could not agree in the company's own currency; None if they can."""
	if settings.base_currency and settings.base_currency != document.company_currency:
		return Sentence(
			_(
				"{company} keeps its books in {company_currency}, but its Xero organisation uses"
				" {base_currency}. Connect the company to an organisation with the same currency."
			),
			company=DocLink("Company", document.company),
			company_currency=document.company_currency,
			base_currency=settings.base_currency,
		)
	if document.currency == document.company_currency:
		return None
	if settings.currencies and document.currency not in settings.currencies:
		return Sentence(
			_(
				"{document} is in {currency}, which was not enabled in Xero when the organisation's lists were"
				" fetched. Add the currency in Xero, then press Fetch in {settings}."
			),
			document=link_to_document(document.ref),
			currency=document.currency,
			settings=link_to_settings(settings, "currencies"),
		)
	if document.conversion_rate <= 0 or currency_rate(document.conversion_rate) < MIN_RATE:
		return Sentence(
			_(
				"The exchange rate of {document} is {rate} {company_currency} for 1 {currency}. Xero keeps"
				" only six decimals of the inverse rate, too few to match ERPNext. If the rate is mistyped, cancel"
				" and amend the document; otherwise enter it in Xero by hand, and mark this as handled."
			),
			document=link_to_document(document.ref),
			rate=document.conversion_rate,
			company_currency=document.company_currency,
			currency=document.currency,
		)
	return None
