"""A company's tokens, refreshed by one worker at a time across all hosts, and clients that use them."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import frappe
from frappe.utils.password import remove_encrypted_password, set_encrypted_password

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.connection.installation import require_this_installation
from nexwave_xero_connector.erp.connection.rate_limiter import OrganisationRateLimiter
from nexwave_xero_connector.erp.connection.stored_password import stored_password
from nexwave_xero_connector.erp.connection.xero_app import is_custom, oauth_app
from nexwave_xero_connector.erp.doctypes import CONNECTION, SETTINGS
from nexwave_xero_connector.erp.foreign_text import as_columns
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.transactions import read_committed
from nexwave_xero_connector.sentence import Sentence, _, settings_link
from nexwave_xero_connector.sync.errors import AnotherInstallation, Cause, ReconnectRequired
from nexwave_xero_connector.sync.records import Priority

if TYPE_CHECKING:
	from nexwave_xero_connector.xero_api.client import Client
	from nexwave_xero_connector.xero_api.oauth import Token
	from nexwave_xero_connector.xero_api.rate_limit_headers import CallRateLimiter
	from nexwave_xero_connector.xero_api.xero import XeroApi

TOKEN_FIELDS = ("access_token", "refresh_token")
FRESH_ENOUGH = timedelta(minutes=10)
"""A token with this much time left outlives the job that starts with it. Xero's tokens last thirty minutes."""


def open_organisation(company: str, rate_limiter: CallRateLimiter | None = None) -> XeroApi:
	"""The port Xero for the company's organisation, for one job.

	Each call waits for its turn; without a rate limiter, the calls count as a person's. Raises ReconnectRequired if
	somebody has to connect the company again, and Unreachable if Xero's sign-in service does not respond.
	"""
	# Imported here, so that only code that calls Xero spends the half second that loading its SDK takes.
	from nexwave_xero_connector.xero_api.xero import XeroApi

	return XeroApi(organisation_client(company, rate_limiter))


def organisation_client(company: str, rate_limiter: CallRateLimiter | None = None) -> Client:
	"""A session with the company's organisation. Raises the same errors as open_organisation."""
	tenant_id = tenant_of(company)
	if not tenant_id:
		raise ReconnectRequired(
			Sentence(
				_("No Xero organisation is chosen for {company}. Choose one in {settings}."),
				company=company,
				settings=settings_link(company),
			),
			cause=Cause.NOT_CONNECTED,
		)
	return xero_client(company, tenant_id, rate_limiter)


def behind_people(company: str) -> OrganisationRateLimiter:
	"""A rate limiter for the scheduler's calls to the company's organisation: the last calls are left to people."""
	rate_limiter = OrganisationRateLimiter(company, tenant_of(company))
	rate_limiter.begin(Priority.CURRENT)
	return rate_limiter


def tenant_of(company: str) -> str:
	"""The organisation chosen for the company, or ""."""
	return frappe.db.get_value(SETTINGS, company, "tenant_id") or ""


def xero_client(company: str, tenant_id: str = "", rate_limiter: CallRateLimiter | None = None) -> Client:
	"""A session with one organisation or, without a tenant, for identity calls only."""
	from nexwave_xero_connector.xero_api.client import XERO_API_URL, Client

	return Client(
		fresh_token(company),
		tenant_id,
		settings=settings_link(company),
		now=clock.utc_now,
		api_url=frappe.conf.get("xero_api_url") or XERO_API_URL,
		renew=lambda spent: fresh_token(company, instead_of=spent.access_token),
		on_reconnect_required=lambda error: note_cause(company, error),
		rate_limiter=rate_limiter or (OrganisationRateLimiter(company, tenant_id) if tenant_id else None),
	)


def fresh_token(company: str, instead_of: str = "") -> Token:
	"""The company's token; renewed first if it expires soon, or if it is `instead_of`, which Xero has rejected.

	Every call to Xero starts here, so a copy of the site is stopped here with AnotherInstallation.

	The row lock is held until Xero responds: using a refresh token spends it, so a second worker, on any host, has to
	wait and then finds the new one. The new one is committed before it is used. If the response to a refresh is lost,
	the old pair stays stored, and Xero accepts its refresh token for another 30 minutes. Commits.
	"""
	from nexwave_xero_connector.xero_api import oauth

	# After the lock is taken, what another worker has stored must be seen, not this transaction's old snapshot.
	with read_committed():
		try:
			row = _locked_row(company)
			token = _stored_token(company, row)
			require_this_installation(company, row.installation)
			if token.access_token != instead_of and token.expires_at - clock.utc_now() > FRESH_ENOUGH:
				return token
			app = oauth_app(company)
			if is_custom(company):
				token = oauth.client_credentials(app)
				_require_chosen_organisation(company, token)
			else:
				token = oauth.refresh(app, token)
			store_token(row.name, token)
			return token
		except ReconnectRequired as error:
			note_cause(company, error)
			raise
		finally:
			frappe.db.commit()  # nosemgrep: frappe-manual-commit -- stored before it is used, and the lock released


def _require_chosen_organisation(company: str, token: Token) -> None:
	"""Raise ReconnectRequired if the new token of a Custom Connection opens another organisation than the chosen one.

	Its organisation is chosen at developer.xero.com, and may be another one by now: nothing is written before this.
	"""
	from nexwave_xero_connector.xero_api.client import XERO_API_URL, Client
	from nexwave_xero_connector.xero_api.connections import connections

	settings = settings_link(company)
	api_url = frappe.conf.get("xero_api_url") or XERO_API_URL
	opened = connections(Client(token, "", settings=settings, now=clock.utc_now, api_url=api_url))
	chosen = frappe.db.get_value(SETTINGS, company, ["tenant_id", "organisation_name"], as_dict=True)
	if not chosen or not chosen.tenant_id or chosen.tenant_id in [one.tenant_id for one in opened]:
		return
	raise ReconnectRequired(
		Sentence(
			_(
				"The Custom Connection of {company} opens {others}, but {company} is set to send to {organisation}."
				" Choose that organisation for the app at developer.xero.com, or choose another one in {settings}."
				" Waiting documents stay here until then."
			),
			company=company,
			others=", ".join(one.tenant_name for one in opened) or "-",
			organisation=chosen.organisation_name or chosen.tenant_id,
			settings=settings,
		),
		cause=Cause.DISCONNECTED,
	)


def lock_connection(company: str) -> str:
	"""The name of the company's Xero Connection, created if it does not exist; locked until the caller commits."""
	if not frappe.db.exists(CONNECTION, company):
		connection = frappe.get_doc({"doctype": CONNECTION, "company": company})
		connection.insert(ignore_permissions=True, ignore_if_duplicate=True)
	return frappe.db.get_value(CONNECTION, company, "name", for_update=True)


def store_token(connection: str, token: Token) -> None:
	"""Write the token to the Xero Connection, encrypted. Does not commit.

	Exceptions are raised without the frames that hold the token in plain text: error reports print local variables.
	"""
	try:
		set_encrypted_password(CONNECTION, connection, token.access_token, "access_token")
		set_encrypted_password(CONNECTION, connection, token.refresh_token, "refresh_token")
	except Exception as error:
		raise error.with_traceback(None) from None
	frappe.db.set_value(
		CONNECTION,
		connection,
		{"expires_at": clock.to_column(token.expires_at), **as_columns(CONNECTION, {"scope": token.scope})},
	)


def forget_tokens(connection: str) -> None:
	for field in TOKEN_FIELDS:
		remove_encrypted_password(CONNECTION, connection, field)
	frappe.db.set_value(CONNECTION, connection, {"expires_at": None, "scope": None})


def tokens_are_readable(company: str) -> bool:
	"""Whether the stored tokens can be decrypted; also true if there are none."""
	return all(stored_password(CONNECTION, company, field) is not None for field in TOKEN_FIELDS)


def note_cause(company: str, error: ReconnectRequired) -> None:
	"""Store why a reconnect is needed, for the banner. outbox.pause then pauses the company."""
	if isinstance(error, AnotherInstallation):
		return
	cause = error.cause if error.cause is not Cause.NOT_CONNECTED else None
	frappe.db.set_value(
		CONNECTION,
		company,
		{"cause": cause.value if cause else None, "last_error": plain_text(error.sentence)},
		update_modified=False,
	)


def _locked_row(company: str) -> frappe._dict:
	row = frappe.db.get_value(
		CONNECTION, company, ["name", "expires_at", "scope", "installation"], as_dict=True, for_update=True
	)
	return row or frappe._dict(name=company)


def _stored_token(company: str, row: frappe._dict) -> Token:
	from nexwave_xero_connector.xero_api.oauth import Token

	access_token, refresh_token = (stored_password(CONNECTION, row.name, field) for field in TOKEN_FIELDS)
	if access_token is None or refresh_token is None:
		raise ReconnectRequired(
			Sentence(
				_(
					"The Xero tokens stored for {company} cannot be decrypted: the site was restored with another"
					" encryption key. Connect again in {settings}; waiting documents will be sent then."
				),
				company=company,
				settings=settings_link(company),
			),
			cause=Cause.TOKEN_UNREADABLE,
		)
	if not access_token:
		raise ReconnectRequired(
			Sentence(
				_(
					"{company} is not connected to Xero. Connect it in {settings}; waiting documents will be sent then."
				),
				company=company,
				settings=settings_link(company),
			),
			cause=Cause.NOT_CONNECTED,
		)
	expires_at = clock.from_column(row.expires_at) or clock.utc_now()
	return Token(access_token, refresh_token, expires_at, row.scope or "")
