"""The search works: with any one guard of the protocol removed, it finds a broken promise."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.model.explore import MAX_PATHS, explore, searched
from tests.model.mutations import WHERE, Mutation
from tests.model.promises import Broken
from tests.model.world import World

DOCS = Path(__file__).parents[2] / "docs"


def test_the_table_of_guards_lists_each_mutation() -> None:
	table = re.findall(r"^\| `(\w+)` \|", (DOCS / "protocol.md").read_text(), re.MULTILINE)
	assert sorted(table) == sorted(mutation.__name__ for mutation in WHERE)
	assert f"removing any of {len(WHERE)} guards" in (DOCS / "development.md").read_text()


@pytest.mark.parametrize("mutation", WHERE, ids=lambda mutation: mutation.__name__)
def test_a_missing_guard_is_detected(mutation: Mutation) -> None:
	scenario, bounds, promise = WHERE[mutation]
	world = scenario(bounds)
	with mutation(), pytest.raises(Broken, match=promise):
		explore(lambda chooser: World(world, chooser), MAX_PATHS)


@pytest.mark.parametrize("mutation", WHERE, ids=lambda mutation: mutation.__name__)
def test_the_same_world_with_the_guard_keeps_its_promises(mutation: Mutation) -> None:
	scenario, bounds, _promise = WHERE[mutation]
	assert searched(scenario, bounds).exhausted
