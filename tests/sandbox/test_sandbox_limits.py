"""Idempotency-Key, rate limits, the request log and the clock."""

from __future__ import annotations

import json
import threading

import pytest
import requests
from sandbox_api import Api, messages

from sandbox.xero.seed.organisations import LEGACY_APP


def put(api: Api, body: dict, key: str, **params: str) -> requests.Response:
	return api.call("PUT", "/Invoices", body, headers={"Idempotency-Key": key}, **params)


def test_the_first_response_is_returned_again(api: Api) -> None:
	first, second = put(api, api.bill(), "k"), put(api, api.bill(), "k")
	assert first.content == second.content
	assert len(api.admin.documents()) == 1


def test_after_six_minutes_a_key_is_new(api: Api) -> None:
	put(api, api.bill(), "k")
	api.admin.advance(359)
	put(api, api.bill(), "k")
	assert len(api.admin.documents()) == 1
	api.admin.advance(2)
	put(api, api.bill(), "k")
	assert len(api.admin.documents()) == 2


def test_errors_are_also_returned_again(api: Api) -> None:
	body = api.invoice(CurrencyCode="GBP")
	api.admin.act(api.tenant, "unsubscribe_currency", currency="GBP")
	assert put(api, body, "k").status_code == 400
	api.admin.act(api.tenant, "subscribe_currency", currency="GBP")
	assert put(api, body, "k").status_code == 400
	assert put(api, body, "other").status_code == 200


def test_a_key_with_a_different_request_is_refused(api: Api) -> None:
	put(api, api.bill(), "KEY_VALUE")
	for response in (put(api, api.bill("OTHER"), "KEY_VALUE"), put(api, api.bill(), "KEY_VALUE", unitdp="4")):
		assert response.status_code == 400
		assert response.json()["Message"] == "Idempotency Key: KEY_VALUE is used with a different request."
	assert put(api, api.bill(), "k" * 129).status_code == 400


def test_a_key_belongs_to_an_app_and_its_user(api: Api) -> None:
	put(api, api.bill(), "k")
	mine = api.token
	for other in ({"user": "other@nexwave.example"}, {"client_id": LEGACY_APP[0]}):
		api.token = api.admin.mint(api.tenant, **other)
		assert put(api, api.bill(), "k").status_code == 200
	api.token = mine
	put(api, api.bill(), "k")
	assert len(api.admin.documents()) == 3


def test_a_key_for_another_organisation_gets_the_first_ones_response_or_is_refused(api: Api, au: Api) -> None:
	body = {"Contacts": [{"Name": "Both of them"}]}

	def create(where: Api) -> requests.Response:
		return where.call("PUT", "/Contacts", body, headers={"Idempotency-Key": "k"})

	assert create(api).content == create(au).content, "the trap: nothing was created in the second"
	assert au.get("/Contacts", where='Name=="Both of them"').json()["Contacts"] == []
	api.admin.switch(idempotency_key_elsewhere="refused")
	assert "is used with a different request" in create(au).json()["Message"]


def test_sixty_calls_are_allowed_in_any_minute(api: Api) -> None:
	api.admin.limits(minute=3, day=100)
	answers = [api.get("/Accounts") for _ in range(4)]
	assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
	assert [answer.headers["X-MinLimit-Remaining"] for answer in answers] == ["2", "1", "0", "0"]
	refused = answers[-1]
	assert refused.content == b"" and refused.headers["X-Rate-Limit-Problem"] == "minute"
	assert refused.headers.get("Content-Type", "") == ""
	assert 55 <= int(refused.headers["Retry-After"]) <= 60
	api.admin.advance(61)
	assert api.get("/Accounts").status_code == 200


def test_refusals_also_say_how_many_calls_are_left(api: Api, au: Api) -> None:
	api.admin.limits(minute=10, day=100)
	api.get("/Accounts")
	stranger = Api(api.sandbox, au.tenant, api.admin.mint(api.tenant, user="other@nexwave.example"))
	expired = Api(api.sandbox, api.tenant, api.admin.mint(api.tenant))
	api.admin.fault("token_expired", contains="the old token")
	answers = [stranger.get("/Accounts"), expired.get("/Accounts", x="the old token")]
	assert [answer.status_code for answer in answers] == [403, 401]
	assert [answer.headers["X-MinLimit-Remaining"] for answer in answers] == ["10", "9"]
	assert [answer.headers["X-DayLimit-Remaining"] for answer in answers] == ["100", "99"]
	assert all("X-AppMinLimit-Remaining" in answer.headers for answer in answers)


def test_a_request_may_have_ten_megabytes(api: Api) -> None:
	filling = " " * 10_000_000
	refused = api.call("PUT", "/Invoices", data=json.dumps(api.invoice()) + filling)
	assert refused.status_code == 413 and api.admin.documents() == []
	assert api.call("PUT", "/Invoices", data=(json.dumps(api.invoice()) + filling)[:10_000_000]).ok


def test_a_method_that_xero_does_not_have_is_not_implemented(api: Api) -> None:
	assert (api.post("/Organisation", {}).status_code, api.put("/Invoices/SINV-1", {}).status_code) == (
		501,
		501,
	)
	assert api.call("DELETE", "/Invoices/SINV-1").status_code == 404


def test_the_day_limit_survives_a_restart(api: Api) -> None:
	api.admin.limits(day=2, minute=None)
	assert [api.get("/Accounts").status_code for _ in range(2)] == [200, 200]
	api.sandbox.restart()
	refused = api.get("/Accounts")
	assert (refused.status_code, refused.headers["X-Rate-Limit-Problem"]) == (429, "day")
	assert int(refused.headers["Retry-After"]) > 80_000


def test_the_apps_own_limit_and_its_name(api: Api) -> None:
	api.admin.limits(app_minute=1)
	refused = [api.get("/Accounts") for _ in range(2)][-1]
	assert (refused.status_code, refused.headers["X-Rate-Limit-Problem"]) == (429, "appminute")
	api.admin.switch(app_minute_word="app-minute")
	refused = api.get("/Accounts")
	assert refused.headers["X-Rate-Limit-Problem"] == "app-minute"
	assert refused.headers["X-AppMinLimit-Remaining"] == "0"


def test_limits_are_per_organisation(api: Api, au: Api) -> None:
	api.admin.limits(tenant=api.tenant, minute=1)
	assert [api.get("/Accounts").status_code for _ in range(2)] == [200, 429]
	assert au.get("/Accounts").status_code == 200


def test_five_calls_are_allowed_at_a_time(api: Api) -> None:
	api.admin.limits(concurrent=5)
	api.admin.fault("hold_before", count=5)
	threads = [threading.Thread(target=api.get, args=("/Accounts",)) for _ in range(5)]
	for thread in threads:
		thread.start()
	api.admin.wait_for_hold(5)
	refused = api.get("/Accounts")
	assert (refused.status_code, refused.headers["X-Rate-Limit-Problem"]) == (429, "concurrent")
	api.admin.release()
	for thread in threads:
		thread.join(5)
	assert api.get("/Accounts").status_code == 200


def test_replays_count_against_the_limits(api: Api) -> None:
	api.admin.limits(minute=2)
	assert [put(api, api.bill(), "k").status_code for _ in range(3)] == [200, 200, 429]


def test_the_log_counts_calls(api: Api) -> None:
	marker = api.admin.marker()
	api.create(api.invoice())
	api.get("/Accounts")
	assert api.admin.count(marker) == 2
	entry = api.admin.requests(marker, method="put", path="/invoices")[0]
	assert (entry["status"], entry["tenant"], entry["query"]) == (200, api.tenant, "unitdp=4")
	assert entry["bytes_out"] > 500 and "SINV-1" in entry["body"]


def test_reset_leaves_nothing(api: Api) -> None:
	api.create(api.invoice())
	api.admin.advance(1000)
	api.admin.switch(bill_reference="kept")
	api.admin.reset()
	assert api.admin.documents() == [] and api.admin.requests() == []
	assert api.get("/Accounts").status_code == 401
	assert api.admin.tenant("NZ") == api.tenant


def test_a_demo_reset_gives_a_new_tenant(api: Api) -> None:
	new = api.admin.act(api.tenant, "reset_demo")["tenant"]
	assert api.get("/Invoices").status_code == 403
	assert new == api.admin.tenant("NZ") != api.tenant


def test_invalid_actions_of_a_person_are_explained(api: Api) -> None:
	with pytest.raises(Exception, match="no document"):
		api.admin.act(api.tenant, "void", number="NOPE")
	with pytest.raises(Exception, match="action is one of"):
		api.admin.act(api.tenant, "dance")


def test_records_archived_by_a_person_are_refused_from_then_on(api: Api) -> None:
	api.admin.act(api.tenant, "archive_account", code="200")
	api.admin.act(api.tenant, "delete_tax_rate", tax_type="OUTPUT2")
	assert len(messages(api.put("/Invoices", api.invoice()))) == 1
	api.admin.act(api.tenant, "archive_account", code="200", undo=True)
	assert "TaxType code OUTPUT2 does not exist" in messages(api.put("/Invoices", api.invoice()))[0]
