"""What the benchmarks do on the site. Runs in the bench's Python: ``python -m benchmarks.site_commands SITE``."""

from __future__ import annotations

import cProfile
import io
import os
import pstats
import time
from pathlib import Path

import frappe

from benchmarks.site_attachments import bills_with_files, files_by_status, look_for_files
from benchmarks.site_attention import ask_attention, fill_attention
from benchmarks.site_books import LOG, copy_invoice, log_invoices, make_books, new_invoice, unpushed
from benchmarks.site_hand import serve
from benchmarks.site_million import ask_log, explain_slow, fill_log, look_at_everything
from benchmarks.site_orphans import (
	cancel_unnoticed,
	check_changed,
	check_orphans,
	compare_today,
	findings,
	forget_findings,
	push_foreign,
	push_returns,
	sent,
)
from benchmarks.site_submit import submit_one, submit_times
from nexwave_xero_connector.sync.records import Trigger

SERIES = "ACC-SINV-2026-"
PROFILE_LINES = 15


def backlog(company: str, first: int, last: int, trigger: str = Trigger.SUBMIT.value) -> None:
	"""Submitted invoices that wait for Xero, all due now."""
	original = unpushed(new_invoice(company))
	copy_invoice(original.name, SERIES, first, last)
	triggered = {"triggered_by": frappe.db.escape(trigger), "priority": str(Trigger(trigger).priority.value)}
	log_invoices(company, SERIES, first, last, **triggered)


def wake(company: str) -> None:
	from nexwave_xero_connector.erp.worker import enqueue_worker

	assert enqueue_worker(company), "the queue does not answer"


def waiting(company: str) -> int:
	"""How many rows of the company are open."""
	frappe.db.rollback()
	return frappe.db.count(LOG, {"company": company, "due_at": ("is", "set")})


def forget(company: str) -> None:
	"""Delete the company's waiting rows."""
	frappe.db.delete(LOG, {"company": company, "due_at": ("is", "set")})
	frappe.db.set_value("Xero Connection", company, "paused_until", None)
	frappe.db.commit()


def memory() -> int:
	"""How many bytes this process has in memory."""
	pages = int(Path("/proc/self/statm").read_text().split()[1])
	return pages * os.sysconf("SC_PAGE_SIZE")


def memory_of_a_bare_worker() -> int:
	"""The memory of a worker that has run one of Frappe's own jobs, as every worker has."""
	from frappe.utils import background_jobs

	background_jobs.get_queue("default")
	frappe.get_doc("User", "Administrator")
	return memory()


def drain(company: str) -> list[dict[str, float]]:
	"""Push everything that is due in this process. Returns documents, CPU seconds and memory, part by part."""
	from nexwave_xero_connector.jobs.push import push_invoice

	parts = []
	while before := waiting(company):
		began = time.process_time()
		push_invoice(company)
		done = before - waiting(company)
		parts.append({"documents": done, "seconds": time.process_time() - began, "memory": memory()})
	return parts


def profile(company: str) -> str:
	"""The same with a profile that shows what takes the time."""
	profiler = cProfile.Profile()
	profiler.enable()
	drain(company)
	profiler.disable()
	text = io.StringIO()
	stats = pstats.Stats(profiler, stream=text)
	stats.sort_stats("tottime").print_stats(PROFILE_LINES)
	stats.sort_stats("cumulative").print_stats("nexwave_xero_connector", 2 * PROFILE_LINES)
	return text.getvalue()


if __name__ == "__main__":
	serve(
		bills_with_files,
		look_for_files,
		files_by_status,
		make_books,
		backlog,
		wake,
		waiting,
		forget,
		memory_of_a_bare_worker,
		drain,
		profile,
		submit_times,
		submit_one,
		push_returns,
		cancel_unnoticed,
		check_orphans,
		push_foreign,
		sent,
		check_changed,
		compare_today,
		findings,
		forget_findings,
		fill_attention,
		ask_attention,
		fill_log,
		ask_log,
		explain_slow,
		look_at_everything,
	)
