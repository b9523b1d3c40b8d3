"""Documents that failed for a reason that is fixed in the settings: a missing or ended account, tax rate or option."""

from __future__ import annotations

import json

import frappe

from nexwave_xero_connector.erp.doctypes import LOG, SETTINGS
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.records import ErrorClass, Status


def waiting_for_settings(company: str) -> list[DocumentRef]:
	"""Oldest first: their message links to the company's settings."""
	log = frappe.qb.DocType(LOG)
	rows = (
		frappe.qb.from_(log)
		.select(log.reference_doctype, log.reference_name)
		.where((log.company == company) & (log.is_latest == 1) & (log.status == Status.FAILED.value))
		.where(log.error_class == ErrorClass.NEEDS_PERSON.value)
		.where(log.message_links.like(f"%{json.dumps(SETTINGS)}%"))
		.orderby(log.creation)
		.run()
	)
	return [DocumentRef(*row) for row in rows]
