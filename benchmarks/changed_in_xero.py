"""5,000 documents in Xero, 40 of them changed by a person: whether all are found, and with how many calls."""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.figures import Figure
from benchmarks.site_hand import SiteHand
from benchmarks.two_companies import NZ, TwoCompanies
from nexwave_xero_connector.tests.changes_in_xero import CHANGES, Change, arguments_of

INVOICES, CREDIT_NOTES, FOREIGN = 4_400, 500, 100
ALL = INVOICES + CREDIT_NOTES + FOREIGN
EACH = 5
"""Documents changed in each of the ways."""
CALLS_OF_A_PERIOD = 120
"""Invoices are looked up by number, about fifty a call; credit notes 1,000 a call where there are many."""
CALLS_OF_THE_DAY = 10
"""One for a thousand documents, and one for each kind of document and the contacts."""


def measure_changed(world: TwoCompanies) -> Sequence[Figure]:
	first = 800_001
	with world.hand() as hand:
		hand.do("backlog", company=NZ, first=first, last=first + INVOICES - 1)
		hand.do("push_returns", company=NZ, first=first, last=first + CREDIT_NOTES - 1)
		hand.do("push_foreign", company=NZ, first=first, last=first + FOREIGN - 1)
		invoices = hand.do("sent", company=NZ, series="ACC-SINV-2026-8")
		credit_notes = hand.do("sent", company=NZ, series="ACC-SINV-RET-2026-8")
		foreign = hand.do("sent", company=NZ, series="ACC-SINV-USD-2026-8")
		assert (len(invoices), len(credit_notes), len(foreign)) == (INVOICES, CREDIT_NOTES, FOREIGN)
		unchanged, agreeing = _measured(world, hand, "compare_today")
		findings = hand.do("findings", company=NZ)
		assert (agreeing, findings) == (ALL, {}), f"{agreeing} compared, {len(findings)} differ: {findings}"
		changed = _change(world, invoices, credit_notes, foreign)
		period, compared = _measured(world, hand, "compare_today")
		of_period = hand.do("findings", company=NZ)
		hand.do("forget_findings", company=NZ)
		day, _changed = _measured(world, hand, "check_changed")
		of_day = hand.do("findings", company=NZ)
	assert compared == ALL, f"{compared} compared"
	what = f"{ALL:,} documents, {len(changed)} changed in Xero in {len(CHANGES)} ways"
	return [
		_found(f"{what}: found by the comparison of a period", changed, of_period),
		_found(f"{what}: found by the daily check", changed, of_day),
		_calls(f"{what}: calls of the comparison of a period", CALLS_OF_A_PERIOD, period),
		_calls("... with nothing changed", CALLS_OF_A_PERIOD, unchanged),
		_calls(f"{what}: calls of the daily check, all sent today", CALLS_OF_THE_DAY, day),
	]


def _change(
	world: TwoCompanies, invoices: Sequence[str], credit_notes: Sequence[str], foreign: Sequence[str]
) -> dict[str, Change]:
	changed = {}
	for position, change in enumerate(CHANGES):
		numbers = foreign if change.foreign else invoices
		several = [numbers[(position * EACH + number) * len(numbers) // 50] for number in range(EACH - 1)]
		several.append(foreign[-1] if change.foreign else credit_notes[position * 10])
		for number in several:
			world.admin.act(world.tenant(NZ), change.action, **arguments_of(change, number))
			changed[number] = change
	return changed


def _measured(world: TwoCompanies, hand: SiteHand, command: str) -> tuple[int, int]:
	before = world.admin.marker()
	answer = hand.do(command, company=NZ)
	return len(world.calls_since(before)), answer


def _found(title: str, changed: dict[str, Change], findings: dict[str, str]) -> Figure:
	right = [number for number, change in changed.items() if change.found in findings.get(number, "")]
	wrong = sorted(set(findings) - set(changed))
	missed = len(changed) - len(right) + len(wrong)
	shown = f"{len(right)} of {len(changed)}, {len(wrong)} false"
	return Figure(title, "all, and no false one", missed, shown, 0)


def _calls(title: str, most: int, calls: int) -> Figure:
	return Figure(title, f"at most {most}", calls, str(calls), most)
