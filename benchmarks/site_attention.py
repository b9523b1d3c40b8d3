"""The scheduled jobs and a list of what is missing, where thousands of rows need attention. Runs on the site, see
site_commands.

Half of the rows failed, and half have waited for too long; nobody has been told of either. Every hundredth document has
no row. The documents belong to fifty companies, which exist as far as the connector reads them, and twenty managers
look after five companies each; every second manager may see the documents of a few customers only.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import frappe
from frappe.permissions import add_user_permission
from frappe.utils import add_to_date, now_datetime

from benchmarks.site_books import LOG, copy_invoice, customer, log_invoices, new_invoice, unpushed
from nexwave_xero_connector.erp.connection.installation import ensure_installation
from nexwave_xero_connector.tests.browser.session import make_user

SERIES = "ACC-SINV-2021-"
FIRST = 20_000_001
COMPANIES, MANAGERS, COMPANIES_EACH, CUSTOMERS_EACH = 50, 20, 5, 4
COMPANY_OF_SEQ = f"CONCAT('Benchmark Branch ', LPAD(1 + s.seq MOD {COMPANIES}, 2, '0'))"
MISSING = "s.seq MOD 100 = 57"
FILLED = ("Sales Invoice", "Sales Invoice Item", "Sales Taxes and Charges", "Payment Schedule", LOG)
MANAGER = "Accounts Manager"


def fill_attention(company: str, rows: int) -> None:
	"""Replace the log's rows by that many of the branches. Nobody has changed a setting lately."""
	for doctype in FILLED:
		frappe.db.sql_ddl(f"TRUNCATE `tab{doctype}`")
	original = unpushed(new_invoice(company))
	last = FIRST + rows - 1
	yesterday = frappe.db.escape(str(add_to_date(now_datetime(), days=-1)))
	_make_branches()
	_make_managers()
	copy_invoice(original.name, SERIES, FIRST, last, company=COMPANY_OF_SEQ, modified=yesterday)
	waits = "s.seq MOD 2 = 0"
	log_invoices(
		company,
		SERIES,
		FIRST,
		last,
		where=f"NOT ({MISSING})",
		queued_at=yesterday,
		due_at=f"IF({waits}, UTC_TIMESTAMP(6), NULL)",
		status=f"IF({waits}, 'Queued', 'Failed')",
		needs_attention=f"NOT ({waits})",
		message=f"CONCAT('No tax mapping for item Garden Bench of {SERIES}', s.seq, '.')",
	)
	frappe.db.sql(
		f"UPDATE `tab{LOG}` l JOIN `tabSales Invoice` d ON d.name = l.reference_name SET l.company = d.company"
	)
	frappe.db.sql_ddl(f"ANALYZE TABLE `tab{LOG}`, `tabSales Invoice`")
	frappe.db.commit()


def _make_branches() -> None:
	for number in range(1, COMPANIES + 1):
		values = {"name": f"Benchmark Branch {number:02}", "company": f"Benchmark Branch {number:02}"}
		if frappe.db.exists("Company", values["name"]):
			continue
		moments = {"creation": "2026-01-01", "modified": "2026-01-01"}
		_insert("Company", name=values["name"], company_name=values["name"], abbr=f"B{number}", **moments)
		_insert("Xero Sync Settings", **values, enabled=1, start_date="2020-01-01", **moments)
		connection = {"state": "Connected", "installation": ensure_installation()}
		_insert("Xero Connection", **values, **connection, **moments)


def _insert(doctype: str, **values: object) -> None:
	frappe.qb.into(doctype).columns(*values).insert(*values.values()).run()


def _make_managers() -> None:
	for number in range(MANAGERS):
		user = make_user(f"benchmark-manager-{number:02}@example.com", MANAGER)
		for place in range(COMPANIES_EACH):
			branch = 1 + (number * COMPANIES_EACH + place) % COMPANIES
			add_user_permission("Company", f"Benchmark Branch {branch:02}", user, ignore_permissions=True)
		for place in range(CUSTOMERS_EACH if number % 2 else 0):
			name = customer(1 + number * COMPANIES_EACH + place)
			add_user_permission("Customer", name, user, ignore_permissions=True)


def ask_attention() -> dict[str, float]:
	"""Seconds of each, in the order in which the scheduler and a user would ask."""
	from nexwave_xero_connector.api import invoice
	from nexwave_xero_connector.jobs import digest, sweep

	def not_in_xero(user: str) -> None:
		frappe.set_user(user)
		invoice.names_by_state("Sales Invoice", "Not in Xero")
		frappe.set_user("Administrator")

	restricted = "benchmark-manager-01@example.com"
	return {
		"Not in Xero, for who may see everything": _timed(lambda: not_in_xero("Administrator")),
		"Not in Xero, for who may see few": _timed(lambda: not_in_xero(restricted)),
		"Sweep that marks what is stuck": _timed(sweep.sweep),
		"Sweep": _timed(sweep.sweep),
		"Digest": _timed(digest.send_digest),
		"Digest with nothing new": _timed(digest.send_digest),
		"Daily look at all documents that finds the missing ones": _timed(sweep.look_at_everything),
		"Daily look at all documents": _timed(sweep.look_at_everything),
	}


def _timed(ask: Callable[[], object]) -> float:
	frappe.db.rollback()
	began = time.perf_counter()
	ask()
	return time.perf_counter() - began
