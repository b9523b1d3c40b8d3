"""Calls of the daily check for 1,000 cancelled documents that are still live in Xero. Needs a bench.

The check also lists what has changed in Xero in the last days, a thousand documents a call, whatever is cancelled here.
These calls are not counted: how many there are depends on what else the run has sent.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.figures import Figure
from benchmarks.site_hand import SiteHand
from benchmarks.two_companies import NZ, TwoCompanies

DOCUMENTS = 1000
WHAT = {"invoices": (0, 1000), "credit notes": (1000, 0), "500 invoices and 500 credit notes": (500, 500)}


def measure_orphan_check(world: TwoCompanies) -> Sequence[Figure]:
	figures = []
	with world.hand() as hand:
		hand.do("backlog", company=NZ, first=600_001, last=600_000 + DOCUMENTS)
		hand.do("push_returns", company=NZ, first=600_001, last=600_000 + DOCUMENTS)
		_none, listing = _check(world, hand)
		for what, (returns, invoices) in WHAT.items():
			cancelled = hand.do("cancel_unnoticed", company=NZ, returns=returns, invoices=invoices)
			found, calls = _check(world, hand)
			assert cancelled == found == DOCUMENTS, f"{found} of {cancelled} found"
			calls -= listing
			title = f"Orphan check of {DOCUMENTS:,} cancelled documents, {what}: calls"
			figures.append(Figure(title, "at most 20", calls, str(calls), 20))
		hand.do("cancel_unnoticed", company=NZ, returns=0, invoices=0)
	return figures


def _check(world: TwoCompanies, hand: SiteHand) -> tuple[int, int]:
	"""How many orphans it finds, and its calls."""
	before = world.admin.marker()
	found = hand.do("check_orphans", company=NZ)
	return found, len(world.calls_since(before))
