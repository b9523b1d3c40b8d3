"""What the connector adds to Submit and Cancel of a Sales Invoice: time as a ratio, and database statements.

Runs on a bench, in its Python, with this checkout on PYTHONPATH:

    cd sites && ../env/bin/python -m benchmarks.submit_on_bench SITE [COUNT]

Two companies with the same chart, one of which pushes, take turns, so that whatever else the machine is doing falls on
both. What it makes is taken away again. The queue's Redis is the bench's own; a worker that is running there is woken,
as it would be.
"""

from __future__ import annotations

import statistics
import sys
import time

import frappe

OFF_COMPANY = "Xero Benchmark, off"


def measure(act: object) -> tuple[float, int]:
	"""Seconds and database statements of `act` with its commit."""
	before = statements()
	start = time.perf_counter()
	act()  # type: ignore[operator]
	frappe.db.commit()
	return time.perf_counter() - start, statements() - before - 1


def statements() -> int:
	return int(frappe.db.sql("show session status like 'Questions'")[0][1])


def run(count: int) -> None:
	from nexwave_xero_connector.tests import bench_world
	from nexwave_xero_connector.tests.records import make_company

	bench_world.set_up_company()
	bench_world.clear()
	bench_world.connect_company()
	make_company(OFF_COMPANY, "XOFF")
	frappe.db.commit()
	times: dict[str, dict[bool, list[tuple[float, int]]]] = {"Submit": {}, "Cancel": {}}
	for number in range(2 * count + 6):
		is_on = bool(number % 2)
		invoice = bench_world.new_invoice(company=bench_world.COMPANY if is_on else OFF_COMPANY)
		frappe.db.commit()
		submitted = measure(invoice.submit)
		cancelled = measure(frappe.get_doc("Sales Invoice", invoice.name).cancel)
		if number >= 6:  # the first ones fill caches
			times["Submit"].setdefault(is_on, []).append(submitted)
			times["Cancel"].setdefault(is_on, []).append(cancelled)
	bench_world.clear()
	bench_world.clear(OFF_COMPANY)
	for what, by_switch in times.items():
		report(what, by_switch)


def report(what: str, by_switch: dict[bool, list[tuple[float, int]]]) -> None:
	on, off = ([seconds for seconds, _count in by_switch[switch]] for switch in (True, False))
	ratio = statistics.median(on) / statistics.median(off)
	added = statistics.median(n for _s, n in by_switch[True]) - statistics.median(
		n for _s, n in by_switch[False]
	)
	print(
		f"{what}: median {1000 * statistics.median(off):.1f} ms off, {1000 * statistics.median(on):.1f} ms on,"
		f" ratio {ratio:.3f} (middle half {spread(off)} ms off, {spread(on)} ms on), {added:+.0f} statements,"
		f" {len(on)} each"
	)


def spread(seconds: list[float]) -> str:
	low, _middle, high = statistics.quantiles(seconds, n=4)
	return f"{1000 * low:.1f} to {1000 * high:.1f}"


if __name__ == "__main__":
	frappe.init(site=sys.argv[1])
	frappe.connect()
	frappe.flags.in_test = False
	run(int(sys.argv[2]) if len(sys.argv) > 2 else 100)
	frappe.destroy()
