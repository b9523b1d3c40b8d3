"""The one place where the SDK's client is built, and the one way to call it."""

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
from nexwave_xero_connector.xero_api.errors import AccessTokenExpired, bad_status, no_response
from nexwave_xero_connector.xero_api.oauth import Token
from nexwave_xero_connector.xero_api.rate_limits import CallRateLimiter, RateLimits, rate_limits_of
from nexwave_xero_connector.xero_api.response import Response
from nexwave_xero_connector.xero_api.transport import Call, NoResponse, Transport

XERO_API_URL = "https://api.xero.com"

TIMEOUT = (int(CONNECT_TIMEOUT.total_seconds()), int(READ_TIMEOUT.total_seconds()))
"""Seconds for connecting and for the response."""


class Client:
	"""A session with one organisation, for one job: the SDK's client is not safe between threads.

	token: with more than 60 seconds left; the SDK is given nothing to refresh it with, and the call raises
		AccessTokenExpired when less is left.
	tenant_id: the organisation, sent with every accounting call; may be empty for `identity` alone.
	settings: where a person mends the connection, for the sentences.
	now: the clock that waiting times are counted from; the outbox's.
	on_call: told of each call once it is over; must not raise.
	renew: a fresh token in the place of the one given, which Xero has ended before its time: then the call is made
		once more, as nothing came of it.
	on_reconnect_required: told of a ReconnectRequired before it is raised.
	rate_limiter: gives each call for the organisation its turn, and is told how it ended; without one no call waits.
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
		self._tenant_id = tenant_id
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
		"""One call of a method of `self.accounting` for the organisation: ``call(accounting.get_accounts)``.

		Answers 2xx only; raises what sync.errors lists.
		"""
		if not self._tenant_id:
			raise ValueError("an accounting call needs an organisation")
		return self._call(self._in_turn, operation, self._tenant_id, *arguments, **parameters)

	def call_identity(
		self, operation: Callable[..., Response], *arguments: object, **parameters: Any
	) -> Response:
		"""The same for a method of `self.identity`, which belongs to no organisation."""
		return self._call(self._call_once, operation, *arguments, **parameters)

	def _call(self, once: Callable[..., Response], *arguments: object, **parameters: Any) -> Response:
		try:
			try:
				return once(*arguments, **parameters)
			except AccessTokenExpired:
				if self._renew is None:
					raise
			self.token, self._renew = self._renew(self.token), None
			return once(*arguments, **parameters)
		except ReconnectRequired as error:
			if self._on_reconnect_required is not None:
				self._on_reconnect_required(error)
			raise

	def _in_turn(self, operation: Callable[..., Response], *arguments: object, **parameters: Any) -> Response:
		if self._rate_limiter is None:
			return self._call_once(operation, *arguments, **parameters)
		turn, before = self._rate_limiter.acquire(), self.rate_limits
		try:
			return self._call_once(operation, *arguments, **parameters)
		except Unavailable as error:
			if self.rate_limits is not before and self.rate_limits.exceeded:
				# The rate limiter knows until when; nobody else need wait for it.
				wait = error.retry_after or timedelta(seconds=BLOCKED_WITHOUT_A_TIME)
				raise Throttled(error.sentence, error.detail, wait) from None
			raise
		finally:
			self._rate_limiter.release(turn, None if self.rate_limits is before else self.rate_limits)

	def _call_once(
		self, operation: Callable[..., Response], *arguments: object, **parameters: Any
	) -> Response:
		# Error reports print the local variables of every frame. What is raised here leaves the frames of the
		# call behind, for they hold the Authorization header; the queue's own timeout comes this way too.
		try:
			response = operation(*arguments, _preload_content=False, **parameters)
		except AccessTokenExpiredError:
			raise AccessTokenExpired(
				Sentence(
					_("The access to Xero has run out. Connect the organisation again in {settings}."),
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
	# Configuration() copies the first one ever made in this process. A token given to it would be shared by
	# all sites and organisations of the worker, so the token is set on the copy.
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

	# No refresh token and no client secret: the SDK cannot refresh, it can only say that the token has run
	# out.
	sdk = ApiClient(configuration, oauth2_token_getter=values)
	sdk.rest_client = Transport(configuration, timeout, on_call)
	return sdk
