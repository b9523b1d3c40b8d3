"""Which documents get their files or their PDF in Xero, since when, and whether Xero has given its consent to that."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime

import frappe
from frappe.model.document import Document
from frappe.utils import get_datetime, now_datetime

from nexwave_xero_connector.erp.connection.xero_app import ATTACHMENT_SWITCHES, ATTACHMENTS_SCOPE
from nexwave_xero_connector.erp.doctypes import CONNECTION, SETTINGS
from nexwave_xero_connector.mapping.xero_type import XeroType

SWITCH = {
	XeroType.ACCREC: "attach_to_sales_invoices",
	XeroType.ACCRECCREDIT: "attach_to_sales_credit_notes",
	XeroType.ACCPAY: "attach_to_purchase_invoices",
	XeroType.ACCPAYCREDIT: "attach_to_purchase_credit_notes",
}
PRINT_FORMAT = {
	XeroType.ACCREC: "sales_invoice_print_format",
	XeroType.ACCRECCREDIT: "sales_credit_note_print_format",
}
"""Of the kinds whose PDF is sent; of the others, their files are."""


def attached_kinds(settings: Document | Mapping) -> dict[XeroType, datetime]:
	"""The kinds that are switched on, and since when: what was sent before that is attached to on request only."""
	since = json.loads(settings.get("attached_since") or "{}")
	return {
		kind: get_datetime(since.get(kind.value) or now_datetime())
		for kind, field in SWITCH.items()
		if settings.get(field)
	}


def note_since(settings: Document) -> None:
	"""Before the settings are saved: note the kinds that have just been switched on. Switching off forgets them."""
	since = json.loads(settings.get("attached_since") or "{}")
	kept = {
		kind.value: since.get(kind.value) or str(now_datetime())
		for kind, field in SWITCH.items()
		if settings.get(field)
	}
	settings.attached_since = json.dumps(kept) if kept else None


def companies_that_attach() -> list[str]:
	"""The companies that send to Xero and attach anything."""
	return frappe.get_all(
		SETTINGS,
		filters={"enabled": 1},
		or_filters=[[field, "=", 1] for field in ATTACHMENT_SWITCHES],
		pluck="company",
	)


def lacks_scope(company: str) -> bool:
	"""Whether Xero has said which scopes the company's connection has, and attachments are not among them."""
	scope = frappe.db.get_value(CONNECTION, company, "scope")
	return bool(scope) and ATTACHMENTS_SCOPE not in scope.split()
