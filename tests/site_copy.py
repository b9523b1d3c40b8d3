"""A second site for tests: a copy with its own MariaDB, Redis and sites folder, deleted after the run.

Tests on it share nothing with the original but the apps, so they may run side by side with tests there.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import which

from benchmarks.throwaway_bench import BenchUnusable, ThrowawayBench

PROGRAMS = ("mariadbd", "mariadb-install-db", "mariadb", "mariadb-dump", "redis-server", "sh")
CLEAN_UP = """
pids=
while read -r pid; do pids="$pids $pid"; done
[ -z "$pids" ] || kill -9 $pids
rm -rf "$0" || { sleep 1; rm -rf "$0"; }
"""


class NoCopy(Exception):
	"""Why the site cannot be copied here."""


class SiteCopy(ThrowawayBench):
	"""Registers its servers with `cleaner`."""

	cleaner: Cleaner

	def start_mariadb(self) -> None:
		super().start_mariadb()
		self.cleaner.kills(self.mariadb)

	def make(self, **config: object) -> None:
		super().make(**config)
		self.cleaner.kills(self.redis)


class Cleaner:
	"""A shell that kills the servers and deletes the folder once this process closes it or is killed."""

	def __init__(self, folder: Path) -> None:
		self._shell = subprocess.Popen(
			["sh", "-c", CLEAN_UP, str(folder)],
			stdin=subprocess.PIPE,
			stderr=subprocess.DEVNULL,
			text=True,
			start_new_session=True,  # out of reach of Ctrl-C
		)

	def kills(self, server: subprocess.Popen[bytes] | None) -> None:
		if server:
			print(server.pid, file=self._shell.stdin, flush=True)

	def close(self) -> None:
		self._shell.communicate()


@contextmanager
def copied_site(bench: Path, site: str) -> Iterator[SiteCopy]:
	"""Raises NoCopy. Afterwards nothing of the copy is left."""
	_require_what_a_copy_needs(bench, site)
	folder = Path(tempfile.mkdtemp(prefix="nexwave_xero_connector_tests_"))
	copy = SiteCopy(folder, bench, site, redo_log="128M")
	copy.cleaner = Cleaner(folder)
	try:
		for name in ("apps", "env"):
			(folder / name).symlink_to(bench / name)
		try:
			# It has no address of its own, like most sites that tests run on.
			copy.make(host_name=None)
		except subprocess.CalledProcessError as problem:  # its text has the statement, and the password in it
			raise NoCopy(
				f"{site} could not be copied: {problem.cmd[0]} ended with {problem.returncode}"
			) from None
		except BenchUnusable as problem:
			raise NoCopy(str(problem)) from None
		except OSError as problem:
			raise NoCopy(f"{site} could not be copied: {problem}") from problem
		yield copy
	finally:
		copy.cleaner.close()
		copy.close()


def _require_what_a_copy_needs(bench: Path, site: str) -> None:
	missing = [name for name in PROGRAMS if not which(name)]
	if missing:
		raise NoCopy(f"this machine does not have {', '.join(missing)}")
	config = json.loads((bench / "sites" / site / "site_config.json").read_text())
	if config.get("db_type", "mariadb") != "mariadb":
		raise NoCopy(f"{site} is not on MariaDB")
