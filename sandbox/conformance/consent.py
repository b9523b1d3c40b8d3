"""Access to an organisation: consent in the browser (PKCE), or a Custom Connection.

Tokens stay in this process. They are never printed or stored, and are gone when it ends.
"""

from __future__ import annotations

import base64
import hmac
import json
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

import requests
from oauthlib.oauth2 import WebApplicationClient

TIMEOUT = (10, 30)
CONSENT_SECONDS = 300
RENEW_BEFORE_SECONDS = 120
VERIFIER_LENGTH = 96
PORT = 8976
SCOPES = (
	"offline_access accounting.invoices accounting.contacts accounting.settings.read accounting.attachments"
)
"""Without accounting.payments: one probe asks how a missing scope is refused."""
OPENID_SCOPES = f"openid profile email {SCOPES}"
PAGE = b"<html><body><h1>%s</h1><p>You can close this page and go back to the terminal.</p></body></html>"


class NoConsent(Exception):
	"""Access was not granted; the text says why, without any token."""


@dataclass(frozen=True)
class Addresses:
	"""The addresses of the API, the token endpoint and the consent page."""

	api: str = "https://api.xero.com"
	identity: str = "https://identity.xero.com"
	login: str = "https://login.xero.com"

	@classmethod
	def of_sandbox(cls, url: str) -> Addresses:
		return cls(url, url, url)

	@property
	def are_xeros(self) -> bool:
		return self == Addresses()


@dataclass
class Access:
	"""An access token that renews itself. `secrets` is every text that must never leave this process."""

	token: dict[str, Any] = field(repr=False)
	renew: Callable[[dict[str, Any]], dict[str, Any]] | None = field(default=None, repr=False)
	without_openid: bool | None = None
	secrets: set[str] = field(default_factory=set, repr=False)
	_expires_at: float = 0.0

	def __post_init__(self) -> None:
		self._take(self.token)

	def authorization(self) -> str:
		"""The header's value, with a token that is valid for at least the next call."""
		if self.renew and time.monotonic() > self._expires_at - RENEW_BEFORE_SECONDS:
			self._take({**self.token, **self.renew(self.token)})
		return f"Bearer {self.token['access_token']}"

	@property
	def auth_event(self) -> str:
		"""The consent that this token comes from, according to its claims; "" if they do not say."""
		try:
			content = self.token["access_token"].split(".")[1]
			claims = json.loads(base64.urlsafe_b64decode(content + "=" * (-len(content) % 4)))
			return str(claims.get("authentication_event_id", ""))
		except (IndexError, ValueError):
			return ""

	def _take(self, token: dict[str, Any]) -> None:
		self.token = token
		self._expires_at = time.monotonic() + float(token.get("expires_in", 1800))
		self.secrets |= {str(value) for name, value in token.items() if name.endswith("_token") and value}


def by_custom_connection(addresses: Addresses, client_id: str, client_secret: str) -> Access:
	"""Client credentials: one organisation, no browser."""

	def fetch(_token: dict[str, Any]) -> dict[str, Any]:
		scope = SCOPES.removeprefix("offline_access ")
		form = {"grant_type": "client_credentials", "scope": scope}
		return _token_answer(addresses, form, auth=(client_id, client_secret))

	return Access(fetch({}), fetch, secrets={client_id, client_secret})


def by_browser(
	addresses: Addresses,
	client_id: str,
	open_browser: Callable[[str], object],
	*,
	port: int = PORT,
	say: Callable[[str], object] = print,
) -> Access:
	"""Consent of a person in the browser, with PKCE: the app needs no secret.

	The first attempt does not ask for openid, which is itself a question to Xero; the second does.
	"""
	try:
		return _consent(addresses, client_id, open_browser, port, say, SCOPES)
	except _RefusedPage:
		say("Xero refused a consent without openid; trying again with it.")
	try:
		return _consent(addresses, client_id, open_browser, port, say, OPENID_SCOPES)
	except _RefusedPage:
		raise NoConsent(
			"Xero showed an error page again: check the app's redirect URI and client id."
		) from None


class _RefusedPage(Exception):
	pass


def _consent(
	addresses: Addresses,
	client_id: str,
	open_browser: Callable[[str], object],
	port: int,
	say: Callable[[str], object],
	scopes: str,
) -> Access:
	client = WebApplicationClient(client_id)
	verifier, state = client.create_code_verifier(VERIFIER_LENGTH), secrets.token_urlsafe(32)
	with _Listener(port) as listener:
		redirect_uri = f"http://localhost:{listener.server_port}/callback"
		query = {
			"response_type": "code",
			"client_id": client_id,
			"redirect_uri": redirect_uri,
			"scope": scopes,
			"state": state,
			"code_challenge": client.create_code_challenge(verifier, "S256"),
			"code_challenge_method": "S256",
		}
		url = f"{addresses.login}/identity/connect/authorize?{urlencode(query, quote_via=quote, safe='')}"
		say(f"If no browser opens, go to:\n{url}")
		say(f"If Xero shows an error instead, open http://localhost:{listener.server_port}/refused")
		open_browser(url)
		answer = listener.wait(CONSENT_SECONDS)
	if answer.get("path") == "/refused":
		raise _RefusedPage
	if not hmac.compare_digest(answer.get("state", "").encode(), state.encode()):
		raise NoConsent("The browser came back from a different sign-in than the one started here.")
	if "code" not in answer:
		raise NoConsent(f"Access was not granted ({answer.get('error', 'no code')}).")
	form = {"grant_type": "authorization_code", "client_id": client_id, "redirect_uri": redirect_uri}
	token = _token_answer(addresses, {**form, "code": answer["code"], "code_verifier": verifier})

	def renew(old: dict[str, Any]) -> dict[str, Any]:
		refresh = {"grant_type": "refresh_token", "client_id": client_id}
		return _token_answer(addresses, {**refresh, "refresh_token": old["refresh_token"]})

	return Access(token, renew, "openid" not in scopes.split(), {client_id})


def _token_answer(
	addresses: Addresses, form: dict[str, str], auth: tuple[str, str] | None = None
) -> dict[str, Any]:
	try:
		response = requests.post(
			f"{addresses.identity}/connect/token",
			data=form,
			auth=auth,
			timeout=TIMEOUT,
			allow_redirects=False,
		)
		body = response.json()
	except (requests.RequestException, ValueError) as error:
		raise NoConsent(f"The token endpoint did not respond ({type(error).__name__}).") from None
	if response.status_code != 200 or "access_token" not in body:
		raise NoConsent(f"The token endpoint refused: {body.get('error', response.status_code)}.")
	return body


class _Listener(HTTPServer):
	"""Waits on localhost for the browser to come back."""

	def __init__(self, port: int) -> None:
		self.answer: dict[str, str] = {}
		super().__init__(("localhost", port), _Callback)

	def wait(self, seconds: float) -> dict[str, str]:
		end = time.monotonic() + seconds
		self.timeout = 1
		while not self.answer:
			if time.monotonic() > end:
				raise NoConsent("Nobody responded to the consent page within five minutes.")
			self.handle_request()
		return self.answer


class _Callback(BaseHTTPRequestHandler):
	server: _Listener

	def do_GET(self) -> None:
		parts = urlsplit(self.path)
		known = parts.path in ("/callback", "/refused")
		if known:
			fields = {name: values[0] for name, values in parse_qs(parts.query).items()}
			self.server.answer = {**fields, "path": parts.path}
		self.send_response(200 if known else 404)
		self.send_header("Content-Type", "text/html; charset=utf-8")
		self.end_headers()
		self.wfile.write(PAGE % (b"Thank you" if known else b"Not found"))

	def log_message(self, format: str, *args: Any) -> None:
		"""Log nothing: the path has the code in it."""
