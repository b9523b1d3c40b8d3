"""A run against one sandbox, put together as the command line does, with answers that can be altered."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import requests
from requests.adapters import HTTPAdapter

from sandbox.conformance import own_sandbox
from sandbox.conformance.__main__ import demo_company
from sandbox.conformance.budget import LIMIT, Budget
from sandbox.conformance.calls import Xero
from sandbox.conformance.cleaning import CALLS as CLEANING_CALLS
from sandbox.conformance.consent import Access, Addresses, by_browser
from sandbox.conformance.lab import Lab, survey
from sandbox.conformance.probe import Probe
from sandbox.conformance.run import Finding, Run, run
from sandbox.xero.launcher import AdminClient


@dataclass
class Alteration:
	"""What a Xero that answers otherwise would do to a request on its way in, or to an answer on its way out."""

	before: Callable[[requests.PreparedRequest], None] = lambda _request: None
	after: Callable[[requests.Response], None] = lambda _response: None


class Altering(HTTPAdapter):
	def __init__(self, alteration: Alteration) -> None:
		super().__init__()
		self._alteration = alteration

	def send(self, request: requests.PreparedRequest, *arguments, **options) -> requests.Response:
		self._alteration.before(request)
		response = super().send(request, *arguments, **options)
		self._alteration.after(response)
		return response


@dataclass
class Stand:
	admin: AdminClient
	budget: Budget = field(default_factory=lambda: Budget(LIMIT, CLEANING_CALLS, per_minute=None))

	@property
	def tenant(self) -> str:
		return self.admin.tenant("NZ")

	def furnish(self, **switches: str) -> None:
		"""Back to the seed, as a demo company is found, with the switches turned."""
		self.admin.reset()
		self.admin.limits_off()
		own_sandbox.furnish(self.admin)
		self.admin.switch(**switches)

	def sign_in(self) -> Access:
		browser = own_sandbox.browser(self.tenant)
		addresses = Addresses.of_sandbox(self.admin.url)
		return by_browser(addresses, own_sandbox.CLIENT_ID, browser, port=0, say=lambda _text: None)

	def xero(self, alteration: Alteration | None = None) -> Xero:
		http = requests.Session()
		if alteration:
			http.mount("http://", Altering(alteration))
		return Xero(self.sign_in(), Addresses.of_sandbox(self.admin.url), self.budget, http)

	def lab(self, alteration: Alteration | None = None) -> Lab:
		xero = self.xero(alteration)
		organisation, other = demo_company(xero)
		hands = own_sandbox.SandboxHands(self.admin, xero.tenant)
		return Lab(xero, survey(xero, organisation), hands, other)

	def ask(self, probe: Probe, alteration: Alteration | None = None) -> Finding:
		return self.run([probe], alteration).findings[0]

	def run(self, probes: Sequence[Probe], alteration: Alteration | None = None) -> Run:
		return run(self.lab(alteration), probes, lambda _finding: None)

	def live(self) -> list[str]:
		"""What carries the mark and is neither voided nor deleted."""
		return [
			document["number"]
			for document in self.admin.documents()
			if document["number"].startswith("NWCONF") and document["status"] not in ("VOIDED", "DELETED")
		]
