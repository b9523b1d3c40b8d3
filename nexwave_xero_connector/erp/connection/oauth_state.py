"""The OAuth state of a consent under way: what must come back from Xero's page, remembered for ten minutes.

It is random, good once, and only for the user and the company it was made for.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

import frappe

SECONDS = 10 * 60


@dataclass(frozen=True, slots=True)
class OAuthState:
	company: str
	verifier: str


def keep_state(company: str, verifier: str) -> str:
	"""The state to send along. The verifier never leaves the server."""
	state = secrets.token_urlsafe(32)
	value = {"company": company, "user": frappe.session.user, "verifier": verifier}
	frappe.cache.set_value(_key(state), value, expires_in_sec=SECONDS)
	return state


def take_state(state: str) -> OAuthState | None:
	"""The consent that the state belongs to, for the user who began it. A second call with it finds nothing."""
	key = _key(state)
	value = frappe.cache.get_value(key, expires=True)
	# Of two callbacks at once, Redis lets one delete the key.
	if not frappe.cache.delete(frappe.cache.make_key(key)) or not value:
		return None
	return OAuthState(value["company"], value["verifier"]) if value["user"] == frappe.session.user else None


def _key(state: str) -> str:
	"""Who can look into the cache finds no state to use."""
	return f"xero_oauth_state:{hashlib.sha256(state.encode()).hexdigest()}"
