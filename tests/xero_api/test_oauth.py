"""Bad responses of Xero's sign-in service; good ones are tested against the sandbox."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs

import pytest

from nexwave_xero_connector.sync.errors import ReconnectRequired, Unreachable, XeroError
from nexwave_xero_connector.xero_api import oauth
from nexwave_xero_connector.xero_api.oauth import App, Token

from .conftest import SETTINGS
from .scripted_server import ScriptedServer

OLD = Token("old-access", "old-refresh", datetime.now(timezone.utc), "a b")
ANSWER = {"access_token": "new-access", "refresh_token": "new-refresh", "expires_in": 1800, "scope": "a b"}


@pytest.fixture
def app(server: ScriptedServer) -> App:
	return App("client-1", "app-secret", SETTINGS, "https://erp.example/callback", identity_url=server.url)


def test_a_refresh_sends_the_secret_in_the_header_and_reads_the_new_pair(
	server: ScriptedServer, app: App
) -> None:
	server.answer(ANSWER)
	before = datetime.now(timezone.utc)
	new = oauth.refresh(app, OLD)
	assert (new.access_token, new.refresh_token, new.scope) == ("new-access", "new-refresh", "a b")
	assert before <= new.expires_at - timedelta(seconds=1800) <= datetime.now(timezone.utc)
	(seen,) = server.seen
	assert seen.path == "/connect/token"
	assert seen.body == b"grant_type=refresh_token&refresh_token=old-refresh"
	assert seen.headers["authorization"].startswith("Basic ")


@pytest.mark.parametrize(
	("status", "body", "expected"),
	[
		(400, {"error": "invalid_grant"}, ReconnectRequired),
		(401, {"error": "invalid_client"}, ReconnectRequired),
		(400, {"error": "unauthorized_client"}, ReconnectRequired),
		(400, {"error": "invalid_scope"}, ReconnectRequired),
		(400, b"<html>", Unreachable),
		(400, [], Unreachable),
		(429, b"", Unreachable),
		(500, b"", Unreachable),
		(503, b"offline", Unreachable),
		(302, b"", Unreachable),
		(200, b"<html>", Unreachable),
		(200, {"token_type": "Bearer"}, Unreachable),
		(200, [], Unreachable),
	],
)
def test_what_each_response_to_a_refresh_means(
	server: ScriptedServer, app: App, status: int, body: object, expected: type[XeroError]
) -> None:
	server.answer(body, status=status)
	with pytest.raises(XeroError) as raised:
		oauth.refresh(app, OLD)
	error = raised.value
	assert type(error) is expected
	if expected is ReconnectRequired:
		assert SETTINGS in error.sentence.links


@pytest.mark.parametrize("fault", ["drop", "cut"])
def test_a_refresh_whose_response_is_lost_can_be_repeated(
	server: ScriptedServer, app: App, fault: str
) -> None:
	server.answer(ANSWER, fault=fault)
	with pytest.raises(Unreachable):
		oauth.refresh(app, OLD)
	assert len(server.seen) == 1


@pytest.mark.parametrize(
	"call",
	[
		lambda app: oauth.exchange_code(app, "code-1", "verifier-1"),
		oauth.client_credentials,
		lambda app: oauth.revoke(app, OLD),
	],
)
def test_every_call_says_so_if_the_app_is_rejected(
	server: ScriptedServer, app: App, call: Callable[[App], object]
) -> None:
	server.answer({"error": "invalid_client"}, status=401)
	with pytest.raises(ReconnectRequired) as raised:
		call(app)
	assert "invalid_client" in str(raised.value.sentence)


@pytest.mark.parametrize(
	("body", "status", "fault"),
	[
		({"error": "invalid_grant", "error_description": "old-refresh"}, 400, ""),
		({"error": "invalid_grant"}, 400, "drop"),
		({"access_token": "new-access", "refresh_token": "new-refresh"}, 200, ""),
	],
)
def test_no_secret_or_token_gets_into_an_error(
	server: ScriptedServer, app: App, body: dict[str, str], status: int, fault: str
) -> None:
	server.answer(body, status=status, fault=fault)
	error = failed_refresh(app)
	report = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
	for secret in ("app-secret", "old-refresh", "old-access", "new-access", "new-refresh"):
		assert secret not in report + str(error.sentence) + error.detail


def failed_refresh(app: App) -> XeroError:
	with pytest.raises(XeroError) as raised:
		oauth.refresh(app, OLD)
	return raised.value


def test_an_exchange_sends_the_code_with_its_redirect_uri(server: ScriptedServer, app: App) -> None:
	server.answer(ANSWER)
	assert oauth.exchange_code(app, "code-1", "verifier-1").access_token == "new-access"
	assert parse_qs(server.seen[0].body.decode()) == {
		"grant_type": ["authorization_code"],
		"code": ["code-1"],
		"code_verifier": ["verifier-1"],
		"redirect_uri": ["https://erp.example/callback"],
	}


def test_other_scopes_than_requested_are_accepted_and_missing_ones_are_named(
	server: ScriptedServer, app: App
) -> None:
	server.answer(ANSWER | {"scope": "openid accounting.transactions accounting.contacts"})
	token = oauth.exchange_code(app, "code-1", "verifier-1")
	assert oauth.missing_scopes(token.scope) == ["accounting.settings.read"]
	assert oauth.missing_scopes(oauth.SCOPES) == []


def test_no_part_of_a_token_is_logged_even_when_debugging(
	server: ScriptedServer, app: App, caplog: pytest.LogCaptureFixture
) -> None:
	server.answer(ANSWER)
	with caplog.at_level(logging.DEBUG):
		oauth.refresh(app, OLD)
	assert caplog.records
	for secret in ("app-secret", "old-refresh", "new-access", "new-refresh"):
		assert secret not in caplog.text


def test_secrets_are_not_shown_when_records_are_printed(app: App) -> None:
	token = Token("secret-access", "secret-refresh", datetime.now(timezone.utc), "a")
	assert "secret-" not in repr(token)
	assert "app-secret" not in repr(app)


def test_a_token_needs_a_time_zone() -> None:
	with pytest.raises(ValueError):
		Token("a", "r", datetime(2026, 1, 1), "s")


@pytest.mark.parametrize("refusal", ["invalid_scope", "invalid_request"])
def test_a_custom_connection_that_takes_no_scopes_is_asked_without_them(
	server: ScriptedServer, app: App, refusal: str
) -> None:
	server.answer({"error": refusal}, status=400)
	server.answer({key: value for key, value in ANSWER.items() if key != "refresh_token"})
	token = oauth.client_credentials(app)
	assert token.access_token == "new-access"
	asked = [parse_qs(seen.body.decode()) for seen in server.seen]
	assert [("scope" in form, form["grant_type"]) for form in asked] == [
		(True, ["client_credentials"]),
		(False, ["client_credentials"]),
	]
	assert "openid" not in asked[0]["scope"][0].split()


def test_a_custom_connection_that_is_refused_without_scopes_too_says_why(
	server: ScriptedServer, app: App
) -> None:
	server.answer({"error": "invalid_scope"}, status=400)
	with pytest.raises(ReconnectRequired) as raised:
		oauth.client_credentials(app)
	assert "invalid_scope" in str(raised.value.sentence)
	assert len(server.seen) == 2
