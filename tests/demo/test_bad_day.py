"""What the demo prints, and its exit status."""

from __future__ import annotations

import io
import os
import re
import signal
import tempfile
import urllib.request

import pytest
from rich.console import Console

from sandbox import bad_day
from sandbox.scenarios import Scenario
from sandbox.stage import NothingHappened, Stage, Told


def good(stage: Stage) -> Told:
	return Told("Success: fine", "AUTHORISED 1.00 NZD", True)


def bad(stage: Stage) -> Told:
	return Told("Success: fine", "nothing", False)


def stuck(stage: Stage) -> Told:
	raise NothingHappened("Sales Invoice X was not processed")


def idle(stage: Stage) -> Told:
	stage.admin.fault("drop_after", method="PUT")
	return good(stage)


@pytest.mark.parametrize(
	("plays", "closing", "status"),
	[
		((good, good), "demo: 2 scenarios, 2 as expected", 0),
		((good, bad, stuck, idle), "demo: 4 scenarios, 1 as expected", 1),
	],
)
def test_the_closing_line_and_the_exit_status_agree(monkeypatch, capsys, plays, closing, status) -> None:
	monkeypatch.setattr(bad_day, "SCENARIOS", [Scenario(play.__name__, "nothing", play) for play in plays])
	assert bad_day.main([]) == status
	assert capsys.readouterr().out.splitlines()[-1] == closing


def test_xeros_page_can_stay_open(monkeypatch, capsys, tmp_path) -> None:
	monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
	monkeypatch.setattr(bad_day, "SCENARIOS", [Scenario("good", "nothing", good)])
	assert bad_day.main(["--keep"]) == 0
	found = re.search(r"(http://\S+/) \(to stop it: kill (\d+)\)", capsys.readouterr().out)
	assert found
	try:
		status = urllib.request.urlopen(f"{found[1]}_sandbox/status", timeout=10).status
	finally:
		os.kill(int(found[2]), signal.SIGTERM)
	assert status == 200


def test_a_narrow_table_loses_no_words() -> None:
	console = Console(file=io.StringIO(), width=80)
	console.print(bad_day.table_of([(Scenario("A title of several words", "something", good), bad(None))]))
	words = re.findall(r"\w+", console.file.getvalue())
	assert {"title", "several", "something", "Success", "NO"} <= set(words)
