"""Calls per document, counted in the sandbox's log of calls. Needs no bench."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.embedded_world import EmbeddedWorld, customers, embedded_world
from benchmarks.figures import Figure
from benchmarks.tutorial import calls_of_tutorial

BACKLOG = 1000
CUSTOMERS = 200


def measure_calls(backlog: int = BACKLOG, customer_count: int = CUSTOMERS) -> Sequence[Figure]:
	with embedded_world() as world:
		names = customers(customer_count)
		world.make_customers(["Single", *names])
		unknown, known = (_push(world, ["Single"], 1) for _ in range(2))
		all_new, all_known = (_push(world, names, backlog) for _ in range(2))
	with embedded_world() as world:
		tutorial = calls_of_tutorial(world, backlog, customer_count)
	backlog_of = f"backlog of {backlog:,}, {customer_count} customers"
	return [
		_figure("single, contact known", 2, known, 1, tutorial.known),
		_figure("single, contact unknown", 4, unknown, 1, tutorial.unknown),
		_figure(f"{backlog_of}, all known", 0.06, all_known, backlog, tutorial.backlog_known),
		_figure(f"{backlog_of}, all new", 0.12, all_new, backlog, tutorial.backlog_new),
	]


def _push(world: EmbeddedWorld, names: Sequence[str], count: int) -> int:
	invoices = world.submit_invoices(names, count)
	calls = world.push()
	for invoice in (invoices[0], invoices[-1]):
		assert world.stage.in_xero(invoice), f"{invoice} did not arrive"
	return calls


def _figure(what: str, most: float, calls: int, documents: int, tutorial: float) -> Figure:
	each = calls / documents
	shown = f"{each:g}" if documents == 1 else f"{each:.3f} ({calls} calls)"
	return Figure(f"Calls per document: {what}", f"at most {most:g}", each, shown, most, f"{tutorial:g}")
