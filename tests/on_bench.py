"""The app's tests on a bench, with this checkout linked into it.

BENCH_PATH names the bench (default ~/frappe-bench), BENCH_SITE the site (default xero.test). The default
bench may be missing; whatever else is in the way of the tests is a failure.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench_services import ServiceMissing, start_services
from tests.result import Result

APP = "nexwave_xero_connector"


class BenchUnusable(Exception):
	"""The bench is there, but the tests cannot run on it."""


class Bench:
	def __init__(self, path: Path, site: str, checkout: Path) -> None:
		self.path = path
		self.site = site
		self.checkout = checkout
		self.link = path / "apps" / APP

	@property
	def missing(self) -> str:
		"""What makes this no bench with that site, or ""."""
		for part in ("apps/frappe", "apps/erpnext", "env/bin/python", f"sites/{self.site}/site_config.json"):
			if not (self.path / part).exists():
				return f"{self.path / part} does not exist"
		return ""

	@contextmanager
	def to_ourselves(self) -> Iterator[None]:
		"""Two runs at once would change the app under each other's feet."""
		with open(self.path / "config" / f"{APP}_tests.lock", "w") as lock:
			try:
				fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
			except BlockingIOError:
				print("Another run of the tests has the bench; waiting for it to end.", flush=True)
				fcntl.flock(lock, fcntl.LOCK_EX)
			yield

	@contextmanager
	def linked(self) -> Iterator[None]:
		"""This checkout in apps/; a link to another one is put back afterwards."""
		if self.link.resolve() == self.checkout:
			yield
			return
		if self.link.exists() and not self.link.is_symlink():
			raise BenchUnusable(f"{self.link} is a checkout of its own and not a link; run its own make test")
		before = self.link.readlink() if self.link.exists() else None
		self._link_to(self.checkout)
		try:
			yield
		finally:
			if before:
				self._link_to(before)

	def _link_to(self, target: Path) -> None:
		self.link.unlink(missing_ok=True)
		self.link.symlink_to(target)

	def install(self) -> None:
		"""The app and its dependencies in the bench's environment, the app on the site, its bundles in the desk."""
		names = self.path / "sites" / "apps.txt"
		apps = names.read_text().split()
		if APP not in apps:
			names.write_text("\n".join([*apps, APP]) + "\n")
		if self._python("-c", f"import {APP}, xero_python, requests_oauthlib", own_path=False).returncode:
			self._must(
				self._python("-m", "pip", "install", "--quiet", "--editable", str(self.checkout)),
				"pip install",
			)
		listed = self._frappe("list-apps", "--format", "json", capture=True)
		self._must(listed, "list-apps")
		installed = json.loads(listed.stdout[listed.stdout.index("{") :])[self.site]
		if any(app.split()[0] == APP for app in installed):
			self._must(self._frappe("migrate"), "migrate")
		else:
			self._must(self._frappe("install-app", APP), "install-app")
		# The desk's bundles are built into the checkout, and never committed.
		self._must(self._frappe("build", "--app", APP), "build")

	def hand_back(self) -> None:
		"""Another checkout that is linked again serves the desk again."""
		if self.link.resolve() != self.checkout:
			self._run(self._frappe_command("build", "--app", APP), False, own_path=False)

	def run_tests(self) -> Result:
		"""The runner's exit status says nothing outside of CI, so what it prints is read."""
		process = subprocess.Popen(
			self._frappe_command("run-tests", "--app", APP),
			cwd=self.path / "sites",
			env=self._environment(),
			stdin=subprocess.DEVNULL,
			stdout=subprocess.PIPE,
			stderr=subprocess.STDOUT,
			text=True,
			errors="replace",
		)
		lines = []
		for line in process.stdout or ():
			print(line, end="", flush=True)
			lines.append(line)
		return read_result("".join(lines), process.wait())

	def _frappe(self, *arguments: str, capture: bool = False) -> subprocess.CompletedProcess[str]:
		return self._run(self._frappe_command(*arguments), capture)

	def _frappe_command(self, *arguments: str) -> list[str]:
		python = str(self.path / "env" / "bin" / "python")
		return [python, "-m", "frappe.utils.bench_helper", "frappe", "--site", self.site, *arguments]

	def _python(self, *arguments: str, own_path: bool = True) -> subprocess.CompletedProcess[str]:
		return self._run([str(self.path / "env" / "bin" / "python"), *arguments], False, own_path)

	def _run(
		self, command: list[str], capture: bool, own_path: bool = True
	) -> subprocess.CompletedProcess[str]:
		return subprocess.run(
			command,
			cwd=self.path / "sites",
			env=self._environment(own_path),
			stdin=subprocess.DEVNULL,
			stdout=subprocess.PIPE if capture else None,
			text=True,
			check=False,
		)

	def _environment(self, own_path: bool = True) -> dict[str, str]:
		"""This checkout comes before the installed one. CI would change how Frappe's workers behave."""
		environment = {
			name: value
			for name, value in os.environ.items()
			if name not in ("CI", "PYTHONPATH", "VIRTUAL_ENV")
		}
		return {**environment, "PYTHONPATH": str(self.checkout)} if own_path else environment

	@staticmethod
	def _must(ended: subprocess.CompletedProcess[str], what: str) -> None:
		if ended.returncode:
			raise BenchUnusable(f"{what} failed on the bench, see above")


def read_result(output: str, status: int) -> Result:
	"""The counts of unittest's closing lines, of which Frappe may print several."""
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


def run_on_bench(checkout: Path) -> Result:
	path = Path(os.environ.get("BENCH_PATH") or "~/frappe-bench").expanduser()
	bench = Bench(path, os.environ.get("BENCH_SITE") or "xero.test", checkout.resolve())
	if bench.missing:
		insisted = bool(os.environ.get("BENCH_PATH"))
		return Result(failed=int(insisted), reason=f"did not run: {bench.missing} (BENCH_PATH, BENCH_SITE)")
	try:
		with bench.to_ourselves():
			with bench.linked():
				start_services(path, bench.site)
				bench.install()
				result = bench.run_tests()
			bench.hand_back()
			return result
	except (BenchUnusable, ServiceMissing) as problem:
		return Result(failed=1, reason=f"could not run: {problem}")


if __name__ == "__main__":
	result = run_on_bench(Path(__file__).parents[1])
	print(f"\ntests on a bench: {result}", flush=True)
	sys.exit(1 if result.failed else 0)
