"""Check for orphans: for a company, or for rows selected in the log; and compare a period with Xero."""

import time

import frappe
from frappe.utils import escape_html, getdate

from nexwave_xero_connector.api.permissions import require_company, require_log, require_rows
from nexwave_xero_connector.api.selection import names_in
from nexwave_xero_connector.erp.connection.day_share import DayShare
from nexwave_xero_connector.erp.connection.tokens import open_organisation
from nexwave_xero_connector.erp.doctypes import LOG
from nexwave_xero_connector.erp.outbox import compared_period, orphans
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.erp.worker import enqueue_comparison_after_commit, enqueue_worker_after_commit
from nexwave_xero_connector.sync.errors import XeroError
from nexwave_xero_connector.sync.records import Priority

MAX_ROWS = 500
"""Rows in one check of a selection: as many as Frappe's own bulk actions accept."""
PATIENCE_SECONDS = 20
"""How long a user waits for a comparison, before a job goes on with it."""


@frappe.whitelist(methods=["POST"])
def check_company(company: str) -> dict[str, str]:
	"""Look up in Xero all the company's documents that are cancelled here. Returns a message for the user."""
	require_company(company)
	try:
		found = orphans.check_and_void(company, open_organisation(company))
	except XeroError as error:
		frappe.throw(escape_html(plain_text(error.sentence)))
	return {"message": _message(found)}


@frappe.whitelist(methods=["POST"])
def compare_period(company: str, from_date: str, to_date: str) -> dict[str, str]:
	"""Compare what was sent of the documents dated in the period with Xero, read only. Returns a message for the user.

	As many as the user may be kept waiting for; a job compares the others, and the daily check what a tenth of the
	day's calls was not enough for.
	"""
	require_company(company)
	first, last = getdate(from_date or None), getdate(to_date or None)
	if not (from_date and to_date and first <= last):
		frappe.throw(_("Choose a period: its first day and its last day."))
	share = DayShare(company, Priority.PERSON)
	give_up_at = time.monotonic() + PATIENCE_SECONDS
	try:
		xero = open_organisation(company, share)
		compared_period.ask_for(company, first, last)
		found = compared_period.go_on(
			company, xero, lambda: time.monotonic() < give_up_at and not share.is_used_up
		)
	except XeroError as error:
		frappe.throw(escape_html(plain_text(error.sentence)))
	message = _message(found)
	if left := compared_period.left(company):
		if share.is_used_up:
			more = _("{0} more tomorrow, as a tenth of today's Xero calls has been used for comparing")
		else:
			more = _("{0} more in the background")
			enqueue_comparison_after_commit(company)
		message = ", ".join([message, more.format(left)])
	return {"message": message}


@frappe.whitelist(methods=["POST"])
def check(names: str | list[str]) -> dict[str, str]:
	"""Look up in Xero the documents of these rows of the log. Returns a message for the user."""
	require_log()
	names = names_in(names, MAX_ROWS)
	require_rows(names)
	companies = set(frappe.get_all(LOG, filters={"name": ("in", names)}, pluck="company"))
	found = orphans.Found()
	try:
		for company in sorted(companies):
			rows = orphans.newest_rows(company, names)
			if rows:
				found += orphans.check_rows(rows, open_organisation(company))
			enqueue_worker_after_commit(company)
	except XeroError as error:
		frappe.throw(escape_html(plain_text(error.sentence)))
	return {"message": _message(found)}


def _message(found: orphans.Found) -> str:
	parts = [
		_("{0} documents compared with Xero").format(found.checked),
		_("{0} orphans").format(found.orphans),
		_("{0} voided in Xero by somebody").format(found.different),
	]
	if found.changed:
		parts.append(_("{0} changed in Xero since they were sent").format(found.changed))
	if found.lost:
		parts.append(_("{0} in Xero that this site has lost").format(found.lost))
	if found.approved:
		parts.append(_("{0} credit notes approved in Xero, now being allocated").format(found.approved))
	if found.set_against:
		parts.append(
			_("{0} credit notes set against something else in ERPNext, now followed").format(
				found.set_against
			)
		)
	if found.voided:
		parts.append(_("{0} now voided in Xero").format(found.voided))
	return ", ".join(parts)
