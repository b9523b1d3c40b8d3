"""The endpoints apps talk to: tokens, revocation, connections."""

from __future__ import annotations

import hmac
import sqlite3
import uuid
from datetime import datetime, timezone
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from ..calls import Call, basic_credentials
from ..problems import method_not_allowed, not_found
from ..wire import Answer, json_answer
from .scopes import refused_scopes
from .tokens import oauth_error

if TYPE_CHECKING:
	from ..world import World

CUSTOM_USER = "custom connection"
CUSTOM_SCOPES = (
	"accounting.invoices accounting.payments accounting.contacts accounting.settings accounting.attachments"
)


def token(world: World, call: Call) -> Answer:
	"""POST /connect/token for the three grants Xero has."""
	if call.method != "POST":
		raise method_not_allowed()
	form = _form(call)
	client_id, app = _client(world, call, form)
	grant = form.get("grant_type")
	if grant == "authorization_code":
		return json_answer(
			world.identity.exchange_code(
				client_id, form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier")
			)
		)
	if grant == "refresh_token":
		return json_answer(world.identity.refresh(client_id, form.get("refresh_token", "")))
	if grant == "client_credentials":
		if not app["custom_tenant"]:
			raise oauth_error("unauthorized_client")
		scope = form.get("scope") or CUSTOM_SCOPES
		if refused_scopes(scope, broad_allowed=bool(app["broad_scopes"])):
			raise oauth_error("invalid_scope")
		auth_event = str(uuid.uuid4())
		world.identity.connect(client_id, CUSTOM_USER, app["custom_tenant"], auth_event)
		return json_answer(world.identity.issue(client_id, CUSTOM_USER, scope, auth_event, refreshable=False))
	raise oauth_error("unsupported_grant_type")


def revocation(world: World, call: Call) -> Answer:
	"""POST /connect/revocation: 200 with an empty body, whatever the token."""
	if call.method != "POST":
		raise method_not_allowed()
	form = _form(call)
	client_id, _ = _client(world, call, form)
	world.identity.revoke(client_id, form.get("token", ""))
	return Answer(200)


def connections(world: World, call: Call) -> Answer:
	"""GET /connections and DELETE /connections/{id}; the id is the connection's, not the tenant's."""
	assert call.caller
	rest = call.segments[1:]
	if call.method == "GET" and not rest:
		return json_answer(
			[
				{
					"id": row["id"],
					"authEventId": row["auth_event"],
					"tenantId": row["tenant"],
					"tenantType": "ORGANISATION",
					"tenantName": world.books(row["tenant"]).organisation["Name"],
					"createdDateUtc": _seven_digits(row["created"]),
					"updatedDateUtc": _seven_digits(row["updated"]),
				}
				for row in world.identity.connections(call.caller, call.query.get("autheventid"))
			]
		)
	if call.method == "DELETE" and len(rest) == 1:
		if not world.identity.disconnect(connection_id=rest[0], caller=call.caller):
			raise not_found()
		return Answer(204, content_type="")
	raise method_not_allowed()


def _form(call: Call) -> dict[str, str]:
	return {key: values[0] for key, values in parse_qs(call.body.decode(errors="replace")).items()}


def _client(world: World, call: Call, form: dict[str, str]) -> tuple[str, sqlite3.Row]:
	"""The app's id and row, from a Basic header or the form.

	A PKCE app has no secret, not even for a refresh; an app that has one must send it.
	"""
	credentials = basic_credentials(call.headers.get("authorization", ""))
	client_id, secret = credentials or (form.get("client_id", ""), form.get("client_secret", ""))
	app = world.identity.app(client_id)
	if app is None or not hmac.compare_digest(app["secret"], secret):
		raise oauth_error("invalid_client")
	return client_id, app


def _seven_digits(milliseconds: int) -> str:
	"""Seven decimals and no zone, as observed on the wire."""
	moment = datetime.fromtimestamp(milliseconds / 1000, timezone.utc)
	return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "0"
