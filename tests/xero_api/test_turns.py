"""Each call for an organisation takes a turn, returns it, and passes on what Xero said about its limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.errors import DayLimitReached, Throttled, Unavailable
from nexwave_xero_connector.xero_api import documents
from nexwave_xero_connector.xero_api.client import Client
from nexwave_xero_connector.xero_api.connections import connections
from nexwave_xero_connector.xero_api.rate_limit_headers import RateLimits

from .conftest import token
from .scripted_server import ScriptedServer

NOTHING = b'{"Invoices": []}'


class Turns:
	"""Counts the turns that are taken and returned; a full one gives none."""

	def __init__(self, is_full: bool = False) -> None:
		self.is_full = is_full
		self.taken: list[str] = []
		self.ended: list[tuple[str, RateLimits | None]] = []

	def acquire(self) -> str:
		if self.is_full:
			raise Throttled(Sentence("Not now."), retry_after=timedelta(seconds=30))
		self.taken.append(f"turn {len(self.taken)}")
		return self.taken[-1]

	def release(self, turn: str, rate_limits: RateLimits | None) -> None:
		self.ended.append((turn, rate_limits))


@pytest.fixture
def turns() -> Turns:
	return Turns()


@pytest.fixture
def client(client_to: Callable[..., Client], turns: Turns) -> Client:
	return client_to(rate_limiter=turns)


def test_the_remaining_calls_are_passed_to_the_rate_limiter(
	server: ScriptedServer, client: Client, turns: Turns
) -> None:
	server.answer(NOTHING, headers={"X-DayLimit-Remaining": "990", "X-MinLimit-Remaining": "59"})
	documents.find(client, XeroType.ACCREC, ["SI-1"])
	assert turns.ended == [("turn 0", RateLimits(minute=59, day=990))]


def test_a_call_without_a_response_returns_its_turn(
	server: ScriptedServer, client: Client, turns: Turns
) -> None:
	server.answer(NOTHING, headers={"X-MinLimit-Remaining": "59"}).answer(fault="drop")
	documents.find(client, XeroType.ACCREC, ["SI-1"])
	with pytest.raises(Unavailable):
		documents.find(client, XeroType.ACCREC, ["SI-1"])
	assert turns.ended[1:] == [("turn 1", None)]


@pytest.mark.parametrize(
	("problem", "retry_after", "wait"), [("minute", "26", 26), ("appminute", "7", 7), ("concurrent", None, 5)]
)
def test_a_429_is_left_to_the_rate_limiter_and_is_no_attempt_of_the_document(
	server: ScriptedServer, client: Client, turns: Turns, problem: str, retry_after: str | None, wait: int
) -> None:
	headers = {"X-Rate-Limit-Problem": problem, **({"Retry-After": retry_after} if retry_after else {})}
	server.answer(status=429, headers=headers)
	with pytest.raises(Throttled) as raised:
		documents.find(client, XeroType.ACCREC, ["SI-1"])
	assert raised.value.retry_after == timedelta(seconds=wait)
	told = RateLimits(exceeded=problem, retry_after=int(retry_after) if retry_after else None)
	assert turns.ended == [("turn 0", told)]


def test_the_app_s_limit_is_recognised_by_the_remaining_calls_whatever_xero_calls_it(
	server: ScriptedServer, client: Client, turns: Turns
) -> None:
	headers = {"X-Rate-Limit-Problem": "app", "X-AppMinLimit-Remaining": "0", "Retry-After": "9"}
	server.answer(status=429, headers=headers)
	with pytest.raises(Throttled):
		documents.find(client, XeroType.ACCREC, ["SI-1"])
	assert turns.ended == [("turn 0", RateLimits(exceeded="appminute", retry_after=9))]


def test_a_429_for_the_daily_limit_pauses_the_company(
	server: ScriptedServer, client: Client, turns: Turns
) -> None:
	server.answer(status=429, headers={"X-Rate-Limit-Problem": "day", "Retry-After": "3600"})
	with pytest.raises(DayLimitReached):
		documents.find(client, XeroType.ACCREC, ["SI-1"])
	assert turns.ended == [("turn 0", RateLimits(exceeded="day", retry_after=3600))]


def test_without_a_turn_nothing_is_sent(server: ScriptedServer, client_to: Callable[..., Client]) -> None:
	client = client_to(rate_limiter=Turns(is_full=True))
	with pytest.raises(Throttled):
		documents.create(client, XeroType.ACCPAY, [{"InvoiceNumber": "PI-1"}], "key")
	assert server.seen == []


def test_the_repeated_call_with_a_fresh_token_takes_its_own_turn(
	server: ScriptedServer, client_to: Callable[..., Client], turns: Turns
) -> None:
	server.answer(b'{"Title": "Unauthorized", "Detail": "TokenExpired"}', status=401).answer(NOTHING)
	client = client_to(rate_limiter=turns, renew=lambda spent: token("access-2"))
	documents.find(client, XeroType.ACCREC, ["SI-1"])
	assert [turn for turn, _limits in turns.ended] == turns.taken == ["turn 0", "turn 1"]


def test_identity_calls_belong_to_no_organisation(
	server: ScriptedServer, client: Client, turns: Turns
) -> None:
	server.answer(b"[]")
	connections(client)
	assert turns.taken == []
