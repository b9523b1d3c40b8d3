"""Every way a call can fail, classified by what may be done next: see sync.errors.

A failed write counts as having changed nothing only where that is certain. Everything else is OutcomeUnknown: a 5xx
other than 503 may have saved a batch or part of it, and so may a call whose response was cut off or cannot be read.
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from urllib3.exceptions import (
	ConnectTimeoutError,
	NewConnectionError,
	ProxyError,
	ReadTimeoutError,
	SSLError,
)

from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.errors import (
	Blocked,
	Cause,
	DayLimitReached,
	OrganisationRefuses,
	OutcomeUnknown,
	ReconnectRequired,
	Rejected,
	Unavailable,
	Unreachable,
	XeroError,
	first_line,
)
from nexwave_xero_connector.sync.records import ValidationErrors
from nexwave_xero_connector.xero_api.rate_limit_headers import rate_limits_of
from nexwave_xero_connector.xero_api.response import Response, validation_messages
from nexwave_xero_connector.xero_api.transport import NoResponse

REFUSED_BY_STATUS = frozenset({400, 402, 404, 405, 406, 411, 412, 413, 414, 415, 422})
"""Statuses that say that a write was not even started. 408, 409 and the like do not say so."""

MAX_WORDS = 150
"""How many characters of what was answered a sentence shows; the log's detail has more."""

_MARKUP = re.compile(r"(?is)<(script|style)\b.*?</\1>|<!--.*?-->|<[^>]*>")
_ADDRESS = re.compile(r"<[^>]* object at 0x[0-9a-f]+>")

DAY_LIMIT_WITHOUT_TIME = timedelta(hours=1)
"""The wait if Xero says that the daily limit is reached, but not until when."""

WRITE_SCOPES = {
	"invoices": "accounting.invoices",
	"creditnotes": "accounting.invoices",
	"contacts": "accounting.contacts",
}
SETTINGS_SCOPE = "accounting.settings.read"
ATTACHMENTS_SCOPE = "accounting.attachments"


class AccessTokenExpired(ReconnectRequired):
	"""Nothing was changed; the same call should succeed with a fresh access token. If not, somebody must reconnect."""

	to_a_write = False


class ValidationFailed(Rejected):
	"""Xero's validation refused the whole call; `errors` has the messages."""

	def __init__(self, sentence: Sentence, detail: str, errors: ValidationErrors) -> None:
		super().__init__(sentence, detail)
		self.errors = errors


class NoSuchId(Unavailable):
	"""Xero does not have this id. For a list, this is a failed read like any other."""


class NotAuthorised(ReconnectRequired):
	"""A 403 in the words for an organisation that is not connected, which only Xero's list of connections confirms."""

	to_a_write = False


def no_response(failure: NoResponse) -> XeroError:
	"""The error for a call that ended without a response."""
	error = failure.error
	detail = f"{_in_a_few_words(error)}\n{failure}"
	if isinstance(error, (NewConnectionError, ConnectTimeoutError, ProxyError)):
		return Unreachable(
			Sentence(
				_("Xero could not be reached ({answered}), so nothing was sent."),
				answered=_in_a_few_words(error),
			),
			detail,
		)
	if isinstance(error, SSLError) and _is_of_the_handshake(error):
		return Unreachable(
			Sentence(
				_(
					"The server's TLS certificate check for Xero failed ({answered}), so nothing was sent."
					" Ask your administrator to check the server's network and certificates."
				),
				answered=_in_a_few_words(error),
			),
			detail,
		)
	return _write_is_unknown(detail) if failure.method != "GET" else _read_failed(detail)


def _in_a_few_words(error: Exception) -> str:
	"""What the network did, without the object addresses and nested causes of urllib3's texts."""
	if isinstance(error, ReadTimeoutError):
		return "no response in time"
	if isinstance(error, ConnectTimeoutError):
		return "no connection in time"
	reason = error.args[-1] if error.args else error
	reason = reason if isinstance(reason, Exception) else error
	text = str(getattr(reason, "strerror", None) or reason)
	return _ADDRESS.sub("", text).strip(" :")[:MAX_WORDS] or type(error).__name__


def _is_of_the_handshake(error: SSLError) -> bool:
	"""Whether the connection was refused before anything could be sent over it."""
	reason = error.args[0] if error.args else None
	if isinstance(reason, ssl.SSLCertVerificationError):
		return True
	name = str(getattr(reason, "reason", "") or "")
	return any(word in name for word in ("HANDSHAKE", "ALERT", "VERSION", "PROTOCOL", "CERTIFICATE", "NAME"))


def bad_status(response: Response, settings: DocLink, now: datetime) -> XeroError:
	"""The error for a response other than 2xx.

	A status is not a cause: 401, 402 and 403 are read by their body. A page, which Xero's API never answers with, comes
	from something in front of it.
	"""
	detail = _detail(response)
	if response.status == 429:
		return _too_many_calls(response, now, detail)
	if response.status in (401, 402, 403):
		return _refused_access(response, settings, detail)
	if response.status == 503:
		return _out_of_order(response, detail)
	if not response.to_a_write and response.status == 404 and not response.body:
		return NoSuchId(_read_failed(detail).sentence, detail)
	if response.status == 400 or (response.to_a_write and response.status in REFUSED_BY_STATUS):
		return _refused(response, detail)
	if response.to_a_write:
		return _write_is_unknown(detail)
	return _read_failed(detail, _retry_after(response))


def still_connected(error: XeroError, to_a_write: bool, settings: DocLink) -> OrganisationRefuses:
	"""What a 401 or 403 amounts to if Xero lists the organisation among the connections of this very token."""
	if to_a_write:
		return OrganisationRefuses(
			Sentence(
				_(
					"The organisation is connected, but Xero does not let the user who connected it create or change"
					" documents ({answered}). Give that user a role such as Standard or Adviser in Xero, or connect"
					" again in {settings} as another user. Waiting documents will be sent automatically then."
				),
				answered=error.answered,
				settings=settings,
			),
			error.detail,
		)
	return OrganisationRefuses(
		Sentence(
			_(
				"The organisation is connected, but Xero refuses access to it ({answered}). Check its subscription and"
				" the role of the user who connected it, in Xero; the connection is in {settings}. Waiting documents"
				" will be sent automatically once Xero gives access again."
			),
			answered=error.answered,
			settings=settings,
		),
		error.detail,
	)


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
	if rate_limits_of(response).exceeded == "day":
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


def _refused_access(response: Response, settings: DocLink, detail: str) -> XeroError:
	"""A missing scope is a 401 too (`AuthorizationUnsuccessful`), which a token refresh does not fix."""
	if _is_page(response):
		return Blocked(
			Sentence(
				_(
					"Something between this site and Xero, such as a firewall, refused the call ({answered}). Look for"
					" unusual text in the document and in the names that it carries, or ask your administrator."
				),
				answered=_answered(response),
			),
			detail,
		)
	says = response.body.decode("utf-8", "replace")
	asks_for = response.headers.get("WWW-Authenticate") or ""
	if "insufficient_scope" in says + asks_for or (
		response.status == 401 and "AuthorizationUnsuccessful" in says
	):
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
	if response.status == 401:
		expired = AccessTokenExpired(
			Sentence(
				_(
					"Xero no longer accepts this site's access token. Connect the organisation again in {settings}."
				),
				settings=settings,
			),
			detail,
			Cause.CONSENT_GONE,
		)
		expired.to_a_write = response.to_a_write
		return expired
	if response.status == 403 and (not says.strip() or "AuthenticationUnsuccessful" in says):
		not_authorised = NotAuthorised(
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
		not_authorised.to_a_write = response.to_a_write
		return not_authorised
	return still_connected(XeroError(Sentence(""), detail), response.to_a_write, settings)


def _out_of_order(response: Response, detail: str) -> Unreachable:
	"""Xero's documentation: a 503 says that Xero, or this organisation, is offline. Nothing was carried out."""
	return Unreachable(
		Sentence(
			_("Xero is not available ({answered}). Nothing was sent."),
			answered=_answered(response),
		),
		detail,
		_retry_after(response),
	)


def _scope_for(path: str) -> str:
	resource, *below = path.lower().rpartition("/api.xro/2.0/")[2].split("/")
	if "attachments" in below:
		return ATTACHMENTS_SCOPE
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
	if _is_page(response):
		return Blocked(
			Sentence(
				_("Something between this site and Xero refused the call ({answered}). Nothing was changed."),
				answered=_answered(response),
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
				"This was sent to Xero, but no response confirmed whether it was saved ({answered})."
				" It will be looked up in Xero before anything is sent again."
			),
			answered=first_line(detail),
		),
		detail,
	)


def _read_failed(detail: str, retry_after: timedelta | None = None) -> Unavailable:
	return Unavailable(
		Sentence(
			_("Xero did not return a usable response ({answered}). Nothing was changed."),
			answered=first_line(detail),
		),
		detail,
		retry_after,
	)


def _retry_after(response: Response) -> timedelta | None:
	value = (response.headers.get("Retry-After") or "").strip()
	return timedelta(seconds=int(value)) if value.isascii() and value.isdigit() else None


def _detail(response: Response) -> str:
	body = response.body[:4000].decode("utf-8", "replace")
	return f"{_answered(response)}\n{response.method} {response.path}\n{body}"


def _answered(response: Response) -> str:
	"""The status with the words of the body: Xero's own, or those of a page."""
	text = response.body[:20_000].decode("utf-8", "replace")
	try:
		body = response.json()
	except ValueError:
		words = " ".join(_MARKUP.sub(" ", text).split())
	else:
		fields = body if isinstance(body, dict) else {}
		words = str(fields.get("Detail") or fields.get("Message") or fields.get("Title") or "")
	words = words[:MAX_WORDS].strip().rstrip(".")
	return f"HTTP {response.status}: {words}" if words else f"HTTP {response.status}"


def _is_page(response: Response) -> bool:
	return response.body.lstrip()[:1] == b"<" or (
		bool(response.body.strip()) and "html" in (response.headers.get("Content-Type") or "").lower()
	)
