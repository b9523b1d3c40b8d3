"""The app registered with Xero: a Connected App record, created by us, holds its client ID, secret and scopes.

Of Frappe's Connected App only the record is used. Its own flow stores a token per user, refreshes it without a lock,
and accepts a second callback without a state.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import frappe
from frappe.utils import get_url

from nexwave_xero_connector.erp.connection.stored_password import stored_password
from nexwave_xero_connector.erp.doctypes import CONNECTED_APP, SETTINGS
from nexwave_xero_connector.sentence import Sentence, _, settings_link
from nexwave_xero_connector.sync.errors import Cause, ReconnectRequired

if TYPE_CHECKING:
	from frappe.model.document import Document

	from nexwave_xero_connector.xero_api.oauth import App

READY_MADE = "Xero"
CALLBACK = "/api/method/nexwave_xero_connector.api.connection.callback"
CUSTOM_CONNECTION = "Custom Connection"
ATTACHMENTS_SCOPE = "accounting.attachments"
ATTACHMENT_SWITCHES = (
	"attach_to_sales_invoices",
	"attach_to_sales_credit_notes",
	"attach_to_purchase_invoices",
	"attach_to_purchase_credit_notes",
)
"""The settings that need this scope. It is asked for only where one of them is switched on."""
URL_SETTINGS = ("xero_api_url", "xero_identity_url", "xero_login_url")


def ready_made_app(name: str = READY_MADE) -> str:
	"""The name of the record for the client ID and the secret; created if it does not exist."""
	if not frappe.db.exists(CONNECTED_APP, name):
		from nexwave_xero_connector.xero_api import oauth

		app = frappe.get_doc(
			{
				"doctype": CONNECTED_APP,
				"provider_name": "Xero",
				"authorization_uri": oauth.AUTHORISE,
				"token_uri": oauth.TOKEN,
				"revocation_uri": oauth.REVOCATION,
				"scopes": [{"scope": scope} for scope in oauth.SCOPES.split()],
			}
		)
		app.insert(ignore_permissions=True, set_name=name)
	return name


def app_of_its_own(company: str) -> str:
	"""A Custom Connection is for one organisation: its client ID must not replace the one that others connect with."""
	return ready_made_app(f"{READY_MADE} - {company}")


def oauth_app(company: str) -> App:
	"""The app that the company connects with. Raises ReconnectRequired if its client ID or secret is missing."""
	from nexwave_xero_connector.xero_api import oauth

	settings = settings_link(company)
	name = frappe.db.get_value(SETTINGS, company, "connected_app") or READY_MADE
	client_id, secret = credentials(name)
	if not (client_id and secret):
		raise ReconnectRequired(
			Sentence(
				_("The Xero app has no client ID or no readable client secret. Enter both in {settings}."),
				settings=settings,
			),
			cause=Cause.APP_NOT_ACCEPTED,
		)
	scopes = frappe.get_all("OAuth Scope", {"parent": name}, pluck="scope", order_by="idx")
	scopes = scopes or oauth.SCOPES.split()
	if ATTACHMENTS_SCOPE not in scopes and any(
		frappe.db.get_value(SETTINGS, company, ATTACHMENT_SWITCHES) or ()
	):
		scopes.append(ATTACHMENTS_SCOPE)
	return oauth.App(
		client_id=client_id,
		client_secret=secret,
		settings=settings,
		redirect_uri=redirect_address(),
		scope=" ".join(scopes),
		login_url=frappe.conf.get("xero_login_url") or oauth.LOGIN_URL,
		identity_url=frappe.conf.get("xero_identity_url") or oauth.IDENTITY_URL,
	)


def credentials(name: str) -> tuple[str, str]:
	"""Client ID and secret of the Connected App; "" for what is missing.

	For the shared app, site config takes precedence, so a host can use one app for many sites and keep its secret out
	of their databases.
	"""
	if name == READY_MADE and frappe.conf.get("xero_client_id"):
		return frappe.conf.xero_client_id, frappe.conf.get("xero_client_secret") or ""
	return frappe.db.get_value(CONNECTED_APP, name, "client_id") or "", _secret(name)


def _secret(name: str) -> str:
	"""Also "" if it cannot be decrypted because the site was restored without its key."""
	return stored_password(CONNECTED_APP, name, "client_secret") or ""


def redirect_address() -> str:
	"""The redirect URI, where Xero sends the browser back to. It must be added to the app at developer.xero.com."""
	return get_url(CALLBACK)


def show_our_redirect_address(app: Document, _event: str | None = None) -> None:
	"""Show our redirect URI in the Connected App instead of Frappe's own: it is the one to register with Xero."""
	if app.name == READY_MADE or frappe.db.exists(SETTINGS, {"connected_app": app.name}):
		app.redirect_uri = redirect_address()


def is_custom(company: str) -> bool:
	return frappe.db.get_value(SETTINGS, company, "connection_type") == CUSTOM_CONNECTION


def sandbox_host() -> str:
	"""The host that site config points the connector to in place of Xero; "" on a real site."""
	urls = [frappe.conf.get(key) for key in URL_SETTINGS]
	return next((urlsplit(url).netloc for url in urls if url), "")
