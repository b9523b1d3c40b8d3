"""Retry, Void, Mark as Handled, Leave Out and Take Back for many documents: each on its own, with its own result.

The desk sends the selection in parts of `BATCH_SIZE` and shows the progress. No background job is involved: these
buttons must work when the workers are down.
"""

from collections.abc import Callable

import frappe
from frappe.utils import now_datetime

from nexwave_xero_connector.api import leave_out as one
from nexwave_xero_connector.api import sync
from nexwave_xero_connector.api.permissions import require_log, require_manager, require_row
from nexwave_xero_connector.api.selection import names_in
from nexwave_xero_connector.erp.doctypes import LOG
from nexwave_xero_connector.erp.foreign_text import as_stored
from nexwave_xero_connector.erp.outbox.realtime import announce
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.mapping.erp_document import DocumentRef

BATCH_SIZE = 20
"""As many as Frappe's own bulk actions process within one request. The desk stops at 500, as they do."""
SAVEPOINT = "xero_bulk"


@frappe.whitelist(methods=["POST"])
def retry(doctype: str, names: str | list[str]) -> list[dict[str, object]]:
	"""sync.retry for invoices, or for those that rows of the log are about. One result each, in order."""
	require_log()
	return _each(doctype, names, lambda name: sync.retry(doctype, name)["message"])


@frappe.whitelist(methods=["POST"])
def void(doctype: str, names: str | list[str]) -> list[dict[str, object]]:
	"""sync.void for each. One result each, in order."""
	require_log()
	require_manager()
	return _each(doctype, names, lambda name: sync.void(doctype, name)["message"])


@frappe.whitelist(methods=["POST"])
def mark_handled(names: str | list[str], reason: str) -> list[dict[str, object]]:
	"""Record that somebody has handled these rows of the log, and how. The connector itself behaves no differently."""
	require_log()
	require_manager()
	if not reason.strip():
		frappe.throw(_("Please enter how this was handled."))
	return _each(LOG, names, lambda name: _mark_handled(name, as_stored(reason.strip())))


@frappe.whitelist(methods=["POST"])
def leave_out(doctype: str, names: str | list[str], reason: str) -> list[dict[str, object]]:
	"""leave_out.leave_out for each. One result each, in order."""
	require_log()
	require_manager()
	return _each(doctype, names, lambda name: one.leave_out(doctype, name, reason)["message"])


@frappe.whitelist(methods=["POST"])
def take_back(doctype: str, names: str | list[str]) -> list[dict[str, object]]:
	"""leave_out.take_back for each. One result each, in order."""
	require_log()
	require_manager()
	return _each(doctype, names, lambda name: one.take_back(doctype, name)["message"])


def _mark_handled(name: str, reason: str) -> str:
	row = frappe.db.get_value(
		LOG, name, ["needs_attention", "company", "reference_doctype", "reference_name"], as_dict=True
	)
	if not row:
		frappe.throw(_("Xero Sync Log {0} no longer exists.").format(name))
	require_row(name)
	if not row.needs_attention:
		frappe.throw(_("{0} does not need attention.").format(row.reference_name))
	values = {"handled_reason": reason, "handled_by": frappe.session.user, "handled_at": now_datetime()}
	frappe.db.set_value(LOG, name, values | {"needs_attention": 0})
	announce(name, row.company, DocumentRef(row.reference_doctype, row.reference_name))
	return _("{0} is marked as handled.").format(row.reference_name)


def _each(doctype: str, names: str | list[str], act: Callable[[str], str]) -> list[dict[str, object]]:
	return [_result(doctype, name, act) for name in names_in(names, BATCH_SIZE)]


def _result(doctype: str, name: str, act: Callable[[str], str]) -> dict[str, object]:
	result = {"name": name, "document": name, "document_type": doctype}
	if doctype == LOG:
		row = frappe.db.get_value(LOG, name, ["reference_doctype", "reference_name"])
		if row:
			result["document_type"], result["document"] = row
	messages = len(frappe.local.message_log)
	frappe.db.savepoint(SAVEPOINT)
	try:
		return result | {"done": True, "message": act(name)}
	except (frappe.ValidationError, frappe.PermissionError) as refusal:
		frappe.db.rollback(save_point=SAVEPOINT)
		return result | {
			"done": False,
			"message": str(refusal) or _("You do not have permission to do this."),
		}
	except frappe.QueryTimeoutError:
		frappe.db.rollback(save_point=SAVEPOINT)
		return result | {
			"done": False,
			"message": _("It is being processed right now. Try again in a moment."),
		}
	finally:
		# Each message is in its result. Showing them all as message boxes too would help nobody.
		del frappe.local.message_log[messages:]
