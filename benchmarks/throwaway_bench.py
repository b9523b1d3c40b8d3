"""A throw-away bench: a copy of a site with its own MariaDB, Redis and sites folder.

It uses the apps and the Python environment of the real bench, and nothing else of it.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

SITE = "throwaway.test"
REPOSITORY = Path(__file__).resolve().parents[1]
START_SECONDS = 60


class BenchUnusable(Exception):
	"""Why the site cannot be copied: in one line, and without the site's password."""


def free_port() -> int:
	with socket.socket() as probe:
		probe.bind(("127.0.0.1", 0))
		return probe.getsockname()[1]


@dataclass
class ThrowawayBench:
	"""The site `original` of `bench` is copied; everything new is in `folder`."""

	folder: Path
	bench: Path
	original: str
	redo_log: str = "1G"
	mariadb_port: int = field(default_factory=free_port)
	redis_port: int = field(default_factory=free_port)
	mariadb: subprocess.Popen[bytes] | None = None
	redis: subprocess.Popen[bytes] | None = None

	@property
	def sites(self) -> Path:
		return self.folder / "sites"

	@property
	def python(self) -> str:
		return str(self.bench / "env" / "bin" / "python")

	@property
	def redis_url(self) -> str:
		return f"redis://127.0.0.1:{self.redis_port}"

	def make(self, **config: object) -> None:
		"""Copy the site and start everything. `config` goes into the copy's site config."""
		self._make_sites(config)
		self._make_datadir()
		self.start_mariadb()
		self._copy_database()
		self.redis = subprocess.Popen(
			["redis-server", "--port", str(self.redis_port), "--save", "", "--appendonly", "no"],
			stdout=subprocess.DEVNULL,
			cwd=self.folder,
		)
		_wait_until(lambda: _listens(self.redis_port), "Redis")

	def close(self) -> None:
		for server in (self.redis, self.mariadb):
			if server:
				server.kill()
				server.wait()

	def restart_mariadb(self) -> float:
		"""Kill it, as the kernel does when memory runs out, and restart it. Returns how many seconds it was down."""
		assert self.mariadb
		began = time.monotonic()
		self.mariadb.kill()
		self.mariadb.wait()
		self.start_mariadb()
		return time.monotonic() - began

	def start_mariadb(self) -> None:
		self.mariadb = subprocess.Popen(
			[
				"mariadbd",
				"--no-defaults",
				f"--datadir={self.folder / 'mariadb'}",
				f"--socket={self.folder / 'mariadb.sock'}",
				f"--pid-file={self.folder / 'mariadb.pid'}",
				f"--port={self.mariadb_port}",
				"--bind-address=127.0.0.1",
				*(["--user=root"] if os.geteuid() == 0 else []),
				"--character-set-server=utf8mb4",
				"--collation-server=utf8mb4_unicode_ci",
				"--skip-character-set-client-handshake",
				"--max-allowed-packet=64M",
				"--innodb-buffer-pool-size=1G",
				f"--innodb-log-file-size={self.redo_log}",
				# Enough for a killed process; power cuts are not simulated.
				"--innodb-flush-log-at-trx-commit=2",
				f"--loose-innodb-snapshot-isolation={self._snapshot_isolation()}",
			],
			stdout=subprocess.DEVNULL,
			stderr=(self.folder / "mariadb.log").open("ab"),
		)
		_wait_until(lambda: self._sql("SELECT 1").returncode == 0, "MariaDB", self.folder / "mariadb.log")

	def environment(self) -> dict[str, str]:
		"""The environment of this bench's processes, with this checkout. CI would change what Frappe's workers do."""
		kept = {name: value for name, value in os.environ.items() if name not in ("CI", "VIRTUAL_ENV")}
		redis = dict.fromkeys(("FRAPPE_REDIS_QUEUE", "FRAPPE_REDIS_CACHE"), self.redis_url)
		return {**kept, **redis, "PYTHONPATH": str(REPOSITORY)}

	def _make_sites(self, config: dict[str, object]) -> None:
		real = self.bench / "sites"
		for name in ("private/files", "public/files", "logs", "locks"):
			(self.sites / SITE / name).mkdir(parents=True)
		(self.folder / "logs").mkdir()
		shutil.copy(real / "apps.txt", self.sites)
		(self.sites / "assets").symlink_to(real / "assets")
		common = json.loads((real / "common_site_config.json").read_text())
		common |= {"db_host": "127.0.0.1", "db_port": self.mariadb_port, "default_site": SITE}
		common |= dict.fromkeys(("redis_cache", "redis_queue", "redis_socketio"), self.redis_url)
		(self.sites / "common_site_config.json").write_text(json.dumps(common, indent=1))
		own = self._original_config() | {"host_name": f"http://{SITE}", **config}
		own = {
			key: value for key, value in own.items() if not key.startswith(("db_host", "db_port", "root_"))
		}
		(self.sites / SITE / "site_config.json").write_text(json.dumps(own, indent=1))

	def _original_config(self) -> dict[str, object]:
		return json.loads((self.bench / "sites" / self.original / "site_config.json").read_text())

	def _make_datadir(self) -> None:
		command = ["mariadb-install-db", "--no-defaults", f"--datadir={self.folder / 'mariadb'}"]
		command += ["--auth-root-authentication-method=normal", "--skip-test-db"]
		command += ["--user=root"] if os.geteuid() == 0 else []
		subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

	def _copy_database(self) -> None:
		config = self._original_config()
		name, password = config["db_name"], config["db_password"]
		made = self._sql(
			f"CREATE DATABASE `{name}`; CREATE USER '{name}'@'%' IDENTIFIED BY '{password}';"
			f"CREATE USER '{name}'@'localhost' IDENTIFIED BY '{password}';"
			f"GRANT ALL ON `{name}`.* TO '{name}'@'%'; GRANT ALL ON `{name}`.* TO '{name}'@'localhost'"
		)
		if made.returncode:
			raise BenchUnusable(f"no database for a copy of {self.original}: {_last_line(made.stderr)}")
		host, port = self._original_address()
		pour(
			["mariadb-dump", *self._sign_in(), "--single-transaction", str(name)],
			[*self._client(), str(name)],
			self._with_password(),
			f"{self.original}, whose database is on {host}:{port}",
		)

	def _snapshot_isolation(self) -> str:
		"""As the original's server has it: since MariaDB 11.6 it is on, and more transactions have to be repeated."""
		asked = subprocess.run(
			["mariadb", *self._sign_in(), "-BNe", "SELECT @@innodb_snapshot_isolation"],
			env=self._with_password(),
			capture_output=True,
			text=True,
			check=False,
		)
		return asked.stdout.strip() or "0"

	def _original_address(self) -> tuple[object, object]:
		"""Host and port of its database."""
		common = json.loads((self.bench / "sites" / "common_site_config.json").read_text())
		own = self._original_config()
		host = own.get("db_host") or common.get("db_host") or "localhost"
		return host, own.get("db_port") or common.get("db_port") or 3306

	def _sign_in(self) -> list[str]:
		host, port = self._original_address()
		return [f"-h{host}", f"-P{port}", f"-u{self._original_config()['db_name']}"]

	def _with_password(self) -> dict[str, str]:
		return {**os.environ, "MYSQL_PWD": str(self._original_config()["db_password"])}

	def _sql(self, statement: str) -> subprocess.CompletedProcess[bytes]:
		return subprocess.run([*self._client(), "-e", statement], capture_output=True, check=False)

	def _client(self) -> list[str]:
		return ["mariadb", "--no-defaults", f"--socket={self.folder / 'mariadb.sock'}", "-uroot"]


def pour(dump: list[str], client: list[str], environment: dict[str, str], what: str) -> None:
	"""Fill one database with another. Raises BenchUnusable with what the program that failed has said."""
	reads = subprocess.Popen(dump, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
	writes = subprocess.run(
		client, stdin=reads.stdout, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False
	)
	_left, said = reads.communicate()
	for status, reason in ((reads.returncode, said), (writes.returncode, writes.stderr)):
		if status:
			raise BenchUnusable(f"{what}, could not be copied: {_last_line(reason)}")


def _last_line(said: bytes) -> str:
	return said.decode(errors="replace").strip().rpartition("\n")[2] or "no message"


def _listens(port: int) -> bool:
	with socket.socket() as probe:
		return probe.connect_ex(("127.0.0.1", port)) == 0


def _wait_until(is_so: Callable[[], bool], what: str, log: Path | None = None) -> None:
	end = time.monotonic() + START_SECONDS
	while not is_so():
		if time.monotonic() > end:
			said = f": {_last_line(log.read_bytes())}" if log and log.exists() else ""
			raise BenchUnusable(f"{what} did not start within {START_SECONDS} seconds{said}")
		time.sleep(0.1)
