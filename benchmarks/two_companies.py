"""A throw-away bench with two companies, each with its own organisation in a Xero sandbox."""

from __future__ import annotations

import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench_workers import Workers
from benchmarks.site_hand import SiteHand
from benchmarks.throwaway_bench import SITE, ThrowawayBench
from sandbox.xero.launcher import AdminClient, SandboxHandle, running_sandbox
from sandbox.xero.seed.organisations import DEMO_APP

NZ, AU = "Benchmark NZ", "Benchmark AU"
COMMANDS = "benchmarks.site_commands"
API = "/api.xro/"
EVERY_CALL = 1_000_000
CALL_SECONDS = 0.5
MAX_AT_A_TIME, CALLS_A_MINUTE = 5, 60
XERO_URLS = ("xero_api_url", "xero_identity_url", "xero_login_url")


@dataclass
class TwoCompanies:
	bench: ThrowawayBench
	sandbox: SandboxHandle

	@property
	def admin(self) -> AdminClient:
		return self.sandbox.admin

	@contextmanager
	def hand(self) -> Iterator[SiteHand]:
		hand = SiteHand(self.bench, COMMANDS)
		try:
			yield hand
		finally:
			hand.close()

	@contextmanager
	def slow_xero(self) -> Iterator[None]:
		"""Make every call take half a second, as with Xero."""
		self.admin.fault("latency_before", path=API, count=None, seconds=CALL_SECONDS)
		try:
			yield
		finally:
			self.admin.clear_faults()

	@contextmanager
	def real_limits(self) -> Iterator[None]:
		"""Set Xero's limits for an app that is not free, with none of the minute's calls used."""
		self.admin.limits(concurrent=MAX_AT_A_TIME, minute=CALLS_A_MINUTE, day=5000, app_minute=10_000)
		self.admin.advance(61)
		self.redis("flushall")
		try:
			yield
		finally:
			self.admin.limits_off()

	@contextmanager
	def workers(self, count: int, queues: str = "default") -> Iterator[Workers]:
		"""That many of the bench's workers, ready for a job."""
		self.redis("flushall")
		workers = Workers(self.bench, count, queues)
		workers.start()
		try:
			while int(self.redis("scard", "rq:workers")) < count:
				time.sleep(0.1)
			yield workers
		finally:
			workers.kill_all()
			self.redis("flushall")

	def redis(self, *command: str) -> str:
		ask = ["redis-cli", "-p", str(self.bench.redis_port), *command]
		return subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip()

	def is_live(self, company: str, number: str) -> bool:
		found = self.admin.documents(tenant=self.tenant(company), number=number)
		return any(document["wire"]["Status"] not in ("VOIDED", "DELETED") for document in found)

	def calls_since(self, marker: int, **filters: object) -> list[dict]:
		return self.admin.requests(marker, path=API, limit=EVERY_CALL, **filters)

	def tenant(self, company: str) -> str:
		return self.admin.tenant("NZ" if company == NZ else "AU")


def bench_path() -> Path:
	return Path(os.environ.get("BENCH_PATH") or "~/frappe-bench").expanduser()


def why_no_bench() -> str:
	"""What is missing for the figures that need a bench; "" if nothing is."""
	site = os.environ.get("BENCH_SITE") or "xero.test"
	for part in ("apps/erpnext", "env/bin/python", f"sites/{site}/site_config.json"):
		if not (bench_path() / part).exists():
			return f"no bench: {bench_path() / part} does not exist (BENCH_PATH, BENCH_SITE)"
	return ""


@contextmanager
def two_companies() -> Iterator[TwoCompanies]:
	with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, running_sandbox(limits=False) as sandbox:
		site = os.environ.get("BENCH_SITE") or "xero.test"
		bench = ThrowawayBench(Path(folder), bench_path(), site)
		try:
			bench.make(**dict.fromkeys(XERO_URLS, sandbox.url))
			migrate = [bench.python, "-m", "frappe.utils.bench_helper", "frappe", "--site", SITE, "migrate"]
			subprocess.run(
				migrate, cwd=bench.sites, env=bench.environment(), check=True, stdout=subprocess.DEVNULL
			)
			world = TwoCompanies(bench, sandbox)
			with world.hand() as hand:
				companies = {
					"NZ": {"company": NZ, "abbr": "BNZ"},
					"AU": {"company": AU, "abbr": "BAU"},
				}
				for code, company in companies.items():
					tenant = sandbox.admin.tenant(code)
					company |= {"tenant": tenant, "token": sandbox.admin.mint(tenant)}  # type: ignore[dict-item]
				hand.do("make_books", app=list(DEMO_APP[:2]), companies=companies)
			yield world
		finally:
			bench.close()
