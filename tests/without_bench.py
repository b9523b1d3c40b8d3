"""The tests that need no bench: pytest, read while it runs."""

from __future__ import annotations

import os
import re
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

from tests.children import Children
from tests.progress import Progress
from tests.result import Result

OUTCOME = re.compile(r"^(\S+\.py)::.* (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b[^\[]*(?:\[ *\d+%\])?$")


def run_without_bench(checkout: Path, children: Children, progress: Progress) -> Result:
	with tempfile.TemporaryDirectory() as folder:
		report = Path(folder) / "report.xml"
		pytest = [sys.executable, "-m", "pytest", "-v", f"--junitxml={report}"]
		environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
		with children.running(pytest, cwd=checkout, env=environment) as process:
			modules = Modules(progress)
			lines = []
			for line in process.stdout or ():
				lines.append(line)
				modules.read(line.rstrip())
			status = process.wait()
		modules.end()
		result = read_report(report, status)
		if report.exists():
			progress.durations(read_durations(report))
	if result.failed:
		progress.say(failures("".join(lines)))
	return result


class Modules:
	"""Reports each module as soon as the next one begins."""

	def __init__(self, progress: Progress) -> None:
		self._progress = progress
		self._name = ""
		self._began = time.monotonic()
		self._outcomes: Counter[str] = Counter()

	def read(self, line: str) -> None:
		found = OUTCOME.match(line)
		if not found:
			return
		name, outcome = found.groups()
		if name != self._name:
			self.end()
			self._name = name
		self._outcomes[outcome] += 1

	def end(self) -> None:
		now = time.monotonic()
		if self._name:
			failed = self._outcomes["FAILED"] + self._outcomes["ERROR"]
			skipped = self._outcomes["SKIPPED"] + self._outcomes["XFAIL"]
			passed = sum(self._outcomes.values()) - failed - skipped
			self._progress.module(self._name, Result(passed, failed, skipped), now - self._began)
		self._began = now
		self._outcomes.clear()


def read_report(report: Path, status: int) -> Result:
	if not report.exists():
		return Result(failed=1, reason=f"pytest ended with {status} and no report")
	counts = [suite.attrib for suite in ElementTree.parse(report).iter("testsuite")]
	ran, failed, errors, skipped = (
		sum(int(count[name]) for count in counts) for name in ("tests", "failures", "errors", "skipped")
	)
	result = Result(passed=ran - failed - errors - skipped, failed=failed + errors, skipped=skipped)
	if status and not result.failed:
		return Result(failed=1, reason=f"pytest ended with {status}")
	return result


def read_durations(report: Path) -> dict[str, float]:
	cases = [case.attrib for case in ElementTree.parse(report).iter("testcase")]
	return {f"{case.get('classname')}.{case['name']}": float(case["time"]) for case in cases}


def failures(output: str) -> str:
	"""What pytest says of failing tests, without its line for each of the others; everything where it says nothing."""
	_before, heading, said = output.partition("= ERRORS =")
	if not heading:
		_before, heading, said = output.partition("= FAILURES =")
	return f"{'=' * 45}{heading}{said}" if heading else output
