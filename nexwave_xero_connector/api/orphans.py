"""Check for orphans: for a company, or for rows selected in the log."""

import frappe
from frappe.utils import escape_html

from nexwave_xero_connector.api.permissions import require_company, require_log, require_rows
from nexwave_xero_connector.api.selection import names_in
from nexwave_xero_connector.erp.connection.tokens import open_organisation
from nexwave_xero_connector.erp.doctypes import LOG
from nexwave_xero_connector.erp.outbox import orphans
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.erp.worker import enqueue_worker_after_commit
from nexwave_xero_connector.sync.errors import XeroError

MAX_ROWS = 500
"""Rows in one check of a selection: as many as Frappe's own bulk actions accept."""


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
	if found.voided:
		parts.append(_("{0} now voided in Xero").format(found.voided))
	return ", ".join(parts)
