"""/_sandbox/: what a test, or a person at the demo, can ask of the sandbox itself."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp import web

from .faults import KINDS, fault_from
from .gateway import Gateway
from .identity.tokens import ACCESS_SECONDS, DEMO_USER
from .ledger.model import document_from_row
from .ledger.rendering import Shape, load_related, render_document
from .person import CannotDo, act
from .seed.organisations import DEMO_APP
from .wire import dumps, loads
from .world import World

DEFAULT_SCOPE = (
	"openid profile email offline_access accounting.invoices accounting.payments accounting.contacts "
	"accounting.settings accounting.attachments"
)
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Admin:
	def __init__(self, world: World, gateway: Gateway) -> None:
		self._world = world
		self._gateway = gateway

	def routes(self) -> list[web.RouteDef]:
		def route(method: str, path: str, handler: Callable[[web.Request], Awaitable[Any]]) -> web.RouteDef:
			return web.route(method, f"/_sandbox{path}", _as_json(handler))

		return [
			route("GET", "/status", self._status),
			route("POST", "/reset", self._reset),
			route("GET", "/clock", self._clock),
			route("POST", "/clock", self._move_clock),
			route("GET", "/switches", self._switches),
			route("POST", "/switches", self._set_switches),
			route("GET", "/limits", self._limits),
			route("POST", "/limits", self._set_limits),
			route("GET", "/faults", self._faults),
			route("POST", "/faults", self._add_fault),
			route("DELETE", "/faults", self._clear_faults),
			route("DELETE", "/faults/{id}", self._remove_fault),
			route("GET", "/holds", self._holds),
			route("POST", "/holds/release", self._release),
			route("GET", "/late-writes", self._late_writes),
			route("GET", "/requests", self._requests),
			route("GET", "/requests/marker", self._marker),
			route("POST", "/tokens", self._tokens),
			route("POST", "/disconnect", self._disconnect),
			route("POST", "/abort", self._abort),
			route("GET", "/documents", self._documents),
			route("GET", "/documents/{id}", self._document),
			route("POST", "/act", self._act),
		]

	async def _status(self, request: web.Request) -> Any:
		return {
			"ready": True,
			"organisations": [
				{
					"tenant_id": tenant,
					"name": self._world.books(tenant).organisation["Name"],
					"country": self._world.books(tenant).organisation["CountryCode"],
					"base_currency": self._world.books(tenant).base_currency,
				}
				for tenant in self._world.tenants()
			],
			"apps": [
				{"client_id": row["client_id"], "client_secret": row["secret"], "name": row["name"]}
				for row in self._world.storage.rows("SELECT * FROM apps ORDER BY rowid")
			],
		}

	async def _reset(self, request: web.Request) -> Any:
		self._world.reset()
		return {"reset": True}

	async def _clock(self, request: web.Request) -> Any:
		clock = self._world.clock
		return {"now": clock.utc().isoformat(), "epoch": clock.now(), "offset": clock.offset}

	async def _move_clock(self, request: web.Request) -> Any:
		self._gateway.advance(float((await _body(request)).get("advance", 0)))
		return await self._clock(request)

	async def _switches(self, request: web.Request) -> Any:
		return self._world.switches.all()

	async def _set_switches(self, request: web.Request) -> Any:
		for name, value in (await _body(request)).items():
			self._world.switches.set(name, value)
		return {name: switch["value"] for name, switch in self._world.switches.all().items()}

	async def _limits(self, request: web.Request) -> Any:
		return self._world.limits.describe()

	async def _set_limits(self, request: web.Request) -> Any:
		"""Sets any of the limits (null is off) for one tenant or for all; or {"off": true}."""
		body = await _body(request)
		tenant = body.pop("tenant", "*")
		if body.pop("off", False):
			self._world.limits.all_off()
		self._world.limits.set(tenant, body)
		return self._world.limits.describe()

	async def _faults(self, request: web.Request) -> Any:
		return {"faults": self._world.faults.all(), "kinds": KINDS}

	async def _add_fault(self, request: web.Request) -> Any:
		return vars(self._world.faults.add(fault_from(await _body(request))))

	async def _clear_faults(self, request: web.Request) -> Any:
		self._world.faults.clear()
		return {"faults": []}

	async def _remove_fault(self, request: web.Request) -> Any:
		return {"removed": self._world.faults.remove(int(request.match_info["id"]))}

	async def _holds(self, request: web.Request) -> Any:
		"""The held calls. With count and wait (seconds), waits until that many are held."""
		count, seconds = int(request.query.get("count", 0)), float(request.query.get("wait", 0))
		return {"holds": await self._world.faults.wait_for_holds(count, seconds)}

	async def _release(self, request: web.Request) -> Any:
		body = await _body(request)
		return {"released": self._world.faults.release(body.get("id"), body.get("fault"))}

	async def _late_writes(self, request: web.Request) -> Any:
		return {"late_writes": self._world.late_writes.all()}

	async def _requests(self, request: web.Request) -> Any:
		query = request.query
		found = self._world.requests.find(
			after=int(query.get("after", 0)),
			method=query.get("method"),
			path=query.get("path"),
			tenant=query.get("tenant"),
			status=int(query["status"]) if "status" in query else None,
			limit=int(query.get("limit", 1000)),
		)
		return {"count": len(found), "marker": self._world.requests.marker(), "requests": found}

	async def _marker(self, request: web.Request) -> Any:
		return {"marker": self._world.requests.marker()}

	async def _tokens(self, request: web.Request) -> Any:
		"""A token pair and connections without a browser."""
		body = await _body(request)
		client_id = body.get("client_id", DEMO_APP[0])
		if self._world.identity.app(client_id) is None:
			raise ValueError(f"There is no app {client_id}")
		user, auth_event = body.get("user", DEMO_USER), str(uuid.uuid4())
		tenants = body.get("tenants") or self._world.tenants()[:1]
		if not set(tenants) <= set(self._world.tenants()):
			raise ValueError("tenants are ids of organisations; see /_sandbox/status")
		connections = [
			self._world.identity.connect(client_id, user, tenant, auth_event) for tenant in tenants
		]
		token = self._world.identity.issue(
			client_id,
			user,
			body.get("scopes", DEFAULT_SCOPE),
			auth_event,
			expires_in=int(body.get("expires_in", ACCESS_SECONDS)),
		)
		return {**token, "tenants": tenants, "connections": connections}

	async def _disconnect(self, request: web.Request) -> Any:
		"""As if a person had disconnected the app in Xero; without a tenant, all organisations."""
		return {"disconnected": self._world.identity.disconnect(tenant=(await _body(request)).get("tenant"))}

	async def _abort(self, request: web.Request) -> Any:
		"""Drops the sockets of all calls that wait for a response."""
		return {"aborted": self._gateway.abort_all()}

	async def _documents(self, request: web.Request) -> Any:
		conditions, parameters = ["1 = 1"], []
		for name in ("tenant", "number", "status", "type", "contact_id"):
			if name in request.query:
				conditions.append(f"{name} = ?")
				parameters.append(request.query[name])
		rows = self._world.storage.execute(
			f"SELECT json FROM documents WHERE {' AND '.join(conditions)} ORDER BY tenant, sequence LIMIT ?",
			[*parameters, int(request.query.get("limit", 1000))],
		)
		return {"documents": [self._describe(row) for row in rows]}

	async def _document(self, request: web.Request) -> Any:
		row = self._world.storage.row(
			"SELECT json FROM documents WHERE id = ?", request.match_info["id"].lower()
		)
		if row is None:
			raise web.HTTPNotFound
		return self._describe(row)

	def _describe(self, row: Any) -> dict[str, Any]:
		"""The document as a single GET would show it, with what only the sandbox knows."""
		document = document_from_row(row)
		related = load_related(self._world.storage, document.tenant, [document])
		return {
			"id": document.id,
			"tenant": document.tenant,
			"kind": document.kind,
			"number": document.number,
			"status": document.status,
			"wire": render_document(document, related, Shape(price_places=4)),
			"history": self._world.history.of(document.id),
		}

	async def _act(self, request: web.Request) -> Any:
		body = await _body(request)
		try:
			return act(self._world, body.pop("tenant", ""), body.pop("action", ""), body)
		except CannotDo as error:
			raise ValueError(str(error)) from None


async def _body(request: web.Request) -> dict[str, Any]:
	text = await request.read()
	body = loads(text) if text.strip() else {}
	if not isinstance(body, dict):
		raise ValueError("The body must be a JSON object")
	return body


def _as_json(handler: Callable[[web.Request], Awaitable[Any]]) -> Handler:
	"""Writes what a handler returns, and a ValueError as a readable 400."""

	async def wrapped(request: web.Request) -> web.StreamResponse:
		try:
			status, value = 200, await handler(request)
		except (ValueError, TypeError, KeyError) as error:
			status, value = 400, {"error": str(error)}
		return web.Response(status=status, text=dumps(value), content_type="application/json")

	return wrapped
