"""What Submit costs the user: with the connector on and off, and with the tutorial's connector. Needs a bench."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import replace

from benchmarks.figures import Figure, ratio, spread
from benchmarks.tutorial import TOKEN_FIELDS
from benchmarks.two_companies import NZ, TwoCompanies
from sandbox.xero.seed.organisations import DEMO_APP

COUNT = 100
TUTORIAL_COUNT = 15


def measure_submit(world: TwoCompanies) -> Sequence[Figure]:
	tenant = world.tenant(NZ)
	minted = world.admin.mint(tenant)
	xero = {
		"token": {field: minted[field] for field in TOKEN_FIELDS},
		"tenant_id": tenant,
		"client_id": DEMO_APP[0],
		"client_secret": DEMO_APP[1],
		"api_url": world.sandbox.url,
	}
	with world.slow_xero(), world.hand() as hand:
		times = hand.do("submit_times", company=NZ, count=COUNT, tutorial_count=TUTORIAL_COUNT, xero=xero)
		hand.do("forget", company=NZ)
	submits, cancels = times["submits"], times["cancels"]
	slower = statistics.median(_seconds(submits["tutorial"])) / statistics.median(_seconds(submits["off"]))
	in_ms = spread([1000 * one for one in _seconds(submits["tutorial"])], 0)
	added = _statements(submits["on"]) - _statements(submits["off"])
	return [
		_compared("Submit", submits, f"{slower:.1f} x: {in_ms} ms"),
		Figure("Database statements added to a Submit", "at most 4", added, f"{added:+g}", 4),
		replace(_compared("Cancel", cancels), to_reach="told", most=None),
	]


def _compared(what: str, measured: dict[str, list[list[float]]], tutorial: str = "") -> Figure:
	on, off = _seconds(measured["on"]), _seconds(measured["off"])
	medians = ratio("", 1.03, on, off, "ms").shown.partition(": ")[2]
	pairs = [with_it / without for with_it, without in zip(on, off, strict=True)]
	return Figure(
		f"{what} of a Sales Invoice, connector on / off, in pairs",
		"at most 1.03 x",
		statistics.median(pairs),
		f"{spread(pairs, 2)} x: {medians}, {len(on)} each",
		1.03,
		tutorial,
	)


def _seconds(measured: list[list[float]]) -> list[float]:
	return [seconds for seconds, _statements in measured]


def _statements(measured: list[list[float]]) -> float:
	return statistics.median(statements for _seconds, statements in measured)
