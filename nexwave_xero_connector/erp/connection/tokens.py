"""A company's connection to its organisation: the token, refreshed by one worker at a time on any host."""

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
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.transactions import read_committed
from nexwave_xero_connector.sentence import Sentence, _, settings_link
from nexwave_xero_connector.sync.errors import AnotherInstallation, Cause, ReconnectRequired
from nexwave_xero_connector.sync.records import Priority

if TYPE_CHECKING:
	from nexwave_xero_connector.xero_api.client import Client
	from nexwave_xero_connector.xero_api.oauth import Token
	from nexwave_xero_connector.xero_api.rate_limits import CallRateLimiter
	from nexwave_xero_connector.xero_api.xero import XeroApi

TOKEN_FIELDS = ("access_token", "refresh_token")
FRESH_ENOUGH = timedelta(minutes=10)
"""A token with this much left outlives the job that begins with it. Xero's live for thirty minutes."""


def open_organisation(company: str, rate_limiter: CallRateLimiter | None = None) -> XeroApi:
	"""The port Xero for the company's organisation, for one job.

	Each call waits for its turn; without a rate limiter given, as a call that a person waits for.
	Raises ReconnectRequired where somebody has to connect it again, Unavailable where Xero's sign-in does not answer.
	"""
	# Only what talks to Xero pays for loading its SDK, which takes about half a second.
	from nexwave_xero_connector.xero_api.xero import XeroApi

	return XeroApi(organisation_client(company, rate_limiter))


def organisation_client(company: str, rate_limiter: CallRateLimiter | None = None) -> Client:
	"""A session with the company's organisation. Raises what open_organisation does."""
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
	"""The pace of what the scheduler asks of the company's organisation: the last calls are left to people."""
	rate_limiter = OrganisationRateLimiter(company, tenant_of(company))
	rate_limiter.begin(Priority.CURRENT)
	return rate_limiter


def tenant_of(company: str) -> str:
	"""The organisation chosen for the company, or ""."""
	return frappe.db.get_value(SETTINGS, company, "tenant_id") or ""


def xero_client(company: str, tenant_id: str = "", rate_limiter: CallRateLimiter | None = None) -> Client:
	"""A session with one organisation, or, without a tenant, for the identity calls alone."""
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
	"""The company's token, renewed first where it is running out, or is the one that Xero did not take.

	Every call to Xero begins here, so a copy of the site is stopped here, and raises AnotherInstallation.

	The row lock is held while Xero answers: a refresh token is spent by its use, so a second worker, on whatever host,
	has to wait and then finds the new one. The new one is committed before it is used. A refresh whose answer is lost
	leaves the old pair here, and Xero takes its refresh token for 30 minutes more. Commits.
	"""
	from nexwave_xero_connector.xero_api import oauth

	# What another worker has stored must be seen once the lock is had: not what this transaction began with.
	with read_committed():
		try:
			row = _locked_row(company)
			token = _stored_token(company, row)
			require_this_installation(company, row.installation)
			if token.access_token != instead_of and token.expires_at - clock.utc_now() > FRESH_ENOUGH:
				return token
			app = oauth_app(company)
			token = oauth.client_credentials(app) if is_custom(company) else oauth.refresh(app, token)
			store_token(row.name, token)
			return token
		except ReconnectRequired as error:
			note_cause(company, error)
			raise
		finally:
			frappe.db.commit()  # nosemgrep: stored before it is used, and the lock given back


def lock_connection(company: str) -> str:
	"""The name of the company's Xero Connection, made where it does not exist; locked until the caller commits."""
	if not frappe.db.exists(CONNECTION, company):
		connection = frappe.get_doc({"doctype": CONNECTION, "company": company})
		connection.insert(ignore_permissions=True, ignore_if_duplicate=True)
	return frappe.db.get_value(CONNECTION, company, "name", for_update=True)


def store_token(connection: str, token: Token) -> None:
	"""Write the token to the Xero Connection, encrypted. Does not commit.

	What is raised leaves the frames behind that have it in the clear: error reports print their local variables.
	"""
	try:
		set_encrypted_password(CONNECTION, connection, token.access_token, "access_token")
		set_encrypted_password(CONNECTION, connection, token.refresh_token, "refresh_token")
	except Exception as error:
		raise error.with_traceback(None) from None
	frappe.db.set_value(
		CONNECTION, connection, {"expires_at": clock.to_column(token.expires_at), "scope": token.scope}
	)


def forget_tokens(connection: str) -> None:
	for field in TOKEN_FIELDS:
		remove_encrypted_password(CONNECTION, connection, field)
	frappe.db.set_value(CONNECTION, connection, {"expires_at": None, "scope": None})


def tokens_are_readable(company: str) -> bool:
	"""Whether the tokens that are stored can be decrypted; also true where none is."""
	return all(stored_password(CONNECTION, company, field) is not None for field in TOKEN_FIELDS)


def note_cause(company: str, error: ReconnectRequired) -> None:
	"""Keep why the connection is lost, for the banner; outbox.pause then lets the company wait."""
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
					"The access to Xero that is stored for {company} cannot be decrypted: the site was restored"
					" with another encryption key. Connect again in {settings}; what is waiting is sent then."
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
					"{company} is not connected to Xero. Connect it in {settings}; what is waiting is sent then."
				),
				company=company,
				settings=settings_link(company),
			),
			cause=Cause.NOT_CONNECTED,
		)
	expires_at = clock.from_column(row.expires_at) or clock.utc_now()
	return Token(access_token, refresh_token, expires_at, row.scope or "")
