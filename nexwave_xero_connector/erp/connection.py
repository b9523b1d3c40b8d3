"""A company's connection to its organisation: the token, refreshed by one worker at a time on any host."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import frappe
from frappe.utils.password import get_decrypted_password, set_encrypted_password

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.errors import ConnectionLost

if TYPE_CHECKING:
	from nexwave_xero_connector.xero_api.oauth import App, Token
	from nexwave_xero_connector.xero_api.xero import XeroApi

CONNECTION = "Xero Connection"
FRESH_ENOUGH = timedelta(minutes=10)
"""A token with this much left outlives the job that begins with it. Xero's live for thirty minutes."""


def open_organisation(company: str) -> XeroApi:
	"""The port Xero for the company's organisation, for one job.

	Raises ConnectionLost where somebody has to connect it again, Unavailable where Xero's sign-in does not answer.
	"""
	# Only what talks to Xero pays for loading its SDK, which takes about half a second.
	from nexwave_xero_connector.xero_api.client import XERO_API_URL, Client
	from nexwave_xero_connector.xero_api.xero import XeroApi

	tenant_id = frappe.db.get_value("Xero Sync Settings", {"company": company}, "tenant_id")
	settings = DocLink("Xero Sync Settings", company)
	if not tenant_id:
		raise ConnectionLost(
			Sentence(
				_("No Xero organisation is chosen for {company}. Choose one in {settings}."),
				company=company,
				settings=settings,
			)
		)
	return XeroApi(
		Client(
			fresh_token(company),
			tenant_id,
			settings=settings,
			now=clock.utc_now,
			api_url=frappe.conf.get("xero_api_url") or XERO_API_URL,
		)
	)


def fresh_token(company: str) -> Token:
	"""The company's token, renewed first where it is running out.

	The row lock is held while Xero answers: a refresh token is spent by its use, so a second worker, on whatever host,
	has to wait and then finds the new one. The new one is committed before it is used. Commits.
	"""
	from nexwave_xero_connector.xero_api import oauth

	frappe.db.commit()  # nosemgrep: the lock is a transaction of its own
	try:
		row = frappe.db.get_value(
			CONNECTION, {"company": company}, ["name", "expires_at", "scope"], as_dict=True, for_update=True
		)
		refresh_token = _password(row.name, "refresh_token") if row else ""
		access_token = _password(row.name, "access_token") if row else ""
		if not access_token:
			raise ConnectionLost(_not_connected(company))
		expires_at = clock.from_column(row.expires_at) or clock.utc_now()
		token = oauth.Token(access_token, refresh_token, expires_at, row.scope or "")
		if expires_at - clock.utc_now() > FRESH_ENOUGH:
			return token
		app = oauth_app(company)
		token = oauth.refresh(app, token) if refresh_token else oauth.client_credentials(app)
		store_token(row.name, token)
		return token
	finally:
		frappe.db.commit()  # nosemgrep: stored before it is used, and the lock given back


def store_token(connection: str, token: Token) -> None:
	"""Write the token to the Xero Connection, encrypted. Does not commit."""
	set_encrypted_password(CONNECTION, connection, token.access_token, "access_token")
	set_encrypted_password(CONNECTION, connection, token.refresh_token, "refresh_token")
	frappe.db.set_value(
		CONNECTION, connection, {"expires_at": clock.to_column(token.expires_at), "scope": token.scope}
	)


def oauth_app(company: str) -> App:
	"""The app registered with Xero, from site config: xero_client_id and xero_client_secret."""
	from nexwave_xero_connector.xero_api import oauth

	if not (frappe.conf.get("xero_client_id") and frappe.conf.get("xero_client_secret")):
		raise ConnectionLost(
			Sentence(
				_(
					"This site has no Xero app: its xero_client_id and xero_client_secret are not set in site_config.json."
				)
			)
		)
	return oauth.App(
		client_id=frappe.conf.xero_client_id,
		client_secret=frappe.conf.xero_client_secret,
		settings=DocLink("Xero Sync Settings", company),
		login_url=frappe.conf.get("xero_login_url") or oauth.LOGIN_URL,
		identity_url=frappe.conf.get("xero_identity_url") or oauth.IDENTITY_URL,
	)


def _password(connection: str, fieldname: str) -> str:
	try:
		return get_decrypted_password(CONNECTION, connection, fieldname, raise_exception=False) or ""
	except frappe.ValidationError:
		# The site was restored without its encryption key: what is stored cannot be read any more.
		return ""


def _not_connected(company: str) -> Sentence:
	return Sentence(
		_("{company} is not connected to Xero. Connect it in {settings}; what is waiting is sent then."),
		company=company,
		settings=DocLink("Xero Sync Settings", company),
	)
