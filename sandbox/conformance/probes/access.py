"""Consent, scopes, roles and limits: how access is granted and refused."""

from __future__ import annotations

import uuid

from ..lab import Lab
from ..probe import NO_SOURCE, CannotAsk, Seen, Subject

SUBJECT = Subject("Access")


@SUBJECT.probe(
	"consent_without_openid",
	"Is a consent that does not ask for openid accepted?",
	outcomes={"accepted": "yes", "refused": "no"},
	source=NO_SOURCE,
	calls=0,
)
def consent_without_openid(lab: Lab) -> Seen:
	without = lab.xero.access.without_openid
	if without is None:
		raise CannotAsk("there was no consent in a browser")
	return Seen("accepted" if without else "refused", "asked for without it first")


@SUBJECT.probe(
	"unknown-organisation",
	"How is a call refused for an organisation that is not connected?",
	outcomes={
		"forbidden": "403, Detail AuthenticationUnsuccessful",
		"other": "otherwise",
	},
	believed="forbidden",
	source="XeroAPI/xero-node#432, XeroAPI/Xero-OpenAPI#585",
	calls=1,
)
def unknown_organisation(lab: Lab) -> Seen:
	exchange = lab.xero.call("GET", "/Organisation", tenant=str(uuid.uuid4()))
	detail = exchange.json.get("Detail")
	is_known = (exchange.status, detail) == (403, "AuthenticationUnsuccessful")
	return Seen("forbidden" if is_known else "other", f"HTTP {exchange.status}, {detail}")


@SUBJECT.probe(
	"missing-scope",
	"How is a call refused when its scope was not granted?",
	outcomes={
		"unauthorised": "401 with insufficient_scope or AuthorizationUnsuccessful",
		"other": "otherwise",
	},
	believed="unauthorised",
	source="measured by others",
	calls=1,
)
def missing_scope(lab: Lab) -> Seen:
	exchange = lab.xero.call("GET", "/Payments", query={"page": 1, "pageSize": 1})
	said = f"{exchange.headers.get('www-authenticate', '')} {exchange.json.get('Detail')}"
	is_known = exchange.status == 401 and (
		"insufficient_scope" in said or "AuthorizationUnsuccessful" in said
	)
	return Seen("unauthorised" if is_known else "other", f"HTTP {exchange.status}, {said.strip()}")


@SUBJECT.probe(
	"role_refusal",
	"How is a write refused when the user's role may only read?",
	outcomes={
		"disconnected": "403 with the wording for an organisation that is not connected",
		"worded": "403 with its own wording",
	},
	source=NO_SOURCE,
	calls=1,
)
def role_refusal(lab: Lab) -> Seen:
	access = lab.hands.sign_in_as_reader()
	lab.xero.access.secrets |= access.secrets
	body = {"Invoices": [lab.invoice("reader")]}
	exchange = lab.write("PUT", "/Invoices", body, {"unitdp": 4}, access=access)
	if exchange.status != 403:
		return Seen(None, exchange.words)
	detail = str(exchange.json.get("Detail"))
	return Seen("disconnected" if detail == "AuthenticationUnsuccessful" else "worded", detail)


@SUBJECT.probe(
	"loopback_redirect",
	"May an app have a redirect URI on http://127.0.0.1?",
	outcomes={"refused": "no", "accepted": "yes"},
	source="reported by users",
	calls=0,
)
def loopback_redirect(lab: Lab) -> Seen:
	accepted = lab.hands.is_loopback_redirect_accepted()
	return Seen("accepted" if accepted else "refused", "as the app's configuration said")


@SUBJECT.probe(
	"app_minute_word",
	"Which word does X-Rate-Limit-Problem have for the app's own limit per minute?",
	outcomes={"appminute": "appminute", "app-minute": "app-minute", "minute": "minute"},
	source=NO_SOURCE,
	calls=1,
)
def app_minute_word(lab: Lab) -> Seen:
	with lab.hands.app_minute_limit_spent():
		exchange = lab.xero.call("GET", "/Organisation", patient=False)
	word = exchange.headers.get("x-rate-limit-problem", "").lower()
	known = word in ("appminute", "app-minute", "minute")
	return Seen(word if exchange.status == 429 and known else None, word or exchange.words)
