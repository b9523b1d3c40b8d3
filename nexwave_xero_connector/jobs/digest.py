"""Notifies accountants about what needs attention: at most once an hour, everything new in one notification.

Files that were not sent have one of their own: their documents are in Xero, and need no attention.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import frappe
from frappe.desk.doctype.notification_log.notification_log import enqueue_create_notification
from frappe.query_builder.functions import Count
from frappe.utils import create_batch, escape_html, get_url_to_list, now_datetime
from frappe.utils.user import get_users_with_role
from pypika import Table
from pypika.queries import QueryBuilder
from pypika.terms import Criterion

from nexwave_xero_connector.erp.doctypes import ATTACHMENT, LOG, MANAGER
from nexwave_xero_connector.erp.document_permissions import visible_only
from nexwave_xero_connector.erp.schema import waits_for_migration
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.sync.records import AttachmentStatus

MAX_NAMED = 10
"""Listed in a notification; the list that it leads to shows the rest."""
MARK_BATCH_SIZE = 1000


@dataclass(frozen=True)
class News:
	"""Rows of a DocType that people are notified about, each once.

	of_interest: which rows. subject: of a number of rows, the oldest of which is given. line: what is said of a row.
	view: the filter of the list that shows them.
	"""

	doctype: str
	of_interest: Callable[[Table], Criterion]
	fields: tuple[str, ...]
	subject: Callable[[int, frappe._dict], str]
	line: Callable[[frappe._dict], str]
	view: str


@waits_for_migration
def send_digest() -> None:
	"""Notify every Accounts Manager, about what they may see, as their Notification Settings say.

	Rights are part of each manager's query, whatever the number of rows. Rows are marked afterwards, part by part: if
	the job is killed, the next one tells the rest again rather than not at all. Commits.
	"""
	for news in (DOCUMENTS, FILES):
		_send(news)


def _send(news: News) -> None:
	table = frappe.qb.DocType(news.doctype)
	names = _new(news, table).select(table.name).run(pluck=True)
	if not names:
		return
	for user in get_users_with_role(MANAGER):
		_notify(user, news)
	for part in create_batch(names, MARK_BATCH_SIZE):
		frappe.qb.update(table).set(table.notified_at, now_datetime()).where(table.name.isin(part)).run()
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- no user waits for the locks of thousands of rows


def _new(news: News, table: Table) -> QueryBuilder:
	return frappe.qb.from_(table).where(news.of_interest(table) & table.notified_at.isnull())


def _notify(user: str, news: News) -> None:
	"""About the rows that the user may see: their number, and the oldest."""
	table = frappe.qb.DocType(news.doctype)
	theirs = visible_only(_new(news, table), news.doctype, user)
	count = theirs.select(Count("*")).run()[0][0]
	if not count:
		return
	oldest = theirs.select(*(table[field] for field in news.fields)).orderby(table.creation).limit(MAX_NAMED)
	rows = oldest.run(as_dict=True)
	enqueue_create_notification(
		[frappe.db.get_value("User", user, "email")],
		{
			"type": "Alert",
			"document_type": news.doctype,
			"document_name": rows[0].name,
			"subject": escape_html(news.subject(count, rows[0])),
			"email_content": _as_list([news.line(row) for row in rows], count),
			"from_user": "Administrator",
			"link": f"{get_url_to_list(news.doctype)}?{news.view}",
		},
	)


def _as_list(texts: list[str], count: int) -> str:
	lines = [f"<li>{escape_html(text)}</li>" for text in texts]
	if count > len(texts):
		lines.append("<li>{}</li>".format(_("and {0} more").format(count - len(texts))))
	return "<ul>{}</ul>".format("".join(lines))


def _documents(count: int, first: frappe._dict) -> str:
	if count == 1:
		return _("{0} needs attention in the Xero Sync Log").format(first.reference_name)
	return _("{0} documents need attention in the Xero Sync Log").format(count)


def _document(row: frappe._dict) -> str:
	if row.is_stuck and not row.finding:
		return _("{0} has been waiting for too long: no worker has started it.").format(row.reference_name)
	return row.finding or row.message or row.reference_name


def _files(count: int, first: frappe._dict) -> str:
	if count == 1:
		return _("A file of {0} was not sent to Xero").format(first.reference_name)
	return _("{0} files were not sent to Xero").format(count)


def _file(row: frappe._dict) -> str:
	return row.message or row.title or row.reference_name


DOCUMENTS = News(
	doctype=LOG,
	of_interest=lambda log: log.needs_attention == 1,
	fields=("name", "reference_name", "message", "finding", "is_stuck"),
	subject=_documents,
	line=_document,
	view="needs_attention=1",
)
FILES = News(
	doctype=ATTACHMENT,
	# One that is retried automatically is nobody's business yet.
	of_interest=lambda file: (file.status == AttachmentStatus.FAILED.value) & file.due_at.isnull(),
	fields=("name", "reference_name", "message", "title"),
	subject=_files,
	line=_file,
	view="status=Failed",
)
