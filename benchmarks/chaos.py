"""The chaos run: everything goes wrong at once, then it is quiet, then the five promises are checked on both sides.

	make chaos SEED=1 [DOCUMENTS=1000] [CELL="Supplier Invoice No, Draft"]

Needs a bench (BENCH_PATH, default ~/frappe-bench; BENCH_SITE, default xero.test, with the app installed) and the
programs of MariaDB and Redis. Everything happens on a throw-away copy of the site, in a folder under TMPDIR, with its
own MariaDB, Redis, Xero sandbox and workers.

Chaos: three users submit invoices, bills and returns, and cancel a fifth of them at random times; they rename some,
give their names to others, and delete some, whose names ERPNext gives again; they merge customers and suppliers.
There are three workers, and every few seconds one of them, or only its job, is killed; the sweep runs every ten
seconds; Xero fails at random in every way that the sandbox knows; people in Xero have used some of our numbers, copy
our documents, type them again and merge contacts; Redis is flushed twice; MariaDB is killed once and restarted. For
an hour the company sends to another organisation. Some minutes pass at a time while all workers are dead. Quiet:
there are no faults, and time passes from one due row to the next until nothing is open. Then an accountant presses
Retry on everything that has failed, and it is quiet again. In the end the other organisation is chosen once more, and
what was cancelled meanwhile is withdrawn there.

Nobody waits for leases, late writes or retries: while no worker runs, Xero's clock is moved forward, and every time
that the site has stored is moved back by as much (nexwave_xero_connector/tests/passing_time.py).

The seed decides what users do, which faults occur and when workers die. Which of these coincide depends on the machine.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from benchmarks.bench_workers import Workers
from benchmarks.chaos_faults import Xero
from benchmarks.chaos_verdict import Verdict, verdict
from benchmarks.site_hand import SiteHand
from benchmarks.throwaway_bench import SITE, ThrowawayBench
from nexwave_xero_connector.tests.matrix import Cell, cell_named
from sandbox.xero.launcher import running_sandbox

COMMANDS = "benchmarks.chaos_site"
USERS = 3
WORKERS = 3
SWEEP_SECONDS = 10
MAX_QUIET_ROUNDS = 300
LATE_WRITE_SECONDS = 600
AWAY_SECONDS = 3600
"""For how long the company sends to the other organisation."""
EVENTS = ((0.2, "flush"), (0.3, "go away"), (0.5, "mariadb"), (0.6, "come home"), (0.8, "flush"))
"""What happens once that part of the documents is submitted."""


class Chaos:
	def __init__(self, bench: ThrowawayBench, xero: Xero, seed: int, documents: int, cell: Cell) -> None:
		self.bench = bench
		self.xero = xero
		self.seed = seed
		self.documents = documents
		self.cell = cell
		self.workers = Workers(bench, WORKERS)
		self.hand = SiteHand(bench, COMMANDS)
		self.passed = 0.0
		self.left_at = 0.0
		self.figures: dict[str, object] = {}
		self.told: Counter[str] = Counter()

	def run(self) -> Verdict:
		names = self.hand.do("prepare", tenant=self.xero.home, cell=str(self.cell), **self.xero.app())
		self.hand.do("consent", token=self.xero.token())
		self.xero.use_numbers(names, self.documents)
		began = time.monotonic()
		self._chaos()
		self.figures["chaos, seconds"] = round(time.monotonic() - began)
		self.figures["open when the users went home"] = self.hand.do("waiting")["open"]
		self._quiet("quiet, rounds")
		before = verdict(self.hand.do("state"), self.xero, self.cell, self.xero.home)
		self.figures["buttons pressed"] = self.hand.do("press_buttons")
		self._quiet("quiet after Retry, rounds")
		after = verdict(self.hand.do("state"), self.xero, self.cell, self.xero.home, retried=True)
		self.hand.do("choose_organisation", tenant=self.xero.away)
		self._quiet("quiet in the other organisation, rounds")
		there = verdict(self.hand.do("state"), self.xero, self.cell, self.xero.away)
		self.figures["calls to Xero"] = self.xero.admin.marker()
		print_figures(self.figures, self.told, self.workers.kills, self.xero, before, after, there)
		after.broken = [
			*(f"before Retry: {broken}" for broken in before.broken),
			*after.broken,
			*(f"in the other organisation: {broken}" for broken in [*there.broken, *there.not_withdrawn]),
		]
		return after

	def _chaos(self) -> None:
		draw = random.Random(f"{self.seed}/chaos")
		users = [threading.Thread(target=self._user, args=(number,)) for number in range(USERS)]
		self.workers.start()
		for user in users:
			user.start()
		sweeping = threading.Event()
		sweeper = threading.Thread(target=self._sweep_until, args=(sweeping,))
		sweeper.start()
		events = list(EVENTS)
		while any(user.is_alive() for user in users):
			time.sleep(draw.uniform(1, 4))
			if events and self._submitted() >= self.documents * events[0][0] and self._happens(events[0][1]):
				events.pop(0)
			self.xero.misbehave(draw)
			if draw.random() < 0.3:
				self.xero.interfere(draw)
			self._connect_again_where_asked()
			chance = draw.random()
			if chance < 0.35:
				self.workers.kill_one(draw)
			elif chance < 0.6:
				self.workers.kill_all()
				self._let_time_pass(draw.uniform(30, 900))
				self.workers.start()
		for user in users:
			user.join()
		sweeping.set()
		sweeper.join()
		if events:
			self.xero.recover()
			self.hand.do("consent", token=self.xero.token())
		for _progress, event in events:
			assert self._happens(event), event

	def _happens(self, event: str) -> bool:
		"""Whether it has happened: Xero's faults strike whoever chooses an organisation, too."""
		if event == "flush":
			self.told["Redis flushed"] += 1
			subprocess.run(
				["redis-cli", "-p", str(self.bench.redis_port), "flushall"],
				check=True,
				stdout=subprocess.DEVNULL,
			)
		elif event == "mariadb":
			self.figures["MariaDB away, seconds"] = round(self.bench.restart_mariadb(), 1)
		elif event == "go away":
			self.left_at = self.passed
			return self._try("choose_organisation", tenant=self.xero.away)
		else:
			self.workers.kill_all()
			self.xero.admin.release()  # a held write would arrive later than any does
			self._let_time_pass(max(60, self.left_at + AWAY_SECONDS - self.passed))
			self.workers.start()
			if not self._try("choose_organisation", tenant=self.xero.home):
				return False
			self.figures["in the other organisation, minutes"] = round((self.passed - self.left_at) / 60)
		return True

	def _connect_again_where_asked(self) -> None:
		"""Connect again, as a user who sees the banner would. The company waits for that, and nothing else happens."""
		try:
			if self.hand.do("waiting")["state"] != "Connected":
				self.hand.do("consent", token=self.xero.token())
				self.told["connected again"] += 1
		except RuntimeError:
			self.told["could not connect again"] += 1

	def _submitted(self) -> int:
		try:
			return sum("submitted" in line for line in (self.bench.folder / "logs" / "users.log").open())
		except FileNotFoundError:
			return 0

	def _user(self, number: int) -> None:
		share = self.documents // USERS + (number < self.documents % USERS)
		hand = SiteHand(self.bench, COMMANDS)
		try:
			done = hand.do("user", seed=f"{self.seed}/{number}", documents=share, cancels=share // 5)
			self.told.update(done)  # type: ignore[arg-type]
		finally:
			hand.close()

	def _sweep_until(self, over: threading.Event) -> None:
		hand = SiteHand(self.bench, COMMANDS)
		while not over.wait(SWEEP_SECONDS):
			try:
				hand.do("sweep")
				self.told["sweeps"] += 1
			except RuntimeError:
				self.told["sweeps that failed"] += 1
		hand.close()

	def _let_time_pass(self, seconds: float) -> None:
		if self._try("pass_time", seconds=seconds, xero_url=self.xero.url):
			self.passed += seconds

	def _try(self, name: str, **arguments: object) -> bool:
		try:
			self.hand.do(name, **arguments)
		except RuntimeError:
			self.told[f"{name} failed"] += 1
			return False
		return True

	def _quiet(self, name: str) -> None:
		"""Everything works, and time passes from one due row to the next until nothing is open."""
		self.xero.recover()
		self.hand.do("consent", token=self.xero.token())
		self.workers.kill_all()
		self.workers.start()
		for round_ in range(MAX_QUIET_ROUNDS):
			self.hand.do("sweep")
			waiting = self._until_idle()
			if not waiting["open"]:
				self.figures[name] = round_ + 1
				break
			if waiting["next"] and waiting["next"] > 0:
				self.hand.do("pass_time", seconds=waiting["next"], xero_url=self.xero.url)
				self.passed += waiting["next"]
		else:
			raise RuntimeError(f"No loss: after {MAX_QUIET_ROUNDS} rounds {waiting}")
		# Whatever could still arrive in Xero arrives now, and must change nothing.
		self.hand.do("pass_time", seconds=LATE_WRITE_SECONDS, xero_url=self.xero.url)
		self.hand.do("sweep")
		self._until_idle()
		self.figures["time passed, hours"] = round(self.passed / 3600, 1)

	def _until_idle(self) -> dict:
		"""Wait until no job runs and nothing is due, or until the company is paused."""
		while True:
			time.sleep(0.2)
			if not self.workers.are_idle:
				continue
			waiting = self.hand.do("waiting")
			if self.workers.are_idle and (not waiting["due"] or waiting["next"] > 0 or self._nobody_woken()):
				return waiting

	def _nobody_woken(self) -> bool:
		queued = subprocess.run(
			["redis-cli", "-p", str(self.bench.redis_port), "--scan", "--pattern", "rq:queue:*default"],
			capture_output=True,
			text=True,
			check=True,
		)
		return not queued.stdout.strip() and self.workers.are_idle

	def close(self) -> None:
		self.workers.kill_all()
		self.hand.close()


def print_figures(
	figures: dict, told: Counter, kills: Counter, xero: Xero, before: Verdict, after: Verdict, there: Verdict
) -> None:
	def row(title: str, counts: dict) -> None:
		print(f"{title + ':':32}{', '.join(f'{name} {count}' for name, count in sorted(counts.items()))}")

	for title, counts in (
		("documents and users", told),
		("killed by SIGKILL", kills),
		("Xero's faults that struck", xero.struck),
		("people in Xero", xero.done),
		("run", figures),
		("statuses when quiet", before.statuses),
		("Failed when quiet", before.failures),
		("statuses after Retry", after.statuses),
		("Failed after Retry", after.failures),
		("in Xero", after.in_xero),
		("statuses in the other one", there.statuses),
		("in Xero, seen from there", there.in_xero),
	):
		row(title, counts)


def main() -> None:
	parser = argparse.ArgumentParser(
		description="Everything goes wrong at once; then the promises are checked."
	)
	parser.add_argument("--seed", type=int, default=1)
	parser.add_argument("--documents", type=int, default=1000)
	parser.add_argument(
		"--cell",
		type=cell_named,
		default=Cell(),
		help="settings as the form names them, separated by commas; those left out are the defaults",
	)
	arguments = parser.parse_args()
	path = Path(os.environ.get("BENCH_PATH") or "~/frappe-bench").expanduser()
	with tempfile.TemporaryDirectory(prefix="chaos-") as folder, running_sandbox(limits=False) as sandbox:
		bench = ThrowawayBench(Path(folder), path, os.environ.get("BENCH_SITE") or "xero.test")
		chaos = None
		try:
			xero = Xero(sandbox)
			bench.make(**xero.site_config())
			migrate = [bench.python, "-m", "frappe.utils.bench_helper", "frappe", "--site", SITE, "migrate"]
			subprocess.run(
				migrate, cwd=bench.sites, env=bench.environment(), check=True, stdout=subprocess.DEVNULL
			)
			chaos = Chaos(bench, xero, arguments.seed, arguments.documents, arguments.cell)
			found = chaos.run()
		finally:
			if chaos:
				chaos.close()
			bench.close()
	for broken in found.broken:
		print(broken)
	print(
		f"chaos: seed {arguments.seed}, {arguments.documents} documents, {arguments.cell}:"
		f" {len(found.broken)} promises broken"
	)
	sys.exit(1 if found.broken else 0)


if __name__ == "__main__":
	main()
