"""Sign-in and tokens: Xero's authorisation code flow, and client credentials for a Custom Connection.

Storing a token, and the lock under which it is refreshed, are left to the caller: using a refresh token spends it, and
two workers that refresh at the same time lose the connection. Xero accepts a spent refresh token for another 30
minutes, so a refresh whose response was lost is repeated with the same token.

The flow is requests-oauthlib's, used so that none of its process-wide environment variables is needed. It is always
given Xero's own https addresses, and its requests are sent to the configured ones instead (the sandbox's is http). When
it reads a response it is not given the requested scopes: it would raise if Xero grants others, and `missing_scopes` can
say better what is missing.
"""

from __future__ import annotations

import base64
import json
import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from typing import TypeVar

import requests
from oauthlib.oauth2 import BackendApplicationClient, Client, OAuth2Error, WebApplicationClient
from oauthlib.oauth2.rfc6749.errors import CustomOAuth2Error
from requests.adapters import HTTPAdapter
from requests_oauthlib import OAuth2Session

from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.errors import Cause, ReconnectRequired, Unreachable, XeroError

T = TypeVar("T")

LOGIN_URL = "https://login.xero.com"
IDENTITY_URL = "https://identity.xero.com"
AUTHORISE = f"{LOGIN_URL}/identity/connect/authorize"
TOKEN = f"{IDENTITY_URL}/connect/token"
REVOCATION = f"{IDENTITY_URL}/connect/revocation"
TIMEOUT = (10, 30)
VERIFIER_LENGTH = 96

SCOPES = (
	"openid profile email offline_access accounting.invoices accounting.contacts accounting.settings.read"
)
"""What the connector needs, as granular scopes: a Xero app created since March 2026 can have no others."""

SCOPES_OF_A_PERSON = frozenset({"openid", "profile", "email", "offline_access"})

NEEDED = (
	("accounting.invoices", "accounting.transactions"),
	("accounting.contacts",),
	("accounting.settings.read", "accounting.settings"),
)
"""The connector needs one of each; the second is what an older app has."""

# It writes tokens to its debug log.
logging.getLogger("requests_oauthlib").setLevel(logging.INFO)


@dataclass(frozen=True, slots=True)
class Token:
	"""An access token, when it expires (with a time zone), and its refresh token: "" for a Custom Connection."""

	access_token: str = field(repr=False)
	refresh_token: str = field(repr=False)
	expires_at: datetime
	scope: str

	def __post_init__(self) -> None:
		if self.expires_at.tzinfo is None:
			raise ValueError("expires_at needs a time zone")


@dataclass(frozen=True, slots=True)
class App:
	"""The app registered with Xero. `settings` is where a person fixes its ID, secret or authorisation."""

	client_id: str
	client_secret: str = field(repr=False)
	settings: DocLink
	redirect_uri: str = ""
	scope: str = SCOPES
	login_url: str = LOGIN_URL
	identity_url: str = IDENTITY_URL


def new_verifier() -> str:
	"""A secret for one sign-in (PKCE): the code cannot be exchanged without it."""
	return Client("").create_code_verifier(VERIFIER_LENGTH)


def authorisation_url(app: App, state: str, verifier: str) -> str:
	"""Where the browser goes to authorise. `state` must come back with the code, or the code is not ours."""
	client = WebApplicationClient(app.client_id)
	url = client.prepare_request_uri(
		AUTHORISE,
		redirect_uri=app.redirect_uri,
		scope=app.scope.split(),
		state=state,
		code_challenge=client.create_code_challenge(verifier, "S256"),
		code_challenge_method="S256",
	)
	return url.replace(LOGIN_URL, app.login_url.rstrip("/"), 1)


def exchange_code(app: App, code: str, verifier: str) -> Token:
	"""The first token. A code is valid once, for five minutes. Raises ReconnectRequired or Unreachable."""
	return _token(
		app,
		lambda session: session.fetch_token(
			TOKEN, code=code, code_verifier=verifier, auth=_auth(app), timeout=TIMEOUT
		),
	)


def refresh(app: App, token: Token) -> Token:
	"""A new pair of tokens; store it before using it. Raises ReconnectRequired if consent is gone, or Unreachable.

	Its scopes are those of the consent, also where Xero does not repeat them and the app asks for others by now.
	"""
	return _token(
		replace(app, scope=token.scope or app.scope),
		lambda session: session.refresh_token(
			TOKEN, refresh_token=token.refresh_token, auth=_auth(app), timeout=TIMEOUT
		),
	)


def client_credentials(app: App) -> Token:
	"""A token for a Custom Connection, which is not authorised in a browser and has no refresh token."""
	scope = " ".join(part for part in app.scope.split() if part not in SCOPES_OF_A_PERSON)
	try:
		return _client_credentials(app, {"scope": scope})
	except ReconnectRequired as error:
		if error.detail not in ("invalid_scope", "invalid_request"):
			raise
	# Its scopes are chosen at developer.xero.com; Xero's documentation differs on whether the request names them, too.
	return _client_credentials(app, {})


def _client_credentials(app: App, scope: dict[str, str]) -> Token:
	return _token(
		app,
		lambda session: session.fetch_token(TOKEN, auth=_auth(app), timeout=TIMEOUT, **scope),
		BackendApplicationClient(app.client_id),
	)


def revoke(app: App, token: Token) -> None:
	"""Withdraw the consent: all connections of the user who gave it end."""

	def act(session: OAuth2Session) -> None:
		response = session.post(
			REVOCATION,
			data={"token": token.refresh_token},
			auth=_auth(app),
			timeout=TIMEOUT,
			withhold_token=True,
		)
		_check_service(response)
		if response.status_code != 200:
			raise CustomOAuth2Error(str(response.json()["error"]))

	_attempt(app, act)


def missing_scopes(granted: str) -> list[str]:
	"""Scopes that the connector needs and Xero did not grant. If Xero names none, all count as granted."""
	has = set(granted.split())
	return [needed[0] for needed in NEEDED if has and not has.intersection(needed)]


def auth_event(token: Token) -> str:
	"""The id of the sign-in that the token comes from; `connections` shows which organisations it covers.

	Read from the token without verifying the signature: it came from Xero itself, over https.
	"""
	try:
		claims = token.access_token.split(".")[1]
		return str(json.loads(base64.urlsafe_b64decode(claims + "=="))["authentication_event_id"])
	except (ValueError, LookupError, TypeError):
		return ""


class _SentTo(HTTPAdapter):
	"""Sends requests for Xero's identity service to the configured address."""

	def __init__(self, identity_url: str) -> None:
		super().__init__()
		self._identity_url = identity_url.rstrip("/")

	def send(
		self, request: requests.PreparedRequest, *arguments: object, **options: object
	) -> requests.Response:
		request.url = str(request.url).replace(IDENTITY_URL, self._identity_url, 1)
		return super().send(request, *arguments, **options)


class _NotNow(Exception):
	"""The service is overloaded or out of order."""


def _session(app: App, client: Client | None) -> OAuth2Session:
	session = OAuth2Session(app.client_id, client=client, redirect_uri=app.redirect_uri or None)
	session.max_redirects = 0
	session.mount(IDENTITY_URL, _SentTo(app.identity_url))
	session.register_compliance_hook("access_token_response", _check_service)
	session.register_compliance_hook("refresh_token_response", _check_service)
	return session


def _check_service(response: requests.Response) -> requests.Response:
	"""requests-oauthlib only looks at the body, and would treat a 503 as a rejection."""
	if response.status_code == 429 or response.status_code >= 500:
		raise _NotNow(f"HTTP {response.status_code}")
	return response


def _auth(app: App) -> requests.auth.HTTPBasicAuth:
	return requests.auth.HTTPBasicAuth(app.client_id, app.client_secret)


def _token(app: App, act: Callable[[OAuth2Session], dict], client: Client | None = None) -> Token:
	asked_at = datetime.now(timezone.utc)
	return _attempt(app, lambda session: _read_token(app, act(session), asked_at), client)


def _read_token(app: App, response: dict, asked_at: datetime) -> Token:
	return Token(
		access_token=str(response["access_token"]),
		refresh_token=str(response.get("refresh_token") or ""),
		expires_at=asked_at + timedelta(seconds=int(response["expires_in"])),
		scope=" ".join(response["scope"]) if response.get("scope") else app.scope,
	)


def _attempt(app: App, act: Callable[[OAuth2Session], T], client: Client | None = None) -> T:
	"""What `act` returns. Raises ReconnectRequired or Unreachable.

	Exceptions are raised without the frames of the call, which hold the secret and the token: error reports print the
	local variables of every frame.
	"""
	failure: XeroError | None = None
	try:
		return act(_session(app, client))
	except OAuth2Error as error:
		failure = _refused(app, str(error.error or ""))
	except _NotNow as error:
		failure = _unavailable(str(error))
	except requests.RequestException as error:
		failure = _unavailable(type(error).__name__)
	except (ValueError, LookupError, TypeError, AttributeError):
		failure = _unavailable("the response could not be read")
	except BaseException as error:
		# The queue's timeout is raised here too.
		raise error.with_traceback(None) from None
	raise failure


def _refused(app: App, error: str) -> XeroError:
	if error == "invalid_grant":
		return ReconnectRequired(
			Sentence(
				_(
					"This site's authorisation in Xero has expired or was withdrawn. Connect the organisation"
					" again in {settings}. Nothing is lost; waiting documents will be sent once you reconnect."
				),
				settings=app.settings,
			),
			error,
			Cause.CONSENT_GONE,
		)
	if error in ("", "missing_token", "server_error", "temporarily_unavailable"):
		return _unavailable(error)
	return ReconnectRequired(
		Sentence(
			_(
				"Xero rejected this app's credentials ({error}). Compare its client ID, secret and"
				" scopes in {settings} with those at developer.xero.com, then connect again."
			),
			error=error,
			settings=app.settings,
		),
		error,
		Cause.APP_NOT_ACCEPTED,
	)


def _unavailable(answered: str) -> Unreachable:
	return Unreachable(
		Sentence(
			_("Xero's sign-in service did not return a usable response ({answered})."), answered=answered
		),
		answered,
	)
