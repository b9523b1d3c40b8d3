"""A bench's MariaDB and its two Redis servers: started if they do not answer, and left running."""

from __future__ import annotations

import json
import os
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
	for name in ("redis_cache", "redis_queue"):
		address = urlsplit(config[name])
		redis = ["redis-server", str(bench / "config" / f"{name}.conf")]
		_ensure(name, address.hostname or "127.0.0.1", address.port or 6379, redis, bench / "logs")
	_ensure(
		"MariaDB",
		config.get("db_host") or "127.0.0.1",
		int(config.get("db_port") or 3306),
		_mariadb_command(),
		bench / "logs",
	)


def _mariadb_command() -> list[str]:
	if Path("/run/systemd/system").exists():
		return ["systemctl", "start", "mariadb"]
	if os.geteuid() == 0:
		run = Path("/run/mysqld")
		run.mkdir(exist_ok=True)
		shutil.chown(run, "mysql", "mysql")
	return [shutil.which("mariadbd-safe") or "mysqld_safe", "--user=mysql"]


def _ensure(name: str, host: str, port: int, command: list[str], logs: Path) -> None:
	if _answers(host, port):
		return
	if host not in ("127.0.0.1", "localhost", "::1") or not shutil.which(command[0]):
		raise ServiceMissing(f"{name} does not answer on {host}:{port}")
	print(f"Starting {name}; it is left running.", flush=True)
	with open(logs / f"{name.lower()}.log", "ab") as log:
		subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
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
