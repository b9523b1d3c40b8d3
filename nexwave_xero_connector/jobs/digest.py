"""Notifies accountants about what needs attention: at most once an hour, everything new in one notification."""

import frappe
from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification
from frappe.query_builder.functions import Count
from frappe.utils import create_batch, escape_html, get_url_to_list, now_datetime
from frappe.utils.user import get_users_with_role
from pypika import Table
from pypika.queries import QueryBuilder

from nexwave_xero_connector.erp.doctypes import LOG, MANAGER
from nexwave_xero_connector.erp.document_permissions import visible_only
from nexwave_xero_connector.erp.schema import waits_for_migration
from nexwave_xero_connector.erp.translation import _

MAX_NAMED = 10
"""Documents listed in a notification; the log shows the rest."""
MARK_BATCH_SIZE = 1000
FIELDS = ("name", "reference_name", "message", "finding", "is_stuck")


@waits_for_migration
def send_digest() -> None:
	"""Notify every Accounts Manager, about what they may see, as their Notification Settings say.

	Rights are part of each manager's query, whatever the number of rows. Rows are marked afterwards, part by part: if
	the job is killed, the next one tells the rest again rather than not at all. Commits.
	"""
	log = frappe.qb.DocType(LOG)
	names = _new(log).select(log.name).run(pluck=True)
	if not names:
		return
	for user in get_users_with_role(MANAGER):
		_notify(user)
	for part in create_batch(names, MARK_BATCH_SIZE):
		frappe.qb.update(log).set(log.notified_at, now_datetime()).where(log.name.isin(part)).run()
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- no user waits for the locks of thousands of rows


def _new(log: Table) -> QueryBuilder:
	return frappe.qb.from_(log).where((log.needs_attention == 1) & log.notified_at.isnull())


def _notify(user: str) -> None:
	"""About the rows that the user may see: their number, and the oldest."""
	log = frappe.qb.DocType(LOG)
	theirs = visible_only(_new(log), LOG, user)
	count = theirs.select(Count("*")).run()[0][0]
	if not count:
		return
	oldest = theirs.select(*(log[field] for field in FIELDS)).orderby(log.creation).limit(MAX_NAMED)
	rows = oldest.run(as_dict=True)
	if count == 1:
		subject = _("{0} needs attention in the Xero Sync Log").format(rows[0].reference_name)
	else:
		subject = _("{0} documents need attention in the Xero Sync Log").format(count)
	enqueue_create_notification(
		[frappe.db.get_value("User", user, "email")],
		{
			"type": "Alert",
			"document_type": LOG,
			"document_name": rows[0].name,
			"subject": escape_html(subject),
			"email_content": _as_list(rows, count),
			"from_user": "Administrator",
			"link": f"{get_url_to_list(LOG)}?needs_attention=1",
		},
	)


def _as_list(rows: list[frappe._dict], count: int) -> str:
	lines = [f"<li>{escape_html(_line(row))}</li>" for row in rows]
	if count > len(rows):
		lines.append("<li>{}</li>".format(_("and {0} more").format(count - len(rows))))
	return "<ul>{}</ul>".format("".join(lines))


def _line(row: frappe._dict) -> str:
	if row.is_stuck and not row.finding:
		return _("{0} has been waiting for too long: no worker has started it.").format(row.reference_name)
	return row.finding or row.message or row.reference_name
