"""Starts the sandbox for tests, in its own process and with real HTTP, and stops it in the end."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

START_SECONDS = 20.0
SECRETS_FILE = "XERO_SANDBOX_SECRETS"
"""Names a file to which every sandbox that is started writes the tokens it issues."""
REPOSITORY = Path(__file__).resolve().parents[2]


class AdminError(Exception):
	"""The sandbox refused an admin request; the text says why."""


@dataclass
class AdminClient:
	"""The admin endpoints as methods. Times are seconds, ids are strings as Xero writes them."""

	url: str

	def status(self) -> dict[str, Any]:
		return self._call("GET", "/status")

	def tenant(self, country: str) -> str:
		"""The tenant id of the organisation of a country: NZ, AU or GB."""
		return next(row["tenant_id"] for row in self.status()["organisations"] if row["country"] == country)

	def reset(self) -> None:
		"""Back to the seed: documents, tokens, faults, limits, switches, clock and log."""
		self._call("POST", "/reset")

	def advance(self, seconds: float) -> dict[str, Any]:
		"""Moves the clock; late writes that fall due are applied before this returns."""
		return self._call("POST", "/clock", {"advance": seconds})

	def now(self) -> float:
		return self._call("GET", "/clock")["epoch"]

	def switch(self, **values: str) -> None:
		self._call("POST", "/switches", values)

	def limits(self, tenant: str = "*", **limits: int | None) -> None:
		"""Sets concurrent, minute, day, app_minute, records, connections or uncertified_apps; None is off."""
		self._call("POST", "/limits", {"tenant": tenant, **limits})

	def limits_set(self) -> dict[str, Any]:
		"""The limits that differ from the defaults, by tenant or "*"."""
		return self._call("GET", "/limits")["set"]

	def limits_off(self) -> None:
		self._call("POST", "/limits", {"off": True})

	def fault(self, kind: str, **rule: Any) -> int:
		"""Adds a fault rule (method, path, contains, tenant, skip, count, probability, seed, options).

		Returns its id.
		"""
		return self._call("POST", "/faults", {"kind": kind, **rule})["id"]

	def faults(self) -> list[dict[str, Any]]:
		return self._call("GET", "/faults")["faults"]

	def remove_fault(self, fault_id: int) -> None:
		self._call("DELETE", f"/faults/{fault_id}")

	def clear_faults(self) -> None:
		self._call("DELETE", "/faults")

	def wait_for_hold(self, count: int = 1, seconds: float = 10) -> list[dict[str, Any]]:
		"""The held calls, once there are `count` of them; AdminError if that takes too long."""
		holds = self._call("GET", f"/holds?count={count}&wait={seconds}", timeout=seconds + 10)["holds"]
		if len(holds) < count:
			raise AdminError(f"{len(holds)} of {count} calls held after {seconds} s")
		return holds

	def release(self, hold_id: int | None = None, fault: int | None = None) -> int:
		return self._call("POST", "/holds/release", {"id": hold_id, "fault": fault})["released"]

	def late_writes(self) -> list[dict[str, Any]]:
		return self._call("GET", "/late-writes")["late_writes"]

	def marker(self) -> int:
		return self._call("GET", "/requests/marker")["marker"]

	def requests(self, after: int = 0, **filters: Any) -> list[dict[str, Any]]:
		"""The log since a marker; filters: method, path (part of it), tenant, status, limit."""
		query = urllib.parse.urlencode({"after": after, **filters})
		return self._call("GET", f"/requests?{query}")["requests"]

	def count(self, after: int = 0, **filters: Any) -> int:
		return len(self.requests(after, **filters))

	def mint(
		self,
		*tenants: str,
		scopes: str | None = None,
		expires_in: int = 1800,
		client_id: str | None = None,
		user: str | None = None,
	) -> dict[str, Any]:
		"""A token pair connected to the tenants (the NZ organisation by default), without a browser."""
		body = {"tenants": list(tenants), "expires_in": expires_in}
		body |= {"scopes": scopes} if scopes else {}
		body |= {"client_id": client_id} if client_id else {}
		body |= {"user": user} if user else {}
		return self._call("POST", "/tokens", body)

	def disconnect(self, tenant: str | None = None) -> int:
		return self._call("POST", "/disconnect", {"tenant": tenant})["disconnected"]

	def abort(self) -> int:
		"""Drops the sockets of all calls that wait for a response."""
		return self._call("POST", "/abort")["aborted"]

	def documents(self, **filters: Any) -> list[dict[str, Any]]:
		"""Filters: tenant, number, status, type, contact_id.

		Each with `wire`, Xero's rendering, and `history`.
		"""
		return self._call("GET", f"/documents?{urllib.parse.urlencode(filters)}")["documents"]

	def document(self, document_id: str) -> dict[str, Any]:
		return self._call("GET", f"/documents/{document_id}")

	def act(self, tenant: str, action: str, **arguments: Any) -> dict[str, Any]:
		"""Does what a person would do in Xero's pages; the actions are listed in README.md."""
		return self._call("POST", "/act", {"tenant": tenant, "action": action, **arguments})

	def _call(self, method: str, path: str, body: dict[str, Any] | None = None, timeout: float = 30) -> Any:
		request = urllib.request.Request(
			f"{self.url}/_sandbox{path}",
			method=method,
			data=None if body is None else json.dumps(body).encode(),
			headers={"Content-Type": "application/json"},
		)
		try:
			with _OPENER.open(request, timeout=timeout) as response:
				return json.load(response)
		except urllib.error.HTTPError as error:
			raise AdminError(f"{method} {path}: {error.code} {error.read().decode()}") from None


# Ignore the environment's proxies, which must not be used for the loopback address.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass
class SandboxHandle:
	"""A running sandbox. It keeps its port across restarts."""

	db: str
	arguments: list[str] = field(default_factory=list)
	url: str = ""
	process: subprocess.Popen[bytes] | None = None

	@property
	def admin(self) -> AdminClient:
		return AdminClient(self.url)

	def start(self) -> None:
		"""Returns once the sandbox responds."""
		port = urllib.parse.urlsplit(self.url).port if self.url else 0
		with tempfile.TemporaryDirectory(prefix="xero-sandbox-") as folder:
			ready = Path(folder) / "url"
			command = [sys.executable, "-m", "sandbox.xero", "--port", str(port), "--db", self.db]
			command += ["--ready-file", str(ready), "--quiet", *self.arguments]
			if secrets_file := os.environ.get(SECRETS_FILE):
				command += ["--secrets-file", secrets_file]
			paths = [str(REPOSITORY), os.environ.get("PYTHONPATH", "")]
			environment = {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in paths if path)}
			self.process = subprocess.Popen(command, env=environment)
			end = time.monotonic() + START_SECONDS
			while not (ready.exists() and ready.read_text()):
				if self.process.poll() is not None or time.monotonic() > end:
					self.kill()
					raise RuntimeError("The Xero sandbox did not start")
				time.sleep(0.01)
			self.url = ready.read_text()

	def stop(self) -> None:
		"""Stops it with SIGTERM."""
		if self.process and self.process.poll() is None:
			self.process.terminate()
			try:
				self.process.wait(5)
			except subprocess.TimeoutExpired:
				self.kill()

	def kill(self) -> None:
		"""Kills it. Everything it had responded to is in the file."""
		if self.process and self.process.poll() is None:
			self.process.kill()
			self.process.wait()

	def restart(self, *, hard: bool = False) -> None:
		"""Stops (or kills) it and starts it again on the same file and port."""
		if hard:
			self.kill()
		else:
			self.stop()
		self.start()


@contextmanager
def running_sandbox(
	db: str | None = None,
	*,
	limits: bool = True,
	switches: dict[str, str] | None = None,
	observed: Path | None = None,
) -> Iterator[SandboxHandle]:
	"""A sandbox on a free port for the duration of the block.

	Without `db` the state is in a temporary file, so that `restart` keeps it. `limits=False` turns the rate limits off;
	a reset through the admin client turns them on again. `observed` is a result of sandbox.conformance.
	"""
	with tempfile.TemporaryDirectory(prefix="xero-sandbox-") as folder:
		arguments = [] if limits else ["--no-limits"]
		for name, value in (switches or {}).items():
			arguments += ["--switch", f"{name}={value}"]
		if observed:
			arguments += ["--observed", str(observed)]
		handle = SandboxHandle(db or str(Path(folder) / "xero.sqlite3"), arguments)
		handle.start()
		try:
			yield handle
		finally:
			handle.stop()
