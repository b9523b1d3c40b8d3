"""What a person sees of attachments: in the settings, on the row of the log, and on the invoice."""

from __future__ import annotations

import frappe
from frappe.model.document import Document
from frappe.query_builder.functions import Count

from nexwave_xero_connector.erp.attachments.kinds import PRINT_FORMAT, attached_kinds, lacks_scope
from nexwave_xero_connector.erp.attachments.prints import lacks_header
from nexwave_xero_connector.erp.attachments.share import attachments_share
from nexwave_xero_connector.erp.doctypes import ATTACHMENT, CONNECTION
from nexwave_xero_connector.erp.outbox.log import key_of
from nexwave_xero_connector.erp.schema import unfinished_update
from nexwave_xero_connector.erp.translation import _

SHOWN = (
	"name title status message message_links file_name content_length sent_at due_at attempt reference_doctype"
	" reference_name"
).split()
MAX_SHOWN = 50


def describe_attachments(settings: Document) -> dict[str, object] | None:
	"""For the settings' form: whether Xero's consent is missing, how many files wait or failed, and the day's share.

	None if nothing is attached.
	"""
	if unfinished_update() or not attached_kinds(settings):
		return None
	table = frappe.qb.DocType(ATTACHMENT)
	query = frappe.qb.from_(table).select(table.status, Count("*")).groupby(table.status)
	counts = dict(query.where(table.company == settings.company).run())
	is_connected = frappe.db.get_value(CONNECTION, settings.company, "state") == "Connected"
	facts: dict[str, object] = {
		"lacks_scope": is_connected and lacks_scope(settings.company),
		"counts": counts,
		"print_warning": _print_warning(settings),
	}
	if is_connected and settings.tenant_id:
		share = attachments_share(settings.company)
		facts |= {"share_used": share.used, "share_size": share.size}
	return facts


def _print_warning(settings: Document) -> str:
	if not (PRINT_FORMAT.keys() & attached_kinds(settings).keys()) or not lacks_header():
		return ""
	return _(
		"The wkhtmltopdf of this server leaves out the header of a page, so that PDFs have neither a number nor a"
		" letterhead. Install the version with patched Qt, which Frappe's documentation names."
	)


def attachments_of_row(row: Document) -> list[dict[str, object]]:
	"""The files of the document that the row of the log is about."""
	if unfinished_update():
		return []
	return frappe.get_list(
		ATTACHMENT,
		{"document_key": key_of(row.name)},
		SHOWN,
		order_by="idx",
		limit_page_length=MAX_SHOWN,
	)


def attachment_counts(row_name: str) -> dict[str, int]:
	"""By status, the files of the document with this row in the log."""
	if unfinished_update():
		return {}
	table = frappe.qb.DocType(ATTACHMENT)
	query = frappe.qb.from_(table).select(table.status, Count("*")).groupby(table.status)
	return dict(query.where(table.document_key == key_of(row_name)).run())
