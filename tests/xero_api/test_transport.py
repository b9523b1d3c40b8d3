"""What is sent to Xero, how often, and with whose token."""

from __future__ import annotations

import json
import signal
import traceback
from collections.abc import Callable
from datetime import date
from decimal import Decimal

import pytest

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.errors import OutcomeUnknown, Unavailable
from nexwave_xero_connector.xero_api import documents
from nexwave_xero_connector.xero_api.client import Client
from nexwave_xero_connector.xero_api.errors import AccessTokenExpired
from nexwave_xero_connector.xero_api.exact_json import exact_json
from nexwave_xero_connector.xero_api.rate_limit_headers import RateLimits
from nexwave_xero_connector.xero_api.transport import Call

from .conftest import NOW, SETTINGS, TENANT, token
from .scripted_server import ScriptedServer

ID = "11111111-1111-4111-8111-111111111111"
BILL = {"Type": "ACCPAY", "InvoiceNumber": "PI-1", "Status": "AUTHORISED"}
CREATED = {"Invoices": [{**BILL, "InvoiceID": ID, "Total": 11.5, "StatusAttributeString": "OK"}]}
NOTHING = {"Invoices": []}


def test_amounts_are_sent_with_the_digits_they_were_computed_with(
	server: ScriptedServer, client: Client
) -> None:
	server.answer(CREATED)
	line = {
		"Description": "Wörk",
		"UnitAmount": Decimal("10.10"),
		"Quantity": Decimal("1E+2"),
		"Rate": Decimal("0.00005"),
		"Tiny": Decimal("0.00000001"),
		"Big": Decimal("9999999999.99"),
		"Exact": Decimal("1234567890123.456789"),
	}
	body = {**BILL, "Date": date(2026, 1, 2), "SentToContact": True, "LineItems": [line], "Note": None}
	documents.create(client, XeroType.ACCPAY, [body], "key")
	sent = server.seen[0].body
	for exact in (
		b'"UnitAmount":10.10',
		b'"Quantity":100,',
		b'"Rate":0.00005,',
		b'"Tiny":0.00000001,',
		b'"Big":9999999999.99,',
		b'"Exact":1234567890123.456789',
		b'"Date":"2026-01-02"',
		b'"SentToContact":true',
		b'"Note":null',
	):
		assert exact in sent
	assert json.loads(sent)["Invoices"][0]["LineItems"][0]["Description"] == "Wörk"


@pytest.mark.parametrize("value", [10.1, {"UnitAmount": 0.1}, object()])
def test_a_float_is_refused_before_anything_is_sent(value: object) -> None:
	with pytest.raises(TypeError):
		exact_json([value])


def test_an_amount_that_is_not_a_number_is_refused() -> None:
	with pytest.raises(ValueError):
		exact_json({"UnitAmount": Decimal("NaN")})


def test_a_create_is_a_put_with_its_key_and_its_organisation(server: ScriptedServer, client: Client) -> None:
	server.answer(CREATED)
	documents.create(client, XeroType.ACCPAY, [BILL], "key-7")
	(seen,) = server.seen
	assert (seen.method, seen.path) == ("PUT", "/api.xro/2.0/Invoices")
	assert seen.query == {"summarizeErrors": ["False"], "unitdp": ["4"]}
	assert seen.headers["idempotency-key"] == "key-7"
	assert seen.headers["xero-tenant-id"] == TENANT
	assert seen.headers["authorization"] == "Bearer access-1"
	assert seen.headers["content-type"] == "application/json"
	assert seen.headers["accept"] == "application/json"


@pytest.mark.parametrize("fault", ["drop", "stall", "cut"])
def test_a_write_whose_response_is_lost_is_sent_once_and_its_outcome_is_unknown(
	server: ScriptedServer, client: Client, fault: str
) -> None:
	server.answer(CREATED, fault=fault)
	with pytest.raises(OutcomeUnknown):
		documents.create(client, XeroType.ACCPAY, [BILL], "key")
	assert len(server.seen) == 1


@pytest.mark.parametrize("fault", ["drop", "stall", "cut"])
def test_a_read_whose_response_is_lost_is_unavailable_and_not_empty(
	server: ScriptedServer, client: Client, fault: str
) -> None:
	server.answer(NOTHING, fault=fault)
	with pytest.raises(Unavailable):
		documents.find(client, XeroType.ACCPAY, ["PI-1"])
	assert len(server.seen) == 1


@pytest.mark.parametrize("status", [429, 503])
def test_no_call_sleeps_through_a_retry_after(server: ScriptedServer, client: Client, status: int) -> None:
	server.answer(status=status, headers={"Retry-After": "1"}).answer(CREATED)
	with pytest.raises((Unavailable, OutcomeUnknown)):
		documents.create(client, XeroType.ACCPAY, [BILL], "key")
	assert len(server.seen) == 1


def test_a_redirect_is_not_followed(server: ScriptedServer, client: Client) -> None:
	server.answer(status=307, headers={"Location": f"{server.url}/elsewhere"}).answer(CREATED)
	with pytest.raises(OutcomeUnknown):
		documents.create(client, XeroType.ACCPAY, [BILL], "key")
	assert [seen.path for seen in server.seen] == ["/api.xro/2.0/Invoices"]


def test_two_clients_of_one_process_keep_their_tokens_apart(
	server: ScriptedServer, client_to: Callable[..., Client]
) -> None:
	server.answer(NOTHING)
	first = client_to("token-of-a", tenant="tenant-a")
	second = client_to("token-of-b", tenant="tenant-b")
	for client in (first, second, first):
		documents.find(client, XeroType.ACCREC, ["SI-1"])
	assert [(seen.headers["authorization"], seen.headers["xero-tenant-id"]) for seen in server.seen] == [
		("Bearer token-of-a", "tenant-a"),
		("Bearer token-of-b", "tenant-b"),
		("Bearer token-of-a", "tenant-a"),
	]
	# One after the other the SDK would work with one shared token, but not in two threads.
	tokens = [each.accounting.api_client.configuration.oauth2_token for each in (first, second)]
	assert tokens[0] is not tokens[1]


def test_the_sdk_never_refreshes_but_reports_an_expired_token(server: ScriptedServer) -> None:
	server.answer(NOTHING)
	client = Client(token(seconds_left=30), TENANT, settings=SETTINGS, now=lambda: NOW, api_url=server.url)
	with pytest.raises(AccessTokenExpired):
		documents.find(client, XeroType.ACCREC, ["SI-1"])
	assert server.seen == []


def test_an_accounting_call_needs_an_organisation(client_to: Callable[..., Client]) -> None:
	with pytest.raises(ValueError):
		documents.find(client_to(tenant=""), XeroType.ACCREC, ["SI-1"])


def test_the_remaining_calls_are_known_after_each_call(server: ScriptedServer, client: Client) -> None:
	assert client.rate_limits == RateLimits()
	server.answer(NOTHING, headers={"X-DayLimit-Remaining": "990", "X-MinLimit-Remaining": "59"})
	server.answer(status=429, headers={"X-MinLimit-Remaining": "0", "X-Rate-Limit-Problem": "minute"})
	documents.find(client, XeroType.ACCREC, ["SI-1"])
	assert client.rate_limits == RateLimits(day=990, minute=59)
	with pytest.raises(Unavailable):
		documents.find(client, XeroType.ACCREC, ["SI-1"])
	assert client.rate_limits == RateLimits(minute=0, exceeded="minute")


def test_each_call_is_logged_without_its_token(
	server: ScriptedServer, client_to: Callable[..., Client]
) -> None:
	calls: list[Call] = []
	client = client_to("secret-token", on_call=calls.append)
	server.answer(NOTHING).answer(fault="drop")
	documents.find(client, XeroType.ACCREC, ["SI-1"])
	with pytest.raises(OutcomeUnknown):
		documents.create(client, XeroType.ACCPAY, [BILL], "key")
	assert [(call.method, call.path, call.status) for call in calls] == [
		("GET", "/api.xro/2.0/Invoices", 200),
		("PUT", "/api.xro/2.0/Invoices", None),
	]
	assert all(call.seconds >= 0 for call in calls)
	assert "secret-token" not in repr(calls)


@pytest.mark.parametrize("fault", ["", "drop"])
def test_no_error_report_shows_the_token(server: ScriptedServer, client: Client, fault: str) -> None:
	server.answer(b"oops", status=500, fault=fault)
	with pytest.raises(OutcomeUnknown) as raised:
		documents.create(client, XeroType.ACCPAY, [BILL], "key")
	error = raised.value
	report = "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())
	assert server.seen[0].headers["authorization"] == "Bearer access-1"
	assert "access-1" not in report + str(error.sentence) + error.detail


def test_a_job_that_is_stopped_in_the_middle_of_a_call_does_not_show_the_token(
	server: ScriptedServer, client: Client
) -> None:
	class JobTimeout(Exception):
		pass

	def stop(*_arguments: object) -> None:
		raise JobTimeout

	server.answer(CREATED, fault="stall")
	usual = signal.signal(signal.SIGALRM, stop)
	signal.setitimer(signal.ITIMER_REAL, 0.2)
	try:
		with pytest.raises(JobTimeout) as raised:
			documents.create(client, XeroType.ACCPAY, [BILL], "key")
	finally:
		signal.signal(signal.SIGALRM, usual)
	report = "".join(traceback.TracebackException.from_exception(raised.value, capture_locals=True).format())
	assert "access-1" not in report
