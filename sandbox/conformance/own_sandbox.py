"""Our own sandbox instead of Xero: a browser that consents automatically, and a person who acts at once."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import unescape
from urllib.parse import urlsplit

import requests

from sandbox.xero.launcher import AdminClient
from sandbox.xero.seed.organisations import LEGACY_APP, PKCE_APP

from .consent import SCOPES, Access
from .hands import Hands

CLIENT_ID = PKCE_APP[0]
SOMEBODY_ELSES = "ORC1041"
READER = "reader@nexwave.example"
TIMEOUT = 20
_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')


class SandboxHands(Hands):
	"""Acts through the sandbox's admin endpoints."""

	def __init__(self, admin: AdminClient, tenant: str) -> None:
		self._admin = admin
		self._tenant = tenant

	def set_lock_date(self, day: str | None) -> None:
		self._admin.act(self._tenant, "lock", end_of_year=day)

	def copy_invoice(self, number: str, new_number: str) -> None:
		self._admin.act(self._tenant, "copy", number=number, new_number=new_number)

	def sign_in_as_reader(self) -> Access:
		self._admin.act(self._tenant, "set_role", user=READER, role="read_only")
		token = self._admin.mint(self._tenant, scopes=SCOPES, client_id=CLIENT_ID, user=READER)
		return Access(token)

	def is_loopback_redirect_accepted(self) -> bool:
		query = {
			"response_type": "code",
			"client_id": CLIENT_ID,
			"scope": SCOPES,
			"redirect_uri": "http://127.0.0.1:8976/callback",
		}
		url = f"{self._admin.url}/identity/connect/authorize"
		return requests.get(url, params=query, timeout=TIMEOUT).status_code == 200

	@contextmanager
	def app_minute_limit_spent(self) -> Iterator[None]:
		with self._limit("app_minute", 0, 10_000):
			yield

	@contextmanager
	def more_than_100_000_documents(self) -> Iterator[None]:
		with self._limit("records", 0, 100_000):
			yield

	def let_time_pass(self, seconds: float) -> None:
		self._admin.advance(seconds)

	@contextmanager
	def _limit(self, name: str, value: int, default: int) -> Iterator[None]:
		before = self._admin.limits_set().get("*", {}).get(name, default)
		self._admin.limits(**{name: value})
		try:
			yield
		finally:
			self._admin.limits(**{name: before})


def furnish(admin: AdminClient) -> None:
	"""What a demo company has and a new sandbox lacks: somebody else's invoice, and a second organisation."""
	tenant = admin.tenant("NZ")
	if admin.documents(tenant=tenant, number=SOMEBODY_ELSES):
		return
	admin.mint(admin.tenant("AU"), client_id=CLIENT_ID)
	token = admin.mint(tenant, client_id=LEGACY_APP[0], scopes="accounting.transactions accounting.contacts")
	invoice = {
		"Type": "ACCREC",
		"InvoiceNumber": SOMEBODY_ELSES,
		"Contact": {"Name": "City Limousines"},
		"LineItems": [{"Description": "Retainer", "Quantity": 1, "UnitAmount": 500, "AccountCode": "200"}],
	}
	requests.put(
		f"{admin.url}/api.xro/2.0/Invoices",
		json=invoice,
		headers={
			"Authorization": f"Bearer {token['access_token']}",
			"xero-tenant-id": tenant,
			"Accept": "application/json",
		},
		timeout=TIMEOUT,
	).raise_for_status()


def browser(tenant: str) -> Callable[[str], object]:
	"""Opens a consent page, allows access to the organisation, and follows the redirect.

	If the page refuses, it does what a person is told to do in that case.
	"""

	def visit(url: str) -> None:
		page = requests.get(url, timeout=TIMEOUT)
		if page.status_code != 200:
			back = re.search(r"http%3A%2F%2Flocalhost%3A(\d+)", url)
			requests.get(f"http://localhost:{back[1] if back else 0}/refused", timeout=TIMEOUT)
			return
		form = {name: unescape(value) for name, value in _HIDDEN.findall(page.text)}
		parts = urlsplit(url)
		action = f"{parts.scheme}://{parts.netloc}{parts.path}"
		requests.post(action, data={**form, "tenant": tenant, "decision": "allow"}, timeout=TIMEOUT)

	return lambda url: threading.Thread(target=visit, args=(url,), daemon=True).start()
