"""The consent and the tokens: Xero's authorisation code flow, and client credentials for a Custom Connection.

Storing a token, and the lock under which it is refreshed, are somebody else's: a refresh token is spent by
its use, and two workers that refresh at once lose the connection. For 30 minutes Xero takes the spent one
again, so a refresh whose answer was lost is repeated with the same token.

Plain form posts over requests: oauthlib refuses every http address, the sandbox's too, unless an
environment variable switches that off for the whole process, and raises when Xero grants other scopes than
were asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from urllib.parse import urlencode

import requests

from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.errors import ConnectionLost, Unavailable, XeroError

LOGIN_URL = "https://login.xero.com"
IDENTITY_URL = "https://identity.xero.com"
TIMEOUT = (10, 30)

SCOPES = (
	"openid profile email offline_access accounting.invoices accounting.contacts accounting.settings.read"
)
"""What the connector needs, in the granular scopes that are all a Xero app made since March 2026 can have."""

SCOPES_OF_A_PERSON = frozenset({"openid", "profile", "email", "offline_access"})


@dataclass(frozen=True, slots=True)
class Token:
	"""An access token, until when it is good (with a time zone), and what renews it.

	`refresh_token` is "" for a Custom Connection.
	"""

	access_token: str = field(repr=False)
	refresh_token: str = field(repr=False)
	expires_at: datetime
	scope: str

	def __post_init__(self) -> None:
		if self.expires_at.tzinfo is None:
			raise ValueError("expires_at needs a time zone")


@dataclass(frozen=True, slots=True)
class App:
	"""The app registered with Xero. `settings` is where a person mends its id, its secret or the consent."""

	client_id: str
	client_secret: str = field(repr=False)
	settings: DocLink
	redirect_uri: str = ""
	scope: str = SCOPES
	login_url: str = LOGIN_URL
	identity_url: str = IDENTITY_URL


def authorisation_url(app: App, state: str) -> str:
	"""Where the browser goes for consent. `state` must come back with the code, or the code is not ours."""
	query = urlencode(
		{
			"response_type": "code",
			"client_id": app.client_id,
			"redirect_uri": app.redirect_uri,
			"scope": app.scope,
			"state": state,
		}
	)
	return f"{app.login_url.rstrip('/')}/identity/connect/authorize?{query}"


def exchange_code(app: App, code: str) -> Token:
	"""The first token. A code is good once and for five minutes. Raises ConnectionLost or Unavailable."""
	return _token(app, _Form(grant_type="authorization_code", code=code, redirect_uri=app.redirect_uri))


def refresh(app: App, token: Token) -> Token:
	"""A new pair; store it before it is used.

	Raises ConnectionLost when the consent is gone, or Unavailable.
	"""
	return _token(app, _Form(grant_type="refresh_token", refresh_token=token.refresh_token))


def client_credentials(app: App) -> Token:
	"""A token of a Custom Connection, which has no consent in a browser and nothing to refresh."""
	scope = " ".join(part for part in app.scope.split() if part not in SCOPES_OF_A_PERSON)
	return _token(app, _Form(grant_type="client_credentials", scope=scope))


def revoke(app: App, token: Token) -> None:
	"""Withdraw the consent: all connections of the one who gave it end."""
	_post(app, "/connect/revocation", _Form(token=token.refresh_token))


class _Form(dict):
	"""What is posted. Error reports print local variables, so it does not show its values."""

	def __repr__(self) -> str:
		return f"<form with {', '.join(self)}>"


def _token(app: App, form: _Form) -> Token:
	asked_at = datetime.now(timezone.utc)
	response = _post(app, "/connect/token", form)
	try:
		return _read_token(app, response, asked_at)
	except (ValueError, LookupError, TypeError, AttributeError):
		raise _unavailable("/connect/token: the answer could not be read") from None


def _read_token(app: App, response: requests.Response, asked_at: datetime) -> Token:
	answer = response.json()
	return Token(
		access_token=str(answer["access_token"]),
		refresh_token=str(answer.get("refresh_token") or ""),
		expires_at=asked_at + timedelta(seconds=int(answer["expires_in"])),
		scope=str(answer.get("scope") or app.scope),
	)


def _post(app: App, path: str, form: _Form) -> requests.Response:
	"""An answer of 200.

	What is raised leaves the frames of the call behind: they hold the secret and the token.
	"""
	try:
		response = requests.post(
			app.identity_url.rstrip("/") + path,
			data=form,
			auth=(app.client_id, app.client_secret),
			headers={"Accept": "application/json"},
			timeout=TIMEOUT,
			allow_redirects=False,
		)
	except requests.RequestException as error:
		raise _unavailable(f"{path}: {type(error).__name__}") from None
	except Exception as error:
		raise error.with_traceback(None) from None
	if response.status_code == 200:
		return response
	raise _refused(app, path, response)


def _refused(app: App, path: str, response: requests.Response) -> XeroError:
	try:
		error = str(response.json()["error"])
	except (ValueError, LookupError, TypeError):
		error = ""
	detail = f"{path}: HTTP {response.status_code} {error}"
	if error == "invalid_grant":
		return ConnectionLost(
			Sentence(
				_(
					"Xero's consent for this site has expired or was withdrawn. Connect the organisation"
					" again in {settings}. Nothing is lost: what is waiting is sent then."
				),
				settings=app.settings,
			),
			detail,
		)
	if error:
		return ConnectionLost(
			Sentence(
				_(
					"Xero does not accept this app ({error}). Compare its client id, its secret and its"
					" scopes in {settings} with those at developer.xero.com, then connect again."
				),
				error=error,
				settings=app.settings,
			),
			detail,
		)
	return _unavailable(detail)


def _unavailable(detail: str) -> Unavailable:
	return Unavailable(
		Sentence(_("Xero's sign-in service did not give a usable answer. It is tried again by itself.")),
		detail,
	)
