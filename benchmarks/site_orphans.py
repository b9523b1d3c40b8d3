"""Cancelled documents that are still live in Xero. Runs on the site, see site_commands."""

from __future__ import annotations

import frappe

from benchmarks.site_books import LOG, copy_invoice, log_invoices, new_return, unpushed

RETURNS = "ACC-SINV-RET-2026-"


def push_returns(company: str, first: int, last: int) -> None:
	"""Create credit notes and push them to Xero."""
	from nexwave_xero_connector.jobs.push import push_invoice

	copy_invoice(unpushed(new_return(company)).name, RETURNS, first, last)
	log_invoices(company, RETURNS, first, last)
	push_invoice(company)


def cancel_unnoticed(company: str, returns: int, invoices: int) -> int:
	"""Cancel that many of each kind that are in Xero, without the connector noticing. Returns the number."""
	frappe.db.sql("UPDATE `tabSales Invoice` SET docstatus = 1 WHERE company = %s AND docstatus = 2", company)
	cancelled = 0
	for is_return, count in ((1, returns), (0, invoices)):
		names = frappe.db.sql_list(
			f"""SELECT d.name FROM `tabSales Invoice` d JOIN `tab{LOG}` l ON l.reference_doctype = 'Sales Invoice'
				AND l.reference_name = d.name AND l.is_latest = 1 AND l.status = 'Success'
			WHERE d.company = %s AND d.is_return = %s ORDER BY d.name DESC LIMIT %s""",
			(company, is_return, count),
		)
		if names:
			frappe.db.sql("UPDATE `tabSales Invoice` SET docstatus = 2 WHERE name IN %s", (names,))
		cancelled += len(names)
	frappe.db.commit()
	return cancelled


def check_orphans(company: str) -> int:
	"""Run the daily check. Returns how many orphans it found."""
	from nexwave_xero_connector.erp.connection.tokens import open_organisation
	from nexwave_xero_connector.erp.outbox import orphans

	found = orphans.check_company(company, open_organisation(company))
	frappe.db.commit()
	return found.orphans
