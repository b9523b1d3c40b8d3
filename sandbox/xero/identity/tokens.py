"""Apps, consent codes, tokens and connections."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import sqlite3
import uuid
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from ..calls import Caller
from ..clock import Clock
from ..problems import Problem, unauthorised
from ..storage import Storage
from ..switches import Switches
from ..wire import dumps, json_answer

ACCESS_SECONDS = 30 * 60
CODE_SECONDS = 5 * 60
REFRESH_SECONDS = 60 * 24 * 60 * 60
GRACE_SECONDS = 30 * 60
DEMO_USER = "demo.user@nexwave.example"
SIGNING_KEY = b"sandbox signing key"


def oauth_error(error: str, status: int = 400) -> Problem:
	return Problem(json_answer({"error": error}, status))


class Identity:
	"""The state of the token endpoints. All times are by the sandbox's clock."""

	def __init__(self, storage: Storage, clock: Clock, switches: Switches, secrets_file: Path | None) -> None:
		self._storage = storage
		self._secrets_file = secrets_file
		self._clock = clock
		self._switches = switches

	def app(self, client_id: str) -> sqlite3.Row | None:
		return self._storage.row("SELECT * FROM apps WHERE client_id = ?", client_id)

	def authenticate(self, authorization: str) -> Caller:
		"""The caller behind a Bearer header; Problem 401 when the token is unknown, revoked or expired."""
		scheme, _, token = authorization.partition(" ")
		if scheme.lower() != "bearer" or not token:
			raise unauthorised("AuthenticationUnsuccessful")
		row = self._storage.row("SELECT * FROM access_tokens WHERE token = ?", token.strip())
		if row is None:
			raise unauthorised("AuthenticationUnsuccessful")
		if row["expires_at"] <= self._clock.now():
			when = datetime.fromtimestamp(row["expires_at"], timezone.utc).strftime("%m/%d/%Y %H:%M:%S")
			raise unauthorised(f"TokenExpired: token expired at {when}")
		app = self.app(row["client_id"])
		assert app
		return Caller(
			client_id=row["client_id"],
			app_name=app["name"],
			user=row["user"],
			scopes=frozenset(row["scope"].split()),
			auth_event=row["auth_event"],
			token=row["token"],
		)

	def client_of(self, authorization: str) -> str | None:
		"""The app a Bearer token was issued to, expired or not."""
		token = authorization.partition(" ")[2].strip()
		return self._storage.scalar("SELECT client_id FROM access_tokens WHERE token = ?", token)

	def expire(self, token: str) -> None:
		self._storage.execute(
			"UPDATE access_tokens SET expires_at = ? WHERE token = ?", (self._clock.now() - 1, token)
		)

	def custom_tenant(self, caller: Caller) -> str | None:
		"""The one organisation of a custom connection, which needs no tenant header."""
		app = self.app(caller.client_id)
		return app["custom_tenant"] if app else None

	def connected(self, caller: Caller, tenant: str) -> bool:
		return (
			self._storage.row(
				"SELECT 1 FROM connections WHERE client_id = ? AND user = ? AND tenant = ?",
				caller.client_id,
				caller.user,
				tenant,
			)
			is not None
		)

	def set_role(self, user: str, tenant: str, *, reads_only: bool) -> None:
		"""A user's role in an organisation, for all apps they have connected."""
		self._storage.remember(f"reads_only/{tenant}/{user}", reads_only)

	def reads_only(self, caller: Caller, tenant: str) -> bool:
		return bool(self._storage.value(f"reads_only/{tenant}/{caller.user}", False))

	def connect(self, client_id: str, user: str, tenant: str, auth_event: str) -> str:
		"""The connection's id; connecting again keeps it."""
		now = int(self._clock.now() * 1000)
		row = self._storage.row(
			"SELECT id, created FROM connections WHERE client_id = ? AND user = ? AND tenant = ?",
			client_id,
			user,
			tenant,
		)
		connection_id = row["id"] if row else str(uuid.uuid4())
		self._storage.put(
			"connections",
			id=connection_id,
			client_id=client_id,
			user=user,
			tenant=tenant,
			auth_event=auth_event,
			created=row["created"] if row else now,
			updated=now,
		)
		return connection_id

	def organisations_of(self, client_id: str) -> set[str]:
		"""The tenants an app is connected to, whoever connected them."""
		rows = self._storage.rows("SELECT tenant FROM connections WHERE client_id = ?", client_id)
		return {row["tenant"] for row in rows}

	def apps_of(self, tenant: str) -> set[str]:
		"""The apps connected to an organisation; custom connections are outside Xero's limits (documented)."""
		rows = self._storage.rows(
			"SELECT client_id FROM connections JOIN apps USING (client_id) WHERE tenant = ? AND custom_tenant IS NULL",
			tenant,
		)
		return {row["client_id"] for row in rows}

	def connections(self, caller: Caller, auth_event: str | None = None) -> list[sqlite3.Row]:
		rows = self._storage.rows(
			"SELECT * FROM connections WHERE client_id = ? AND user = ? ORDER BY created, id",
			caller.client_id,
			caller.user,
		)
		return [row for row in rows if auth_event in (None, row["auth_event"])]

	def disconnect(
		self, *, connection_id: str | None = None, tenant: str | None = None, caller: Caller | None = None
	) -> int:
		"""Removes the connections that match everything given. Returns their number."""
		conditions, parameters = ["1 = 1"], []
		if connection_id:
			conditions.append("id = ?")
			parameters.append(connection_id.lower())
		if tenant:
			conditions.append("tenant = ?")
			parameters.append(tenant)
		if caller:
			conditions.append("client_id = ? AND user = ?")
			parameters += [caller.client_id, caller.user]
		sql = f"DELETE FROM connections WHERE {' AND '.join(conditions)}"
		return self._storage.execute(sql, parameters).rowcount

	def new_code(
		self,
		client_id: str,
		redirect_uri: str,
		scope: str,
		auth_event: str,
		challenge: str | None,
		challenge_method: str | None,
	) -> str:
		code = secrets.token_urlsafe(32)
		self._storage.put(
			"codes",
			code=code,
			client_id=client_id,
			user=DEMO_USER,
			redirect_uri=redirect_uri,
			scope=scope,
			auth_event=auth_event,
			challenge=challenge,
			challenge_method=challenge_method,
			issued_at=self._clock.now(),
		)
		return code

	def exchange_code(
		self, client_id: str, code: str, redirect_uri: str, verifier: str | None
	) -> dict[str, Any]:
		"""Tokens for a code, which the attempt uses up whether it succeeds or not."""
		row = self._storage.row("SELECT * FROM codes WHERE code = ?", code)
		self._storage.execute("DELETE FROM codes WHERE code = ?", (code,))
		if (
			row is None
			or row["client_id"] != client_id
			or row["redirect_uri"] != redirect_uri
			or row["issued_at"] + CODE_SECONDS <= self._clock.now()
			or (not row["challenge"] and not self._has_secret(client_id))
			or (row["challenge"] and not _verifies(row["challenge"], row["challenge_method"], verifier))
		):
			raise oauth_error("invalid_grant")
		return self.issue(client_id, row["user"], row["scope"], row["auth_event"])

	def _has_secret(self, client_id: str) -> bool:
		app = self.app(client_id)
		return bool(app and app["secret"])

	def refresh(self, client_id: str, token: str) -> dict[str, Any]:
		"""A new pair.

		The used token works for 30 more minutes, as long as none of its successors has been used.
		"""
		row = self._storage.row("SELECT * FROM refresh_tokens WHERE token = ?", token)
		now = self._clock.now()
		if row is None or row["client_id"] != client_id or row["issued_at"] + REFRESH_SECONDS <= now:
			raise oauth_error("invalid_grant")
		if row["spent_at"] is not None:
			succeeded = self._storage.row(
				"SELECT 1 FROM refresh_tokens WHERE parent = ? AND spent_at IS NOT NULL", token
			)
			if succeeded or row["spent_at"] + GRACE_SECONDS <= now:
				raise oauth_error("invalid_grant")
		else:
			self._storage.execute("UPDATE refresh_tokens SET spent_at = ? WHERE token = ?", (now, token))
		return self.issue(client_id, row["user"], row["scope"], row["auth_event"], parent=token)

	def issue(
		self,
		client_id: str,
		user: str,
		scope: str,
		auth_event: str,
		*,
		parent: str | None = None,
		expires_in: int = ACCESS_SECONDS,
		refreshable: bool = True,
	) -> dict[str, Any]:
		"""Stores and returns tokens in the shape of Xero's response."""
		now = self._clock.now()
		claims = {
			"nbf": int(now),
			"exp": int(now) + expires_in,
			"iss": "https://identity.xero.com",
			"aud": "https://identity.xero.com/resources",
			"client_id": client_id,
			"sub": uuid.uuid5(uuid.NAMESPACE_URL, user).hex,
			"auth_time": int(now),
			"xero_userid": str(uuid.uuid5(uuid.NAMESPACE_URL, user)),
			"global_session_id": uuid.uuid4().hex,
			"jti": uuid.uuid4().hex,
			"authentication_event_id": auth_event,
			"scope": scope.split(),
		}
		access_token = _jwt(claims)
		self._storage.put(
			"access_tokens",
			token=access_token,
			client_id=client_id,
			user=user,
			scope=scope,
			auth_event=auth_event,
			expires_at=now + expires_in,
		)
		out: dict[str, Any] = {}
		if "openid" in scope.split():
			out["id_token"] = _jwt({**claims, "aud": client_id, "exp": int(now) + 300, "email": user})
		out |= {"access_token": access_token, "expires_in": expires_in, "token_type": "Bearer"}
		if refreshable and "offline_access" in scope.split():
			out["refresh_token"] = secrets.token_urlsafe(32)
			self._storage.put(
				"refresh_tokens",
				token=out["refresh_token"],
				client_id=client_id,
				user=user,
				scope=scope,
				auth_event=auth_event,
				parent=parent,
				issued_at=now,
				spent_at=None,
			)
		self._note([secret for name, secret in out.items() if name.endswith("_token")])
		return {**out, "scope": scope}

	def _note(self, tokens: list[str]) -> None:
		"""Note the secrets, so that tests can check afterwards that none of them leaked; a reset forgets none."""
		if self._secrets_file is None:
			return
		rows = self._storage.rows("SELECT secret FROM apps")
		with self._secrets_file.open("a") as file:
			file.writelines(f"{secret}\n" for secret in [*tokens, *(row["secret"] for row in rows)] if secret)

	def revoke(self, client_id: str, token: str) -> None:
		"""Ends the tokens and all connections of the token's user with this app (documented by Xero)."""
		row = self._storage.row(
			"SELECT user FROM refresh_tokens WHERE token = ? AND client_id = ?", token, client_id
		)
		if row is None:
			return
		for table in ("connections", "access_tokens", "refresh_tokens"):
			self._storage.execute(
				f"DELETE FROM {table} WHERE client_id = ? AND user = ?", (client_id, row["user"])
			)


def _verifies(challenge: str, method: str | None, verifier: str | None) -> bool:
	if not verifier:
		return False
	if method == "plain":
		return hmac.compare_digest(challenge, verifier)
	return hmac.compare_digest(challenge, _base64url(hashlib.sha256(verifier.encode()).digest()))


def _jwt(claims: dict[str, Any]) -> str:
	"""JWT-shaped, so that a client can read its claims; nobody is expected to check the signature."""
	header = _base64url(dumps({"alg": "HS256", "typ": "JWT"}).encode())
	content = f"{header}.{_base64url(dumps(claims).encode())}"
	return f"{content}.{_base64url(hmac.new(SIGNING_KEY, content.encode(), hashlib.sha256).digest())}"


def _base64url(data: bytes) -> str:
	return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
