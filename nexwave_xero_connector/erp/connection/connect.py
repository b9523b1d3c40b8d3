"""Connecting a company to an organisation of Xero, and taking the connection apart again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import frappe

from nexwave_xero_connector.erp.connection.installation import belonging_of, ensure_installation
from nexwave_xero_connector.erp.connection.pause import pause
from nexwave_xero_connector.erp.connection.tokens import (
	forget_tokens,
	lock_connection,
	note_cause,
	store_token,
	xero_client,
)
from nexwave_xero_connector.erp.connection.xero_app import is_custom, oauth_app
from nexwave_xero_connector.erp.doctypes import CONNECTION, CONTACT, SETTINGS
from nexwave_xero_connector.erp.worker import enqueue_worker_after_commit
from nexwave_xero_connector.sentence import Sentence, _, settings_link
from nexwave_xero_connector.sync.errors import AnotherInstallation, Cause, ReconnectRequired, XeroError
from nexwave_xero_connector.sync.installation import Belonging, site_of
from nexwave_xero_connector.sync.records import ErrorClass

if TYPE_CHECKING:
	from nexwave_xero_connector.xero_api.connections import Connection
	from nexwave_xero_connector.xero_api.oauth import Token

FETCHED_FIELDS = ("last_fetched", "currencies", "lock_date")
ORGANISATION_FIELDS = ("tenant_id", "connection_id", "organisation_name", "short_code", "base_currency")


def connect_company(company: str, token: Token) -> None:
	"""Keep the token of a new consent, and choose the organisation where that leaves no question. Commits.

	What waits is sent from here on, and by this installation alone: no other site has this token. Where the consent
	lacks something, or covers another organisation than the company's, the connection stays lost and its banner says
	why. Raises XeroError, and InstallationNotKept before anything is kept.
	"""
	from nexwave_xero_connector.xero_api import oauth

	installation = ensure_installation()
	connection = lock_connection(company)
	store_token(connection, token)
	frappe.db.set_value(CONNECTION, connection, "installation", installation)
	frappe.db.commit()  # nosemgrep: kept, whatever the next calls come to
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
	"""The organisations that the company's consent reaches. Raises XeroError."""
	from nexwave_xero_connector.xero_api.connections import connections

	found = connections(xero_client(company))
	return [one for one in found if one.tenant_type == "ORGANISATION"]


def choose(company: str, tenant_id: str, reachable: Sequence[Connection]) -> None:
	"""Push the company's documents to this organisation from now on. Commits. Raises XeroError.

	Contacts of another organisation mean nothing in this one, so those remembered are forgotten with a change; so is
	when its lists were fetched, so that the next proposal begins with this one's.
	"""
	from nexwave_xero_connector.xero_api.organisation import organisation

	connection = next(one for one in reachable if one.tenant_id == tenant_id)
	record = organisation(xero_client(company, tenant_id))
	settings = frappe.get_doc(SETTINGS, company)
	if settings.tenant_id and settings.tenant_id != tenant_id:
		frappe.db.delete(CONTACT, {"company": company})
		settings.db_set(dict.fromkeys(FETCHED_FIELDS))
	values = (tenant_id, connection.id, record.name, record.short_code, record.base_currency)
	settings.db_set(dict(zip(ORGANISATION_FIELDS, values, strict=True)))
	_set_state(company, "Connected")


def whose_connection(company: str) -> Sentence | None:
	"""What somebody has to know before the company is connected from here; None where no other site is concerned."""
	connection = frappe.db.get_value(CONNECTION, company, ["installation", "expires_at"], as_dict=True)
	if not connection:
		return None
	belongs = belonging_of(connection.installation)
	if belongs is Belonging.ANOTHERS:
		return Sentence(
			_(
				"The connection of {company} was made on {site}, and this site is a copy of it or has taken its place."
				" Go on only if the other site is switched off or disconnected from Xero, or if you connect this one"
				" to another organisation, such as a demo company. Two sites that send to one organisation would get in"
				" each other's way."
			),
			company=company,
			site=site_of(connection.installation),
		)
	if belongs is Belonging.UNCONFIRMED and connection.expires_at:
		return Sentence(
			_(
				"{company} was connected before copies of a site could be told from the original. If this site is a"
				" copy, go on only if the original is switched off or disconnected from Xero, or if you connect this"
				" one to another organisation, such as a demo company."
			),
			company=company,
		)
	return None


def confirm_connection(company: str) -> None:
	"""Note, on somebody's word, that a connection made before installations were noted is this site's. Commits.

	Changes nothing where the connection is anybody's already. Raises InstallationNotKept.
	"""
	installation = ensure_installation()
	connection = lock_connection(company)
	if belonging_of(frappe.db.get_value(CONNECTION, connection, "installation")) is Belonging.UNCONFIRMED:
		frappe.db.set_value(CONNECTION, connection, "installation", installation)
		enqueue_worker_after_commit(company)
	frappe.db.commit()  # nosemgrep: workers may take the company's rows from now on


def disconnect_company(company: str) -> Sentence:
	"""Forget the company's tokens, and end in Xero what nobody else can be using. Says what was done. Commits.

	What is another installation's is forgotten here alone: Xero is not asked.
	"""
	try:
		done = _end_in_xero(company)
	except AnotherInstallation:
		done = Sentence(
			_(
				"{company} is disconnected on this site. Nothing was changed in Xero, where another site may use it."
			),
			company=company,
		)
	except XeroError as error:
		frappe.logger("xero").warning(
			f"{company} is disconnected, but Xero could not be told: {error.detail}"
		)
		done = Sentence(
			_(
				"{company} is disconnected here, but Xero could not be told. Remove the app in Xero, under Connected"
				" Apps."
			),
			company=company,
		)
	forget_tokens(lock_connection(company))
	_set_state(company, "Not connected", resume=False)
	return done


def _end_in_xero(company: str) -> Sentence:
	"""Take the app out of the company's organisation, and withdraw the consent where it reaches no other one.

	Xero keeps one connection for an app, a user and an organisation, and notes the latest consent on it. Where that is
	not ours, another company or another site has connected since, and needs it. Withdrawing a consent ends all that its
	user has connected with the app, so it is done only when nothing else is left of it. Raises XeroError.
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
				"{company} is disconnected here. {organisation} stays connected in Xero, because another company or"
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
	"""Let the company wait until somebody has connected it again; the banner says why. Commits.

	What another installation's connection is on this site is no trouble of the connection, and not noted on it.
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
	values = dict.fromkeys(("cause", "last_error", "pause_reason", "paused_until"))
	frappe.db.set_value(CONNECTION, company, {"state": state, **values})
	if resume:
		enqueue_worker_after_commit(company)
	frappe.db.commit()  # nosemgrep: other workers see it now
	frappe.clear_document_cache(SETTINGS, company)


def _missing_scopes(company: str, missing: Sequence[str]) -> Sentence:
	return Sentence(
		_(
			"Xero did not give the permission {scopes}. Add it to the scopes of the Xero app in {settings}, and"
			" connect again."
		),
		scopes=", ".join(missing),
		settings=settings_link(company, "connected_app"),
	)


def _other_organisation(company: str, here: Sequence[Connection]) -> Sentence:
	return Sentence(
		_(
			"Xero let this site into {others}, but {company} is pushed to {organisation}. Connect again and choose"
			" that one in Xero, or choose another organisation in {settings}. What is waiting stays here until then."
		),
		others=", ".join(one.tenant_name for one in here) or _("no organisation"),
		company=company,
		organisation=frappe.db.get_value(SETTINGS, company, "organisation_name") or "",
		settings=settings_link(company),
	)
