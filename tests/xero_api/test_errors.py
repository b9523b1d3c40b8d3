"""Every way a call can fail becomes the error that says what may be done next."""

from __future__ import annotations

import socket
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.errors import (
	Blocked,
	DayLimitReached,
	OrganisationRefuses,
	OutcomeUnknown,
	ReconnectRequired,
	Rejected,
	Unavailable,
	Unreachable,
	XeroError,
)
from nexwave_xero_connector.xero_api import allocations, contacts, documents, organisation
from nexwave_xero_connector.xero_api.client import Client
from nexwave_xero_connector.xero_api.errors import AccessTokenExpired, NoSuchId

from .conftest import NOW, SETTINGS
from .scripted_server import ScriptedServer

BILL = {"Type": "ACCPAY", "InvoiceNumber": "PI-1"}
EXPIRED = {
	"Type": None,
	"Title": "Unauthorized",
	"Status": 401,
	"Detail": "TokenExpired: token expired at ...",
}
NO_SCOPE = {**EXPIRED, "Detail": "AuthorizationUnsuccessful"}
FORBIDDEN = {"Type": None, "Title": "Forbidden", "Status": 403, "Detail": "AuthenticationUnsuccessful"}


def read(client: Client) -> object:
	return documents.find(client, XeroType.ACCPAY, ["PI-1"])


def write(client: Client) -> object:
	return documents.create(client, XeroType.ACCPAY, [BILL, {**BILL, "InvoiceNumber": "PI-2"}], "key")


def failure(client: Client, call: Callable[[Client], object]) -> XeroError:
	with pytest.raises(XeroError) as raised:
		call(client)
	return raised.value


@pytest.mark.parametrize(
	("status", "body", "of_a_read", "of_a_write"),
	[
		(500, {"ErrorNumber": 500, "Message": "An error occurred in Xero"}, Unavailable, OutcomeUnknown),
		(501, b"", Unavailable, OutcomeUnknown),
		(502, b"<html>", Unavailable, OutcomeUnknown),
		(503, b"The Organisation is offline", Unreachable, Unreachable),
		(504, b"", Unavailable, OutcomeUnknown),
		(408, b"", Unavailable, OutcomeUnknown),
		(409, b"", Unavailable, OutcomeUnknown),
		(302, b"", Unavailable, OutcomeUnknown),
		(404, b"", NoSuchId, Rejected),
		(404, b"The resource you're looking for cannot be found", Unavailable, Rejected),
		(414, b"<xml>", Unavailable, Blocked),
		(413, b"", Unavailable, Rejected),
		(400, {"ErrorNumber": 14, "Type": "PostDataInvalidException", "Message": "JSON"}, Rejected, Rejected),
		(400, b"<html>Akamai</html>", Blocked, Blocked),
		(403, b"<html><body>Request blocked</body></html>", Blocked, Blocked),
		(401, b"<!DOCTYPE html><p>Sign in to the proxy", Blocked, Blocked),
		(
			402,
			{"Title": "Payment Required", "Detail": "Subscription"},
			OrganisationRefuses,
			OrganisationRefuses,
		),
		(403, {**EXPIRED, "Detail": "UserNotPermitted"}, OrganisationRefuses, OrganisationRefuses),
		(403, {"Message": "Organisation is suspended"}, OrganisationRefuses, OrganisationRefuses),
		(401, EXPIRED, AccessTokenExpired, AccessTokenExpired),
		(401, b"", AccessTokenExpired, AccessTokenExpired),
		(401, NO_SCOPE, ReconnectRequired, ReconnectRequired),
		(429, b"", Unavailable, Unavailable),
		(200, b"", Unavailable, OutcomeUnknown),
		(200, b"<html>maintenance</html>", Unavailable, OutcomeUnknown),
		(200, b"\xff\xfe", Unavailable, OutcomeUnknown),
		(200, b'{"Invoices": [', Unavailable, OutcomeUnknown),
		(200, {"Status": "OK"}, Unavailable, OutcomeUnknown),
		(200, {"Invoices": None}, Unavailable, OutcomeUnknown),
		(200, {"Invoices": ["x", "y"]}, Unavailable, OutcomeUnknown),
		(200, [], Unavailable, OutcomeUnknown),
		(
			200,
			b'{"Invoices": [{"InvoiceID": "1", "Type": "ACCPAY", "Total": NaN}]}',
			Unavailable,
			OutcomeUnknown,
		),
		(204, b"", Unavailable, OutcomeUnknown),
	],
)
def test_what_each_response_means(
	server: ScriptedServer,
	client: Client,
	status: int,
	body: object,
	of_a_read: type[XeroError],
	of_a_write: type[XeroError],
) -> None:
	server.answer(body, status=status)
	assert type(failure(client, read)) is of_a_read
	assert type(failure(client, write)) is of_a_write
	assert len(server.seen) == 2


@pytest.mark.parametrize("call", [read, write])
def test_a_refused_connection_is_not_an_unknown_outcome(
	client_to: Callable[..., Client], call: Callable[[Client], object]
) -> None:
	with socket.socket() as taken:
		taken.bind(("127.0.0.1", 0))
		nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
		assert type(failure(client_to(api_url=nobody), call)) is Unreachable


def test_a_name_that_does_not_resolve_is_not_an_unknown_outcome(client_to: Callable[..., Client]) -> None:
	assert type(failure(client_to(api_url="http://xero.invalid"), write)) is Unreachable


def test_an_untrusted_certificate_is_not_an_unknown_outcome(
	client_to: Callable[..., Client], tls_server: str
) -> None:
	error = failure(client_to(api_url=tls_server), write)
	assert type(error) is Unreachable
	assert "certificate" in str(error.sentence)


def test_the_minute_limit_says_how_long_to_wait(server: ScriptedServer, client: Client) -> None:
	server.answer(status=429, headers={"X-Rate-Limit-Problem": "minute", "Retry-After": "26"})
	error = failure(client, write)
	assert isinstance(error, Unavailable) and error.retry_after == timedelta(seconds=26)


@pytest.mark.parametrize("problem", ["concurrent", "appminute"])
def test_the_other_short_limits_may_not_say_how_long_to_wait(
	server: ScriptedServer, client: Client, problem: str
) -> None:
	server.answer(status=429, headers={"X-Rate-Limit-Problem": problem})
	error = failure(client, read)
	assert isinstance(error, Unavailable) and error.retry_after is None


@pytest.mark.parametrize("word", ["day", "Daily", "DayLimit", "tenant-day"])
@pytest.mark.parametrize(
	("headers", "wait"),
	[({"Retry-After": "66975"}, timedelta(seconds=66975)), ({}, timedelta(hours=1))],
)
def test_the_daily_limit_says_until_when(
	server: ScriptedServer, client: Client, headers: dict[str, str], wait: timedelta, word: str
) -> None:
	server.answer(status=429, headers={"X-Rate-Limit-Problem": word, **headers})
	error = failure(client, read)
	assert isinstance(error, DayLimitReached)
	assert error.until == NOW + wait
	assert str(NOW + wait) in str(error.sentence)


def test_a_read_that_fails_with_503_keeps_its_retry_after(server: ScriptedServer, client: Client) -> None:
	server.answer(status=503, headers={"Retry-After": "300"})
	error = failure(client, read)
	assert isinstance(error, Unavailable) and error.retry_after == timedelta(minutes=5)


@pytest.mark.parametrize(
	("call", "scope"),
	[
		(read, "accounting.invoices"),
		(lambda client: documents.read(client, XeroType.ACCRECCREDIT, ["1"]), "accounting.invoices"),
		(
			lambda client: allocations.allocate(client, "1", "2", Decimal(1), date.today(), "k"),
			"accounting.invoices",
		),
		(lambda client: contacts.find_contacts(client, ["C-1"], []), "accounting.contacts"),
		(organisation.accounts, "accounting.settings.read"),
		(organisation.organisation, "accounting.settings.read"),
	],
)
def test_a_missing_scope_is_named_and_not_treated_as_an_expired_token(
	server: ScriptedServer, client: Client, call: Callable[[Client], object], scope: str
) -> None:
	server.answer(NO_SCOPE, status=401, headers={"WWW-Authenticate": "insufficient_scope"})
	error = failure(client, call)
	assert type(error) is ReconnectRequired
	assert scope in str(error.sentence)
	assert SETTINGS in error.sentence.links


def test_a_disconnected_organisation_says_where_to_reconnect(server: ScriptedServer, client: Client) -> None:
	server.answer(FORBIDDEN, status=403)
	assert SETTINGS in failure(client, read).sentence.links


def test_xeros_own_message_reaches_the_user(server: ScriptedServer, client: Client) -> None:
	conflict = "Idempotency Key: key is used with a different request."
	server.answer({"ErrorNumber": 10, "Message": conflict}, status=400)
	error = failure(client, write)
	assert type(error) is Rejected
	assert conflict in str(error.sentence)


def test_all_validation_messages_of_a_refused_batch_are_shown(server: ScriptedServer, client: Client) -> None:
	elements = [
		{"ValidationErrors": [{"Message": "Due date missing."}], "Contact": {"ValidationErrors": []}},
		{"Contact": {"ValidationErrors": [{"Message": "Contact archived."}]}},
	]
	server.answer(
		{"ErrorNumber": 10, "Message": "A validation exception occurred", "Elements": elements}, status=400
	)
	error = failure(client, write)
	assert isinstance(error, Rejected)
	assert "Due date missing. Contact archived." in str(error.sentence)


def test_a_list_that_is_not_found_is_a_failed_read_and_not_an_empty_list(
	server: ScriptedServer, client: Client
) -> None:
	server.answer(status=404)
	with pytest.raises(Unavailable):
		documents.find(client, XeroType.ACCRECCREDIT, ["CN-1"])
	with pytest.raises(Unavailable):
		contacts.find_contacts(client, ["C-1"], ["Kauri"])
