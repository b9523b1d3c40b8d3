"""What Submit costs the user: with the connector on and off, and with the tutorial's inside. Needs a bench."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from benchmarks.bench_world import NZ, BenchWorld
from benchmarks.figures import Figure, ratio, spread
from benchmarks.tutorial import TOKEN_FIELDS
from sandbox.xero.seed.organisations import DEMO_APP

COUNT = 100
TUTORIAL_COUNT = 15


def measure_submit(world: BenchWorld) -> Sequence[Figure]:
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
	seconds = {way: [one[0] for one in measured] for way, measured in times.items()}
	statements = {way: statistics.median(one[1] for one in measured) for way, measured in times.items()}
	compared = ratio(
		"Submit of a Sales Invoice, connector on / off", 1.03, seconds["on"], seconds["off"], "ms"
	)
	added = statements["on"] - statements["off"]
	slower = statistics.median(seconds["tutorial"]) / statistics.median(seconds["off"])
	in_ms = spread([1000 * one for one in seconds["tutorial"]], 0)
	return [
		Figure(
			compared.name,
			compared.to_reach,
			compared.value,
			f"{compared.shown}, {COUNT} each",
			compared.most,
			f"{slower:.1f} x: {in_ms} ms",
		),
		Figure("Database statements added to a Submit", "at most 4", added, f"{added:+g}", 4),
	]
