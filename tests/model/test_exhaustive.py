"""The promises hold in every interleaving of these small worlds. `make model DEPTH=2` searches larger ones."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.model import company_scenarios, scenarios, trouble_scenarios
from tests.model.explore import searched
from tests.model.world import Bounds, Scenario

ONE_OF_EACH = Bounds(workers=1, network_faults=1, crashes=1, frozen=0)
TWO_WORKERS = Bounds(workers=2, network_faults=1, crashes=1, frozen=0)
FROZEN_AND_KILLED = Bounds(workers=2, network_faults=0, crashes=1, frozen=1)
FROZEN_AND_LOST = Bounds(workers=2, network_faults=1, crashes=0, frozen=1)
TWICE_LOST = Bounds(workers=1, network_faults=2, crashes=1, frozen=0)
LATE_AND_FROZEN_TWICE = Bounds(workers=2, network_faults=1, crashes=0, frozen=2)

WORLDS: list[tuple[Callable[[Bounds], Scenario], Bounds]] = [
	(scenarios.submit_only, TWICE_LOST),
	(scenarios.submit_only, LATE_AND_FROZEN_TWICE),
	(scenarios.submit_and_cancel, FROZEN_AND_KILLED),
	(scenarios.submit_and_cancel, ONE_OF_EACH),
	(scenarios.submit_and_retry, ONE_OF_EACH),
	(scenarios.amend, Bounds(workers=1, network_faults=1, crashes=0, frozen=0)),
	(scenarios.batch, Bounds(workers=1, network_faults=1, crashes=0, frozen=0)),
	(scenarios.credit_note, ONE_OF_EACH),
	(scenarios.credit_note_before_its_invoice, Bounds(workers=2, network_faults=0, crashes=0, frozen=0)),
	(scenarios.allocated_by_hand, Bounds(workers=1, network_faults=1, crashes=0, frozen=0)),
	(scenarios.foreign, Bounds(workers=1, network_faults=0, crashes=1, frozen=0)),
	(scenarios.number_taken_while_we_look, ONE_OF_EACH),
	(scenarios.rejected_then_fixed, ONE_OF_EACH),
	(scenarios.unlogged, ONE_OF_EACH),
	(scenarios.cancel_and_delete, Bounds(workers=1, network_faults=1, crashes=0, frozen=0)),
	(scenarios.rename, Bounds(workers=1, network_faults=0, crashes=1, frozen=0)),
	(company_scenarios.another_organisation, Bounds(workers=1, network_faults=1, crashes=0, frozen=0)),
	(
		company_scenarios.interrupted_before_another_organisation,
		Bounds(workers=1, network_faults=0, crashes=1, frozen=0),
	),
	(company_scenarios.there_and_back, Bounds(workers=1, network_faults=0, crashes=1, frozen=0)),
	(company_scenarios.cancelled_there_and_back, Bounds(workers=1, network_faults=1, crashes=0, frozen=0)),
	(company_scenarios.merged_contact, Bounds(workers=1, network_faults=0, crashes=0, frozen=0)),
	(company_scenarios.merged_parties, Bounds(workers=1, network_faults=0, crashes=0, frozen=0)),
	(company_scenarios.merged_on_both_sides, Bounds(workers=1, network_faults=1, crashes=0, frozen=0)),
	(company_scenarios.renamed_on_both_sides, Bounds(workers=1, network_faults=0, crashes=0, frozen=0)),
	(company_scenarios.disabled_and_enabled, Bounds(workers=1, network_faults=0, crashes=0, frozen=0)),
	(scenarios.copied_elsewhere, Bounds(workers=1, network_faults=1, crashes=0, frozen=0)),
	(scenarios.copied_under_the_same_name, Bounds(workers=1, network_faults=1, crashes=0, frozen=0)),
	(trouble_scenarios.outage_and_cancel, Bounds(workers=1, network_faults=0, crashes=0, frozen=0)),
	(trouble_scenarios.poison, Bounds(workers=1, network_faults=0, crashes=0, frozen=0)),
	(trouble_scenarios.poison_beside_one, Bounds(workers=1, network_faults=0, crashes=1, frozen=0)),
	(trouble_scenarios.poisonous_cancel, Bounds(workers=1, network_faults=0, crashes=0, frozen=0)),
]

DEEPER: list[tuple[Callable[[Bounds], Scenario], Bounds]] = [
	(scenarios.submit_and_cancel, TWO_WORKERS),
	(scenarios.submit_and_cancel, FROZEN_AND_LOST),
	(scenarios.submit_and_retry, TWO_WORKERS),
	(scenarios.amend, ONE_OF_EACH),
	(scenarios.batch, ONE_OF_EACH),
	(scenarios.cancel_and_delete, ONE_OF_EACH),
	(scenarios.rename, TWO_WORKERS),
	(company_scenarios.another_organisation, ONE_OF_EACH),
	(company_scenarios.there_and_back, Bounds(workers=1, network_faults=1, crashes=0, frozen=0)),
	(company_scenarios.cancelled_there_and_back, ONE_OF_EACH),
	(company_scenarios.merged_contact, Bounds(workers=1, network_faults=0, crashes=1, frozen=0)),
	(company_scenarios.merged_parties, Bounds(workers=1, network_faults=1, crashes=0, frozen=0)),
	(company_scenarios.merged_on_both_sides, Bounds(workers=1, network_faults=0, crashes=1, frozen=0)),
	(company_scenarios.renamed_on_both_sides, Bounds(workers=1, network_faults=0, crashes=1, frozen=0)),
	(company_scenarios.disabled_and_enabled, Bounds(workers=1, network_faults=1, crashes=0, frozen=0)),
	(scenarios.copied_elsewhere, ONE_OF_EACH),
	(scenarios.copied_under_the_same_name, ONE_OF_EACH),
	(scenarios.credit_note, TWO_WORKERS),
	(scenarios.credit_note_before_its_invoice, ONE_OF_EACH),
	(scenarios.allocated_by_hand, ONE_OF_EACH),
	(scenarios.foreign, Bounds(workers=1, network_faults=1, crashes=0, frozen=0)),
	(scenarios.submit_and_cancel, Bounds(workers=2, network_faults=1, crashes=1, frozen=1)),
	(trouble_scenarios.poison, Bounds(workers=1, network_faults=0, crashes=1, frozen=0)),
	(trouble_scenarios.poisonous_cancel, Bounds(workers=1, network_faults=0, crashes=1, frozen=0)),
]


SEARCHED = WORLDS + (DEEPER if int(os.environ.get("DEPTH", "1")) > 1 else [])


@pytest.mark.parametrize(
	("scenario", "bounds"), SEARCHED, ids=lambda value: getattr(value, "__name__", str(value))
)
def test_every_interleaving_keeps_the_promises(
	scenario: Callable[[Bounds], Scenario], bounds: Bounds, capsys: pytest.CaptureFixture[str]
) -> None:
	explored = searched(scenario, bounds)
	runs = explored.complete + explored.merged
	with capsys.disabled():
		print(f"\n  {scenario(bounds).name}; {bounds}: {runs} runs, {explored.states} states")
	assert explored.exhausted and explored.complete > 10
