"""The app's tests on benches, with this checkout linked into each: one with ERPNext 15, one with ERPNext 16.

BENCHES names the sites, by their folders. The default ones may be missing; anything else that prevents the tests
from running is a failure.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
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
DEFAULT_SITES = ("~/frappe-bench/sites/xero.test", "~/frappe-bench-16/sites/xero16.test")
VERSIONS = "import erpnext, frappe; print(f'Frappe {frappe.__version__}, ERPNext {erpnext.__version__}')"
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

	@property
	def version(self) -> str:
		"""What the bench says that it is, and which site of it."""
		asked = self._python("-c", VERSIONS, own_path=False)
		return f"{asked.stdout.strip() or 'unknown version'} ({self.path / 'sites' / self.site})"

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
		"""Install the app and its dependencies on the bench and the site."""
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

	def build(self, others: Sequence[Bench], own_path: bool = True) -> None:
		"""Build the desk's bundles into the checkout, which never commits them.

		Frappe deletes earlier bundles, and those of another bench with the same checkout have other names: they are
		kept, so that its desk has them still.
		"""
		bundles = self.link.resolve() / APP / "public" / "dist"
		wanted = [bundles / name for bench in others for name in bench.bundles() if (bundles / name).exists()]
		kept = {file: file.read_bytes() for file in wanted}
		built = self._frappe("build", "--app", APP, own_path=own_path)
		for file, content in kept.items():
			file.parent.mkdir(parents=True, exist_ok=True)
			file.write_bytes(content)
		self._must(built, "build")

	def bundles(self) -> list[str]:
		"""The bundles of ours that the bench's desk asks for, from public/dist/ on."""
		names = []
		for listing in ("assets.json", "assets-rtl.json"):
			file = self.path / "sites" / "assets" / listing
			if file.exists():
				names += json.loads(file.read_text()).values()
		folder = f"/assets/{APP}/dist/"
		return [name.removeprefix(folder) for name in names if name.startswith(folder)]

	def hand_back(self, others: Sequence[Bench]) -> None:
		"""Build the bundles of the checkout that is linked again, so that the desk serves those."""
		if self.link.resolve() != self.checkout:
			with suppress(BenchUnusable):
				self.build(others, own_path=False)

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

	@property
	def place(self) -> Place:
		return Place(self.site, self.site, self.python, self.path / "sites", self._environment())

	@contextmanager
	def copied(self, progress: Progress) -> Iterator[list[Place]]:
		"""The site, and a copy of it where one can be made."""
		try:
			with copied_site(self.path, self.site) as copy:
				environment = {**self._environment(), "FRAPPE_BENCH_ROOT": str(copy.folder)}
				yield [
					self.place,
					Place(f"a copy of {self.site}", COPY, self.python, copy.sites, environment),
				]
		except NoCopy as reason:
			progress.say(f"The tests of {self.path} run on one site only: {reason}.")
			yield [self.place]

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
		"""This checkout comes before the installed one. CI would change how Frappe's workers behave.

		Without bytecode, each of hundreds of processes would compile Frappe again.
		"""
		left_out = ("CI", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH", "VIRTUAL_ENV")
		environment = {name: value for name, value in os.environ.items() if name not in left_out}
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


def named_benches(checkout: Path) -> list[Bench]:
	"""Those of BENCHES, or the default ones."""
	folders = os.environ.get("BENCHES", "").split() or DEFAULT_SITES
	sites = [Path(os.path.abspath(Path(folder).expanduser())) for folder in folders]
	return [Bench(site.parents[1], site.name, checkout.resolve()) for site in sites]


def run_on_benches(checkout: Path, children: Children, progress: Progress) -> dict[str, Result]:
	"""By the version that each bench says of itself, all side by side; with more cores than benches, on copies too."""
	results: dict[str, Result] = {}
	benches = named_benches(checkout)
	ready: dict[str, Bench] = {}
	with ExitStack() as stack:
		for bench in benches:
			others = [other for other in benches if other is not bench]
			if bench.missing:
				insisted = bool(os.environ.get("BENCHES"))
				where = str(bench.path / "sites" / bench.site)
				results[where] = Result(failed=int(insisted), reason=f"not found: {bench.missing} (BENCHES)")
				continue
			try:
				stack.enter_context(bench.to_ourselves())
				stack.callback(bench.hand_back, others)
				stack.enter_context(bench.linked())
				start_services(bench.path, bench.site)
				bench.require_set_up_site()
				version = bench.version
				progress.say(f"Preparing {version}: migrating it and building the desk's bundles.")
				bench.forget_killed_run()
				bench.install()
				bench.build(others)
				ready[version] = bench
			except (BenchUnusable, ServiceMissing) as problem:
				results[bench.version] = Result(failed=1, reason=f"could not run: {problem}")
		if len(ready) < (os.cpu_count() or 1):
			places = [stack.enter_context(bench.copied(progress)) for bench in ready.values()]
		else:
			places = [[bench.place] for bench in ready.values()]
		counted = run_modules(modules_of(checkout / APP / "tests"), places, children, progress)
	return results | dict(zip(ready, counted, strict=True))
