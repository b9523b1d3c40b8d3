"""A bench's MariaDB and its two Redis servers: started if they do not answer, and left running.

The bench's Procfile says how, as it does to ``bench start``; a MariaDB of the bench's own is an entry there, too.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import socket
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

PATIENCE_SECONDS = 60


class ServiceMissing(Exception):
	"""A service of the bench does not answer and could not be started."""


def start_services(bench: Path, site: str) -> None:
	"""Raises ServiceMissing. Services on other machines are only checked, not started."""
	sites = bench / "sites"
	config = json.loads((sites / "common_site_config.json").read_text())
	config |= json.loads((sites / site / "site_config.json").read_text())
	procfile = _procfile(bench)
	for name in ("redis_cache", "redis_queue"):
		address = urlsplit(config[name])
		redis = procfile.get(name) or ["redis-server", f"config/{name}.conf"]
		_ensure(name, address.hostname or "127.0.0.1", address.port or 6379, redis, bench)
	_ensure(
		"MariaDB",
		config.get("db_host") or "127.0.0.1",
		int(config.get("db_port") or 3306),
		procfile.get("mariadb") or _mariadb_command(),
		bench,
	)


def _procfile(bench: Path) -> dict[str, list[str]]:
	file = bench / "Procfile"
	entries = [line.partition(":") for line in file.read_text().splitlines()] if file.exists() else []
	return {name.strip(): shlex.split(command) for name, _colon, command in entries}


def _mariadb_command() -> list[str]:
	if Path("/run/systemd/system").exists():
		return ["systemctl", "start", "mariadb"]
	if os.geteuid() == 0:
		run = Path("/run/mysqld")
		run.mkdir(exist_ok=True)
		shutil.chown(run, "mysql", "mysql")
	return [shutil.which("mariadbd-safe") or "mysqld_safe", "--user=mysql"]


def _ensure(name: str, host: str, port: int, command: list[str], bench: Path) -> None:
	if _answers(host, port):
		return
	can_start = shutil.which(command[0]) or (bench / command[0]).is_file()
	if host not in ("127.0.0.1", "localhost", "::1") or not can_start:
		raise ServiceMissing(f"{name} does not answer on {host}:{port}")
	print(f"Starting {name}; it is left running.", flush=True)
	with open(bench / "logs" / f"{name.lower()}.log", "ab") as log:
		subprocess.Popen(
			command, cwd=bench, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
		)
	deadline = time.monotonic() + PATIENCE_SECONDS
	while not _answers(host, port):
		if time.monotonic() > deadline:
			raise ServiceMissing(f"{name} was started, but does not answer on {host}:{port}: see {log.name}")
		time.sleep(0.2)


def _answers(host: str, port: int) -> bool:
	try:
		socket.create_connection((host, port), timeout=2).close()
	except OSError:
		return False
	return True
