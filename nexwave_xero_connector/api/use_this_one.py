"""*Use This One*: link a document that is in Xero already to its document in ERPNext."""

import frappe
from frappe.utils import escape_html

from nexwave_xero_connector.api.permissions import require_manager, require_permission
from nexwave_xero_connector.api.retry import document_of
from nexwave_xero_connector.api.retry import retry as retry_document
from nexwave_xero_connector.erp.connection.tokens import open_organisation
from nexwave_xero_connector.erp.documents import linked_by_hand
from nexwave_xero_connector.erp.foreign_text import without_tags
from nexwave_xero_connector.erp.outbox.log import docstatus_of
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.errors import XeroError
from nexwave_xero_connector.sync.records import DocStatus


@frappe.whitelist(methods=["POST"])
def candidates(doctype: str, name: str) -> dict[str, object]:
	"""The document as it is here, and what Xero has under its number, for a person to compare.

	Amounts are text, in the document's currency. Nothing is changed.
	"""
	document = _submitted(doctype, name)
	company = _company(document)
	try:
		here, found = linked_by_hand.candidates(company, document, open_organisation(company))
	except XeroError as error:
		frappe.throw(escape_html(plain_text(error.sentence)))
	return {
		"here": {
			"name": document.name,
			"date": here.posting_date,
			"contact": here.party.title,
			"total": str(abs(here.total)),
			"currency": here.currency,
		},
		"there": [_shown(candidate) for candidate in found],
	}


@frappe.whitelist(methods=["POST"])
def use_this_one(doctype: str, name: str, xero_id: str) -> dict[str, str]:
	"""Link this document in Xero to the one here, and compare the two again. Returns a message for the user."""
	document = _submitted(doctype, name)
	company = _company(document)
	try:
		linked_by_hand.link(company, document, xero_id, open_organisation(company))
	except (XeroError, linked_by_hand.CannotLink) as error:
		frappe.throw(escape_html(plain_text(error.sentence)))
	return retry_document(document.doctype, document.name)


def _submitted(doctype: str, name: str) -> DocumentRef:
	require_manager()
	document, created = document_of(doctype, name)
	require_permission(document, "submit")
	if DocStatus(docstatus_of(document, created)) is not DocStatus.SUBMITTED:
		frappe.throw(_("{0} {1} is not submitted.").format(_(document.doctype), document.name))
	return document


def _company(document: DocumentRef) -> str:
	return frappe.db.get_value(document.doctype, document.name, "company")


def _shown(candidate: linked_by_hand.Candidate) -> dict[str, object]:
	found = candidate.found
	return {
		"xero_id": found.id,
		"number": without_tags(found.number),
		"status": found.status,
		"date": found.date,
		"contact": without_tags(found.contact_name),
		"total": str(found.total),
		"currency": found.currency,
		"differences": [plain_text(difference) for difference in candidate.differing],
	}
