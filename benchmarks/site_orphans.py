"""Cancelled documents that are still live in Xero, and changed ones. Runs on the site, see site_commands."""

from __future__ import annotations

import frappe
from frappe.utils import getdate, nowdate

from benchmarks.site_books import LOG, copy_invoice, log_invoices, new_invoice, new_return, unpushed

RETURNS = "ACC-SINV-RET-2026-"
FOREIGN = "ACC-SINV-USD-2026-"


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


def push_foreign(company: str, first: int, last: int) -> None:
	"""Create invoices in US dollars and push them to Xero."""
	from nexwave_xero_connector.jobs.push import push_invoice

	copy_invoice(
		unpushed(new_invoice(company, currency="USD", conversion_rate=1.6667)).name, FOREIGN, first, last
	)
	log_invoices(company, FOREIGN, first, last, currency="'USD'")
	push_invoice(company)


def sent(company: str, series: str) -> list[str]:
	"""The numbers of the series that are in Xero."""
	filters = {
		"company": company,
		"reference_name": ("like", f"{series}%"),
		"is_latest": 1,
		"status": "Success",
	}
	return frappe.get_all(LOG, filters=filters, pluck="reference_name", order_by="reference_name")


def check_changed(company: str) -> int:
	"""Run the daily check. Returns how many documents it found changed or voided."""
	from nexwave_xero_connector.erp.connection.tokens import open_organisation
	from nexwave_xero_connector.erp.outbox import orphans

	found = orphans.check_company(company, open_organisation(company))
	frappe.db.commit()
	return found.changed + found.different


def compare_today(company: str) -> int:
	"""Compare all documents dated today. Returns how many were compared."""
	from nexwave_xero_connector.erp.connection.tokens import open_organisation
	from nexwave_xero_connector.erp.outbox import compared_period

	compared_period.ask_for(company, getdate(nowdate()), getdate(nowdate()))
	return compared_period.go_on(company, open_organisation(company), lambda: True).checked


def findings(company: str) -> dict[str, str]:
	"""By name, what is said of the documents that differ in Xero."""
	filters = {"company": company, "is_latest": 1, "is_different": 1}
	return dict(frappe.get_all(LOG, filters=filters, fields=["reference_name", "finding"], as_list=True))


def forget_findings(company: str) -> None:
	"""As if nothing had been compared."""
	frappe.db.set_value(
		LOG,
		{"company": company, "is_different": 1},
		{"is_different": 0, "needs_attention": 0, "finding": None},
	)
	frappe.db.commit()
