"""What an invoice's form and the invoice lists show from the log."""

import frappe

from nexwave_xero_connector.api.permissions import require_log, require_permission
from nexwave_xero_connector.api.selection import names_in
from nexwave_xero_connector.erp.attachments.summary import attachment_counts
from nexwave_xero_connector.erp.doctypes import LOG, SETTINGS
from nexwave_xero_connector.erp.document_permissions import visible_only
from nexwave_xero_connector.erp.outbox.log import DOCTYPES, OPEN_STATUSES
from nexwave_xero_connector.erp.outbox.missed import submitted_and_unknown
from nexwave_xero_connector.erp.schema import unfinished_update
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.records import Status

MAX_NAMES = 500
"""How many invoices a list can be filtered to by name."""
SHOWN = (
	"name reference_name status operation is_stuck is_orphan is_different is_unallocated needs_attention handled_at"
	" left_out_at"
	" message finding message_links xero_number xero_url queued_at"
).split()
NEVER_SENT = "Not in Xero"
FILTERS: dict[str, dict[str, object]] = {
	"Needs attention": {"needs_attention": 1},
	"Waiting": {"status": ("in", OPEN_STATUSES)},
	"Failed": {"status": Status.FAILED.value},
	"In Xero": {"status": Status.SUCCESS.value},
}


@frappe.whitelist(methods=["POST"])
def state(doctype: str, name: str) -> dict[str, object]:
	"""The invoice's newest row, its files by their status, and whether its company sends to Xero at all."""
	_check(doctype)
	if unfinished_update():
		return {}
	require_permission(DocumentRef(doctype, name), "read")
	company = frappe.db.get_value(doctype, name, "company")
	rows = _newest_rows(doctype, [name])
	return {
		"is_enabled": bool(frappe.db.get_value(SETTINGS, company, "enabled")),
		"row": rows[0] if rows else None,
		"attachments": attachment_counts(rows[0]["name"]) if rows else {},
	}


@frappe.whitelist(methods=["POST"])
def states(doctype: str, names: str | list[str]) -> list[dict[str, object]]:
	"""The newest row of each of these invoices, if it has one that the user may see."""
	_check(doctype)
	if unfinished_update():
		return []
	require_log()
	return _newest_rows(doctype, names_in(names, MAX_NAMES))


@frappe.whitelist(methods=["POST"])
def names_by_state(doctype: str, state: str) -> list[str]:
	"""Up to 500 invoices that the user may see, newest first: those of one of FILTERS, or submitted and never sent."""
	_check(doctype)
	require_log()
	if state == NEVER_SENT:
		names = _never_sent(doctype)
	elif state in FILTERS:
		filters = {"reference_doctype": doctype, "is_latest": 1} | FILTERS[state]
		names = frappe.get_list(
			LOG,
			filters=filters,
			pluck="reference_name",
			order_by="creation desc",
			limit_page_length=MAX_NAMES,
		)
	else:
		frappe.throw(_("Unknown state: {0}").format(frappe.utils.escape_html(state)))
	if not names:
		return []
	return frappe.get_list(
		doctype, filters={"name": ("in", names)}, pluck="name", limit_page_length=MAX_NAMES
	)


def _never_sent(doctype: str) -> list[str]:
	"""The newest that the user may see: if the limit came first, others' documents would use it up."""
	document, query = submitted_and_unknown(doctype, or_skipped=True)
	enabled = frappe.get_all(SETTINGS, filters={"enabled": 1}, pluck="company")
	query = query.where(document.company.isin(enabled or [""])).select(document.name)
	newest = query.orderby(document.creation, order=frappe.qb.desc).limit(MAX_NAMES)
	return visible_only(newest, doctype).run(pluck=True)


def _newest_rows(doctype: str, names: list[str]) -> list[dict[str, object]]:
	"""Not those of deleted documents whose names were given again."""
	rows = frappe.get_list(
		LOG,
		filters={"reference_doctype": doctype, "reference_name": ("in", names), "is_latest": 1},
		fields=[*SHOWN, "reference_creation"],
		limit_page_length=MAX_NAMES,
	)
	documents = frappe.get_all(doctype, filters={"name": ("in", names)}, fields=["name", "creation"])
	present = {(document.name, document.creation) for document in documents}
	return [row for row in rows if (row.reference_name, row.pop("reference_creation")) in present]


def _check(doctype: str) -> None:
	if doctype not in DOCTYPES:
		frappe.throw(_("{0} is not sent to Xero.").format(_(doctype)))
