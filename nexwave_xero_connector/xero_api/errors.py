"""Every way a call can fail, classified by what may be done next: see sync.errors.

A failed write counts as having changed nothing only where that is certain. Everything else is OutcomeUnknown: a 5xx may
have saved a batch or part of it, and so may a call whose response was cut off or cannot be read.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from urllib3.exceptions import ConnectTimeoutError, NewConnectionError, SSLError

from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.errors import (
	Cause,
	DayLimitReached,
	OutcomeUnknown,
	ReconnectRequired,
	Rejected,
	Unavailable,
	XeroError,
)
from nexwave_xero_connector.sync.records import ValidationErrors
from nexwave_xero_connector.xero_api.response import Response, validation_messages
from nexwave_xero_connector.xero_api.transport import NoResponse

REFUSED_BY_STATUS = frozenset({400, 402, 404, 405, 406, 411, 412, 413, 414, 415, 422})
"""Statuses that say that a write was not even started. 408, 409 and the like do not say so."""

DAY_LIMIT_WITHOUT_TIME = timedelta(hours=1)
"""The wait if Xero says that the daily limit is reached, but not until when."""

WRITE_SCOPES = {
	"invoices": "accounting.invoices",
	"creditnotes": "accounting.invoices",
	"contacts": "accounting.contacts",
}
SETTINGS_SCOPE = "accounting.settings.read"


class AccessTokenExpired(ReconnectRequired):
	"""Nothing was changed; the same call should succeed with a fresh access token. If not, somebody must reconnect."""


class ValidationFailed(Rejected):
	"""Xero's validation refused the whole call; `errors` has the messages."""

	def __init__(self, sentence: Sentence, detail: str, errors: ValidationErrors) -> None:
		super().__init__(sentence, detail)
		self.errors = errors


class NoSuchId(Unavailable):
	"""Xero does not have this id. For a list, this is a failed read like any other."""


def no_response(failure: NoResponse) -> XeroError:
	"""The error for a call that ended without a response."""
	error = failure.error
	detail = str(failure)
	if isinstance(error, (NewConnectionError, ConnectTimeoutError)):
		return Unavailable(
			Sentence(_("Xero could not be reached, so nothing was sent.")),
			detail,
		)
	if isinstance(error, SSLError) and error.args and isinstance(error.args[0], ssl.SSLCertVerificationError):
		return Unavailable(
			Sentence(
				_(
					"The server's TLS certificate check for Xero failed, so nothing was sent."
					" Ask your administrator to check the server's network and certificates."
				)
			),
			detail,
		)
	return _write_is_unknown(detail) if failure.method != "GET" else _read_failed(detail)


def bad_status(response: Response, settings: DocLink, now: datetime) -> XeroError:
	"""The error for a response other than 2xx."""
	detail = _detail(response)
	if response.status == 429:
		return _too_many_calls(response, now, detail)
	if response.status == 401:
		return _unauthorised(response, settings, detail)
	if response.status == 403:
		return ReconnectRequired(
			Sentence(
				_(
					"Xero no longer allows this site to access the organisation: it was disconnected in Xero, or"
					" it is a demo company that was reset. Connect it again in {settings}."
					" Nothing is lost; waiting documents will be sent once you reconnect."
				),
				settings=settings,
			),
			detail,
			Cause.DISCONNECTED,
		)
	if not response.to_a_write and response.status == 404 and not response.body:
		return NoSuchId(_read_failed(detail).sentence, detail)
	if response.status == 400 or (response.to_a_write and response.status in REFUSED_BY_STATUS):
		return _refused(response, detail)
	if response.to_a_write:
		return _write_is_unknown(detail)
	return _read_failed(detail, _retry_after(response))


@contextmanager
def readable(response: Response) -> Iterator[None]:
	"""Wrap everything that reads a 2xx response: one that makes no sense is raised as the error it amounts to."""
	try:
		yield
	except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
		detail = f"{type(error).__name__}: {error}\n{_detail(response)}"
		failure = _write_is_unknown(detail) if response.to_a_write else _read_failed(detail)
		raise failure from None


def _too_many_calls(response: Response, now: datetime, detail: str) -> XeroError:
	"""X-Rate-Limit-Problem says which limit: minute, concurrent (no Retry-After), appminute or day."""
	retry_after = _retry_after(response)
	if (response.headers.get("X-Rate-Limit-Problem") or "").strip().lower() == "day":
		until = now + (retry_after or DAY_LIMIT_WITHOUT_TIME)
		return DayLimitReached(
			Sentence(
				_(
					"Xero's daily API limit for this organisation has been reached."
					" Waiting documents will be sent automatically after {until}."
				),
				until=until,
			),
			until,
			detail,
		)
	return Unavailable(
		Sentence(_("Xero's rate limit was reached. Nothing was sent.")),
		detail,
		retry_after,
	)


def _unauthorised(response: Response, settings: DocLink, detail: str) -> ReconnectRequired:
	"""A missing scope is a 401 too (`AuthorizationUnsuccessful`), which a token refresh does not fix."""
	says = response.body.decode("utf-8", "replace") + (response.headers.get("WWW-Authenticate") or "")
	if "AuthorizationUnsuccessful" in says or "insufficient_scope" in says:
		return ReconnectRequired(
			Sentence(
				_(
					"The connection to Xero does not have the scope {scope}. Add it to the scopes of your Xero"
					" app, then connect again in {settings}."
				),
				scope=_scope_for(response.path),
				settings=settings,
			),
			detail,
			Cause.SCOPE_MISSING,
		)
	return AccessTokenExpired(
		Sentence(
			_(
				"Xero no longer accepts this site's access token. Connect the organisation again in {settings}."
			),
			settings=settings,
		),
		detail,
		Cause.CONSENT_GONE,
	)


def _scope_for(path: str) -> str:
	resource = path.lower().rpartition("/api.xro/2.0/")[2].split("/")[0]
	return WRITE_SCOPES.get(resource, SETTINGS_SCOPE)


def _refused(response: Response, detail: str) -> Rejected:
	if response.status == 404:
		return Rejected(
			Sentence(
				_(
					"Xero cannot find the document or contact that this refers to. It may have been"
					" deleted in Xero, or belong to another organisation."
				)
			),
			detail,
		)
	try:
		body = response.json()
	except ValueError:
		body = None
	messages = tuple(dict.fromkeys(validation_messages(body)))
	said = " ".join(messages) or (
		str(body.get("Message") or body.get("Detail") or "") if isinstance(body, dict) else ""
	)
	sentence = Sentence(
		_("Xero refused this and changed nothing: {message}"), message=said or f"HTTP {response.status}"
	)
	if messages:
		return ValidationFailed(sentence, detail, ValidationErrors(messages))
	return Rejected(sentence, detail)


def _write_is_unknown(detail: str) -> OutcomeUnknown:
	return OutcomeUnknown(
		Sentence(
			_(
				"This was sent to Xero, but no response confirmed whether it was saved."
				" It will be looked up in Xero before anything is sent again."
			)
		),
		detail,
	)


def _read_failed(detail: str, retry_after: timedelta | None = None) -> Unavailable:
	return Unavailable(
		Sentence(_("Xero did not return a usable response. Nothing was changed.")),
		detail,
		retry_after,
	)


def _retry_after(response: Response) -> timedelta | None:
	value = (response.headers.get("Retry-After") or "").strip()
	return timedelta(seconds=int(value)) if value.isascii() and value.isdigit() else None


def _detail(response: Response) -> str:
	body = response.body[:4000].decode("utf-8", "replace")
	return f"{response.method} {response.path}: HTTP {response.status}\n{body}"
