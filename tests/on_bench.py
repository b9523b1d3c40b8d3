"""The app's tests on a bench, with this checkout linked into it.

BENCH_PATH names the bench (default ~/frappe-bench), BENCH_SITE the site (default xero.test). The default
bench may be missing; anything else that prevents the tests from running is a failure.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.throwaway_bench import SITE as COPY
from sandbox.xero.seed.organisations import DEMO_APP
from tests.bench_modules import Place, modules_of, run_modules
from tests.bench_services import ServiceMissing, start_services
from tests.children import Children
from tests.progress import Progress
from tests.result import Result
from tests.site_copy import NoCopy, copied_site

APP = "nexwave_xero_connector"
SANDBOX_URLS = ("xero_api_url", "xero_identity_url", "xero_login_url")


class BenchUnusable(Exception):
	"""The bench exists, but the tests cannot run on it."""


class Bench:
	def __init__(self, path: Path, site: str, checkout: Path) -> None:
		self.path = path
		self.site = site
		self.checkout = checkout
		self.link = path / "apps" / APP
		self.python = str(path / "env" / "bin" / "python")

	@property
	def missing(self) -> str:
		"""Why this is not a bench with that site, or ""."""
		for part in ("apps/frappe", "apps/erpnext", "env/bin/python", f"sites/{self.site}/site_config.json"):
			if not (self.path / part).exists():
				return f"{self.path / part} does not exist"
		return ""

	@contextmanager
	def to_ourselves(self) -> Iterator[None]:
		"""Wait for any other run on this bench: it would replace the app that this one tests."""
		with open(self.path / "config" / f"{APP}_tests.lock", "w") as lock:
			try:
				fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
			except BlockingIOError:
				print("Another run of the tests has the bench; waiting for it to end.", flush=True)
				fcntl.flock(lock, fcntl.LOCK_EX)
			yield

	@contextmanager
	def linked(self) -> Iterator[None]:
		"""Link this checkout into apps/; a link to another one is restored afterwards."""
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
		"""Install the app and its dependencies on the bench and the site, and build its bundles for the desk."""
		names = self.path / "sites" / "apps.txt"
		apps = names.read_text().split()
		if APP not in apps:
			names.write_text("\n".join([*apps, APP]) + "\n")
		if self._python("-c", f"import {APP}, xero_python, requests_oauthlib", own_path=False).returncode:
			pip = self._python("-m", "pip", "install", "--quiet", "--editable", str(self.checkout))
			self._must(pip, "pip install")
		listed = self._frappe("list-apps", "--format", "json")
		self._must(listed, "list-apps")
		installed = json.loads(listed.stdout[listed.stdout.index("{") :])[self.site]
		if any(app.split()[0] == APP for app in installed):
			self._must(self._frappe("migrate"), "migrate")
		else:
			self._must(self._frappe("install-app", APP), "install-app")
		# The desk's bundles are built into the checkout, and never committed.
		self._must(self._frappe("build", "--app", APP), "build")

	def hand_back(self) -> None:
		"""Build the bundles of the checkout that is linked again, so that the desk serves those."""
		if self.link.resolve() != self.checkout:
			self._frappe("build", "--app", APP, own_path=False)

	def forget_killed_run(self) -> None:
		"""Take back what a run that was killed has left in the site's config: a sandbox that is gone, and its app."""
		file = self.path / "sites" / self.site / "site_config.json"
		config = json.loads(file.read_text())
		gone = {key for key in SANDBOX_URLS if key in config and not _answers(str(config[key]))}
		if gone or config.get("xero_client_id") == DEMO_APP[0]:
			gone |= {"xero_client_id", "xero_client_secret"}
		if gone & config.keys():
			kept = {key: value for key, value in config.items() if key not in gone}
			file.write_text(json.dumps(kept, indent=1, sort_keys=True))

	def require_set_up_site(self) -> None:
		"""One sentence instead of hundreds of failures where the site was never set up."""
		asked = self._python("-m", f"{APP}.tests.set_up_site", self.site)
		if asked.returncode:
			raise BenchUnusable(asked.stdout.strip() or f"{self.site} did not answer: {asked.stderr.strip()}")

	def run_tests(self, children: Children, progress: Progress) -> Result:
		"""On the site, and on a copy of it side by side where one can be made."""
		modules = modules_of(self.checkout / APP / "tests")
		here = Place(self.site, self.python, self.path / "sites", self._environment())
		try:
			with copied_site(self.path, self.site) as copy:
				environment = {**here.environment, "FRAPPE_BENCH_ROOT": str(copy.folder)}
				there = Place(COPY, self.python, copy.sites, environment)
				return run_modules(modules, [here, there], children, progress)
		except NoCopy as reason:
			progress.say(f"The tests on a bench run on one site only: {reason}.")
			return run_modules(modules, [here], children, progress)

	def _frappe(self, *arguments: str, own_path: bool = True) -> subprocess.CompletedProcess[str]:
		command = ["-m", "frappe.utils.bench_helper", "frappe", "--site", self.site]
		return self._python(*command, *arguments, own_path=own_path)

	def _python(self, *arguments: str, own_path: bool = True) -> subprocess.CompletedProcess[str]:
		return subprocess.run(
			[self.python, *arguments],
			cwd=self.path / "sites",
			env=self._environment(own_path),
			stdin=subprocess.DEVNULL,
			capture_output=True,
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
			print(ended.stdout, ended.stderr, flush=True)
			raise BenchUnusable(f"{what} failed on the bench, see above")


def _answers(url: str) -> bool:
	address = urlsplit(url)
	try:
		socket.create_connection((address.hostname or "", address.port or 443), timeout=2).close()
	except OSError:
		return False
	return True


def run_on_bench(checkout: Path, children: Children, progress: Progress) -> Result:
	path = Path(os.environ.get("BENCH_PATH") or "~/frappe-bench").expanduser()
	bench = Bench(path, os.environ.get("BENCH_SITE") or "xero.test", checkout.resolve())
	if bench.missing:
		insisted = bool(os.environ.get("BENCH_PATH"))
		return Result(failed=int(insisted), reason=f"did not run: {bench.missing} (BENCH_PATH, BENCH_SITE)")
	try:
		with bench.to_ourselves():
			with bench.linked():
				start_services(path, bench.site)
				bench.require_set_up_site()
				progress.say(f"Preparing {bench.site}: migrating it and building the desk's bundles.")
				bench.forget_killed_run()
				bench.install()
				result = bench.run_tests(children, progress)
			bench.hand_back()
			return result
	except (BenchUnusable, ServiceMissing) as problem:
		return Result(failed=1, reason=f"could not run: {problem}")
