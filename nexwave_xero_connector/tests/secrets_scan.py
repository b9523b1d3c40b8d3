"""Looks through all that a site writes for the tokens that Xero gave it: logs, tables, Redis. None may be found.

After a whole run of the tests, which needs XERO_SANDBOX_SECRETS to name a file:

    XERO_SANDBOX_SECRETS=/tmp/secrets make test
    cd ~/frappe-bench/sites
    ../env/bin/python -m nexwave_xero_connector.tests.secrets_scan xero.test /tmp/secrets
"""

from __future__ import annotations

import base64
import re
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import frappe
import redis

WIDTH = 16
STEP = 8
"""A piece of a secret of 23 characters is found wherever it begins; a shorter secret as a whole."""

_RUN = re.compile(rb"[A-Za-z0-9_-]{%d,}" % WIDTH)
_DATA_IN_TABLES = ("char", "text", "json", "blob", "binary")


class Needles:
	"""The pieces of the secrets that a text is searched for.

	The header of a JSON Web Token is the same for all, and says nothing. What Basic authentication makes of the app's
	secret is one too.
	"""

	def __init__(self, secrets: Iterable[str]) -> None:
		self._pieces: set[bytes] = set()
		for secret in secrets:
			parts = secret.split(".")
			for part in parts[1:] if len(parts) == 3 else [secret]:
				self._add(part)
				if len(parts) != 3:
					# The three ways in which it can begin within "id:secret".
					for ahead in ("", ":", "x:"):
						encoded = base64.b64encode(f"{ahead}{part}".encode()).decode()
						self._add(encoded[4:-4])

	def _add(self, text: str) -> None:
		data = text.encode()
		self._pieces.update(data[at : at + WIDTH] for at in range(0, len(data) - WIDTH + 1, STEP))

	def are_in(self, data: bytes) -> bool:
		pieces = self._pieces
		for run in _RUN.finditer(data):
			text = run.group()
			for at in range(len(text) - WIDTH + 1):
				if text[at : at + WIDTH] in pieces:
					return True
		return False


def read_secrets(file: Path) -> set[str]:
	"""Those that a sandbox has noted."""
	return set(file.read_text().split())


def find_secrets(secrets: Iterable[str]) -> list[str]:
	"""Where one of them is, of the site that is connected: tables with column, log files, Redis keys."""
	needles = Needles(secrets)
	return [*_in_tables(needles), *_in_files(needles), *_in_redis(needles)]


def _in_tables(needles: Needles) -> Iterator[str]:
	"""Whole rows are looked through; where one has something, its columns."""
	frappe.db.rollback()
	columns: dict[str, list[str]] = {}
	for table, column in frappe.db.sql(
		"select table_name, column_name from information_schema.columns natural join information_schema.tables"
		" where table_schema = database() and table_type = 'BASE TABLE' and data_type regexp %s",
		("|".join(_DATA_IN_TABLES),),
	):
		columns.setdefault(table, []).append(column)
	for table, names in columns.items():
		row = ", ".join(f"`{name}`" for name in names)
		if not any(map(needles.are_in, _values(f"concat_ws('\n', {row})", table))):
			continue
		for name in names:
			if any(map(needles.are_in, _values(f"`{name}`", table))):
				yield f"table {table}, column {name}"


def _values(expression: str, table: str) -> Iterator[bytes]:
	for value in frappe.db.sql(f"select {expression} from `{table}`", pluck=True):
		yield value if isinstance(value, bytes) else str(value).encode()


def _in_files(needles: Needles) -> Iterator[str]:
	bench = Path(frappe.utils.get_bench_path())
	for folder in (bench / "logs", Path(frappe.get_site_path("logs"))):
		for file in sorted(folder.glob("*.log*")):
			if needles.are_in(file.read_bytes()):
				yield f"file {file}"


def _in_redis(needles: Needles) -> Iterator[str]:
	for setting in ("redis_cache", "redis_queue"):
		connection = redis.Redis.from_url(frappe.conf[setting])
		for key in connection.scan_iter(count=1000):
			if needles.are_in(key) or any(needles.are_in(value) for value in _redis_values(connection, key)):
				yield f"{setting}, key {key.decode(errors='replace')}"


def _redis_values(connection: redis.Redis, key: bytes) -> Iterator[bytes]:
	kind = connection.type(key)
	if kind == b"hash":
		values = [part for pair in connection.hgetall(key).items() for part in pair]
	elif kind == b"string":
		values = [connection.get(key) or b""]
	elif kind == b"list":
		values = connection.lrange(key, 0, -1)
	elif kind == b"set":
		values = list(connection.smembers(key))
	elif kind == b"zset":
		values = connection.zrange(key, 0, -1)
	else:
		values = [connection.dump(key) or b""]
	for value in values:
		yield value
		# The queue compresses what its jobs are given, and why they failed.
		try:
			yield zlib.decompress(value)
		except zlib.error:
			continue


def main(site: str, file: str) -> int:
	secrets = read_secrets(Path(file))
	frappe.init(site=site)
	frappe.connect()
	try:
		found = find_secrets(secrets)
	finally:
		frappe.destroy()
	print(f"{len(secrets)} tokens and secrets looked for: {len(found)} places have one")
	for place in found:
		print(f"  {place}")
	return 1 if found or not secrets else 0


if __name__ == "__main__":
	sys.exit(main(*sys.argv[1:]))
