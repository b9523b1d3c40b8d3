"""Which scope gives access to which endpoint: the granular scopes, and the broad ones they replace."""

from __future__ import annotations

OPENID_SCOPES = ("openid", "profile", "email", "offline_access")

# An endpoint's area and the scopes that open it for writing; each of them with .read opens it for reading.
AREAS: dict[str, tuple[str, ...]] = {
	"invoices": ("accounting.invoices", "accounting.transactions"),
	"payments": ("accounting.payments", "accounting.transactions"),
	"contacts": ("accounting.contacts",),
	"settings": ("accounting.settings",),
	"attachments": ("accounting.attachments",),
}
BROAD_SCOPES = ("accounting.transactions", "accounting.transactions.read", "accounting.reports.read")
OTHER_SCOPES = (
	"accounting.banktransactions",
	"accounting.manualjournals",
	"accounting.budgets",
	"accounting.journals",
	"assets",
	"projects",
	"files",
)

KNOWN_SCOPES = frozenset(
	scope
	for base in (*OTHER_SCOPES, *(scope for scopes in AREAS.values() for scope in scopes))
	for scope in (base, f"{base}.read")
).union(OPENID_SCOPES, BROAD_SCOPES)

SCOPE_WORDS = {
	"accounting.invoices": "View and manage invoices, credit notes and items",
	"accounting.payments": "View and manage payments",
	"accounting.contacts": "View and manage contacts",
	"accounting.settings": "View and manage organisation settings",
	"accounting.attachments": "View and manage attached files",
	"accounting.transactions": "View and manage all transactions",
	"offline_access": "Keep access while you are away",
	"openid": "Know who you are",
	"profile": "See your name",
	"email": "See your e-mail address",
}


def opens(scopes: frozenset[str], area: str, *, writing: bool) -> bool:
	"""Whether a token with these scopes may use an endpoint of the area."""
	return any(scope in scopes or (not writing and f"{scope}.read" in scopes) for scope in AREAS[area])


def refused_scopes(requested: str, *, broad_allowed: bool) -> list[str]:
	"""The scopes that an app may not ask for.

	Apps made since March 2026 get granular scopes only (documented by Xero).
	"""
	return [
		scope
		for scope in requested.split()
		if scope not in KNOWN_SCOPES or (scope in BROAD_SCOPES and not broad_allowed)
	]


def words(scope: str) -> str:
	"""A scope in words for the consent page."""
	base = scope.removesuffix(".read")
	text = SCOPE_WORDS.get(base, base)
	return text.replace("View and manage", "View") if scope.endswith(".read") else text
