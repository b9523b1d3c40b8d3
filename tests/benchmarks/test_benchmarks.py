"""The benchmarks' cheap figures, in small: that they can be run, and what must hold however small they are."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks import report, run
from benchmarks.calls import measure_calls
from benchmarks.embedded_world import embedded_world
from benchmarks.figures import Figure, Group, ratio
from benchmarks.long_weekend import measure_long_weekend
from benchmarks.many_lines import measure_many_lines
from benchmarks.outage import least_seconds
from benchmarks.run import why
from benchmarks.simulation import Simulation, simulate
from benchmarks.throwaway_bench import BenchUnusable, pour
from benchmarks.tutorial import lost_answers


def test_calls_per_document_in_small() -> None:
	known, unknown, all_known, all_new = measure_calls(backlog=60, customer_count=4)
	assert (known.value, known.is_reached) == (2, True)
	assert (unknown.value, unknown.is_reached) == (4, True)
	assert all_known.shown.endswith("(4 calls)")
	assert all_new.value > all_known.value
	assert float(known.tutorial) >= known.value


def test_a_long_weekend_in_small() -> None:
	counted, calls, wrong, took = measure_long_weekend(documents=40, hours=6)
	assert counted.is_reached and wrong.is_reached
	assert 0 < calls.value <= 6 * 12 + 10
	assert took.value < 600


def test_an_invoice_of_many_lines_takes_the_calls_of_any_other() -> None:
	calls, _seconds = measure_many_lines(lines=200)
	assert (calls.value, calls.is_reached) == (2, True)


def test_a_lost_answer_makes_no_second_bill_of_ours() -> None:
	with embedded_world() as world:
		figure = lost_answers(world, 2)
	assert figure.is_reached
	assert figure.tutorial.startswith("2,")


def test_the_simulation_keeps_an_organisation_within_its_minute() -> None:
	busy = Simulation(1, 4, with_backlog=1).run()
	assert 0 < busy.calls_a_minute <= 60
	assert len(busy.latencies) > 1
	assert "| 2 | 1 |" in simulate((2,), (1,))


def test_what_the_limits_allow() -> None:
	assert [least_seconds(calls) for calls in (1, 5, 6, 60, 61, 66)] == [0.5, 0.5, 1.0, 6.0, 60.5, 61.0]


def test_without_a_bench_its_figures_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
	monkeypatch.setenv("BENCH_PATH", "/does-not-exist")
	(figure,) = run.measure([Group("submit", "what Submit costs", lambda world: [], needs_bench=True)])
	assert "left out" in figure.shown
	assert figure.is_reached is None


def test_a_benchmark_that_fails_is_a_figure_not_reached_and_the_next_one_runs() -> None:
	def fail() -> list[Figure]:
		raise ZeroDivisionError("no calls")

	told = ratio("Submit", 1.03, [2.0, 2.0], [1.0, 1.0])
	failed, next_one = run.measure([Group("a", "broken", fail), Group("b", "fine", lambda: [told])])
	assert failed.is_reached is False
	assert "no calls" in failed.shown
	assert (next_one.value, next_one.is_reached) == (2.0, False)


def test_a_site_whose_database_is_down_says_so() -> None:
	dump = ["sh", "-c", 'echo half; echo "mariadb-dump: Got error: 2002: Can\'t connect" >&2; exit 2']
	with pytest.raises(BenchUnusable) as caught:
		pour(dump, ["cat"], {}, "one.test, whose database is on db:3306")
	wanted = "one.test, whose database is on db:3306, could not be copied: mariadb-dump: Got error: 2002: Can't connect"
	assert why(caught.value) == wanted


def test_a_copy_that_cannot_be_filled_says_so() -> None:
	client = ["sh", "-c", "echo 'ERROR 1273: Unknown collation' >&2; exit 1"]
	with pytest.raises(BenchUnusable, match="Unknown collation"):
		pour(["echo", "half"], client, {}, "one.test")


def test_a_bench_that_cannot_be_used_is_tried_once(monkeypatch: pytest.MonkeyPatch) -> None:
	tries = []

	def unusable() -> None:
		tries.append(1)
		raise BenchUnusable("the database is down")

	monkeypatch.setattr(run, "two_companies", unusable)
	monkeypatch.setattr(run, "why_no_bench", lambda: "")
	groups = [Group(name, name, lambda world: [], needs_bench=True) for name in ("a", "b")]
	figures = run.measure(groups)
	assert [figure.shown for figure in figures] == ["did not run: the database is down"] * 2
	assert len(tries) == 1


def test_a_run_writes_between_its_markers_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
	page = tmp_path / "performance.md"
	page.write_text("Before\n<!-- ERPNext 16 -->\nold\n<!-- /ERPNext 16 -->\nAfter\n")
	monkeypatch.setattr(report, "PAGE", page)
	report.write("ERPNext 16", report.as_markdown([Figure("Calls", "at most 2", 2, "2", 2)]))
	text = page.read_text()
	assert text.startswith("Before\n") and text.endswith("\nAfter\n")
	assert "| Calls | at most 2 | yes | 2 |  |" in text
	assert "old" not in text


def test_what_moved_since_the_run_on_the_page_is_said(
	monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
	page = tmp_path / "performance.md"
	names = ("Calls", "Submit | Cancel", "Sweep", "429s", "Left out", "Statements")
	shown = ("2", "1.01 (0.90 to 1.13) x: 214.2 ms", "1,000 s", "0", "no bench", "+1")
	table = report.as_markdown([Figure(name, "", 0, text) for name, text in zip(names, shown, strict=True)])
	page.write_text(
		"<!-- ERPNext 16 -->\n| Calls | | | 9 | |\n<!-- /ERPNext 16 -->\n"
		f"<!-- ERPNext 15 -->\n{table}\n\nMeasured on 2026-11-22 10:08 UTC, commit dfc9cce: x.\n<!-- /ERPNext 15 -->"
	)
	monkeypatch.setattr(report, "PAGE", page)
	same = ("2", "1.20 x: 90 ms", "1,240 s", "0", "3", "+1")
	worse = ("3", "1.27 x", "700 s", "1", "3", "-1")
	said = [
		report.what_moved(
			[Figure(name, "", 0, text) for name, text in zip(names, texts, strict=True)], "ERPNext 15"
		)
		for texts in (same, worse)
	]
	assert said[0] == "Moved by a quarter or more since 2026-11-22 (dfc9cce): nothing."
	assert said[1] == (
		"Moved by a quarter or more since 2026-11-22 (dfc9cce): Calls: 2 to 3; Submit | Cancel: 1.01 to 1.27;"
		" Sweep: 1,000 to 700; 429s: 0 to 1; Statements: 1 to -1."
	)


def test_the_page_has_the_markers() -> None:
	page = report.PAGE.read_text(encoding="utf-8")
	for marker in ("ERPNext 15", "ERPNext 16", "simulation"):
		assert f"<!-- {marker} -->" in page and f"<!-- /{marker} -->" in page
