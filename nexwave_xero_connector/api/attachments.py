"""Attachments: send a file again, and send those of documents that were in Xero before."""

import math

import frappe
from frappe.utils import getdate

from nexwave_xero_connector.api.permissions import require_company, require_manager, require_permission
from nexwave_xero_connector.api.selection import names_in
from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.attachments.kinds import attached_kinds, lacks_scope
from nexwave_xero_connector.erp.attachments.plan import plan_earlier
from nexwave_xero_connector.erp.attachments.share import attachments_share
from nexwave_xero_connector.erp.doctypes import ATTACHMENT, SETTINGS
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.erp.worker import enqueue_attachments_after_commit
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.records import AttachmentStatus, Priority

MAX_ROWS = 500


@frappe.whitelist(methods=["POST"])
def retry(names: str | list[str]) -> dict[str, str]:
	"""Send these files again, in place of what Xero has of them. Safe to press as often as you like.

	Returns a message for the user.
	"""
	frappe.has_permission(ATTACHMENT, "read", throw=True)
	rows = [frappe.get_doc(ATTACHMENT, name) for name in names_in(names, MAX_ROWS)]
	for row in rows:
		row.check_permission("read")
		require_permission(DocumentRef(row.reference_doctype, row.reference_name), "submit")
	waiting = {
		"status": AttachmentStatus.TO_DO.value,
		"due_at": clock.to_column(clock.utc_now()),
		"priority": Priority.PERSON.value,
		"attempt": 0,
		"message": None,
		"message_links": None,
	}
	left_alone = (AttachmentStatus.REMOVED_HERE.value, AttachmentStatus.IN_PROGRESS.value)
	queued = [row for row in rows if row.status not in left_alone]
	for row in queued:
		frappe.db.set_value(ATTACHMENT, row.name, waiting)
	companies = {row.company for row in queued}
	for company in companies:
		enqueue_attachments_after_commit(company)
	if any(lacks_scope(company) for company in companies):
		return {
			"message": _("Xero has not given its consent to attachments yet. The files wait until it has.")
		}
	return {"message": _("{0} files are queued. They are sent once no document waits.").format(len(queued))}


@frappe.whitelist(methods=["POST"])
def count_earlier(company: str, since: str) -> dict[str, int]:
	"""How many documents that are in Xero already would get how many files, with how many calls, in how many days."""
	_require_attaching(company)
	found = plan_earlier(company, getdate(since), count_only=True)
	calls = found.documents + found.files
	return {
		"documents": found.documents,
		"files": found.files,
		"calls": calls,
		"days": math.ceil(calls / max(1, attachments_share(company).size)),
	}


@frappe.whitelist(methods=["POST"])
def send_earlier(company: str, since: str) -> dict[str, int]:
	"""Queue the files of documents that are in Xero already, behind those of current documents."""
	_require_attaching(company)
	found = plan_earlier(company, getdate(since))
	enqueue_attachments_after_commit(company)
	return {"documents": found.documents, "files": found.files}


def _require_attaching(company: str) -> None:
	require_manager()
	require_company(company)
	if not attached_kinds(frappe.get_doc(SETTINGS, company)):
		frappe.throw(_("Nothing is attached for {0}. Choose what in Xero Sync Settings.").format(company))
