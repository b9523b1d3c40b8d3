"""Builds the SDK's client, and makes every call to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from xero_python.accounting import AccountingApi
from xero_python.api_client import ApiClient
from xero_python.api_client.configuration import Configuration
from xero_python.api_client.oauth2 import OAuth2Token
from xero_python.exceptions import AccessTokenExpiredError
from xero_python.identity import IdentityApi

from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.errors import ReconnectRequired, Throttled, Unavailable
from nexwave_xero_connector.sync.policy import CONNECT_TIMEOUT, READ_TIMEOUT
from nexwave_xero_connector.sync.rate_limit import BLOCKED_WITHOUT_A_TIME
from nexwave_xero_connector.xero_api.errors import (
	AccessTokenExpired,
	NotAuthorised,
	bad_status,
	no_response,
	readable,
	still_connected,
)
from nexwave_xero_connector.xero_api.oauth import Token
from nexwave_xero_connector.xero_api.rate_limit_headers import CallRateLimiter, RateLimits, rate_limits_of
from nexwave_xero_connector.xero_api.response import Response
from nexwave_xero_connector.xero_api.transport import Call, NoResponse, Transport

XERO_API_URL = "https://api.xero.com"

TIMEOUT = (int(CONNECT_TIMEOUT.total_seconds()), int(READ_TIMEOUT.total_seconds()))
"""Seconds for connecting and for the response."""


class Client:
	"""A session with one organisation, for one job: the SDK's client is not thread-safe.

	token: must have more than 60 seconds left, or the call raises AccessTokenExpired; the SDK cannot refresh it.
	tenant_id: the organisation, sent with every accounting call; may be empty if only `identity` is used.
	settings: where a person fixes the connection; the sentences link to it.
	now: the clock that waiting times are counted from; the same as the outbox's.
	on_call: called with each call once it has ended; must not raise.
	renew: returns a fresh token for the one given, if Xero has ended that early. The call, which had no effect, is then
		made once more.
	on_reconnect_required: called with a ReconnectRequired before it is raised.
	rate_limiter: gives each call for the organisation its turn, and learns how it ended; without one no call waits.
	"""

	def __init__(
		self,
		token: Token,
		tenant_id: str,
		*,
		settings: DocLink,
		now: Callable[[], datetime],
		api_url: str = XERO_API_URL,
		timeout: tuple[float, float] = TIMEOUT,
		on_call: Callable[[Call], None] | None = None,
		renew: Callable[[Token], Token] | None = None,
		on_reconnect_required: Callable[[ReconnectRequired], None] | None = None,
		rate_limiter: CallRateLimiter | None = None,
	) -> None:
		self.tenant_id = tenant_id
		self._settings = settings
		self._now = now
		self._renew = renew
		self._on_reconnect_required = on_reconnect_required
		self._rate_limiter = rate_limiter
		self.token = token
		self.rate_limits = RateLimits()
		api_url = api_url.rstrip("/")
		sdk = _sdk(lambda: self.token, timeout, on_call)
		self.accounting = AccountingApi(sdk, base_url=f"{api_url}/api.xro/2.0")
		self.identity = IdentityApi(sdk, base_url=api_url)

	def call(self, operation: Callable[..., Response], *arguments: object, **parameters: Any) -> Response:
		"""Call a method of `self.accounting` for the organisation: ``call(accounting.get_accounts)``.

		Returns only 2xx responses. Raises the errors of sync.errors.
		"""
		if not self.tenant_id:
			raise ValueError("an accounting call needs an organisation")
		return self._call(self._in_turn, operation, self.tenant_id, *arguments, **parameters)

	def call_identity(
		self, operation: Callable[..., Response], *arguments: object, **parameters: Any
	) -> Response:
		"""Call a method of `self.identity`, which belongs to no organisation. Otherwise like `call`."""
		return self._call(self._call_once, operation, *arguments, **parameters)

	def _call(self, once: Callable[..., Response], *arguments: object, **parameters: Any) -> Response:
		is_renewed = False
		try:
			try:
				return once(*arguments, **parameters)
			except AccessTokenExpired:
				if self._renew is None:
					raise
			self.token, self._renew, is_renewed = self._renew(self.token), None, True
			return once(*arguments, **parameters)
		except ReconnectRequired as error:
			for_the_organisation = once == self._in_turn
			if for_the_organisation and (isinstance(error, NotAuthorised) or is_renewed):
				self._confirm(error)
			if self._on_reconnect_required is not None:
				self._on_reconnect_required(error)
			raise

	def _confirm(self, error: ReconnectRequired) -> None:
		"""Raise OrganisationRefuses instead, if Xero lists the organisation as connected with this very token.

		A token that Xero has just issued, and that works for the list of connections, has not expired either. If the
		list cannot be read now, its own error is raised: nothing says yet that anybody has to reconnect.
		"""
		if not isinstance(error, (NotAuthorised, AccessTokenExpired)):
			return
		try:
			response = self._call_once(self.identity.get_connections)
		except ReconnectRequired:
			return
		with readable(response):
			tenants = [str(connection["tenantId"]).lower() for connection in response.json()]
		if self.tenant_id.lower() in tenants:
			raise still_connected(error, error.to_a_write, self._settings) from None

	def _in_turn(self, operation: Callable[..., Response], *arguments: object, **parameters: Any) -> Response:
		if self._rate_limiter is None:
			return self._call_once(operation, *arguments, **parameters)
		turn, before = self._rate_limiter.acquire(), self.rate_limits
		try:
			return self._call_once(operation, *arguments, **parameters)
		except Unavailable as error:
			if self.rate_limits is not before and self.rate_limits.exceeded:
				# The rate limiter knows until when, so the company need not be paused.
				wait = error.retry_after or timedelta(seconds=BLOCKED_WITHOUT_A_TIME)
				raise Throttled(error.sentence, error.detail, wait) from None
			raise
		finally:
			self._rate_limiter.release(turn, None if self.rate_limits is before else self.rate_limits)

	def _call_once(
		self, operation: Callable[..., Response], *arguments: object, **parameters: Any
	) -> Response:
		# Error reports print the local variables of every frame, and the frames of the call hold the Authorization
		# header. So every exception, the queue's timeout included, is raised without them.
		try:
			response = operation(*arguments, _preload_content=False, **parameters)
		except AccessTokenExpiredError:
			raise AccessTokenExpired(
				Sentence(
					_("Access to Xero has expired. Connect the organisation again in {settings}."),
					settings=self._settings,
				)
			) from None
		except NoResponse as failure:
			raise no_response(failure) from None
		except Exception as error:
			raise error.with_traceback(None) from None
		self.rate_limits = rate_limits_of(response)
		if not 200 <= response.status <= 299:
			raise bad_status(response, self._settings, self._now())
		return response


def _sdk(
	token: Callable[[], Token], timeout: tuple[float, float], on_call: Callable[[Call], None] | None
) -> ApiClient:
	# Configuration() copies the first one ever made in this process. A token passed to it would be shared by all sites
	# and organisations of the worker, so the token is set on the copy.
	configuration = Configuration()
	configuration.oauth2_token = OAuth2Token()

	def values() -> dict[str, object]:
		return {
			"access_token": token().access_token,
			"expires_at": token().expires_at.timestamp(),
			"expires_in": None,
			"scope": token().scope.split(),
			"token_type": "Bearer",
		}

	# Without a refresh token and a client secret the SDK cannot refresh; it can only report that the token has expired.
	sdk = ApiClient(configuration, oauth2_token_getter=values)
	sdk.rest_client = Transport(configuration, timeout, on_call)
	return sdk
