"""The frequent queries on the log, with 1,000 rows and with a million. Runs on the site, see site_commands.

A million rows are three years of a company with nine hundred documents per day: every tenth document needed a second
attempt, the newest two per cent are open, and a hundred need attention. Every row's invoice exists, because the sweep
compares the two.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import frappe
from frappe.utils import now

from benchmarks.site_books import LOG, copy_invoice, log_invoices, new_invoice, unpushed

SERIES = "ACC-SINV-2020-"
FIRST = 10_000_001
DAYS = 1000
REPEATED = 15
BATCH = 50
FOUND_ALREADY = "It was already in Xero, so nothing was sent."
FILLED = ("Sales Invoice", "Sales Invoice Item", "Sales Taxes and Charges", "Payment Schedule", LOG)
CARDS = ("Xero Needs Attention", "Xero Stuck", "Xero Orphans", "In Xero Today")
NEWEST = [LOG, "is_latest", "=", 1]
ATTENTION = [LOG, "needs_attention", "=", 1]
LISTS = {
	"list": [NEWEST],
	"list: needs attention": [ATTENTION],
	"list: stuck": [ATTENTION, [LOG, "is_stuck", "=", 1]],
	"list: orphans": [ATTENTION, [LOG, "is_orphan", "=", 1]],
	"list: failed": [ATTENTION, [LOG, "status", "=", "Failed"], [LOG, "is_orphan", "=", 0]],
	"list: waiting": [NEWEST, [LOG, "status", "in", ["Queued", "In Progress"]]],
}
COLUMNS = (
	"name owner creation modified modified_by _user_tags _comments _assign _liked_by docstatus idx status"
	" reference_name reference_doctype party party_type operation amount currency message message_links is_stuck"
	" is_orphan is_different needs_attention due_at xero_url xero_type error_class"
).split()


def fill_log(company: str, rows: int) -> None:
	"""Replace the log's rows by that many, with 11 rows for every 10 documents."""
	for doctype in FILLED:
		frappe.db.sql_ddl(f"TRUNCATE `tab{doctype}`")
	original = unpushed(new_invoice(company))
	documents = rows * 10 // 11
	last = FIRST + documents - 1
	age = f"(({last} - s.seq) * {DAYS * 86400 / documents})"
	# The site's time, which may differ from the database's.
	site_now = frappe.db.escape(now())
	moment = f"({site_now} - INTERVAL {age} SECOND)"
	needs, is_void, is_skipped, is_open = (
		f"s.seq MOD {max(documents // 100, 2)} = 1",
		"s.seq MOD 50 = 7",
		"s.seq MOD 50 = 9",
		f"s.seq > {last - max(documents // 50, 60)}",
	)
	docstatus = f"IF({is_void} AND NOT {is_open} AND NOT {needs}, 2, 1)"
	dates = {"creation": moment, "modified": moment, "posting_date": f"DATE({moment})"}
	with _indexed_afterwards("Sales Invoice"):
		copy_invoice(original.name, SERIES, FIRST, last, with_rows=False, docstatus=docstatus, **dates)
	# Nobody has changed the settings recently: see sweep.JUST_CHANGED.
	frappe.db.sql("UPDATE `tabXero Sync Settings` SET start_date = '2020-01-01', modified = '2026-01-01'")
	name = f"CONCAT('{SERIES}', s.seq)"
	common = {
		"creation": moment,
		"modified": moment,
		"queued_at": moment,
		"amount": "s.seq MOD 5000",
		"currency": "'NZD'",
		"message": f"CONCAT({name}, ' is in Xero as ', {name}, ', AUTHORISED, 341.55 NZD. {FOUND_ALREADY}')",
		"message_links": f'CONCAT(\'[{{"doctype": "Sales Invoice", "name": "\', {name}, \'"}}]\')',
		"xero_type": "'ACCREC'",
		"xero_number": name,
		"xero_id": "UUID()",
		"xero_url": "'https://go.xero.com/AccountsReceivable/View.aspx?InvoiceID=0f0f0f0f'",
	}
	again = "s.seq MOD 10 = 3"
	superseded = common | {"is_latest": "0", "status": "'Failed'", "due_at": "NULL", "finished_at": moment}
	newest = common | {
		"queued_at": f"IF({is_open}, {site_now}, {moment})",
		"status": f"CASE WHEN {is_open} THEN 'Queued' WHEN {needs} THEN 'Failed' WHEN {is_void} THEN 'Voided'"
		f" WHEN {is_skipped} THEN 'Skipped' ELSE 'Success' END",
		"operation": f"IF({is_void} AND NOT {is_open} AND NOT {needs}, 'Void', 'Push')",
		"due_at": f"IF({is_open}, UTC_TIMESTAMP(6) - INTERVAL {age} SECOND, NULL)",
		"finished_at": f"IF({is_open}, NULL, {moment})",
		"needs_attention": f"{needs} AND NOT {is_open}",
		"is_stuck": f"{needs} AND NOT {is_open} AND s.seq MOD 5 = 0",
		"is_orphan": f"{needs} AND NOT {is_open} AND s.seq MOD 5 = 1",
		"xero_type": f"IF({is_open} OR {needs} OR {is_skipped}, NULL, 'ACCREC')",
		"xero_id": f"IF({is_open} OR {needs} OR {is_skipped}, NULL, UUID())",
	}
	with _indexed_afterwards(LOG):
		log_invoices(company, SERIES, FIRST, last, where=again, **superseded)
		log_invoices(company, SERIES, FIRST, last, attempt=2, where=again, **newest)
		log_invoices(company, SERIES, FIRST, last, where=f"NOT ({again})", **newest)
	frappe.db.sql_ddl(f"ANALYZE TABLE `tab{LOG}`, `tabSales Invoice`")


@contextmanager
def _indexed_afterwards(doctype: str) -> Iterator[None]:
	"""Insert many rows faster: drop the indexes, and create them again afterwards from all rows at once."""
	columns = defaultdict(list)
	for row in frappe.db.sql(f"SHOW INDEX FROM `tab{doctype}`", as_dict=True):
		if row.Key_name != "PRIMARY":
			columns[row.Key_name].append(f"`{row.Column_name}`")
	assert columns
	frappe.db.sql_ddl(f"ALTER TABLE `tab{doctype}` {', '.join(f'DROP INDEX `{name}`' for name in columns)}")
	yield
	added = (f"ADD INDEX `{name}` ({', '.join(of)})" for name, of in columns.items())
	frappe.db.sql_ddl(f"ALTER TABLE `tab{doctype}` {', '.join(added)}")


def ask_log(company: str) -> dict[str, list[float]]:
	"""Seconds per query, each run many times; the first runs are not counted."""
	times = {}
	for what, ask in _questions(company):
		for _ in range(2):
			ask()
		times[what] = [_timed(ask) for _ in range(REPEATED)]
	return times


def look_at_everything() -> float:
	"""Seconds of the daily sweep, which compares all documents with the log."""
	from nexwave_xero_connector.jobs import sweep

	return _timed(sweep.look_at_everything)


def explain_slow(company: str, longer_than: float) -> list[str]:
	"""The plans of those statements of a sweep, a list and a claim that took longer than this many seconds."""
	plans = []
	original = frappe.db.sql

	def sql(query: str, values: object = (), *args: object, **more: object) -> object:
		began = time.perf_counter()
		answer = original(query, values, *args, **more)
		seconds = time.perf_counter() - began
		if seconds > longer_than and str(query).lstrip().lower().startswith("select"):
			plan = original(f"explain {query}", values, as_dict=True)
			plans.append(f"{seconds:.3f} s: {query}\n{json.dumps(plan, default=str)}")
		return answer

	frappe.db.sql = sql
	for _what, ask in _questions(company):
		ask()
	frappe.db.sql = original
	return plans


def _timed(ask: Callable[[], object]) -> float:
	began = time.perf_counter()
	ask()
	return time.perf_counter() - began


def _questions(company: str) -> Iterator[tuple[str, Callable[[], object]]]:
	from nexwave_xero_connector.jobs import sweep

	yield "claim", lambda: _claim(company)
	for what, filters in LISTS.items():
		yield what, lambda filters=filters: _list(filters)
	yield "cards", _cards
	yield "sweep", sweep.sweep


def _claim(company: str) -> None:
	from datetime import timedelta

	from nexwave_xero_connector.erp.outbox.claim import FrappeOutbox

	outbox = FrappeOutbox()
	claims = outbox.claim(company, BATCH, outbox.now() + timedelta(minutes=7))
	assert len(claims) == BATCH
	names = [claim.row for claim in claims]
	free = {"status": "Queued", "due_at": "2020-01-01", "times_claimed": 0}
	frappe.db.set_value(LOG, {"name": ("in", names)}, free, update_modified=False)
	frappe.db.commit()


def _list(filters: list[list[object]]) -> None:
	"""The desk's two requests for a list: the first page, and the count."""
	from frappe.desk import reportview

	fields = [f"`tab{LOG}`.`{column}`" for column in COLUMNS]
	args = {"doctype": LOG, "filters": json.dumps(filters), "view": "List"}
	page = {
		"fields": json.dumps(fields),
		"order_by": f"`tab{LOG}`.`creation` desc",
		"start": 0,
		"page_length": 20,
	}
	frappe.local.form_dict = frappe._dict(args | page)
	reportview.get()
	frappe.local.form_dict = frappe._dict(args | {"fields": "[]", "distinct": "false", "limit": 1001})
	reportview.get_count()


def _cards() -> None:
	from frappe.desk.doctype.number_card.number_card import get_result

	for name in CARDS:
		card = frappe.get_doc("Number Card", name)
		get_result(card, card.filters_json)
