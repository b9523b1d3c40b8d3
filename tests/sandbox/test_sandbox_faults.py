"""Faults: what is saved and what the client sees."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
import requests
from sandbox_api import Api, messages

CONNECTION_LOST = (requests.ConnectionError, requests.ReadTimeout)
PATIENCE_SECONDS = 30


def saved(api: Api) -> list[str]:
	return [document["number"] for document in api.admin.documents()]


def wait_until_saved(api: Api, expected: list[str]) -> None:
	end = time.monotonic() + PATIENCE_SECONDS
	while saved(api) != expected:
		assert time.monotonic() < end, f"{saved(api)} are saved, not {expected}"
		time.sleep(0.01)


def in_background(function: Any, *arguments: Any, **more: Any) -> tuple[threading.Thread, list[Any]]:
	"""Runs a call in the background; its response or exception ends up in the list."""
	results: list[Any] = []

	def run() -> None:
		try:
			results.append(function(*arguments, **more))
		except requests.RequestException as error:
			results.append(error)

	thread = threading.Thread(target=run)
	thread.start()
	return thread, results


@pytest.mark.parametrize(("kind", "kept"), [("drop_before", []), ("drop_after", ["SINV-1"])])
def test_dropped_connections(api: Api, kind: str, kept: list[str]) -> None:
	api.admin.fault(kind, method="PUT", path="/invoices$")
	with pytest.raises(requests.ConnectionError):
		api.put("/Invoices", api.invoice())
	assert saved(api) == kept
	assert api.admin.requests(method="PUT")[-1]["status"] is None


@pytest.mark.parametrize(
	("kind", "status", "kept"),
	[
		("error_before", 500, []),
		("error_before", 412, []),
		("error_before", 501, []),
		("error_after", 502, ["SINV-1"]),
	],
)
def test_server_errors(api: Api, kind: str, status: int, kept: list[str]) -> None:
	api.admin.fault(kind, path="/invoices", status=status)
	response = api.put("/Invoices", api.invoice())
	assert response.status_code == status
	assert (response.content == b"") == (status in (412, 501))
	assert saved(api) == kept


def test_a_resend_gets_the_kept_server_error(api: Api) -> None:
	headers = {"Idempotency-Key": "k"}
	api.admin.fault("error_after", path="/invoices")
	assert [api.call("PUT", "/Invoices", api.invoice(), headers=headers).status_code for _ in "12"] == [
		500,
		500,
	]
	api.admin.fault("error_after", path="/invoices", kept=False)
	headers = {"Idempotency-Key": "other"}
	body = api.invoice("SINV-2")
	assert [api.call("PUT", "/Invoices", body, headers=headers).status_code for _ in "12"] == [500, 200]


def test_a_server_error_may_have_saved_part_of_a_batch(api: Api) -> None:
	api.admin.fault("error_partway", method="PUT", saved=2, status=503)
	batch = {"Invoices": [api.bill(number) for number in "ABC"]}
	headers = {"Idempotency-Key": "k"}
	assert api.call("PUT", "/Invoices", batch, headers=headers).status_code == 503
	assert saved(api) == ["A", "B"]
	assert api.call("PUT", "/Invoices", batch, headers=headers).status_code == 503, "the key keeps it"
	assert api.call("PUT", "/Invoices", batch).status_code == 200
	assert saved(api) == ["A", "B", "A", "B", "C"], "a resend under a new key doubles the bills"
	api.admin.fault("error_partway", method="PUT", kept=False)
	headers = {"Idempotency-Key": "other"}
	assert [api.call("PUT", "/Invoices", batch, headers=headers).status_code for _ in "12"] == [500, 200]


def test_a_batch_may_be_refused_though_it_was_saved_in_part(api: Api) -> None:
	"""As users report (waynerobinson/xeroizer, XeroAPI/xero-ruby#247)."""
	api.admin.fault("refused_partway", method="PUT", message="Account must be valid.")
	batch = {"Invoices": [api.bill(number) for number in "ABC"]}
	headers = {"Idempotency-Key": "k"}
	refused = api.call("PUT", "/Invoices", batch, headers=headers, summarizeErrors="false")
	assert (refused.status_code, messages(refused)) == (400, ["Account must be valid."])
	assert [element["InvoiceNumber"] for element in refused.json()["Elements"]] == ["C"]
	assert saved(api) == ["A", "B"]
	again = api.call("PUT", "/Invoices", batch, headers=headers, summarizeErrors="false")
	assert again.status_code == 400 and saved(api) == ["A", "B"], "the key keeps it"
	for saves, found in ((0, []), (1, ["S"])):
		api.admin.fault("refused_partway", method="PUT", saved=saves)
		assert api.put("/Invoices", {"Invoices": [api.bill("S")]}).status_code == 400
		assert saved(api) == ["A", "B", *found]


def test_the_elements_of_an_answer_may_come_in_another_order(api: Api) -> None:
	api.admin.fault("reordered", method="PUT")
	batch = {"Invoices": [api.bill(number) for number in ("RENT", "RENT", "POWER")]}
	answer = api.call("PUT", "/Invoices", batch, summarizeErrors="false").json()["Invoices"]
	assert [element["InvoiceNumber"] for element in answer] == ["POWER", "RENT", "RENT"]
	assert saved(api) == ["RENT", "RENT", "POWER"]
	found = {row["id"]: row["number"] for row in api.admin.documents()}
	assert {element["InvoiceID"]: element["InvoiceNumber"] for element in answer} == found


def test_an_answer_in_another_order_may_be_spoilt_as_well(api: Api) -> None:
	for kind in ("garbage_after", "reordered"):
		api.admin.fault(kind, method="PUT")
	answer = api.call("PUT", "/Invoices", {"Invoices": [api.bill("A"), api.bill("B")]})
	assert (answer.status_code, answer.text[-5:]) == (200, '"Invo')
	assert saved(api) == ["A", "B"]


def test_the_key_store_may_be_down(api: Api) -> None:
	api.admin.fault("key_store_down", count=2)
	headers = {"Idempotency-Key": "k"}
	assert api.call("PUT", "/Invoices", api.bill("A")).status_code == 200, "no key is needed for it"
	assert [api.call("PUT", "/Invoices", api.bill("B"), headers=headers).status_code for _ in "123"] == [
		500,
		500,
		200,
	]
	assert saved(api) == ["A", "B"]


@pytest.mark.parametrize(("kind", "kept"), [("garbage_before", []), ("garbage_after", ["SINV-1"])])
def test_garbage(api: Api, kind: str, kept: list[str]) -> None:
	api.admin.fault(kind, method="PUT")
	with pytest.raises(requests.JSONDecodeError):
		api.put("/Invoices", api.invoice()).json()
	assert saved(api) == kept


def test_unknown_enum(api: Api) -> None:
	api.admin.fault("unknown_enum", method="PUT", field="Status", value="CONTESTED")
	body = api.put("/Invoices", api.invoice()).json()
	assert (body["Status"], body["Invoices"][0]["Status"]) == ("OK", "CONTESTED")


def test_limits_and_outages(api: Api) -> None:
	api.admin.fault("rate_limit", problem="day", retry_after=66975)
	response = api.get("/Invoices")
	assert (response.status_code, response.content) == (429, b"")
	assert (response.headers["X-Rate-Limit-Problem"], response.headers["Retry-After"]) == ("day", "66975")
	api.admin.fault("rate_limit", problem="concurrent")
	assert "Retry-After" not in api.get("/Invoices").headers
	api.admin.fault("unavailable")
	api.admin.fault("unavailable", skip=1, retry_after=5)
	first, second = api.get("/Invoices"), api.get("/Invoices")
	assert (first.status_code, "Retry-After" in first.headers) == (503, False)
	assert (second.status_code, second.headers["Retry-After"]) == (503, "5")


def test_connection_faults(api: Api) -> None:
	api.admin.fault("token_expired")
	assert api.get("/Invoices").json()["Detail"].startswith("TokenExpired")
	api.token = api.admin.mint(api.tenant)
	api.admin.fault("disconnect")
	assert api.get("/Invoices").status_code == 403
	api.token = api.admin.mint(api.tenant)
	api.admin.fault("lock_date", method="PUT", date="2026-11-30")
	assert "lock date" in messages(api.put("/Invoices", api.invoice()))[0]


def test_a_refused_element(api: Api) -> None:
	text = "You have reached the limit of invoices you can approve"
	api.admin.fault("refuse", contains='"B"', message=text, count=None)
	batch = {"Invoices": [api.invoice("A"), api.invoice("B")]}
	assert messages(api.put("/Invoices", batch, summarizeErrors="false")) == [text]
	assert saved(api) == ["A"]


def test_skip_count_and_seeded_probability(api: Api) -> None:
	api.admin.fault("unavailable", path="accounts", skip=1, count=2)
	assert [api.get("/Accounts").status_code for _ in range(4)] == [200, 503, 503, 200]
	runs = []
	for _ in range(2):
		api.admin.clear_faults()
		api.admin.fault("unavailable", probability=0.5, seed=7, count=None)
		runs.append([api.get("/Accounts").status_code for _ in range(12)])
	assert runs[0] == runs[1] and set(runs[0]) == {200, 503}


def test_latency(api: Api) -> None:
	api.admin.fault("latency_after", seconds=5)
	with pytest.raises(requests.ReadTimeout):
		api.call("PUT", "/Invoices", api.invoice(), timeout=0.3)
	assert saved(api) == ["SINV-1"]
	api.admin.fault("latency_before", seconds=60)
	with pytest.raises(requests.ReadTimeout):
		api.call("PUT", "/Invoices", api.invoice("SINV-2"), timeout=0.2)
	assert saved(api) == ["SINV-1"]
	api.admin.advance(60)
	# A client that gives up does not stop the write.
	wait_until_saved(api, ["SINV-1", "SINV-2"])


@pytest.mark.parametrize(("kind", "while_held"), [("hold_before", []), ("hold_after", ["SINV-1"])])
def test_holding_a_call_in_flight(api: Api, kind: str, while_held: list[str]) -> None:
	fault = api.admin.fault(kind, method="PUT", contains="SINV-1")
	thread, results = in_background(api.put, "/Invoices", api.invoice())
	held = api.admin.wait_for_hold()
	assert (held[0]["path"], held[0]["fault"]) == ("/api.xro/2.0/Invoices", fault)
	assert saved(api) == while_held and results == []
	assert api.admin.release() == 1
	thread.join(5)
	assert results[0].status_code == 200 and saved(api) == ["SINV-1"]


def test_a_held_call_can_be_lost(api: Api) -> None:
	api.admin.fault("hold_after", method="PUT")
	thread, results = in_background(api.put, "/Invoices", api.invoice())
	api.admin.wait_for_hold()
	assert api.admin.abort() == 1
	thread.join(5)
	assert isinstance(results[0], CONNECTION_LOST) and saved(api) == ["SINV-1"]


def test_a_late_write_is_applied_when_the_moved_clock_passes_it(api: Api) -> None:
	api.admin.fault("late_write", method="PUT", seconds=120)
	with pytest.raises(requests.ConnectionError):
		api.put("/Invoices", api.invoice())
	api.admin.advance(119)
	assert saved(api) == []
	api.admin.advance(2)
	assert saved(api) == ["SINV-1"]
	assert [(row["applied"], row["status"]) for row in api.admin.late_writes()] == [(True, 200)]


def test_a_late_write_is_applied_in_real_time_and_the_client_may_time_out(api: Api) -> None:
	api.admin.fault("late_write", method="PUT", seconds=60, mode="timeout")
	with pytest.raises(requests.ReadTimeout):
		api.call("PUT", "/Invoices", api.invoice(), timeout=0.1)
	due_in = api.admin.late_writes()[0]["due_in"]
	api.admin.advance(due_in - 0.2)
	# The rest passes in real time: nobody moves the clock on to it.
	wait_until_saved(api, ["SINV-1"])


def test_a_late_write_is_checked_when_it_is_applied(api: Api) -> None:
	for number, headers in (("A", {}), ("B", {"Idempotency-Key": "b"}), ("C", {"Idempotency-Key": "c"})):
		api.admin.fault("late_write", method="PUT", seconds=60 if number != "C" else 400)
		with pytest.raises(requests.ConnectionError):
			api.call("PUT", "/Invoices", api.bill(number), headers=headers)
		assert api.call("PUT", "/Invoices", api.bill(number), headers=headers).status_code == 200
	api.admin.advance(500)
	# twice without a key, once with one, and twice with a key that was forgotten after six minutes
	assert sorted(saved(api)) == ["A", "A", "B", "C", "C"]
	api.admin.fault("late_write", method="PUT", seconds=60)
	with pytest.raises(requests.ConnectionError):
		api.put("/Invoices", api.invoice("S"))
	api.create(api.invoice("S"))
	api.admin.advance(61)
	assert api.admin.late_writes()[-1]["status"] == 400, "a sales number is unique at that time too"


def test_late_writes_and_faults_survive_a_kill(api: Api) -> None:
	api.admin.fault("late_write", method="PUT", seconds=600)
	with pytest.raises(requests.ConnectionError):
		api.put("/Invoices", api.invoice())
	api.create(api.invoice("SINV-2"))
	api.admin.fault("unavailable", path="accounts")
	api.sandbox.restart(hard=True)
	assert saved(api) == ["SINV-2"]
	api.admin.advance(601)
	assert sorted(saved(api)) == ["SINV-1", "SINV-2"]
	assert api.get("/Accounts").status_code == 503
	assert api.get("/Accounts").status_code == 200


def test_the_token_endpoint_can_fail_too(api: Api) -> None:
	api.admin.fault("drop_after", path="/connect/token")
	with pytest.raises(requests.ConnectionError):
		requests.post(f"{api.sandbox.url}/connect/token", data={"grant_type": "refresh_token"}, timeout=5)


def test_an_invalid_fault_is_explained(api: Api) -> None:
	with pytest.raises(Exception, match="kind is one of"):
		api.admin.fault("nonsense")


@pytest.mark.parametrize(
	("options", "status", "says"),
	[
		({"detail": "UserNotPermitted"}, 403, '"Detail":"UserNotPermitted"'),
		({"status": 402, "detail": "Subscription"}, 402, '"Title":"Payment Required"'),
		({"page": "<html>Request blocked</html>"}, 403, "<html>Request blocked</html>"),
	],
)
def test_access_refused_in_other_words(api: Api, options: dict[str, Any], status: int, says: str) -> None:
	api.admin.fault("forbidden", method="PUT", path="/invoices$", **options)
	answer = api.put("/Invoices", api.invoice())
	assert answer.status_code == status
	assert says in answer.text.replace('": ', '":')
	assert saved(api) == []
