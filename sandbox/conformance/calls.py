"""Plain HTTP to the Accounting API: what was sent and what came back, unchanged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode

import requests

from sandbox.xero.wire import ZERO_GUID, dumps, loads

from .budget import Budget
from .consent import Access, Addresses

TIMEOUT = (10, 60)
KEPT_HEADERS = ("content-type", "retry-after", "www-authenticate", "x-rate-limit-problem")
LONGEST_WAIT = 90
TIMES_429 = 3


class NoAnswer(Exception):
	"""The call ended without a response. It is not sent again: a write may have been carried out."""


class NotAllowed(Exception):
	"""A write to an organisation that is not known to be a demo company."""


@dataclass(frozen=True)
class Exchange:
	"""One call and its response. `status` is None if none came."""

	method: str
	path: str
	query: str
	sent: str
	status: int | None
	headers: Mapping[str, str]
	body: str

	@property
	def json(self) -> Any:
		"""The response's JSON, or an empty object if it has none."""
		try:
			return loads(self.body)
		except ValueError:
			return {}

	def elements(self, collection: str) -> list[dict[str, Any]]:
		"""The response's elements; a 400 has them in Elements."""
		body = self.json
		if not isinstance(body, dict):
			return []
		found = body.get(collection) or body.get("Elements") or []
		return [element for element in found if isinstance(element, dict)]

	@property
	def messages(self) -> list[str]:
		"""Every validation message, wherever it is in the response; otherwise the refusal's own text."""
		found = list(dict.fromkeys(_messages(self.json)))
		body = self.json
		if not found and self.status != 200 and isinstance(body, dict):
			found = [str(body[name]) for name in ("Message", "Detail") if body.get(name)]
		return found

	@property
	def words(self) -> str:
		"""What to show of it on one line."""
		return "; ".join(self.messages) or f"HTTP {self.status}"


@dataclass
class Xero:
	"""The calls of one run. Writes are refused here until the organisation is known to be a demo company."""

	access: Access
	addresses: Addresses
	budget: Budget
	http: requests.Session
	tenant: str = ""
	cleaning: bool = False
	exchanges: list[Exchange] = field(default_factory=list)
	_demo_companies: set[str] = field(default_factory=set)

	def call(
		self,
		method: str,
		path: str,
		*,
		query: Mapping[str, object] | None = None,
		body: object = None,
		data: bytes | None = None,
		headers: Mapping[str, str] | None = None,
		tenant: str | None = None,
		access: Access | None = None,
		patient: bool = True,
	) -> Exchange:
		"""One call, within the budget and the rate limit.

		A call that gets a 429 was not carried out: unless `patient` is False, wait and send it again.
		"""
		organisation = self.tenant if tenant is None else tenant
		if method != "GET" and organisation not in self._demo_companies:
			raise NotAllowed(f"{method} {path}: the organisation is not known to be a demo company")
		encoded = urlencode(_texts(query or {}), quote_via=quote, safe="")
		content = data if data is not None else b"" if body is None else dumps(body).encode()
		for attempt in range(TIMES_429):
			exchange = self._send(
				method, path, encoded, content, headers or {}, organisation, access or self.access
			)
			wait = exchange.headers.get("retry-after", "5")
			last = attempt == TIMES_429 - 1 or not wait.isdigit() or int(wait) > LONGEST_WAIT
			if exchange.status != 429 or not patient or last:
				return exchange
			self.budget.sleep(int(wait))
		raise AssertionError("the last attempt returns")

	def is_demo_company(self, organisation: Mapping[str, Any], tenant: str) -> bool:
		"""Whether a response of /Organisation says so; from then on writes are allowed."""
		if organisation.get("IsDemoCompany") is not True:
			return False
		self._demo_companies.add(tenant)
		return True

	def connections(self) -> list[dict[str, Any]]:
		"""The organisations that the token reaches, those of this consent first. The exchange is not recorded."""
		self.budget.take()
		response = self.http.get(
			f"{self.addresses.api}/connections",
			headers={"Authorization": self.access.authorization(), "Accept": "application/json"},
			timeout=TIMEOUT,
		)
		found = response.json() if response.status_code == 200 else []
		return sorted(found, key=lambda row: row.get("authEventId") != self.access.auth_event)

	def _send(
		self,
		method: str,
		path: str,
		query: str,
		content: bytes,
		headers: Mapping[str, str],
		tenant: str,
		access: Access,
	) -> Exchange:
		self.budget.take(cleaning=self.cleaning)
		sent = {"Authorization": access.authorization(), "Accept": "application/json"}
		sent |= {"xero-tenant-id": tenant} if tenant else {}
		sent |= {"Content-Type": "application/json"} if content else {}
		url = f"{self.addresses.api}/api.xro/2.0{path}" + (f"?{query}" if query else "")
		text = content.decode(errors="replace")
		try:
			response = self.http.request(
				method, url, data=content or None, headers={**sent, **headers}, timeout=TIMEOUT
			)
		except requests.RequestException as error:
			failed = Exchange(method, path, query, text, None, {}, type(error).__name__)
			self.exchanges.append(failed)
			raise NoAnswer(f"{method} {path}: {type(error).__name__}") from None
		kept = {
			name.lower(): value for name, value in response.headers.items() if name.lower() in KEPT_HEADERS
		}
		exchange = Exchange(method, path, query, text, response.status_code, kept, response.text)
		self.exchanges.append(exchange)
		return exchange


def is_saved(element: Mapping[str, Any], id_field: str) -> bool:
	"""Whether an element in the response to a write was saved. Its Status is not enough: a refusal echoes it."""
	failed = element.get("HasErrors") or element.get("HasValidationErrors")
	failed = failed or element.get("StatusAttributeString") == "ERROR" or bool(list(_messages(element)))
	return not failed and element.get(id_field, ZERO_GUID) != ZERO_GUID


def _messages(node: Any) -> list[str]:
	if isinstance(node, list):
		return [message for item in node for message in _messages(item)]
	if not isinstance(node, dict):
		return []
	own = [str(error.get("Message")) for error in node.get("ValidationErrors") or []]
	return own + [
		message for key, item in node.items() if key != "ValidationErrors" for message in _messages(item)
	]


def _texts(query: Mapping[str, object]) -> dict[str, str]:
	return {
		name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in query.items()
	}
