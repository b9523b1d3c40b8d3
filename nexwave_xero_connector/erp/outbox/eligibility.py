"""Whether a document is sent to Xero: decided by its own fields and the company's settings, before it is queued."""

from __future__ import annotations

from collections.abc import Mapping

from frappe.model.document import Document
from frappe.utils import getdate

from nexwave_xero_connector.erp.outbox.left_out import left_out_with
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import DocLink, Sentence, _, settings_link

SWITCH = {
	XeroType.ACCREC: "push_sales_invoices",
	XeroType.ACCRECCREDIT: "push_sales_credit_notes",
	XeroType.ACCPAY: "push_purchase_invoices",
	XeroType.ACCPAYCREDIT: "push_purchase_credit_notes",
}


def eligibility(
	document: Document | Mapping, settings: Document, *, ignore_start_date: bool = False
) -> Sentence | None:
	"""None if the document is sent; otherwise the reason why not, for the accountant.

	For a company whose settings are enabled. `document`: the invoice, or a mapping of ELIGIBILITY_FIELDS.
	`ignore_start_date`: somebody has requested this document, so the start date does not apply.
	"""
	xero_type = XeroType.of(document.get("doctype"), bool(document.get("is_return")))
	names = {
		"document": DocLink(document.get("doctype"), document.get("name")),
		"settings": settings_link(settings.name, SWITCH[xero_type]),
	}
	if not settings.get(SWITCH[xero_type]):
		return _no(
			_("{document} is not sent to Xero: documents of this type are disabled in {settings}."), names
		)
	if (
		not ignore_start_date
		and settings.start_date
		and getdate(document.get("posting_date")) < getdate(settings.start_date)
	):
		return _no(
			_(
				"{document} is not sent to Xero: its posting date {date} is before the start date {start},"
				" see {settings}."
			),
			names,
			date=getdate(document.get("posting_date")),
			start=getdate(settings.start_date),
		)
	if document.get("is_opening") == "Yes":
		return _no(
			_(
				"{document} is not sent to Xero: it is an opening entry, and Xero has its own opening balances."
			),
			names,
		)
	if _is_internal_transfer(document):
		return _no(
			_("{document} is not sent to Xero: it is a transfer within {company}."),
			names,
			company=document.get("company"),
		)
	if document.get("is_consolidated"):
		if not settings.push_consolidated_invoices:
			return _no(
				_("{document} is not sent to Xero: consolidated POS invoices are disabled in {settings}."),
				names,
			)
	elif document.get("is_pos") or document.get("is_created_using_pos"):
		if not settings.push_pos_invoices:
			return _no(_("{document} is not sent to Xero: POS invoices are disabled in {settings}."), names)
	if document.get("is_paid") and not settings.push_paid_on_entry:
		return _no(
			_("{document} is not sent to Xero: bills paid on entry are disabled in {settings}."), names
		)
	if not document.get("grand_total") and not settings.push_zero_total:
		return _no(
			_(
				"{document} is not sent to Xero: its total is zero, and zero totals are disabled in {settings}."
			),
			names,
		)
	return left_out_with(document, settings)


ELIGIBILITY_FIELDS = (
	"name",
	"company",
	"posting_date",
	"is_return",
	"is_opening",
	"is_internal_customer",
	"is_internal_supplier",
	"represents_company",
	"is_consolidated",
	"is_pos",
	"is_created_using_pos",
	"is_paid",
	"grand_total",
	"customer",
	"supplier",
	"return_against",
	"amended_from",
)
"""Fields that decide it; a DocType may not have all of them."""


def _is_internal_transfer(document: Document | Mapping) -> bool:
	is_internal = document.get("is_internal_customer") or document.get("is_internal_supplier")
	return bool(is_internal) and document.get("represents_company") == document.get("company")


def _no(template: str, names: dict[str, object], **more: object) -> Sentence:
	return Sentence(template, **names, **more)
