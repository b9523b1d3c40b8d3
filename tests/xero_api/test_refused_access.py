"""A 401 or a 403 counts as a lost connection only where its body says so and Xero's list of connections agrees."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.errors import (
	Cause,
	OrganisationRefuses,
	ReconnectRequired,
	Unreachable,
	XeroError,
)
from nexwave_xero_connector.xero_api import documents
from nexwave_xero_connector.xero_api.client import Client

from .conftest import TENANT, token
from .scripted_server import ScriptedServer

FORBIDDEN = {"Type": None, "Title": "Forbidden", "Status": 403, "Detail": "AuthenticationUnsuccessful"}
EXPIRED = {
	"Type": None,
	"Title": "Unauthorized",
	"Status": 401,
	"Detail": "TokenExpired: token expired at ...",
}
CONNECTED = [{"id": "c", "tenantId": TENANT.upper(), "tenantName": "Kauri", "tenantType": "ORGANISATION"}]


def failure(client: Client, to_a_write: bool = False) -> XeroError:
	with pytest.raises(XeroError) as raised:
		if to_a_write:
			documents.create(client, XeroType.ACCPAY, [{"Type": "ACCPAY", "InvoiceNumber": "PI-1"}], "key")
		else:
			documents.find(client, XeroType.ACCPAY, ["PI-1"])
	return raised.value


@pytest.mark.parametrize("body", [FORBIDDEN, b""])
def test_a_403_that_the_connections_confirm_needs_a_reconnect(
	server: ScriptedServer, client_to: Callable[..., Client], body: object
) -> None:
	told: list[ReconnectRequired] = []
	server.answer(body, status=403).answer([])
	error = failure(client_to(on_reconnect_required=told.append))
	assert isinstance(error, ReconnectRequired) and error.cause is Cause.DISCONNECTED
	assert told == [error]


@pytest.mark.parametrize("to_a_write", [True, False])
def test_a_403_that_the_connections_do_not_confirm_is_the_organisations(
	server: ScriptedServer, client_to: Callable[..., Client], to_a_write: bool
) -> None:
	told: list[ReconnectRequired] = []
	server.answer(FORBIDDEN, status=403).answer(CONNECTED)
	error = failure(client_to(on_reconnect_required=told.append), to_a_write)
	assert type(error) is OrganisationRefuses
	assert "HTTP 403: AuthenticationUnsuccessful" in str(error.sentence)
	assert ("role such as Standard or Adviser" in str(error.sentence)) is to_a_write
	assert told == []


def test_a_403_while_the_connections_cannot_be_read_says_nothing_about_them(
	server: ScriptedServer, client: Client
) -> None:
	server.answer(FORBIDDEN, status=403).answer(b"offline", status=503)
	assert type(failure(client)) is Unreachable


def test_a_fresh_token_that_lists_the_organisation_has_not_expired(
	server: ScriptedServer, client_to: Callable[..., Client]
) -> None:
	server.answer(EXPIRED, status=401).answer(EXPIRED, status=401).answer(CONNECTED)
	error = failure(client_to(renew=lambda spent: token("access-2")))
	assert type(error) is OrganisationRefuses
	assert [seen.path for seen in server.seen][-1].lower() == "/connections"


def test_a_fresh_token_that_xero_does_not_know_needs_a_reconnect(
	server: ScriptedServer, client_to: Callable[..., Client]
) -> None:
	server.answer(EXPIRED, status=401)
	error = failure(client_to(renew=lambda spent: token("access-2")))
	assert isinstance(error, ReconnectRequired) and error.cause is Cause.CONSENT_GONE
