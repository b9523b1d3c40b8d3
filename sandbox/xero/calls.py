"""One call to the sandbox's Xero side, as read from the socket or, for a late write, from the file."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote


@dataclass(frozen=True)
class Caller:
	"""The app and user behind a valid access token."""

	client_id: str
	app_name: str
	user: str
	scopes: frozenset[str]
	auth_event: str
	token: str


@dataclass
class Call:
	"""A request. Header and query names are lower case, as Xero ignores their case."""

	method: str
	raw_path: str
	raw_query: str
	query: dict[str, str]
	headers: dict[str, str]
	body: bytes
	base_url: str
	caller: Caller | None = None
	tenant: str | None = None
	faults: list[str] = field(default_factory=list)
	forced_errors: tuple[tuple[str, str], ...] = ()

	@property
	def path(self) -> str:
		return unquote(self.raw_path)

	@property
	def segments(self) -> list[str]:
		"""The path's parts, each decoded separately, so that an encoded slash stays inside its part."""
		return [unquote(part) for part in self.raw_path.split("/") if part]

	def flag(self, name: str) -> bool | None:
		"""A boolean parameter; the SDK writes True and False."""
		value = self.query.get(name)
		return None if value is None else value.lower() == "true"

	@property
	def price_places(self) -> int:
		return 4 if self.query.get("unitdp") == "4" else 2

	@property
	def idempotency_key(self) -> str | None:
		return self.headers.get("idempotency-key") if self.method in ("POST", "PUT", "PATCH") else None

	def fingerprint(self) -> str:
		"""What must be the same when an Idempotency-Key is used again: method, URL and body (documented)."""
		text = f"{self.method}\n{self.raw_path}?{self.raw_query}\n".encode()
		return hashlib.sha256(text + self.body).hexdigest()

	def stored(self) -> dict[str, Any]:
		"""What another process needs to apply a late write, without the body."""
		assert self.caller
		return {
			"method": self.method,
			"raw_path": self.raw_path,
			"raw_query": self.raw_query,
			"query": self.query,
			"headers": self.headers,
			"base_url": self.base_url,
			"tenant": self.tenant,
			"caller": {**vars(self.caller), "scopes": sorted(self.caller.scopes)},
		}


def call_from_stored(stored: Mapping[str, Any], body: bytes) -> Call:
	caller = Caller(**{**stored["caller"], "scopes": frozenset(stored["caller"]["scopes"])})
	return Call(**{**stored, "caller": caller}, body=body)


def basic_credentials(header: str) -> tuple[str, str] | None:
	"""Client id and secret of a Basic Authorization header."""
	if not header.lower().startswith("basic "):
		return None
	try:
		client_id, _, secret = base64.b64decode(header[6:]).decode().partition(":")
	except ValueError:
		return None
	return unquote(client_id), unquote(secret)
