"""What the connector adds to Submit and Cancel of a Sales Invoice: time as a ratio, and database statements.

Runs on a bench, in its Python, with this checkout on PYTHONPATH:

    cd sites && ../env/bin/python -m benchmarks.submit_on_bench SITE [COUNT]

One company's settings are switched on and off at random, so that whatever else the machine is doing falls on both. What
it makes is taken away again. The queue's Redis is the bench's own. Stop its workers: a worker on the same
two cores is work that the connector does afterwards, not what the user waits for.
"""

from __future__ import annotations

import random
import statistics
import sys
import time

import frappe


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

	bench_world.set_up_company()
	bench_world.clear()
	bench_world.connect_company()
	times: dict[str, dict[bool, list[tuple[float, int]]]] = {"Submit": {}, "Cancel": {}}
	order = [True, False] * count
	# In turns, what recurs with every second invoice (Python's garbage, say) would always fall on the same side.
	random.Random(1).shuffle(order)
	for number, is_on in enumerate([True, False] * 3 + order):
		frappe.db.set_value("Xero Sync Settings", bench_world.COMPANY, "enabled", int(is_on))
		invoice = bench_world.new_invoice()
		frappe.db.commit()
		frappe.get_cached_doc("Xero Sync Settings", bench_world.COMPANY)  # in the cache, as it would be
		submitted = measure(invoice.submit)
		cancelled = measure(frappe.get_doc("Sales Invoice", invoice.name).cancel)
		if number >= 6:  # the first ones fill caches
			times["Submit"].setdefault(is_on, []).append(submitted)
			times["Cancel"].setdefault(is_on, []).append(cancelled)
	bench_world.clear()
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
