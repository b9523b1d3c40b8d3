"""Compares the documents of a period with what Xero has, on demand: read only, part by part, over days if need be.

The daily check finds what has changed since the last one. This finds what changed before there was such a check, and
shows for a whole period that nothing has.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING

import frappe
from frappe.utils import create_batch, now_datetime

from nexwave_xero_connector.erp.doctypes import CONNECTION, LOG
from nexwave_xero_connector.erp.outbox.log import DOCTYPES
from nexwave_xero_connector.erp.outbox.orphans import Found, compare_submitted, newest_rows
from nexwave_xero_connector.sync.errors import DayLimitReached, Throttled
from nexwave_xero_connector.sync.records import DocStatus, Status

if TYPE_CHECKING:
	from nexwave_xero_connector.xero_api.xero import XeroApi

PART = 200
"""Documents looked up together, with about four calls: so few that they fit beside other work of the minute."""
ASKED_FOR = ("compare_from", "compare_to", "compare_asked_at")


def ask_for(company: str, first: date, last: date) -> None:
	"""Note that the documents of this period are to be compared, in place of an earlier one. Does not commit."""
	_note(company, (first, last, now_datetime()))


def go_on(company: str, xero: XeroApi, may_go_on: Callable[[], bool]) -> Found:
	"""Compare what is left of the period that was asked for. Commits after each part.

	may_go_on: asked before each part. What is left when it says no, or when no more calls are allowed, is compared the
	next time.
	"""
	found = Found()
	for part in create_batch(_left(company), PART):
		if not may_go_on():
			return found
		try:
			found += compare_submitted(newest_rows(company, part), xero)
		except (Throttled, DayLimitReached):
			return found
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- a part that was compared is not compared again
	_note(company, (None, None, None))
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- with the last part
	return found


def left(company: str) -> int:
	"""How many documents of the period that was asked for are still to be compared."""
	return len(_left(company))


def _note(company: str, asked_for: tuple[object, object, object]) -> None:
	values = dict(zip(ASKED_FOR, asked_for, strict=True))
	frappe.db.set_value(CONNECTION, {"company": company}, values, update_modified=False)


def _left(company: str) -> list[str]:
	"""The rows of what is submitted here and was sent, oldest first, that have not been compared since it was asked."""
	asked_for = frappe.db.get_value(CONNECTION, {"company": company}, ASKED_FOR, as_dict=True)
	if not (asked_for and asked_for.compare_asked_at):
		return []
	log = frappe.qb.DocType(LOG)
	found = []
	for doctype in DOCTYPES:
		document = frappe.qb.DocType(doctype)
		found += (
			frappe.qb.from_(document)
			.join(log)
			.on((log.reference_name == document.name) & (log.reference_creation == document.creation))
			.select(document.posting_date, log.name)
			.where((document.company == company) & (document.docstatus == DocStatus.SUBMITTED.value))
			.where(document.posting_date[asked_for.compare_from : asked_for.compare_to])
			.where((log.reference_doctype == doctype) & (log.company == company) & (log.is_latest == 1))
			.where((log.status == Status.SUCCESS.value) & log.xero_id.notnull() & (log.xero_id != ""))
			.where(log.checked_at.isnull() | (log.checked_at < asked_for.compare_asked_at))
			.run()
		)
	return [name for _date, name in sorted(found)]
