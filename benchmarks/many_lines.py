"""One invoice with thousands of lines, as a monthly statement of a wholesaler has them. Needs no bench."""

from __future__ import annotations

import time
from collections.abc import Sequence
from decimal import Decimal

from benchmarks.embedded_world import EmbeddedWorld, embedded_world
from benchmarks.figures import Figure
from sandbox.erp import samples
from sandbox.erp.drafts import Line

LINES = 3000
SECONDS = 5
"""A worker has much longer; a user who watches the row has not."""


def measure_many_lines(lines: int = LINES) -> Sequence[Figure]:
	with embedded_world() as world:
		world.submit_invoices(["Harbour Cafe"], 1)
		world.push()  # creates the contact
		began = time.process_time()
		calls = _push(world, lines)
		seconds = time.process_time() - began
	what = f"An invoice of {lines:,} lines"
	return [
		Figure(f"{what}: calls", "at most 2", calls, str(calls), 2),
		Figure(f"{what}: CPU of the worker", f"at most {SECONDS} s", seconds, f"{seconds:.1f} s", SECONDS),
	]


def _push(world: EmbeddedWorld, lines: int) -> int:
	erp = world.erp
	rows = [Line("BENCH", Decimal(1 + row % 7), Decimal(100 + row) / 100) for row in range(lines)]
	invoice = erp.drafts.invoice(
		"Sales Invoice",
		samples.COMPANY,
		"Harbour Cafe",
		rows,
		samples.POSTED_ON,
		taxes_template=samples.SALES_GST,
	)
	erp.desk.submit(invoice)
	calls = world.push()
	(document,) = world.stage.in_xero(invoice)
	assert len(document["LineItems"]) == lines, document["LineItems"][:1]
	return calls
