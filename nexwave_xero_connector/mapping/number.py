"""The document's number in Xero."""

from __future__ import annotations

from nexwave_xero_connector.mapping.erp_document import ErpDocument
from nexwave_xero_connector.mapping.links import document as link_to_document
from nexwave_xero_connector.mapping.settings import Chart
from nexwave_xero_connector.mapping.xero_type import Kind
from nexwave_xero_connector.sentence import Sentence, _

SUPPLIER_INVOICE_NO = "Supplier Invoice No"

LONGEST_NUMBER = 255


def document_number(document: ErpDocument, chart: Chart) -> str:
	"""The ERPNext name; for bills and their credit notes the supplier's number, if the settings say so and it
	has one.
	"""
	if not Kind.of(document.ref.doctype, document.is_return).is_sales:
		supplier_number = " ".join(document.bill_no.split())[:LONGEST_NUMBER]
		if chart.bill_number_source == SUPPLIER_INVOICE_NO and supplier_number:
			return supplier_number
	return document.ref.name


def number_problem(document: ErpDocument, number: str) -> Sentence | None:
	"""Xero takes printable ASCII only in the number of a sales document (documented by Xero, Invoices)."""
	if not Kind.of(document.ref.doctype, document.is_return).is_sales or (
		number.isascii() and number.isprintable()
	):
		return None
	return Sentence(
		_(
			"Xero takes only unaccented Latin letters, digits and signs in a document number, and {document}"
			" has others. Change the naming series, then cancel and amend the document."
		),
		document=link_to_document(document.ref),
	)
