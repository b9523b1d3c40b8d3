"""Date and due date."""

from __future__ import annotations

from datetime import date

from nexwave_xero_connector.mapping.erp_document import ErpDocument
from nexwave_xero_connector.mapping.settings import Chart
from nexwave_xero_connector.mapping.xero_type import Kind

SUPPLIER_INVOICE_DATE = "Supplier Invoice Date"


def document_date(document: ErpDocument, chart: Chart) -> date:
	"""The posting date; for bills and their credit notes the supplier's date, if the settings say so and it
	has one.
	"""
	is_sales = Kind.of(document.ref.doctype, document.is_return).is_sales
	if not is_sales and chart.bill_date_source == SUPPLIER_INVOICE_DATE and document.bill_date:
		return document.bill_date
	return document.posting_date


def due_date(document: ErpDocument) -> date:
	"""The last date of the payment schedule. Xero wants one on every invoice; without any it is the posting
	date.
	"""
	return document.due_date or document.posting_date
