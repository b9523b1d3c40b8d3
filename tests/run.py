"""All tests: those that need no bench, then those on a bench. ``make test`` runs this."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from xml.etree import ElementTree

from tests.on_bench import run_on_bench
from tests.result import Result

CHECKOUT = Path(__file__).parents[1]


def run_without_bench() -> Result:
	with tempfile.TemporaryDirectory() as folder:
		report = Path(folder) / "report.xml"
		pytest = [sys.executable, "-m", "pytest", "-q", f"--junitxml={report}"]
		ended = subprocess.run(pytest, cwd=CHECKOUT, stdin=subprocess.DEVNULL, check=False)
		if not report.exists():
			return Result(failed=1, reason=f"pytest ended with {ended.returncode} and no report")
		counts = [suite.attrib for suite in ElementTree.parse(report).iter("testsuite")]
	ran, failed, errors, skipped = (
		sum(int(count[name]) for count in counts) for name in ("tests", "failures", "errors", "skipped")
	)
	result = Result(passed=ran - failed - errors - skipped, failed=failed + errors, skipped=skipped)
	if ended.returncode and not result.failed:
		return Result(failed=1, reason=f"pytest ended with {ended.returncode}")
	return result


def main() -> int:
	without_bench = run_without_bench()
	on_bench = run_on_bench(CHECKOUT)
	print()
	print(f"tests without a bench: {without_bench}")
	print(f"tests on a bench: {on_bench}")
	failed = without_bench.failed + on_bench.failed
	print(f"{without_bench.passed + on_bench.passed} passed, {failed} failed", flush=True)
	return 1 if failed else 0


if __name__ == "__main__":
	sys.exit(main())
