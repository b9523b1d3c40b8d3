"""The OAuth state of a sign-in under way: what Xero's page must send back, remembered for ten minutes.

It is random, valid once, and only for the user and the company it was made for.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

import frappe

SECONDS = 10 * 60


@dataclass(frozen=True, slots=True)
class PendingConnection:
	"""A company whose user is on Xero's page, and the secret (PKCE) without which the code is worth nothing."""

	company: str
	verifier: str


def keep_pending(company: str, verifier: str) -> str:
	"""Remember the sign-in; returns the state to send along. The verifier never leaves the server."""
	state = secrets.token_urlsafe(32)
	value = {"company": company, "user": frappe.session.user, "verifier": verifier}
	frappe.cache.set_value(_key(state), value, expires_in_sec=SECONDS)
	return state


def take_pending(state: str) -> PendingConnection | None:
	"""The sign-in that the state belongs to, for the user who started it. A second call with it finds nothing."""
	key = _key(state)
	value = frappe.cache.get_value(key, expires=True)
	# Of two callbacks at once, Redis lets one delete the key.
	if not frappe.cache.delete(frappe.cache.make_key(key)) or not value:
		return None
	if value["user"] != frappe.session.user:
		return None
	return PendingConnection(value["company"], value["verifier"])


def _key(state: str) -> str:
	"""Hashed, so that reading the cache does not reveal a usable state."""
	return f"xero_oauth_state:{hashlib.sha256(state.encode()).hexdigest()}"
