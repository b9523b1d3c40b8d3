"""Connect a company to a Xero organisation, and disconnect it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING

import frappe

from nexwave_xero_connector.erp.connection.installation import belonging_of, ensure_installation
from nexwave_xero_connector.erp.connection.missing_links import forget_links
from nexwave_xero_connector.erp.connection.pause import pause
from nexwave_xero_connector.erp.connection.tokens import (
	forget_tokens,
	lock_connection,
	note_cause,
	store_token,
	xero_client,
)
from nexwave_xero_connector.erp.connection.xero_app import is_custom, oauth_app
from nexwave_xero_connector.erp.doctypes import CONNECTION, SETTINGS
from nexwave_xero_connector.erp.foreign_text import as_columns
from nexwave_xero_connector.erp.worker import enqueue_worker_after_commit
from nexwave_xero_connector.sentence import Sentence, _, settings_link
from nexwave_xero_connector.sync.errors import AnotherInstallation, Cause, ReconnectRequired, XeroError
from nexwave_xero_connector.sync.installation import Belonging, site_of
from nexwave_xero_connector.sync.records import ErrorClass

if TYPE_CHECKING:
	from nexwave_xero_connector.xero_api.connections import Connection
	from nexwave_xero_connector.xero_api.oauth import Token

FETCHED_FIELDS = ("last_fetched", "currencies", "lock_date", "year_end_lock_date")
ORGANISATION_FIELDS = ("tenant_id", "connection_id", "organisation_name", "short_code", "base_currency")


def connect_company(company: str, token: Token) -> None:
	"""Store the token of a new sign-in, and choose the organisation if there is no doubt which one it is. Commits.

	Waiting documents are sent from now on, and only by this installation: no other site has this token. If a scope is
	missing, or the user authorised another organisation than the company's, a reconnect is still needed and the banner
	says why. Raises XeroError, or InstallationNotKept before anything is stored.
	"""
	from nexwave_xero_connector.xero_api import oauth

	installation = ensure_installation()
	connection = lock_connection(company)
	store_token(connection, token)
	frappe.db.set_value(CONNECTION, connection, "installation", installation)
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- kept, whatever comes of the next calls
	missing = oauth.missing_scopes(token.scope)
	if not token.refresh_token and not is_custom(company):
		missing.append("offline_access")
	if missing:
		require_reconnect(
			company, ReconnectRequired(_missing_scopes(company, missing), cause=Cause.SCOPE_MISSING)
		)
		return
	reachable = reachable_organisations(company)
	chosen = frappe.db.get_value(SETTINGS, company, "tenant_id")
	here = [one for one in reachable if one.auth_event_id == oauth.auth_event(token)] or reachable
	if chosen in [one.tenant_id for one in reachable]:
		choose(company, chosen, reachable)
	elif not chosen and len(here) == 1:
		choose(company, here[0].tenant_id, reachable)
	elif chosen:
		require_reconnect(
			company, ReconnectRequired(_other_organisation(company, here), cause=Cause.DISCONNECTED)
		)
	else:
		_set_state(company, "Connected")


def reachable_organisations(company: str) -> list[Connection]:
	"""The organisations that the company's token gives access to. Raises XeroError."""
	from nexwave_xero_connector.xero_api.connections import connections

	found = connections(xero_client(company))
	return [one for one in found if one.tenant_type == "ORGANISATION"]


def choose(company: str, tenant_id: str, reachable: Sequence[Connection]) -> None:
	"""Send the company's documents to this organisation from now on. Commits. Raises XeroError.

	What is known of another organisation stays, contacts included, and counts again once that one is chosen again. The
	time of the last fetch is deleted, so that suggestions start by fetching this one's lists.
	"""
	from nexwave_xero_connector.xero_api.organisation import organisation

	connection = next(one for one in reachable if one.tenant_id == tenant_id)
	record = organisation(xero_client(company, tenant_id))
	settings = frappe.get_doc(SETTINGS, company)
	if settings.tenant_id and settings.tenant_id != tenant_id:
		former = json.loads(settings.former_organisations or "{}")
		former[settings.tenant_id] = settings.organisation_name
		settings.db_set(dict.fromkeys(FETCHED_FIELDS) | {"former_organisations": json.dumps(former)})
		forget_links(company)
	values = (tenant_id, connection.id, record.name, record.short_code, record.base_currency)
	settings.db_set(as_columns(SETTINGS, dict(zip(ORGANISATION_FIELDS, values, strict=True))))
	_set_state(company, "Connected")


def whose_connection(company: str) -> Sentence | None:
	"""What somebody must know before connecting the company from here; None if no other site is affected."""
	connection = frappe.db.get_value(CONNECTION, company, ["installation", "expires_at"], as_dict=True)
	if not connection:
		return None
	belongs = belonging_of(connection.installation)
	if belongs is Belonging.ANOTHERS:
		return Sentence(
			_(
				"{company} was connected to Xero on {site}, and this site is a copy of it or has replaced it."
				" Continue only if the other site is shut down or disconnected from Xero, or if you connect this one"
				" to another organisation, such as a demo company. Two sites that send to one organisation would"
				" interfere with each other."
			),
			company=company,
			site=site_of(connection.installation),
		)
	if belongs is Belonging.UNCONFIRMED and connection.expires_at:
		return Sentence(
			_(
				"{company} was connected before a copy of a site could be distinguished from the original. If this site"
				" is a copy, continue only if the original is shut down or disconnected from Xero, or if you connect"
				" this one to another organisation, such as a demo company."
			),
			company=company,
		)
	return None


def confirm_connection(company: str) -> None:
	"""Record, as a person says so, that a connection made before installations were recorded is this site's. Commits.

	Changes nothing if the connection already has an installation. Raises InstallationNotKept.
	"""
	installation = ensure_installation()
	connection = lock_connection(company)
	if belonging_of(frappe.db.get_value(CONNECTION, connection, "installation")) is Belonging.UNCONFIRMED:
		frappe.db.set_value(CONNECTION, connection, "installation", installation)
		enqueue_worker_after_commit(company)
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- workers may claim the company's rows from now on


def disconnect_company(company: str) -> Sentence:
	"""Delete the company's tokens, and end the connection in Xero unless somebody else may be using it. Commits.

	A connection of another installation is only deleted here; Xero is not called. Returns a sentence that says what was
	done.
	"""
	try:
		done = _end_in_xero(company)
	except AnotherInstallation:
		done = Sentence(
			_(
				"{company} is disconnected on this site. Nothing was changed in Xero: another site may be using the"
				" connection."
			),
			company=company,
		)
	except XeroError as error:
		frappe.logger("xero").warning(
			f"{company} is disconnected, but the connection in Xero could not be removed: {error.detail}"
		)
		done = Sentence(
			_(
				"{company} is disconnected here, but the connection in Xero could not be removed. Remove the app in"
				" Xero, under Connected apps."
			),
			company=company,
		)
	forget_tokens(lock_connection(company))
	_set_state(company, "Not connected", resume=False)
	return done


def _end_in_xero(company: str) -> Sentence:
	"""Remove the app from the company's organisation, and withdraw the consent if it covers no other organisation.

	Xero keeps one connection per app, user and organisation, with its latest sign-in. If that is not ours, another
	company or another site has connected since, and needs it. Withdrawing a consent ends every connection of its user
	with the app, so it is only done when none is left. Raises XeroError.
	"""
	from nexwave_xero_connector.xero_api import connections, oauth

	settings = frappe.db.get_value(
		SETTINGS, company, ["tenant_id", "connection_id", "organisation_name"], as_dict=True
	)
	client = xero_client(company)
	reachable = connections.connections(client)
	own = next((one for one in reachable if one.id == settings.connection_id), None)
	if own and _is_used_by_others(company, own, client.token):
		return Sentence(
			_(
				"{company} is disconnected here. {organisation} remains connected in Xero, because another company or"
				" site uses the same connection."
			),
			company=company,
			organisation=settings.organisation_name,
		)
	if own:
		connections.disconnect(client, own.id)
		reachable.remove(own)
	if not reachable and client.token.refresh_token:
		oauth.revoke(oauth_app(company), client.token)
	return Sentence(_("{company} is disconnected from Xero."), company=company)


def _is_used_by_others(company: str, connection: Connection, token: Token) -> bool:
	from nexwave_xero_connector.xero_api import oauth

	if connection.tenant_id in _other_companies(company).values():
		return True
	return not is_custom(company) and connection.auth_event_id != oauth.auth_event(token)


def require_reconnect(company: str, error: ReconnectRequired) -> None:
	"""Pause the company until somebody has connected it again; the banner says why. Commits.

	AnotherInstallation is not recorded: it is about this site, not about the connection.
	"""
	if isinstance(error, AnotherInstallation):
		return
	note_cause(company, error)
	pause(company, None, error.sentence, ErrorClass.CONNECTION)


def companies_of(tenant_id: str) -> list[str]:
	return frappe.get_all(SETTINGS, {"tenant_id": tenant_id}, pluck="company", order_by="company")


def _other_companies(company: str) -> dict[str, str]:
	"""The tenant id of each other company that is connected with the same Xero app."""
	app = frappe.db.get_value(SETTINGS, company, "connected_app")
	rows = frappe.get_all(
		SETTINGS, {"company": ("!=", company), "connected_app": app}, ["company", "tenant_id"]
	)
	connected = frappe.get_all(CONNECTION, {"state": ("!=", "Not connected")}, pluck="company")
	return {row.company: row.tenant_id for row in rows if row.company in connected}


def _set_state(company: str, state: str, resume: bool = True) -> None:
	values = dict.fromkeys(("cause", "last_error", "pause_reason", "paused_until", "outage_since"))
	frappe.db.set_value(CONNECTION, company, {"state": state, **values})
	if resume:
		enqueue_worker_after_commit(company)
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- to be visible to other workers at once
	frappe.clear_document_cache(SETTINGS, company)


def _missing_scopes(company: str, missing: Sequence[str]) -> Sentence:
	return Sentence(
		_(
			"Xero did not grant the scope {scopes}. Add it to the scopes of the Xero app in {settings}, then"
			" connect again."
		),
		scopes=", ".join(missing),
		settings=settings_link(company, "connected_app"),
	)


def _other_organisation(company: str, here: Sequence[Connection]) -> Sentence:
	return Sentence(
		_(
			"You authorised {others}, but {company} is set to send to {organisation}. Connect again and choose"
			" that one in Xero, or choose another organisation in {settings}. Waiting documents stay here until then."
		),
		others=", ".join(one.tenant_name for one in here) or _("no organisation"),
		company=company,
		organisation=frappe.db.get_value(SETTINGS, company, "organisation_name") or "",
		settings=settings_link(company),
	)
