"""The page on which a person gives an app access to an organisation."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from ..templating import page
from .scopes import refused_scopes, words
from .tokens import DEMO_USER

if TYPE_CHECKING:
	from ..world import World

PATH = "/identity/connect/authorize"
_CARRIED = (
	"response_type",
	"client_id",
	"redirect_uri",
	"scope",
	"state",
	"code_challenge",
	"code_challenge_method",
)


class Consent:
	def __init__(self, world: World) -> None:
		self._world = world

	def routes(self) -> list[web.RouteDef]:
		return [web.get(PATH, self._ask), web.post(PATH, self._decide)]

	async def _ask(self, request: web.Request) -> web.StreamResponse:
		"""Shows which app asks for what, and the organisations to choose from.

		An app error is shown, not redirected.
		"""
		if refusal := self._refusal(request.query):
			return refusal
		app = self._world.identity.app(request.query["client_id"])
		assert app
		organisations = [
			{"tenant": tenant, **self._world.books(tenant).organisation} for tenant in self._world.tenants()
		]
		return page(
			"consent.html",
			app=app,
			user=DEMO_USER,
			organisations=organisations,
			scopes=list(dict.fromkeys(words(scope) for scope in request.query["scope"].split())),
			carried={name: request.query[name] for name in _CARRIED if name in request.query},
			action=PATH,
		)

	async def _decide(self, request: web.Request) -> web.StreamResponse:
		"""Sends the browser back with a code, or with access_denied."""
		form = await request.post()
		values = {name: str(form[name]) for name in (*_CARRIED, "tenant", "decision") if name in form}
		if refusal := self._refusal(values):
			return refusal
		answer: dict[str, Any] = {}
		if values.get("decision") != "allow":
			answer["error"] = "access_denied"
		elif values.get("tenant") not in self._world.tenants():
			return page("refusal.html", 400, error="invalid_request", detail="Choose an organisation.")
		elif too_many := self._too_many(values["client_id"], values["tenant"]):
			return page("refusal.html", 400, error="connection_limit", detail=too_many)
		else:
			auth_event = str(uuid.uuid4())
			self._world.identity.connect(values["client_id"], DEMO_USER, values["tenant"], auth_event)
			answer["code"] = self._world.identity.new_code(
				values["client_id"],
				values["redirect_uri"],
				values["scope"],
				auth_event,
				values.get("code_challenge"),
				values.get("code_challenge_method"),
			)
			answer["scope"] = values["scope"]
		if "state" in values:
			answer["state"] = values["state"]
		separator = "&" if urlsplit(values["redirect_uri"]).query else "?"
		raise web.HTTPFound(f"{values['redirect_uri']}{separator}{urlencode(answer)}")

	def _refusal(self, values: Mapping[str, str]) -> web.Response | None:
		app = self._world.identity.app(values.get("client_id", ""))
		if app is None or app["custom_tenant"]:
			return page(
				"refusal.html",
				400,
				error="unauthorized_client",
				detail="Unknown client or client not enabled.",
			)
		if values.get("response_type") != "code":
			return page(
				"refusal.html", 400, error="unsupported_response_type", detail="response_type must be code."
			)
		if not self._redirect_allowed(values.get("redirect_uri", "")):
			return page(
				"refusal.html", 400, error="invalid_redirect_uri", detail="Use https, or http://localhost."
			)
		refused = refused_scopes(values.get("scope", ""), broad_allowed=bool(app["broad_scopes"]))
		needs_openid = self._world.switches.get("consent_without_openid") == "refused"
		if needs_openid and "openid" not in values.get("scope", "").split():
			refused.append("openid is missing")
		if refused or not values.get("scope"):
			detail = "Invalid scope for client: " + ", ".join(refused or ["none asked for"])
			return page("refusal.html", 400, error="invalid_scope", detail=detail)
		return None

	def _too_many(self, client_id: str, tenant: str) -> str:
		"""Why this app and this organisation cannot be connected, or "".

		The numbers are documented; where and how Xero says so is not.
		"""
		organisations = self._world.identity.organisations_of(client_id) - {tenant}
		most = self._world.limits.limit("*", "connections")
		if most is not None and len(organisations) >= most:
			return (
				f"This app is connected to {len(organisations)} organisations, which is the most it may be."
			)
		apps = self._world.identity.apps_of(tenant) - {client_id}
		most = self._world.limits.limit(tenant, "uncertified_apps")
		if most is not None and len(apps) >= most:
			return f"This organisation is connected to {len(apps)} uncertified apps, which is the most it may be."
		return ""

	def _redirect_allowed(self, uri: str) -> bool:
		try:
			parts = urlsplit(uri)
		except ValueError:
			return False
		if parts.scheme == "https":
			return bool(parts.hostname)
		loopback = ["localhost"]
		if self._world.switches.get("loopback_redirect") == "accepted":
			loopback.append("127.0.0.1")
		return parts.scheme == "http" and parts.hostname in loopback
