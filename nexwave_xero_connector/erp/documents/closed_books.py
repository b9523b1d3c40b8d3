"""How ERPNext has booked a cancellation: on the document's own date or later, and whether that period is closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import frappe
from frappe.query_builder.functions import Max
from frappe.utils import getdate

GL_ENTRY = "GL Entry"


def reversed_on(doctype: str, cancelled: Sequence[frappe._dict]) -> dict[str, date]:
	"""By name: when the cancellation was booked, if not on the document's own date: with an immutable ledger.

	`cancelled`: name and posting_date of each.
	"""
	if not cancelled:
		return {}
	entry = frappe.qb.DocType(GL_ENTRY)
	rows = (
		frappe.qb.from_(entry)
		.select(entry.voucher_no, entry.posting_date)
		.distinct()
		.where((entry.voucher_type == doctype) & entry.voucher_no.isin([row.name for row in cancelled]))
		.run(as_dict=True)
	)
	own = {row.name: row.posting_date for row in cancelled}
	others = [row for row in rows if row.posting_date != own[row.voucher_no]]
	return {row.voucher_no: row.posting_date for row in sorted(others, key=lambda row: row.posting_date)}


def closed_until(company: str) -> date | None:
	"""The last day on which only some users, or nobody, can still post: frozen entries, or a Period Closing Voucher."""
	voucher = frappe.qb.DocType("Period Closing Voucher")
	last = (
		frappe.qb.from_(voucher)
		.select(Max(voucher.period_end_date))
		.where((voucher.company == company) & (voucher.docstatus == 1))
		.run()
	)[0][0]
	days = [getdate(day) for day in (last, _frozen_until(company)) if day]
	return max(days, default=None)


def _frozen_until(company: str) -> date | str | None:
	"""On the Company from ERPNext 16 on, in Accounts Settings before."""
	if frappe.get_meta("Company").has_field("accounts_frozen_till_date"):
		return frappe.db.get_value("Company", company, "accounts_frozen_till_date")
	return frappe.db.get_single_value("Accounts Settings", "acc_frozen_upto")
