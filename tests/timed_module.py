"""One module of the app's tests by Frappe's own runner, with the duration of each test written to a file.

For the bench's Python in its sites folder: ``python -m tests.timed_module SITE MODULE FILE``.
"""

from __future__ import annotations

import json
import runpy
import sys
import time
import unittest
from pathlib import Path


class Stopwatch:
	"""Frappe 15 and 16 print durations differently, and not all of them."""

	def __init__(self) -> None:
		self.seconds: dict[str, float] = {}
		self._began = 0.0

	def install(self) -> None:
		start, stop = unittest.TestResult.startTest, unittest.TestResult.stopTest

		def start_test(result: unittest.TestResult, test: unittest.TestCase) -> None:
			self._began = time.monotonic()
			start(result, test)

		def stop_test(result: unittest.TestResult, test: unittest.TestCase) -> None:
			stop(result, test)
			self.seconds[test.id()] = time.monotonic() - self._began

		unittest.TestResult.startTest, unittest.TestResult.stopTest = start_test, stop_test


def main() -> None:
	site, module, file = sys.argv[1:]
	stopwatch = Stopwatch()
	stopwatch.install()
	# ERPNext's set-up for its own tests is not repeated for each module; `run-tests --app` does not run it either.
	sys.argv = ["bench", "frappe", "--site", site, "run-tests", "--module", module, "--skip-before-tests"]
	try:
		runpy.run_module("frappe.utils.bench_helper", run_name="__main__")
	finally:
		Path(file).write_text(json.dumps(stopwatch.seconds))


if __name__ == "__main__":
	main()
