"""Consent, tokens, connections and scopes."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from sandbox_api import Api

from sandbox.xero.seed.organisations import CUSTOM_APP, DEMO_APP, LEGACY_APP, PKCE_APP

REDIRECT = "http://localhost/callback"
SCOPE = "openid profile email offline_access accounting.invoices accounting.contacts accounting.settings.read"


def ask(api: Api, **changes: str) -> requests.Response:
	query = {
		"response_type": "code",
		"client_id": DEMO_APP[0],
		"redirect_uri": REDIRECT,
		"scope": SCOPE,
		"state": "s-1",
		**changes,
	}
	return requests.get(f"{api.sandbox.url}/identity/connect/authorize", params=query, timeout=5)


def decide(api: Api, decision: str = "allow", tenant: str | None = None, **changes: str) -> dict[str, str]:
	"""Fills in the form as a browser would. Returns what comes back with the redirect."""
	response = submit(api, decision, tenant, **changes)
	assert response.status_code == 302 and response.headers["Location"].startswith(REDIRECT)
	return {key: value[0] for key, value in parse_qs(urlsplit(response.headers["Location"]).query).items()}


def submit(api: Api, decision: str = "allow", tenant: str | None = None, **changes: str) -> requests.Response:
	page = ask(api, **changes)
	assert page.status_code == 200, page.text
	form = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
	form |= {"tenant": tenant or api.tenant, "decision": decision}
	url = f"{api.sandbox.url}/identity/connect/authorize"
	return requests.post(url, data=form, allow_redirects=False, timeout=5)


def token(api: Api, app: tuple[str, str] = DEMO_APP, *, basic: bool = True, **form: str) -> requests.Response:
	url = f"{api.sandbox.url}/connect/token"
	if basic:
		return requests.post(url, data=form, auth=app, timeout=5)
	return requests.post(url, data={**form, "client_id": app[0], "client_secret": app[1]}, timeout=5)


def exchange(api: Api, code: str, **more: Any) -> requests.Response:
	return token(api, grant_type="authorization_code", code=code, redirect_uri=REDIRECT, **more)


def refresh(api: Api, refresh_token: str) -> requests.Response:
	return token(api, basic=False, grant_type="refresh_token", refresh_token=refresh_token)


def connections(api: Api, access_token: str, **params: str) -> Any:
	headers = {"Authorization": f"Bearer {access_token}"}
	return requests.get(f"{api.sandbox.url}/Connections", headers=headers, params=params, timeout=5)


def test_the_whole_flow(api: Api) -> None:
	api.admin.disconnect()
	answer = decide(api, tenant=api.admin.tenant("AU"))
	assert answer["state"] == "s-1"
	issued = exchange(api, answer["code"]).json()
	assert list(issued) == ["id_token", "access_token", "expires_in", "token_type", "refresh_token", "scope"]
	assert (issued["expires_in"], issued["token_type"], issued["scope"]) == (1800, "Bearer", SCOPE)
	payload = issued["access_token"].split(".")[1]
	claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
	assert {"xero_userid", "global_session_id", "authentication_event_id", "scope", "jti"} <= set(claims)
	rows = connections(api, issued["access_token"], authEventId=claims["authentication_event_id"]).json()
	assert [(row["tenantName"], row["tenantType"]) for row in rows] == [("NexWave Demo AU", "ORGANISATION")]
	assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}", rows[0]["createdDateUtc"])


def test_a_code_works_once_and_for_five_minutes(api: Api) -> None:
	code = decide(api)["code"]
	assert exchange(api, code).status_code == 200
	again = exchange(api, code)
	assert (again.status_code, again.json()) == (400, {"error": "invalid_grant"})
	code = decide(api)["code"]
	api.admin.advance(301)
	assert exchange(api, code).json() == {"error": "invalid_grant"}


def test_the_redirect_uri_must_be_the_same(api: Api) -> None:
	code = decide(api)["code"]
	other = token(api, grant_type="authorization_code", code=code, redirect_uri="http://localhost/other")
	assert other.json() == {"error": "invalid_grant"}


def test_pkce(api: Api) -> None:
	verifier = "v" * 50
	challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
	more = {"code_challenge": challenge, "code_challenge_method": "S256"}
	assert exchange(api, decide(api, **more)["code"], code_verifier=verifier).status_code == 200
	assert exchange(api, decide(api, **more)["code"], code_verifier="w" * 50).status_code == 400
	assert exchange(api, decide(api, **more)["code"]).status_code == 400
	without_secret = requests.post(
		f"{api.sandbox.url}/connect/token",
		data={
			"grant_type": "authorization_code",
			"client_id": DEMO_APP[0],
			"code": decide(api, **more)["code"],
			"redirect_uri": REDIRECT,
			"code_verifier": verifier,
		},
		timeout=5,
	)
	assert without_secret.json() == {"error": "invalid_client"}, "an app that has a secret must send it"


@pytest.mark.parametrize("basic", [True, False])
def test_an_app_without_a_secret_exchanges_and_refreshes_without_one(api: Api, basic: bool) -> None:
	verifier = "v" * 50
	challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
	more = {"client_id": PKCE_APP[0], "code_challenge": challenge, "code_challenge_method": "S256"}
	code = decide(api, **more)["code"]
	issued = exchange(api, code, app=PKCE_APP, basic=basic, code_verifier=verifier).json()
	form = {"grant_type": "refresh_token", "refresh_token": issued["refresh_token"]}
	assert token(api, (PKCE_APP[0], "guessed"), basic=basic, **form).json() == {"error": "invalid_client"}
	renewed = token(api, PKCE_APP, basic=basic, **form).json()
	assert renewed["refresh_token"] != issued["refresh_token"]
	api.token = renewed
	assert api.get("/Organisation").status_code == 200
	code = decide(api, client_id=PKCE_APP[0])["code"]
	assert exchange(api, code, app=PKCE_APP).json() == {"error": "invalid_grant"}, "without a challenge"


def test_an_organisation_accepts_two_uncertified_apps(api: Api) -> None:
	api.admin.limits(uncertified_apps=2)
	token(api, CUSTOM_APP, grant_type="client_credentials")
	assert decide(api, client_id=LEGACY_APP[0])["code"], "a custom connection does not count"
	refused = submit(api, client_id=PKCE_APP[0])
	assert (refused.status_code, "2 uncertified apps" in refused.text) == (400, True)
	assert decide(api)["code"], "what is connected may be connected again"


def test_an_app_has_a_limited_number_of_connections(api: Api) -> None:
	api.admin.limits(connections=1)
	assert decide(api)["code"]
	refused = submit(api, tenant=api.admin.tenant("AU"))
	assert (refused.status_code, "1 organisations" in refused.text) == (400, True)
	api.admin.disconnect(api.tenant)
	assert decide(api, tenant=api.admin.tenant("AU"))["code"]


def test_a_person_may_refuse_access(api: Api) -> None:
	assert decide(api, "cancel") == {"error": "access_denied", "state": "s-1"}


@pytest.mark.parametrize(
	("changes", "error"),
	[
		({"client_id": "nobody"}, "unauthorized_client"),
		({"client_id": CUSTOM_APP[0]}, "unauthorized_client"),
		({"scope": "openid accounting.transactions"}, "invalid_scope"),
		({"scope": "everything"}, "invalid_scope"),
		({"redirect_uri": "http://erp.example/cb"}, "invalid_redirect_uri"),
		({"redirect_uri": "http://127.0.0.1/cb"}, "invalid_redirect_uri"),
		({"response_type": "token"}, "unsupported_response_type"),
	],
)
def test_the_authorise_page_refuses_invalid_requests(api: Api, changes: dict[str, str], error: str) -> None:
	response = ask(api, **changes)
	assert response.status_code == 400 and error in response.text


def test_old_apps_may_ask_for_broad_scopes(api: Api) -> None:
	assert ask(api, client_id=LEGACY_APP[0], scope="openid accounting.transactions").status_code == 200
	broad = api.admin.mint(api.tenant, client_id=LEGACY_APP[0], scopes="accounting.transactions.read")
	api.token = broad
	assert api.get("/Invoices").status_code == 200
	assert api.put("/Invoices", {}).status_code == 401


def test_refreshing_rotates_with_thirty_minutes_of_grace(api: Api) -> None:
	first = api.token["refresh_token"]
	second = refresh(api, first).json()["refresh_token"]
	assert second != first
	lost_answer = refresh(api, first)
	assert lost_answer.status_code == 200, "the previous token works while the new one was not used"
	api.admin.advance(30 * 60 + 1)
	assert refresh(api, first).json() == {"error": "invalid_grant"}
	assert refresh(api, second).status_code == 200


def test_using_the_new_refresh_token_ends_the_old_one(api: Api) -> None:
	first = api.token["refresh_token"]
	second = refresh(api, first).json()["refresh_token"]
	assert refresh(api, second).status_code == 200
	assert refresh(api, first).json() == {"error": "invalid_grant"}


def test_refresh_tokens_last_sixty_days(api: Api) -> None:
	api.admin.advance(60 * 86400 + 1)
	assert refresh(api, api.token["refresh_token"]).json() == {"error": "invalid_grant"}


def test_client_errors(api: Api) -> None:
	assert token(api, (DEMO_APP[0], "wrong"), grant_type="refresh_token").json() == {
		"error": "invalid_client"
	}
	assert token(api, grant_type="client_credentials").json() == {"error": "unauthorized_client"}
	assert token(api, grant_type="password").json() == {"error": "unsupported_grant_type"}


def test_a_custom_connection_needs_no_tenant(api: Api) -> None:
	issued = token(api, CUSTOM_APP, grant_type="client_credentials", scope="accounting.invoices").json()
	assert "refresh_token" not in issued
	headers = {"Authorization": f"Bearer {issued['access_token']}", "Accept": "application/json"}
	url = f"{api.sandbox.url}/api.xro/2.0/Invoices"
	assert requests.get(url, headers=headers, timeout=5).status_code == 200


def test_revoking_ends_everything(api: Api) -> None:
	response = requests.post(
		f"{api.sandbox.url}/connect/revocation",
		data={"token": api.token["refresh_token"]},
		auth=DEMO_APP,
		timeout=5,
	)
	assert (response.status_code, response.content) == (200, b"")
	assert api.get("/Invoices").status_code == 401
	assert refresh(api, api.token["refresh_token"]).status_code == 400


def test_disconnecting_one_organisation(api: Api) -> None:
	row = connections(api, api.token["access_token"]).json()[0]
	headers = {"Authorization": f"Bearer {api.token['access_token']}"}
	base = f"{api.sandbox.url}/connections"
	assert requests.delete(f"{base}/{row['tenantId']}", headers=headers, timeout=5).status_code == 404
	assert requests.delete(f"{base}/{row['id']}", headers=headers, timeout=5).status_code == 204
	assert connections(api, api.token["access_token"]).json() == []
	forbidden = api.get("/Invoices")
	assert forbidden.status_code == 403
	assert (
		forbidden.json()["Detail"] == "AuthenticationUnsuccessful"
		and forbidden.json()["Title"] == "Forbidden"
	)


def test_the_header_distinguishes_an_expired_token_from_a_missing_scope(api: Api) -> None:
	api.admin.advance(1801)
	expired = api.get("/Invoices")
	assert expired.status_code == 401 and expired.json()["Detail"].startswith(
		"TokenExpired: token expired at "
	)
	assert "WWW-Authenticate" not in expired.headers
	api.token = api.admin.mint(api.tenant, scopes="accounting.invoices.read")
	assert api.get("/Invoices").status_code == 200
	for response in (api.put("/Invoices", api.invoice()), api.get("/Contacts"), api.get("/Accounts")):
		assert (response.status_code, response.json()["Detail"]) == (401, "AuthorizationUnsuccessful")
		assert response.headers["WWW-Authenticate"] == "insufficient_scope"


def test_missing_or_foreign_tenants_are_forbidden(api: Api) -> None:
	for tenant in ("", api.admin.tenant("AU")):
		assert api.call("GET", "/Invoices", headers={"xero-tenant-id": tenant}).status_code == 403
	assert api.call("GET", "/Invoices", headers={"Accept": "*/*"}).status_code == 406
