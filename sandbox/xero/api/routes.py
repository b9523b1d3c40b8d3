"""Every path of the Accounting API that the sandbox has, with the scope it needs and its function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..calls import Call
from ..identity.scopes import opens
from ..ledger.model import CREDIT_NOTE, INVOICE
from ..problems import insufficient_scope, not_implemented, resource_not_found
from ..wire import Answer
from . import allocations, attachments, contacts, documents, history, payments, settings

if TYPE_CHECKING:
	from ..world import World

PREFIX = ("api.xro", "2.0")
Handler = Callable[["World", Call, list[str]], Answer]


@dataclass(frozen=True)
class Route:
	"""`pattern` is the path after the prefix in lower case.

	{} stands for one part, which is passed to the handler.
	"""

	methods: str
	pattern: str
	area: str
	handler: Handler

	def match(self, segments: list[str]) -> list[str] | None:
		parts = self.pattern.split("/")
		if len(parts) != len(segments):
			return None
		found = []
		for part, segment in zip(parts, segments, strict=True):
			if part == "{}":
				found.append(segment)
			elif part != segment.lower():
				return None
		return found


ROUTES = (
	Route("GET", "invoices", "invoices", documents.list_documents(INVOICE)),
	Route("PUT POST", "invoices", "invoices", documents.write_documents(INVOICE)),
	Route("GET", "invoices/{}", "invoices", documents.get_document(INVOICE)),
	Route("POST", "invoices/{}", "invoices", documents.write_documents(INVOICE)),
	Route("POST", "invoices/{}/email", "invoices", documents.email_invoice),
	Route("GET", "invoices/{}/onlineinvoice", "invoices", documents.online_invoice),
	Route("GET", "creditnotes", "invoices", documents.list_documents(CREDIT_NOTE)),
	Route("PUT POST", "creditnotes", "invoices", documents.write_documents(CREDIT_NOTE)),
	Route("GET", "creditnotes/{}", "invoices", documents.get_document(CREDIT_NOTE)),
	Route("POST", "creditnotes/{}", "invoices", documents.write_documents(CREDIT_NOTE)),
	Route("PUT", "creditnotes/{}/allocations", "invoices", allocations.create),
	Route("DELETE", "creditnotes/{}/allocations/{}", "invoices", allocations.delete),
	Route("GET", "{}/{}/history", "invoices", history.read),
	Route("PUT", "{}/{}/history", "invoices", history.write),
	Route("GET", "{}/{}/attachments", "attachments", attachments.list_attachments),
	Route("GET", "{}/{}/attachments/{}", "attachments", attachments.read),
	Route("PUT POST", "{}/{}/attachments/{}", "attachments", attachments.write),
	Route("GET", "payments", "payments", payments.list_payments),
	Route("PUT POST", "payments", "payments", payments.create),
	Route("GET", "payments/{}", "payments", payments.get),
	Route("POST", "payments/{}", "payments", payments.delete),
	Route("GET", "contacts", "contacts", contacts.list_contacts),
	Route("PUT POST", "contacts", "contacts", contacts.write),
	Route("GET", "contacts/{}", "contacts", contacts.get),
	Route("POST", "contacts/{}", "contacts", contacts.write),
	Route("GET", "organisation", "settings", settings.organisation),
	Route("GET", "organisation/actions", "settings", settings.actions),
	Route("GET", "accounts", "settings", settings.accounts),
	Route("GET", "accounts/{}", "settings", settings.account),
	Route("GET", "taxrates", "settings", settings.tax_rates),
	Route("GET", "taxrates/{}", "settings", settings.tax_rates),
	Route("GET", "currencies", "settings", settings.currencies),
	Route("PUT", "currencies", "settings", settings.add_currency),
	Route("GET", "trackingcategories", "settings", settings.tracking_categories),
	Route("GET", "trackingcategories/{}", "settings", settings.tracking_categories),
	Route("GET", "items", "settings", settings.items),
	Route("GET", "brandingthemes", "settings", settings.branding_themes),
)


def is_api_path(segments: list[str]) -> bool:
	return tuple(part.lower() for part in segments[:2]) == PREFIX


def dispatch(world: World, call: Call) -> Answer:
	"""The response of the Accounting API to an admitted call."""
	assert call.caller
	if "%2f" in call.raw_path.lower() and world.switches.get("encoded_slash_in_path") == "refused":
		raise resource_not_found()
	segments = call.segments[2:]
	known = False
	for route in ROUTES:
		found = route.match(segments)
		if found is None:
			continue
		known = True
		if call.method not in route.methods.split():
			continue
		if not opens(call.caller.scopes, route.area, writing=call.method != "GET"):
			if route.area == "attachments":
				raise resource_not_found()  # observed: a missing attachments scope looks like a missing path
			raise insufficient_scope()
		return route.handler(world, call, found)
	# Reported by users: DELETE, where there is none, is 404.
	raise not_implemented() if known and call.method != "DELETE" else resource_not_found()
