"""Name the owner of the document on rows that wait or need attention: an alert may be for that user."""

import frappe

from nexwave_xero_connector.erp.doctypes import LOG
from nexwave_xero_connector.erp.outbox.log import DOCTYPES


def execute() -> None:
	log = frappe.qb.DocType(LOG)
	for doctype in DOCTYPES:
		document = frappe.qb.DocType(doctype)
		(
			frappe.qb.update(log)
			.join(document)
			.on((document.name == log.reference_name) & (document.creation == log.reference_creation))
			.set(log.document_owner, document.owner)
			.where((log.reference_doctype == doctype) & log.document_owner.isnull())
			.where((log.needs_attention == 1) | log.due_at.notnull())
			.run()
		)
