"""No document is ever taken for another one: names, numbers and links that mislead, in every interleaving.

Each world is small, and searched completely within its bounds. `make model DEPTH=2` adds more faults to them.
"""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from tests.model.explore import searched
from tests.model.identity_scenarios import DEEPER, WORLDS
from tests.model.world import Bounds, Scenario

SEARCHED = WORLDS + (DEEPER if int(os.environ.get("DEPTH", "1")) > 1 else [])


@pytest.mark.parametrize(
	("scenario", "bounds"), SEARCHED, ids=lambda value: getattr(value, "__name__", str(value))
)
def test_every_document_keeps_what_is_its_own(
	scenario: Callable[[Bounds], Scenario], bounds: Bounds, capsys: pytest.CaptureFixture[str]
) -> None:
	explored = searched(scenario, bounds)
	runs = explored.complete + explored.merged
	with capsys.disabled():
		print(f"\n  {scenario(bounds).name}; {bounds}: {runs} runs, {explored.states} states")
	assert explored.exhausted and explored.complete > 10
