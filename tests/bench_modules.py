"""The app's test modules on benches, each in its own process, on several sites side by side."""

from __future__ import annotations

import json
import re
import tempfile
import threading
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.children import Children
from tests.progress import Progress
from tests.result import Result, total

LONGEST = (
	"test_crash_points",
	"browser.test_views_in_browser",
	"test_cancel_at_every_step",
	"browser.test_desk_actions_in_browser",
	"test_books_agree",
	"browser.test_lost_connection",
	"browser.test_setup",
	"test_outbox",
)
"""These start first, so that the other site does not wait for one of them at the end."""


@dataclass(frozen=True)
class Place:
	"""A site, what the report calls it, and what its test processes need."""

	name: str
	site: str
	python: str
	sites: Path
	environment: dict[str, str]


def modules_of(tests: Path) -> list[str]:
	"""The names of all test modules below the package `tests` of the app, the longest first."""
	found = [
		".".join(file.relative_to(tests).with_suffix("").parts) for file in sorted(tests.rglob("test_*.py"))
	]
	return sorted(found, key=lambda name: LONGEST.index(name) if name in LONGEST else len(LONGEST))


def run_modules(
	modules: Sequence[str], benches: Sequence[Sequence[Place]], children: Children, progress: Progress
) -> list[Result]:
	"""Each bench runs all modules; each of its places takes the next one as soon as it is free."""
	waiting = [deque(modules) for _bench in benches]
	results: list[list[Result]] = [[] for _bench in benches]

	def work(bench: int, place: Place) -> None:
		while waiting[bench]:
			try:
				module = waiting[bench].popleft()
			except IndexError:
				return
			try:
				results[bench].append(run_module(module, place, children, progress))
			except KeyboardInterrupt:
				return

	threads = [
		threading.Thread(target=work, args=(bench, place))
		for bench, places in enumerate(benches)
		for place in places
	]
	for thread in threads:
		thread.start()
	try:
		for thread in threads:
			thread.join()
	except BaseException:
		children.end()
		for thread in threads:
			thread.join()
		raise
	for ended in results:
		if len(ended) < len(modules):
			ended.append(Result(failed=1))
	return [total(ended) for ended in results]


def run_module(module: str, place: Place, children: Children, progress: Progress) -> Result:
	began = time.monotonic()
	with tempfile.TemporaryDirectory() as folder:
		file = Path(folder) / "durations.json"
		command = [place.python, "-m", "tests.timed_module", place.site]
		command += [f"nexwave_xero_connector.tests.{module}", str(file)]
		with children.running(command, cwd=place.sites, env=place.environment) as process:
			output, _nothing = process.communicate()
		if file.exists():
			durations = json.loads(file.read_text())
			progress.durations({f"{test} on {place.name}": seconds for test, seconds in durations.items()})
	result = read_result(output, process.returncode)
	name = f"{module} on {place.name}"
	progress.module(name, result, time.monotonic() - began, output)
	return result


def read_result(output: str, status: int) -> Result:
	"""The counts of unittest's closing lines, of which Frappe may print several.

	The runner's exit status says nothing outside of CI.
	"""
	ran = [int(number) for number in re.findall(r"^Ran (\d+) tests? in ", output, re.MULTILINE)]
	if not sum(ran):
		return Result(failed=1, reason=f"no test ran, see above (run-tests ended with {status})")
	counted = {"failures": 0, "errors": 0, "skipped": 0, "unexpected successes": 0}
	for closing in re.findall(r"^(?:OK|FAILED) \((.*)\)$", output, re.MULTILINE):
		for name, number in re.findall(r"([a-z ]+)=(\d+)", closing):
			name = name.strip()
			counted[name] = counted.get(name, 0) + int(number)
	failed = counted["failures"] + counted["errors"] + counted["unexpected successes"]
	if status and not failed:
		return Result(failed=1, reason=f"run-tests ended with {status}, see above")
	skipped = counted["skipped"]
	return Result(passed=sum(ran) - failed - skipped, failed=failed, skipped=skipped)
