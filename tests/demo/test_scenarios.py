"""Every scenario of the demo, with the sandbox and the worker in separate processes."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.scenarios import SCENARIOS, Scenario
from sandbox.stage import Stage
from sandbox.xero.launcher import running_sandbox


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
	with running_sandbox() as sandbox:
		stage = Stage(tmp_path_factory.mktemp("stage"), sandbox)
		try:
			yield stage
		finally:
			stage.close()


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.play.__name__)
def test_both_sides_end_as_expected(stage: Stage, scenario: Scenario) -> None:
	stage.tidy()
	stage.mark()
	told = scenario.play(stage)
	assert told.as_it_should, f"ERP says: {told.erp}\nXero says: {told.xero}"
	assert stage.idle_faults() == []
