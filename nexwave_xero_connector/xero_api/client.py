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
from nexwave_xero_connector.sync.errors import ConnectionLost, Throttled, Unavailable
from nexwave_xero_connector.sync.rate_limit import BLOCKED_WITHOUT_A_TIME
from nexwave_xero_connector.xero_api.errors import AccessTokenExpired, bad_status, no_answer
from nexwave_xero_connector.xero_api.oauth import Token
from nexwave_xero_connector.xero_api.rate_limits import Limits, Pacer, limits_of
from nexwave_xero_connector.xero_api.response import Answer
from nexwave_xero_connector.xero_api.transport import Call, NoAnswer, Transport

XERO_API_URL = "https://api.xero.com"

CALL_TIMEOUT = (10, 50)
"""Seconds for connecting and for the answer. Together with the wait for a turn they are sync.policy's call_timeout."""


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
	on_lost: told of a ConnectionLost before it is raised.
	pacer: gives each call for the organisation its turn, and is told how it ended; without one no call waits.
	"""

	def __init__(
		self,
		token: Token,
		tenant_id: str,
		*,
		settings: DocLink,
		now: Callable[[], datetime],
		api_url: str = XERO_API_URL,
		timeout: tuple[float, float] = CALL_TIMEOUT,
		on_call: Callable[[Call], None] | None = None,
		renew: Callable[[Token], Token] | None = None,
		on_lost: Callable[[ConnectionLost], None] | None = None,
		pacer: Pacer | None = None,
	) -> None:
		self._tenant_id = tenant_id
		self._settings = settings
		self._now = now
		self._renew = renew
		self._on_lost = on_lost
		self._pacer = pacer
		self.token = token
		self.limits = Limits()
		api_url = api_url.rstrip("/")
		sdk = _sdk(lambda: self.token, timeout, on_call)
		self.accounting = AccountingApi(sdk, base_url=f"{api_url}/api.xro/2.0")
		self.identity = IdentityApi(sdk, base_url=api_url)

	def call(self, operation: Callable[..., Answer], *arguments: object, **parameters: Any) -> Answer:
		"""One call of a method of `self.accounting` for the organisation: ``call(accounting.get_accounts)``.

		Answers 2xx only; raises what sync.errors lists.
		"""
		if not self._tenant_id:
			raise ValueError("an accounting call needs an organisation")
		return self._call(self._in_turn, operation, self._tenant_id, *arguments, **parameters)

	def call_identity(
		self, operation: Callable[..., Answer], *arguments: object, **parameters: Any
	) -> Answer:
		"""The same for a method of `self.identity`, which belongs to no organisation."""
		return self._call(self._call_once, operation, *arguments, **parameters)

	def _call(self, once: Callable[..., Answer], *arguments: object, **parameters: Any) -> Answer:
		try:
			try:
				return once(*arguments, **parameters)
			except AccessTokenExpired:
				if self._renew is None:
					raise
			self.token, self._renew = self._renew(self.token), None
			return once(*arguments, **parameters)
		except ConnectionLost as lost:
			if self._on_lost is not None:
				self._on_lost(lost)
			raise

	def _in_turn(self, operation: Callable[..., Answer], *arguments: object, **parameters: Any) -> Answer:
		if self._pacer is None:
			return self._call_once(operation, *arguments, **parameters)
		turn, before = self._pacer.take_turn(), self.limits
		try:
			return self._call_once(operation, *arguments, **parameters)
		except Unavailable as error:
			if self.limits is not before and self.limits.exceeded:
				# The pacer knows until when; nobody else need wait for it.
				wait = error.retry_after or timedelta(seconds=BLOCKED_WITHOUT_A_TIME)
				raise Throttled(error.sentence, error.detail, wait) from None
			raise
		finally:
			self._pacer.end_turn(turn, None if self.limits is before else self.limits)

	def _call_once(self, operation: Callable[..., Answer], *arguments: object, **parameters: Any) -> Answer:
		# Error reports print the local variables of every frame. What is raised here leaves the frames of the
		# call behind, for they hold the Authorization header; the queue's own timeout comes this way too.
		try:
			answer = operation(*arguments, _preload_content=False, **parameters)
		except AccessTokenExpiredError:
			raise AccessTokenExpired(
				Sentence(
					_("The access to Xero has run out. Connect the organisation again in {settings}."),
					settings=self._settings,
				)
			) from None
		except NoAnswer as failure:
			raise no_answer(failure) from None
		except Exception as error:
			raise error.with_traceback(None) from None
		self.limits = limits_of(answer)
		if not 200 <= answer.status <= 299:
			raise bad_status(answer, self._settings, self._now())
		return answer


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
