"""One module of the app's tests by Frappe's own runner, with the duration of each test written to a file.

For the bench's Python in its sites folder: ``python -m tests.timed_module SITE MODULE FILE``.
"""

from __future__ import annotations

import functools
import json
import runpy
import signal
import sys
import time
import unittest
from pathlib import Path
from typing import Any


class Stopwatch:
	"""The duration of each test; Frappe 15 and 16 print them differently, and not all of them.

	Once the process is told to end, the test that runs stops its servers and no other begins.
	"""

	def __init__(self) -> None:
		self.seconds: dict[str, float] = {}
		self._began = 0.0
		self._told_to_end = False

	def install(self) -> None:
		start, stop = unittest.TestResult.startTest, unittest.TestResult.stopTest

		def start_test(result: unittest.TestResult, test: unittest.TestCase) -> None:
			self._began = time.monotonic()
			start(result, test)

		def stop_test(result: unittest.TestResult, test: unittest.TestCase) -> None:
			stop(result, test)
			self.seconds[test.id()] = time.monotonic() - self._began
			if self._told_to_end:
				result.stop()

		unittest.TestResult.startTest, unittest.TestResult.stopTest = start_test, stop_test
		for number in (signal.SIGINT, signal.SIGTERM):
			signal.signal(number, self._end)

	def _end(self, *_received: object) -> None:
		"""As an error of the test: unittest runs no cleanups after a KeyboardInterrupt."""
		self._told_to_end = True
		sys.exit("Interrupted")


def keep_doctypes() -> None:
	"""Frappe empties its whole cache around each module and after each rename; its DocTypes stay in it.

	To read them all again takes two seconds, and a DocType that is changed is forgotten on its own.
	"""
	import frappe

	get_hooks = frappe.get_hooks

	def with_doctypes(hook: str | None = None, *others: object, **named: object) -> Any:
		found = get_hooks(hook, *others, **named)
		return [*found, "doctype_meta"] if hook == "persistent_cache_keys" else found

	frappe.get_hooks = with_doctypes


def parse_fields_once() -> None:
	"""Frappe 15 parses the name of each field of each query as SQL: a tenth of its time, for a few hundred names."""
	import sqlparse

	sqlparse.format = functools.cache(sqlparse.format)


def main() -> None:
	site, module, file = sys.argv[1:]
	keep_doctypes()
	parse_fields_once()
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
