"""Leave a document, or a customer or supplier, out of Xero, and take that back."""

from collections.abc import Sequence

import frappe
from frappe.model.document import Document
from frappe.utils import escape_html

from nexwave_xero_connector.api.permissions import (
	require_company,
	require_manager,
	require_permission,
	require_row,
)
from nexwave_xero_connector.api.retry import check_eligibility, document_of, newest_row, queue
from nexwave_xero_connector.erp.doctypes import SETTINGS
from nexwave_xero_connector.erp.documents.parties import PARTY_TYPES
from nexwave_xero_connector.erp.foreign_text import as_stored
from nexwave_xero_connector.erp.outbox.enqueue import FrappeEnqueuer, may_be_in_xero
from nexwave_xero_connector.erp.outbox.left_out import (
	count_left_out,
	left_out_now,
	left_out_party,
	left_out_with,
	taken_back,
	waiting_of_party,
	waiting_returns,
)
from nexwave_xero_connector.erp.outbox.log import docstatus_of
from nexwave_xero_connector.erp.outbox.realtime import announce
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.setup.left_out_parties import leave_out_party, take_back_party
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.records import DocStatus, Operation, Status


@frappe.whitelist(methods=["POST"])
def leave_out(doctype: str, name: str, reason: str) -> dict[str, str]:
	"""Do not send this invoice, or the one that a row of the log is about. Returns a message for the user.

	It may still be a draft. What is in Xero already is not touched.
	"""
	document, newest = _document(doctype, name)
	if newest and newest.left_out_at:
		return {"message": newest.message}
	if newest and newest.status == Status.SUCCESS.value and newest.operation == Operation.PUSH.value:
		frappe.throw(
			_(
				"{0} is already in Xero, and stays there. To remove it, cancel it here or void it in Xero."
			).format(document.name)
		)
	may_be_there = bool(newest and may_be_in_xero(newest))
	doc = frappe.get_doc(document.doctype, document.name)
	_skip(doc, left_out_now(document, _checked(reason)))
	_skip_waiting(waiting_returns(document), frappe.get_cached_doc(SETTINGS, doc.company))
	if may_be_there:
		return {
			"message": _(
				"{0} is left out. Xero may have it, or another document under its number: nothing is changed there."
			).format(document.name)
		}
	return {"message": _("{0} is left out: it is not sent to Xero.").format(document.name)}


@frappe.whitelist(methods=["POST"])
def take_back(doctype: str, name: str) -> dict[str, str]:
	"""Send a document that was left out after all; a draft, once it is submitted. Returns a message for the user."""
	document, newest = _document(doctype, name)
	if not (newest and newest.left_out_at):
		frappe.throw(_("{0} is not left out.").format(document.name))
	if docstatus_of(document) == DocStatus.SUBMITTED.value:
		check_eligibility(document, newest, ignore_left_out=True)
		return queue(document, None)
	reason = taken_back(document)
	_skip(frappe.get_doc(document.doctype, document.name), reason)
	return {"message": plain_text(reason)}


@frappe.whitelist(methods=["POST"])
def party_state(party_type: str, party: str) -> list[dict[str, object]]:
	"""Each company that sends to Xero and that the user may see, with who left the party out of it, when and why."""
	_check_party(party_type, party)
	states = []
	for company in frappe.get_list(SETTINGS, pluck="name", limit_page_length=0):
		row = left_out_party(frappe.get_cached_doc(SETTINGS, company), party_type, party)
		left_out = (
			{"by": row.left_out_by, "at": row.left_out_at, "reason": row.left_out_reason} if row else None
		)
		states.append({"company": company, "left_out": left_out})
	return states


@frappe.whitelist(methods=["POST"])
def leave_out_with_party(party_type: str, party: str, company: str, reason: str) -> dict[str, str]:
	"""Do not send this customer's or supplier's documents, from those that wait on. Returns a message for the user."""
	settings = _settings_for(party_type, party, company)
	if left_out_party(settings, party_type, party):
		frappe.throw(
			_("{0} is already left out of Xero for {1}.").format(escape_html(party), escape_html(company))
		)
	leave_out_party(company, party_type, party, _checked(reason))
	left_out = _skip_waiting(waiting_of_party(company, party_type, party), frappe.get_doc(SETTINGS, company))
	_comment(party_type, party, _("Left out of Xero for {0}. Reason: {1}").format(company, reason))
	return {
		"message": _(
			"Documents of {0} are no longer sent to Xero for {1}. {2} that were waiting are left out. Those that are in"
			" Xero stay there."
		).format(party, company, left_out)
	}


@frappe.whitelist(methods=["POST"])
def take_back_with_party(party_type: str, party: str, company: str) -> dict[str, str]:
	"""Send this customer's or supplier's later documents again. Returns a message for the user."""
	settings = _settings_for(party_type, party, company)
	if not left_out_party(settings, party_type, party):
		frappe.throw(
			_("{0} is not left out of Xero for {1}.").format(escape_html(party), escape_html(company))
		)
	take_back_party(company, party_type, party)
	_comment(party_type, party, _("No longer left out of Xero for {0}.").format(company))
	return {
		"message": _(
			"Later documents of {0} are sent to Xero for {1}. {2} stay left out: take them back in the Xero Sync Log."
		).format(party, company, count_left_out(company, party_type, party))
	}


def _document(doctype: str, name: str) -> tuple[DocumentRef, frappe._dict | None]:
	require_manager()
	document, created = document_of(doctype, name)
	require_permission(document, "submit")
	newest = newest_row(document, created)
	if newest:
		require_row(newest.name)
	if docstatus_of(document, created) == DocStatus.CANCELLED.value:
		frappe.throw(
			_("{0} {1} is cancelled, so it is not sent to Xero.").format(_(document.doctype), document.name)
		)
	return document, newest


def _skip(document: Document, reason: Sentence) -> None:
	ref = DocumentRef(document.doctype, document.name)
	if not frappe.db.exists(SETTINGS, document.company):
		frappe.throw(_("{0} does not send to Xero.").format(escape_html(document.company)))
	if not FrappeEnqueuer().skip(document, reason):
		frappe.throw(_("{0} is being processed right now. Try again in a moment.").format(document.name))
	announce(newest_row(ref, document.creation).name, document.company, ref)


def _skip_waiting(waiting: Sequence[DocumentRef], settings: Document) -> int:
	"""Leave out what waits, with its party or with what it returns. Returns how many."""
	skipped = 0
	for ref in waiting:
		document = frappe.db.exists(ref.doctype, ref.name) and frappe.get_doc(ref.doctype, ref.name)
		reason = (
			document and document.docstatus == DocStatus.SUBMITTED.value and left_out_with(document, settings)
		)
		if reason and FrappeEnqueuer().skip(document, reason):
			announce(newest_row(ref, document.creation).name, document.company, ref)
			skipped += 1
	return skipped


def _settings_for(party_type: str, party: str, company: str) -> Document:
	require_manager()
	_check_party(party_type, party)
	require_company(company)
	return frappe.get_doc(SETTINGS, company)


def _check_party(party_type: str, party: str) -> None:
	if party_type not in PARTY_TYPES:
		frappe.throw(_("{0} is not sent to Xero.").format(escape_html(_(party_type))))
	frappe.has_permission(SETTINGS, "read", throw=True)
	frappe.has_permission(party_type, "read", doc=party, throw=True)


def _checked(reason: str) -> str:
	if not reason.strip():
		frappe.throw(_("Please enter why it is left out."))
	return as_stored(reason.strip())


def _comment(party_type: str, party: str, text: str) -> None:
	frappe.get_doc(party_type, party).add_comment("Info", escape_html(text))
