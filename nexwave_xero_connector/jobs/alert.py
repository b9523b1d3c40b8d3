"""Frappe's own alerts on rows that need attention: one event for each, for Notification, Webhook and Assignment Rule.

The log is written without the ORM, in transactions that must not fail, so none of Frappe's events fire there. This job
runs them afterwards, as if somebody had saved the row: the event is *Save*, in a Webhook `on_update`.
"""

from collections.abc import Callable

import frappe
from frappe.model.document import Document
from frappe.utils import now_datetime

from nexwave_xero_connector.erp.doctypes import LOG
from nexwave_xero_connector.erp.schema import waits_for_migration

EVENT = "on_update"
MAX_ROWS = 500
"""Rows in one run; the next tick of the scheduler continues."""


@waits_for_migration
def alert() -> None:
	"""Run the event for each row that needs attention and had none yet, the oldest first. Commits.

	A row is marked before its event: if the job is killed in between, the hourly notification still names the row.
	"""
	new = {"needs_attention": 1, "alerted_at": ("is", "not set")}
	for name in frappe.get_all(LOG, new, pluck="name", order_by="creation", limit=MAX_ROWS):
		frappe.db.set_value(LOG, name, "alerted_at", now_datetime(), update_modified=False)
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- no user waits for this row meanwhile
		_run_event(name)


def _run_event(name: str) -> None:
	"""Each Notification on its own, then everything else that is for the event: what fails hinders nothing else."""
	notifications = frappe.get_all("Notification", {"enabled": 1, "document_type": LOG}, pluck="name")
	for notification in notifications:
		others = [other for other in notifications if other != notification]
		_try(name, lambda row: row.run_notifications(EVENT), others)
	_try(name, lambda row: row.run_method(EVENT), notifications)


def _try(name: str, act: Callable[[Document], None], notifications_done: list[str]) -> None:
	"""In a transaction of its own."""
	try:
		row: Document = frappe.get_doc(LOG, name)
		row.flags.notifications_executed = notifications_done
		act(row)
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- kept, whatever the next one does
	except Exception:
		frappe.db.rollback()
		frappe.log_error(title=f"Xero: an alert on {name} failed", reference_doctype=LOG, reference_name=name)
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- kept, whatever the next one does
