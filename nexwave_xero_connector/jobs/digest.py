"""Notifies accountants about what needs attention: at most once an hour, everything new in one notification."""

import frappe
from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification
from frappe.utils import escape_html, get_url_to_list, now_datetime
from frappe.utils.user import get_users_with_role

from nexwave_xero_connector.erp.doctypes import LOG, MANAGER
from nexwave_xero_connector.erp.translation import _

MAX_NAMED = 10
"""Documents listed in a notification; the log shows the rest."""


def send_digest() -> None:
	"""Notify every Accounts Manager, about their own companies, as their Notification Settings say."""
	fields = ["name", "company", "reference_doctype", "reference_name", "message", "finding", "is_stuck"]
	rows = frappe.get_all(
		LOG,
		filters={"needs_attention": 1, "notified_at": ("is", "not set")},
		fields=fields,
		order_by="creation asc",
	)
	if not rows:
		return
	for user in get_users_with_role(MANAGER):
		_notify(user, rows)
	log = frappe.qb.DocType(LOG)
	names = [row.name for row in rows]
	frappe.qb.update(log).set(log.notified_at, now_datetime()).where(log.name.isin(names)).run()


def _notify(user: str, rows: list[frappe._dict]) -> None:
	"""Each row is checked with the user's own permissions, so that nobody is told about a company they may not see."""
	theirs = [row for row in rows if frappe.has_permission(LOG, "read", doc=row.name, user=user)]
	if not theirs:
		return
	if len(theirs) == 1:
		subject = _("{0} needs attention in the Xero Sync Log").format(theirs[0].reference_name)
	else:
		subject = _("{0} documents need attention in the Xero Sync Log").format(len(theirs))
	enqueue_create_notification(
		[frappe.db.get_value("User", user, "email")],
		{
			"type": "Alert",
			"document_type": LOG,
			"document_name": theirs[0].name,
			"subject": escape_html(subject),
			"email_content": _as_list(theirs),
			"from_user": "Administrator",
			"link": f"{get_url_to_list(LOG)}?needs_attention=1",
		},
	)


def _as_list(rows: list[frappe._dict]) -> str:
	lines = [f"<li>{escape_html(_line(row))}</li>" for row in rows[:MAX_NAMED]]
	if len(rows) > MAX_NAMED:
		lines.append("<li>{}</li>".format(_("and {0} more").format(len(rows) - MAX_NAMED)))
	return "<ul>{}</ul>".format("".join(lines))


def _line(row: frappe._dict) -> str:
	if row.is_stuck and not row.finding:
		return _("{0} has been waiting for too long: no worker has started it.").format(row.reference_name)
	return row.finding or row.message or row.reference_name
