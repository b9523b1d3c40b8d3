"""Every way a call can fail, sorted by what may be done next: see sync.errors.

A write is called harmless only where it is certain that Xero did nothing. Everything else is
OutcomeUnknown: a 5xx may have saved (part of) a batch, and so may a call whose answer was cut off or cannot
be read.
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
"""Answers to a write that say it was not even begun. 408, 409 and the like do not say so."""

DAY_LIMIT_WITHOUT_TIME = timedelta(hours=1)
"""The wait when Xero says that the day's calls are used up, but not until when."""

WRITE_SCOPES = {
	"invoices": "accounting.invoices",
	"creditnotes": "accounting.invoices",
	"contacts": "accounting.contacts",
}
SETTINGS_SCOPE = "accounting.settings.read"


class AccessTokenExpired(ReconnectRequired):
	"""Nothing was changed; the same call goes through with a fresh access token.

	Once: then it is a lost connection.
	"""


class ValidationFailed(Rejected):
	"""Xero's validation refused the whole call; `errors` has its words."""

	def __init__(self, sentence: Sentence, detail: str, errors: ValidationErrors) -> None:
		super().__init__(sentence, detail)
		self.errors = errors


class NoSuchId(Unavailable):
	"""Xero has nothing under this id. In answer to a list this is a failed read like any other."""


def no_response(failure: NoResponse) -> XeroError:
	"""What it means that the call ended without an answer."""
	error = failure.error
	detail = str(failure)
	if isinstance(error, (NewConnectionError, ConnectTimeoutError)):
		return Unavailable(
			Sentence(_("Xero could not be reached, so nothing was sent. It is tried again by itself.")),
			detail,
		)
	if isinstance(error, SSLError) and error.args and isinstance(error.args[0], ssl.SSLCertVerificationError):
		return Unavailable(
			Sentence(
				_(
					"The certificate shown in Xero's place is not trusted here, so nothing was sent."
					" Ask your administrator to look at the server's network and certificates."
				)
			),
			detail,
		)
	return _write_is_unknown(detail) if failure.method != "GET" else _read_failed(detail)


def bad_status(response: Response, settings: DocLink, now: datetime) -> XeroError:
	"""What an answer other than 2xx means."""
	detail = _detail(response)
	if response.status == 429:
		return _too_many_calls(response, now, detail)
	if response.status == 401:
		return _unauthorised(response, settings, detail)
	if response.status == 403:
		return ReconnectRequired(
			Sentence(
				_(
					"Xero no longer lets this site into the organisation: it was disconnected in Xero, or"
					" it is a demo company that was reset. Connect it again in {settings}."
					" Nothing is lost: what is waiting is sent then."
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
	"""Around everything that reads an answer of 2xx: one without sense becomes the error it stands for."""
	try:
		yield
	except (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, RecursionError) as error:
		detail = f"{type(error).__name__}: {error}\n{_detail(response)}"
		failure = _write_is_unknown(detail) if response.to_a_write else _read_failed(detail)
		raise failure from None


def _too_many_calls(response: Response, now: datetime, detail: str) -> XeroError:
	"""X-Rate-Limit-Problem says which limit: minute, concurrent (without Retry-After), appminute or day."""
	retry_after = _retry_after(response)
	if (response.headers.get("X-Rate-Limit-Problem") or "").strip().lower() == "day":
		until = now + (retry_after or DAY_LIMIT_WITHOUT_TIME)
		return DayLimitReached(
			Sentence(
				_(
					"Xero takes no more calls for this organisation before {until}: today's are used up."
					" What is waiting is sent by itself then."
				),
				until=until,
			),
			until,
			detail,
		)
	return Unavailable(
		Sentence(_("Xero asks for fewer calls at a time. Nothing was sent; it is tried again by itself.")),
		detail,
		retry_after,
	)


def _unauthorised(response: Response, settings: DocLink, detail: str) -> ReconnectRequired:
	"""A missing scope is a 401 too (`AuthorizationUnsuccessful`), and no refresh mends it."""
	says = response.body.decode("utf-8", "replace") + (response.headers.get("WWW-Authenticate") or "")
	if "AuthorizationUnsuccessful" in says or "insufficient_scope" in says:
		return ReconnectRequired(
			Sentence(
				_(
					"The connection to Xero lacks the permission {scope}. Add it to the scopes of your Xero"
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
			_("Xero no longer accepts this site's access. Connect the organisation again in {settings}."),
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
					"Xero does not know the document or the contact this refers to. It may have been"
					" removed in Xero, or belong to another organisation."
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
				"This was sent to Xero, but no answer came that says whether it was carried out."
				" It is looked up in Xero before anything is sent again."
			)
		),
		detail,
	)


def _read_failed(detail: str, retry_after: timedelta | None = None) -> Unavailable:
	return Unavailable(
		Sentence(_("Xero did not give a usable answer. Nothing was changed; it is tried again by itself.")),
		detail,
		retry_after,
	)


def _retry_after(response: Response) -> timedelta | None:
	value = (response.headers.get("Retry-After") or "").strip()
	return timedelta(seconds=int(value)) if value.isascii() and value.isdigit() else None


def _detail(response: Response) -> str:
	body = response.body[:4000].decode("utf-8", "replace")
	return f"{response.method} {response.path}: HTTP {response.status}\n{body}"
