"""Everything between the socket and the ledger: admission, limits, faults, idempotency, the log."""

from __future__ import annotations

import asyncio
import logging
import re
import time
from dataclasses import replace
from urllib.parse import parse_qsl

from aiohttp import web

from .api.routes import dispatch, is_api_path
from .calls import Call
from .faults import Fault
from .identity import endpoints
from .problems import (
	Problem,
	access_refused,
	firewall_page,
	forbidden,
	forbidden_role,
	query_too_long,
	request_too_large,
	resource_not_found,
	server_error,
	validation,
)
from .wire import JSON, TEXT, Answer, dumps, loads
from .world import World

LONGEST_QUERY = 2048
LARGEST_REQUEST = 10_000_000
_LOOKS_LIKE_AN_ATTACK = re.compile(rb"<script|drop table", re.IGNORECASE)
IDENTITY_PATHS = {"connect/token": endpoints.token, "connect/revocation": endpoints.revocation}
CHANGES_OF_AN_ANSWER = ("reordered", "unknown_enum")

logger = logging.getLogger(__name__)


class Dropped(Exception):
	"""Abort the connection without a response."""


class Gateway:
	"""Passes calls to the ledger one at a time: `apply` awaits nothing, so no other call can come in between."""

	def __init__(self, world: World) -> None:
		self._world = world
		self._open: dict[int, web.Request] = {}

	async def serve(self, request: web.Request) -> web.StreamResponse:
		"""Responds to one call to the Xero side, including faults, and logs it."""
		call = await _read(request)
		self._open[id(request)] = request
		started, at = time.perf_counter(), self._world.clock.now()
		entered = False
		answer: Answer | None = None
		try:
			faults = self._world.faults.take(call)
			call.faults = [f"{fault.kind}#{fault.id}" for fault in faults]
			call.forced_errors = tuple(
				(
					str(fault.option("contains", fault.contains or "")),
					str(fault.option("message", "Refused by a fault.")),
				)
				for fault in faults
				if fault.kind == "refuse"
			)
			self._before_admission(call, faults)
			refusal = self._admit(call)
			if refusal is None and call.tenant and call.caller:
				refusal = self._world.limits.enter(call.caller.client_id, call.tenant)
				entered = refusal is None
			answer = refusal or await self._answer(call, faults, request)
		except Dropped:
			if request.transport:
				request.transport.abort()
		finally:
			del self._open[id(request)]
			if entered and call.caller and call.tenant:
				self._world.limits.leave(call.caller.client_id, call.tenant)
		self._world.requests.add(
			call,
			at=at,
			status=answer.status if answer else None,
			milliseconds=(time.perf_counter() - started) * 1000,
			bytes_out=len(answer.body) if answer else 0,
			counted=entered,
		)
		return self._response(call, answer or Answer(500, b"", ""))

	def abort_all(self) -> int:
		"""Drops every connection that waits for a response. Returns their number."""
		transports = [request.transport for request in self._open.values() if request.transport]
		for transport in transports:
			transport.abort()
		return len(transports)

	def apply(self, call: Call) -> Answer:
		"""The ledger's response: the stored one for a known Idempotency-Key, otherwise a new one, which is then stored.

		A late write also comes through here, at the time when it is applied.
		"""
		kept = self._world.idempotency.replay(call)
		if kept is not None:
			return kept
		try:
			with self._world.storage.transaction():
				try:
					answer = self._dispatch(call)
				except Problem as problem:
					if not problem.keeps_writes:
						raise
					answer = problem.answer
				self._world.idempotency.keep(call, answer)
			return answer
		except Problem as problem:
			answer = problem.answer
		except Exception:
			logger.exception("%s %s failed", call.method, call.path)
			answer = server_error()
		self._world.forget_books(call.tenant or "")
		self._world.idempotency.keep(call, answer)
		return answer

	def advance(self, seconds: float) -> None:
		"""Moves the clock.

		Late writes that fall due on the way are applied at their own time, not at the end.
		"""
		clock, late_writes = self._world.clock, self._world.late_writes
		end = clock.offset + seconds
		while (due := late_writes.next_due()) is not None and due <= clock.now() + end - clock.offset:
			clock.advance(max(0.0, due - clock.now()))
			late_writes.fire_due(self.apply)
		clock.advance(end - clock.offset)
		late_writes.wake()

	def _dispatch(self, call: Call) -> Answer:
		path = "/".join(call.segments).lower()
		if path in IDENTITY_PATHS:
			return IDENTITY_PATHS[path](self._world, call)
		if path.split("/")[0] == "connections":
			return endpoints.connections(self._world, call)
		return dispatch(self._world, call)

	def _admit(self, call: Call) -> Answer | None:
		"""Identifies the caller and the organisation; returns the refusal if that fails."""
		if "/".join(call.segments).lower() in IDENTITY_PATHS:
			return None
		try:
			if len(call.raw_query) > LONGEST_QUERY and (refusal := self._long_query()):
				raise refusal
			if len(call.body) > LARGEST_REQUEST and not _is_attachment(call):
				raise request_too_large()
			call.caller = self._world.identity.authenticate(call.headers.get("authorization", ""))
			if is_api_path(call.segments):
				tenant = call.headers.get("xero-tenant-id", "").lower()
				tenant = tenant or self._world.identity.custom_tenant(call.caller) or ""
				if not self._world.identity.connected(call.caller, tenant):
					raise forbidden()
				if call.method != "GET" and self._world.identity.reads_only(call.caller, tenant):
					raise forbidden_role(self._world.switches.get("role_refusal") == "worded")
				if self._world.switches.get("firewall") == "page" and _LOOKS_LIKE_AN_ATTACK.search(call.body):
					raise firewall_page()
				call.tenant = tenant
				if not _wants_json(call):
					return Answer(
						406, b"The sandbox speaks JSON only. Xero would answer XML: send Accept.", TEXT
					)
		except Problem as problem:
			return problem.answer
		return None

	def _long_query(self) -> Problem | None:
		says = self._world.switches.get("long_query")
		if says == "answered":
			return None
		return query_too_long() if says == "too_long" else resource_not_found()

	def _before_admission(self, call: Call, faults: list[Fault]) -> None:
		tenant = call.headers.get("xero-tenant-id", "").lower()
		for fault in faults:
			if fault.kind == "token_expired":
				self._world.identity.expire(call.headers.get("authorization", "").partition(" ")[2].strip())
			elif fault.kind == "disconnect":
				self._world.identity.disconnect(tenant=tenant)
			elif fault.kind == "lock_date" and tenant in self._world.tenants():
				books = self._world.books(tenant)
				key = "_end_of_year_lock_date" if fault.option("end_of_year") else "_period_lock_date"
				books.save("organisation", tenant, {**books.organisation, key: fault.option("date")})
				self._world.forget_books(tenant)

	async def _answer(self, call: Call, faults: list[Fault], request: web.Request) -> Answer:
		for fault in faults:
			injected = await self._before_saving(fault, call, request)
			if injected is not None:
				return injected
		for fault in faults:
			if fault.kind == "cut_short":
				call = replace(call, body=call.body[: int(fault.option("bytes", 1))])
		answer = self.apply(call)
		# What changes an answer needs one that can still be read: another fault of the same call may spoil it.
		for fault in sorted(faults, key=lambda fault: fault.kind not in CHANGES_OF_AN_ANSWER):
			answer = await self._after_saving(fault, call, answer, request)
		return answer

	async def _before_saving(self, fault: Fault, call: Call, request: web.Request) -> Answer | None:
		"""The response if the fault keeps the call from the ledger."""
		kind = fault.kind
		if kind == "rate_limit":
			problem = fault.option("problem", "minute")
			default = {"minute": 30, "day": 40_000}.get(problem)
			return self._world.limits.refusal(problem, fault.option("retry_after", default))
		if kind == "unavailable":
			retry_after = fault.option("retry_after")
			headers = {} if retry_after is None else {"Retry-After": str(retry_after)}
			return Answer(503, b"The Xero API is temporarily unavailable", TEXT, headers)
		if kind == "forbidden":
			status, page = int(fault.option("status", 403)), str(fault.option("page", ""))
			return access_refused(status, str(fault.option("detail", "Forbidden")), page)
		if kind == "latency_before":
			await self._until_later(float(fault.option("seconds", 1)))
		elif kind == "hold_before":
			await self._world.faults.hold(fault, call, "before")
		elif kind == "drop_before":
			raise Dropped
		elif kind == "late_write":
			self._world.late_writes.add(call, float(fault.option("seconds", 60)))
			if fault.option("mode", "drop") == "timeout":
				await _until_gone(request, float(fault.option("hang", 60)))
			raise Dropped
		elif kind == "key_store_down":
			return server_error()
		elif kind == "error_partway":
			self.apply(_first_elements(call, int(fault.option("saved", 1))))
			return self._injected_error(fault, call)
		elif kind == "refused_partway":
			return self._refused_partway(fault, call)
		elif kind == "error_before":
			return self._injected_error(fault, call)
		elif kind == "garbage_before":
			return _garbage(fault)
		return None

	async def _until_later(self, seconds: float) -> None:
		"""Waits that long by the sandbox's clock, which may be moved in the middle of it."""
		clock = self._world.clock
		end = clock.now() + seconds
		while (left := end - clock.now()) > 0:
			await asyncio.sleep(min(0.05, left))

	async def _after_saving(self, fault: Fault, call: Call, answer: Answer, request: web.Request) -> Answer:
		kind = fault.kind
		if kind == "latency_after":
			await _until_gone(request, float(fault.option("seconds", 1)))
		elif kind == "hold_after":
			await self._world.faults.hold(fault, call, "after")
		elif kind == "drop_after":
			raise Dropped
		elif kind == "error_after":
			return self._injected_error(fault, call)
		elif kind == "garbage_after":
			return _garbage(fault)
		elif kind == "reordered":
			return _reordered(answer)
		elif kind == "unknown_enum":
			return _with_unknown_enum(
				answer, fault.option("field", "Status"), fault.option("value", "FUTURE")
			)
		return answer

	def _injected_error(self, fault: Fault, call: Call) -> Answer:
		"""Documented: a key's first response is kept whatever its status, so a resend gets the same 5xx."""
		answer = server_error(int(fault.option("status", 500)))
		if fault.option("kept", True):
			self._world.idempotency.keep(call, answer)
		return answer

	def _refused_partway(self, fault: Fault, call: Call) -> Answer:
		"""The 400 that users report for a batch of which the valid elements were saved all the same."""
		elements = next((value for value in loads(call.body).values() if isinstance(value, list)), [])
		self.apply(_first_elements(call, int(fault.option("saved", len(elements) - 1))))
		message = str(fault.option("message", "Refused by a fault."))
		answer = validation([{**elements[-1], "ValidationErrors": [{"Message": message}]}]).answer
		if fault.option("kept", True):
			self._world.idempotency.keep(call, answer)
		return answer

	def _response(self, call: Call, answer: Answer) -> web.Response:
		headers = dict(answer.headers)
		if answer.content_type:
			headers["Content-Type"] = answer.content_type
		headers = {**self._rates(call), **headers}
		response = web.Response(status=answer.status, body=answer.body, headers=headers)
		if not answer.content_type:
			response.headers["Content-Type"] = ""
		return response

	def _rates(self, call: Call) -> dict[str, str]:
		"""What is left of the limits; observed on every response, including refusals.

		Nothing for a token that was never issued, or without an organisation.
		"""
		client_id = self._world.identity.client_of(call.headers.get("authorization", ""))
		tenant = call.tenant or call.headers.get("xero-tenant-id", "").lower()
		if not client_id or not tenant or not is_api_path(call.segments):
			return {}
		return self._world.limits.headers(client_id, tenant)


async def _read(request: web.Request) -> Call:
	raw_path, _, raw_query = request.raw_path.partition("?")
	return Call(
		method=request.method,
		raw_path=raw_path,
		raw_query=raw_query,
		query={key.lower(): value for key, value in parse_qsl(raw_query, keep_blank_values=True)},
		headers={key.lower(): value for key, value in request.headers.items()},
		body=await request.read(),
		base_url=f"{request.scheme}://{request.host}",
	)


def _wants_json(call: Call) -> bool:
	"""XML is Xero's default (documented); attachments are neither XML nor JSON."""
	accept = call.headers.get("accept", "")
	return "json" in accept.lower() or _is_attachment(call)


def _is_attachment(call: Call) -> bool:
	"""Attachments have their own limit per file."""
	return "/attachments" in call.raw_path.lower()


async def _until_gone(request: web.Request, seconds: float) -> None:
	"""Waits that long, or until the client has disconnected."""
	end = time.monotonic() + seconds
	while time.monotonic() < end and request.transport and not request.transport.is_closing():
		await asyncio.sleep(min(0.05, max(0.0, end - time.monotonic())))


def _first_elements(call: Call, count: int) -> Call:
	"""The call with only the first elements of its batch, without the Idempotency-Key, which is for the whole call."""
	try:
		body = loads(call.body)
	except ValueError:
		return call  # no batch: the ledger says so
	if isinstance(body, dict):
		body = {key: value[:count] if isinstance(value, list) else value for key, value in body.items()}
	headers = {name: value for name, value in call.headers.items() if name != "idempotency-key"}
	return replace(call, headers=headers, body=dumps(body).encode())


def _garbage(fault: Fault) -> Answer:
	return Answer(200, str(fault.option("body", '{"Id":"3f0c","Status":"OK","Invo')).encode(), JSON)


def _reordered(answer: Answer) -> Answer:
	"""Nobody promises the order (XeroAPI/Xero-NetStandard#586)."""
	body = loads(answer.body)
	return replace(
		answer,
		body=dumps(
			{key: value[::-1] if isinstance(value, list) else value for key, value in body.items()}
		).encode(),
	)


def _with_unknown_enum(answer: Answer, field: str, value: str) -> Answer:
	def change(node: object, depth: int) -> object:
		if isinstance(node, list):
			return [change(item, depth + 1) for item in node]
		if isinstance(node, dict):
			return {
				key: value
				if key == field and depth > 0 and isinstance(item, str)
				else change(item, depth + 1)
				for key, item in node.items()
			}
		return node

	return replace(answer, body=dumps(change(loads(answer.body), 0)).encode())
