"""The run on a bench must not say that all is well when it is not, and must leave the bench as it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.on_bench import APP, Bench, BenchUnusable, read_result, run_on_bench


@pytest.mark.parametrize(
	("output", "status", "counts"),
	[
		("....\nRan 4 tests in 0.1s\n\nOK\n", 0, (4, 0, 0)),
		("Ran 4 tests in 0.1s\n\nOK (skipped=1)\nRan 2 tests in 1s\n\nOK\n", 0, (5, 0, 1)),
		("Ran 4 tests in 0.1s\n\nFAILED (failures=1, errors=2)\n", 0, (1, 3, 0)),
		("Ran 1 test in 0.1s\n\nOK\n", 1, (0, 1, 0)),
		("Ran 0 tests in 0.000s\n\nOK\n", 0, (0, 1, 0)),
		("Testing is disabled for the site!\n", 0, (0, 1, 0)),
	],
)
def test_what_frappe_prints_is_read(output: str, status: int, counts: tuple[int, int, int]) -> None:
	result = read_result(output, status)
	assert (result.passed, result.failed, result.skipped) == counts


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
	(tmp_path / "bench" / "apps").mkdir(parents=True)
	(tmp_path / "ours").mkdir()
	(tmp_path / "theirs").mkdir()
	return Bench(tmp_path / "bench", "xero.test", tmp_path / "ours")


def test_another_checkout_is_linked_again_afterwards(bench: Bench, tmp_path: Path) -> None:
	bench.link.symlink_to(tmp_path / "theirs")
	with pytest.raises(ZeroDivisionError):
		with bench.linked():
			assert bench.link.resolve() == tmp_path / "ours"
			raise ZeroDivisionError
	assert bench.link.resolve() == tmp_path / "theirs"


def test_a_link_to_what_is_gone_is_replaced(bench: Bench, tmp_path: Path) -> None:
	bench.link.symlink_to(tmp_path / "gone")
	with bench.linked():
		pass
	assert bench.link.resolve() == tmp_path / "ours"


def test_a_checkout_that_is_no_link_is_left_alone(bench: Bench) -> None:
	bench.link.mkdir()
	with pytest.raises(BenchUnusable, match=APP):
		with bench.linked():
			pass


def test_no_bench_is_no_failure_unless_it_was_named(monkeypatch, tmp_path: Path) -> None:
	monkeypatch.setenv("HOME", str(tmp_path))
	monkeypatch.delenv("BENCH_PATH", raising=False)
	result = run_on_bench(tmp_path)
	assert result.failed == 0
	assert "did not run" in str(result)
	monkeypatch.setenv("BENCH_PATH", str(tmp_path / "elsewhere"))
	assert run_on_bench(tmp_path).failed == 1
