"""Connecting a company to Xero: what the buttons in Xero Sync Settings call, and the redirect URI."""

from collections.abc import Iterator
from contextlib import contextmanager

import frappe
from frappe.model.document import Document
from frappe.utils import cstr, escape_html, get_url_to_form, get_url_to_list

from nexwave_xero_connector.erp.connection import xero_app
from nexwave_xero_connector.erp.connection.connect import (
	choose,
	companies_of,
	confirm_connection,
	connect_company,
	disconnect_company,
	reachable_organisations,
	require_reconnect,
	whose_connection,
)
from nexwave_xero_connector.erp.connection.installation import InstallationNotKept, ensure_installation
from nexwave_xero_connector.erp.connection.oauth_state import keep_pending, take_pending
from nexwave_xero_connector.erp.connection.worker_hosts import host_without
from nexwave_xero_connector.erp.doctypes import CONNECTED_APP, CONNECTION, SETTINGS
from nexwave_xero_connector.erp.foreign_text import as_stored
from nexwave_xero_connector.erp.outbox.former_organisation import name_organisation
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.sync.errors import ReconnectRequired, XeroError


@frappe.whitelist(methods=["POST"])
def app(company: str) -> dict[str, object]:
	"""What the dialog for the Xero app shows, but never the secret."""
	doc = _app(_settings(company))
	return {
		"name": doc.name,
		"client_id": doc.client_id,
		"has_secret": bool(xero_app.credentials(doc.name)[1]),
		"redirect_address": xero_app.redirect_address(),
		"scopes": " ".join(row.scope for row in doc.scopes),
	}


@frappe.whitelist(methods=["POST"])
def save_app(company: str, client_id: str, client_secret: str | None = None, scopes: str = "") -> None:
	"""Store the app's credentials in the company's Connected App. An empty secret leaves the stored one unchanged."""
	doc = _app(_settings(company))
	doc.check_permission("write")
	doc.client_id = client_id.strip()
	if client_secret:
		doc.client_secret = client_secret.strip()
	if scopes.split():
		doc.set("scopes", [{"scope": scope} for scope in scopes.split()])
	doc.save()


@frappe.whitelist(methods=["POST"])
def connect(company: str, in_place_of_another_site: bool = False) -> dict[str, str]:
	"""Return the URL of Xero's sign-in page. A Custom Connection has no such page and is connected at once.

	On a copy of a site, return the question to confirm first. `in_place_of_another_site`: the user has confirmed it.
	"""
	from nexwave_xero_connector.xero_api import oauth

	_settings(company)
	if not in_place_of_another_site and (question := whose_connection(company)):
		return {"question": plain_text(question)}
	with errors_for_the_user(company):
		_require_installation_on_every_host()
		registered = xero_app.oauth_app(company)
		if xero_app.is_custom(company):
			connect_company(company, oauth.client_credentials(registered))
			return {}
		verifier = oauth.new_verifier()
		return {"url": oauth.authorisation_url(registered, keep_pending(company, verifier), verifier)}


@frappe.whitelist(methods=["GET"])
def callback(state: str = "", code: str = "", error: str = "") -> None:
	"""Where Xero sends the browser back to, with a code or an error. Only ever redirects to the settings."""
	from nexwave_xero_connector.xero_api import oauth

	pending = take_pending(state) if state else None
	if not pending or not frappe.has_permission(SETTINGS, "write", doc=pending.company):
		_error_page(
			_("This sign-in was not started by you in the last 10 minutes, or was already used.")
			+ " "
			+ _("Nothing was changed. Press Connect in Xero Sync Settings again.")
		)
		return
	if error or not code:
		_error_page(_refusal(error), pending.company)
		return
	try:
		token = oauth.exchange_code(xero_app.oauth_app(pending.company), code, pending.verifier)
		connect_company(pending.company, token)
	except (XeroError, InstallationNotKept) as failure:
		frappe.db.rollback()
		_error_page(escape_html(plain_text(failure.sentence)), pending.company)
		return
	frappe.local.response["type"] = "redirect"
	frappe.local.response["location"] = get_url_to_form(SETTINGS, pending.company)


@frappe.whitelist(methods=["POST"])
def organisations(company: str) -> list[dict[str, object]]:
	"""The organisations to choose from, each with the other companies that send to it."""
	settings = _settings(company)
	with errors_for_the_user(company):
		reachable = reachable_organisations(company)
	return [
		{
			"tenant_id": one.tenant_id,
			"name": as_stored(one.tenant_name),  # Frappe's Select shows its labels as HTML
			"is_chosen": one.tenant_id == settings.tenant_id,
			"used_by": [other for other in companies_of(one.tenant_id) if other != company],
		}
		for one in reachable
	]


@frappe.whitelist(methods=["POST"])
def choose_organisation(company: str, tenant_id: str) -> None:
	"""Send the company's documents to this organisation."""
	before = _settings(company)
	with errors_for_the_user(company):
		reachable = reachable_organisations(company)
		if tenant_id not in [one.tenant_id for one in reachable]:
			frappe.throw(_("The connection to Xero does not include this organisation. Connect again."))
		choose(company, tenant_id, reachable)
	if before.tenant_id and before.tenant_id != tenant_id:
		name_organisation(company, before.tenant_id, before.organisation_name)


@frappe.whitelist(methods=["POST"])
def confirm_installation(company: str) -> None:
	"""Confirm once, for a connection made before version 1.0, that this site sends to Xero, and not a copy of it."""
	_settings(company)
	with errors_for_the_user(company):
		_require_installation_on_every_host()
		confirm_connection(company)


@frappe.whitelist(methods=["POST"])
def disconnect(company: str) -> dict[str, str]:
	"""End the connection here, and in Xero unless somebody else uses it. Returns a message for the user."""
	_settings(company)
	return {"message": plain_text(disconnect_company(company))}


def _require_installation_on_every_host() -> None:
	installation = ensure_installation()
	if host := host_without(installation):
		raise InstallationNotKept(installation, host)


@contextmanager
def errors_for_the_user(company: str) -> Iterator[None]:
	"""Show errors to the user. If a reconnect is needed, record it, so that the banner says so too."""
	try:
		yield
	except (XeroError, InstallationNotKept) as error:
		frappe.db.rollback()
		is_connected = frappe.db.get_value(CONNECTION, {"company": company}, "state") == "Connected"
		if isinstance(error, ReconnectRequired) and is_connected:
			require_reconnect(company, error)
		message = escape_html(plain_text(error.sentence))
	else:
		return
	# Thrown outside the handler: otherwise an error report would print the frames of the call.
	frappe.throw(message, title=_("Xero"))


def _settings(company: str) -> Document:
	"""The settings, for a user who may write fields at permission level 1: only they may connect."""
	settings = frappe.get_doc(SETTINGS, company)
	settings.check_permission("write")
	if not settings.has_permlevel_access_to("tenant_id", permission_type="write"):
		frappe.throw(_("Only a System Manager can connect a company to Xero."), frappe.PermissionError)
	return settings


def _app(settings: Document) -> Document:
	return frappe.get_doc(CONNECTED_APP, settings.connected_app or xero_app.ready_made_app())


def _refusal(error: str) -> str:
	if error == "access_denied":
		return _("Access to your organisation was not granted. Nothing was changed.")
	return _(
		"Xero did not authorise this site: {0}. Compare the app's scopes with those at developer.xero.com."
	).format(escape_html(cstr(error)[:100] or _("no reason given")))


def _error_page(message: str, company: str | None = None) -> None:
	frappe.respond_as_web_page(
		_("Not Connected to Xero"),
		f"<p>{message}</p>",
		http_status_code=400,
		indicator_color="red",
		primary_action=get_url_to_form(SETTINGS, company) if company else get_url_to_list(SETTINGS),
		primary_label=_("Back to Xero Sync Settings"),
	)
