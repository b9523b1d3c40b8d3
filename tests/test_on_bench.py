"""The test run must not report success when a test failed, and must leave the bench as it was."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from sandbox.xero.seed.organisations import DEMO_APP
from tests.bench_modules import LONGEST, Place, modules_of, read_result, run_modules
from tests.bench_services import start_services
from tests.children import Children
from tests.on_bench import APP, Bench, BenchUnusable, named_benches, run_on_benches
from tests.progress import Progress
from tests.site_copy import Cleaner, NoCopy, copied_site
from tests.without_bench import Modules, failures

CHECKOUT = Path(__file__).parents[1]


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


def test_a_dangling_link_is_replaced(bench: Bench, tmp_path: Path) -> None:
	bench.link.symlink_to(tmp_path / "gone")
	with bench.linked():
		pass
	assert bench.link.resolve() == tmp_path / "ours"


def test_a_checkout_that_is_not_a_link_is_left_alone(bench: Bench) -> None:
	bench.link.mkdir()
	with pytest.raises(BenchUnusable, match=APP):
		with bench.linked():
			pass


def test_benches_are_named_by_the_folders_of_their_sites(monkeypatch, tmp_path: Path) -> None:
	monkeypatch.setenv("HOME", "/home/kiri")
	monkeypatch.delenv("BENCHES", raising=False)
	by_default = [(str(bench.path), bench.site) for bench in named_benches(tmp_path)]
	assert by_default == [
		("/home/kiri/frappe-bench", "xero.test"),
		("/home/kiri/frappe-bench-16", "xero16.test"),
	]
	monkeypatch.setenv("BENCHES", "~/a/sites/one.test /srv/b/sites/two.test/")
	named = [(str(bench.path), bench.site) for bench in named_benches(tmp_path)]
	assert named == [("/home/kiri/a", "one.test"), ("/srv/b", "two.test")]


def test_a_missing_bench_is_named_and_a_failure_only_if_it_was_asked_for(monkeypatch, tmp_path: Path) -> None:
	monkeypatch.setenv("HOME", str(tmp_path))
	monkeypatch.delenv("BENCHES", raising=False)
	results = run_on_benches(tmp_path, Children(), Progress())
	assert list(results) == [
		f"{tmp_path}/frappe-bench/sites/xero.test",
		f"{tmp_path}/frappe-bench-16/sites/xero16.test",
	]
	assert [result.failed for result in results.values()] == [0, 0]
	assert "not found" in str(results[f"{tmp_path}/frappe-bench-16/sites/xero16.test"])
	monkeypatch.setenv("BENCHES", str(tmp_path / "elsewhere" / "sites" / "a.test"))
	(result,) = run_on_benches(tmp_path, Children(), Progress()).values()
	assert result.failed == 1


def test_building_for_one_bench_keeps_the_bundles_of_another_one(bench: Bench, tmp_path: Path) -> None:
	"""Frappe deletes earlier bundles of the checkout, which both benches serve."""
	bench.link.symlink_to(tmp_path / "ours")
	bundles = tmp_path / "ours" / APP / "public" / "dist"
	(bundles / "js").mkdir(parents=True)
	for name in ("theirs", "outdated"):
		(bundles / "js" / f"xero.bundle.{name}.js").write_text(name)
	assets = tmp_path / "other" / "sites" / "assets"
	assets.mkdir(parents=True)
	listed = {
		"xero.bundle.js": f"/assets/{APP}/dist/js/xero.bundle.theirs.js",
		"desk.bundle.js": "/assets/frappe/dist/js/desk.bundle.js",
	}
	(assets / "assets.json").write_text(json.dumps(listed))
	python = bench.path / "env" / "bin" / "python"
	python.parent.mkdir(parents=True)
	(bench.path / "sites").mkdir()
	python.write_text(
		f"#!/bin/sh\nrm -r {bundles}/js && mkdir {bundles}/js && touch {bundles}/js/xero.bundle.ours.js\n"
	)
	python.chmod(0o755)
	bench.build([Bench(tmp_path / "other", "other.test", tmp_path / "ours")])
	assert {file.name for file in bundles.rglob("*.js")} == {"xero.bundle.ours.js", "xero.bundle.theirs.js"}
	assert (bundles / "js" / "xero.bundle.theirs.js").read_text() == "theirs"


def test_a_bench_says_itself_how_its_services_are_started(tmp_path: Path, monkeypatch) -> None:
	started = []
	monkeypatch.setattr(
		"tests.bench_services._ensure",
		lambda name, host, port, command, bench: started.append((port, command)),
	)
	(tmp_path / "sites" / "xero.test").mkdir(parents=True)
	config = {
		"redis_cache": "redis://127.0.0.1:13016",
		"redis_queue": "redis://127.0.0.1:11016",
		"db_port": 3316,
	}
	(tmp_path / "sites" / "common_site_config.json").write_text(json.dumps(config))
	(tmp_path / "sites" / "xero.test" / "site_config.json").write_text("{}")
	(tmp_path / "Procfile").write_text(
		"redis_cache: redis-server config/cache.conf\nmariadb: mariadbd --port 3316\n"
	)
	start_services(tmp_path, "xero.test")
	assert started == [
		(13016, ["redis-server", "config/cache.conf"]),
		(11016, ["redis-server", "config/redis_queue.conf"]),
		(3316, ["mariadbd", "--port", "3316"]),
	]


def test_all_modules_run_and_the_longest_of_them_first() -> None:
	tests = CHECKOUT / APP / "tests"
	modules = modules_of(tests)
	assert modules[: len(LONGEST)] == list(LONGEST)
	assert len(modules) == len(set(modules)) == len(list((CHECKOUT / APP).rglob("test_*.py")))


FAKE_PYTHON = """#!{python}
import sys, pathlib
module = sys.argv[4].split(".")[-1]
with open("ran", "a") as ran:
	print(module, file=ran)
if module == "test_hangs":
	import time
	time.sleep(60)
pathlib.Path(sys.argv[5]).write_text('{{"%s.test_a": 1.5}}' % module)
if module == "test_dies":
	sys.exit("Killed")
print("what the module printed")
print("Ran 2 tests in 1s\\n")
print("FAILED (failures=1)" if module == "test_fails" else "OK")
"""


@pytest.fixture
def places(tmp_path: Path) -> list[Place]:
	python = tmp_path / "python"
	python.write_text(FAKE_PYTHON.format(python=sys.executable))
	python.chmod(0o755)
	return [Place(site, site, str(python), tmp_path, {}) for site in ("xero.test", "throwaway.test")]


def test_each_bench_runs_all_modules(places: list[Place], tmp_path: Path) -> None:
	modules = ["test_fails", "test_0", "test_1"]
	progress = Progress()
	results = run_modules(modules, [[place] for place in places], Children(), progress)
	assert [(result.passed, result.failed) for result in results] == [(5, 1), (5, 1)]
	assert Counter((tmp_path / "ran").read_text().split()) == Counter(modules * 2)
	assert "test_0.test_a on xero.test" in progress.longest()
	assert "test_0.test_a on throwaway.test" in progress.longest()


def test_each_module_runs_once_and_one_that_fails_or_dies_fails_the_run(
	places: list[Place], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
	modules = ["test_fails", "test_dies", *(f"test_{number}" for number in range(8))]
	progress = Progress()
	(result,) = run_modules(modules, [places], Children(), progress)
	assert (result.passed, result.failed) == (17, 2)
	assert Counter((tmp_path / "ran").read_text().split()) == Counter(modules)
	printed = capsys.readouterr().out
	assert printed.count("what the module printed") == 1, "only the output of failing modules is printed"
	assert "Killed" in printed
	assert printed.count("FAILED   ") == 2
	assert printed.count("\nok   ") + printed.startswith("ok   ") == 8
	assert "test_fails.test_a" in progress.longest()


def test_nothing_runs_on_once_the_run_is_ended(places: list[Place], tmp_path: Path) -> None:
	children = Children()

	class Interrupted(Progress):
		def module(self, *_arguments: object) -> None:
			wait_until(lambda: "test_hangs" in (tmp_path / "ran").read_text())
			children.end()

	began = time.monotonic()
	(result,) = run_modules(["test_0", "test_hangs", "test_1", "test_2"], [places], children, Interrupted())
	assert result.failed
	assert time.monotonic() - began < 30
	assert "test_2" not in (tmp_path / "ran").read_text()


def test_of_a_copy_nothing_is_left_where_the_run_is_killed(tmp_path: Path) -> None:
	folder = tmp_path / "copy"
	(folder / "mariadb").mkdir(parents=True)
	server = subprocess.Popen(["sleep", "600"])
	code = f"""
import os, signal, types
from pathlib import Path
from tests.site_copy import Cleaner
cleaner = Cleaner(Path({str(folder)!r}))
cleaner.kills(types.SimpleNamespace(pid={server.pid}))
os.kill(os.getpid(), signal.SIGKILL)
"""
	subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, check=False)
	assert server.wait(30) == -9
	wait_until(lambda: not folder.exists())


def test_of_a_copy_nothing_is_left_in_the_end(tmp_path: Path) -> None:
	server = subprocess.Popen(["sleep", "600"])
	cleaner = Cleaner(tmp_path / "copy")
	(tmp_path / "copy").mkdir()
	cleaner.kills(server)
	assert server.poll() is None
	cleaner.close()
	assert server.wait(30) == -9
	assert not (tmp_path / "copy").exists()


def test_where_the_site_cannot_be_copied_a_sentence_says_why(tmp_path: Path, monkeypatch) -> None:
	site = tmp_path / "sites" / "xero.test"
	site.mkdir(parents=True)
	(site / "site_config.json").write_text(json.dumps({"db_type": "postgres"}))
	monkeypatch.setattr("tests.site_copy.which", lambda name: name)
	with pytest.raises(NoCopy, match="not on MariaDB"), copied_site(tmp_path, "xero.test"):
		pass
	monkeypatch.setattr("tests.site_copy.which", lambda name: None)
	with pytest.raises(NoCopy, match="does not have mariadbd"), copied_site(tmp_path, "xero.test"):
		pass


def test_what_pytest_prints_is_read_while_it_runs(capsys: pytest.CaptureFixture[str]) -> None:
	modules = Modules(Progress())
	for line in (
		"tests/test_a.py::test_one PASSED                                [ 25%]",
		"tests/test_a.py::test_two[a FAILED b] SKIPPED (no reason)       [ 50%]",
		"tests/b/test_b.py::test_three FAILED                            [100%]",
	):
		modules.read(line)
	modules.end()
	first, second = capsys.readouterr().out.splitlines()
	assert first.startswith("ok ") and first.endswith(" 2 tests  tests/test_a.py")
	assert second.startswith("FAILED ") and second.endswith(" 1 tests  tests/b/test_b.py")


def test_what_pytest_says_of_failures_is_printed_without_the_rest() -> None:
	output = "tests/test_a.py::test_one FAILED\n==== FAILURES ====\nassert 1 == 2\n"
	assert failures(output).endswith("= FAILURES ====\nassert 1 == 2\n")
	assert "test_a.py" not in failures(output)
	assert failures("INTERNALERROR") == "INTERNALERROR"


def wait_until(is_so: Callable[[], object]) -> None:
	end = time.monotonic() + 30
	while not is_so():
		assert time.monotonic() < end
		time.sleep(0.01)


def test_a_process_that_leaves_a_server_behind_does_not_hold_up_the_run() -> None:
	server = "import subprocess; subprocess.Popen(['sleep', '600']); print('done')"
	with Children().running([sys.executable, "-c", server]) as process:
		output, _nothing = process.communicate(timeout=30)
	assert output == "done\n"


def test_what_a_killed_run_left_in_the_sites_config_is_taken_back(bench: Bench) -> None:
	config = bench.path / "sites" / bench.site / "site_config.json"
	config.parent.mkdir(parents=True, exist_ok=True)
	left = {"xero_api_url": "http://127.0.0.1:9", "xero_client_id": DEMO_APP[0], "xero_client_secret": "x"}
	config.write_text(json.dumps({"db_name": "test", **left}))
	bench.forget_killed_run()
	assert json.loads(config.read_text()) == {"db_name": "test"}
