"""Lost responses, rate limits and lost connections, against the running Xero sandbox."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.errors import (
	DayLimitReached,
	OutcomeUnknown,
	ReconnectRequired,
	Rejected,
	Unavailable,
	Unreachable,
)
from nexwave_xero_connector.sync.records import ValidationErrors, XeroDocument
from nexwave_xero_connector.xero_api import documents, organisation
from nexwave_xero_connector.xero_api.errors import AccessTokenExpired

from .xero_stand_in import NOW, StandIn

SAVED, NOT_SAVED = ["AUTHORISED"], []


def create(stand_in: StandIn) -> XeroDocument | ValidationErrors:
	(answer,) = stand_in.xero.create(XeroType.ACCPAY, [stand_in.body(XeroType.ACCPAY, "PI-1")], "key")
	return answer


@pytest.mark.parametrize(
	("fault", "options", "in_xero"),
	[
		("drop_before", {}, NOT_SAVED),
		("drop_after", {}, SAVED),
		("error_before", {"status": 500}, NOT_SAVED),
		("error_after", {"status": 502}, SAVED),
		("garbage_before", {}, NOT_SAVED),
		("garbage_after", {}, SAVED),
	],
)
def test_a_lost_response_means_one_write_and_an_unknown_outcome(
	stand_in: StandIn, fault: str, options: dict[str, object], in_xero: list[str]
) -> None:
	stand_in.admin.fault(fault, method="PUT", **options)
	with pytest.raises(OutcomeUnknown):
		create(stand_in)
	assert stand_in.writes() == 1
	assert stand_in.in_xero("PI-1") == in_xero


@pytest.mark.parametrize("retry_after", [3600, None])
def test_xero_out_of_order_means_that_nothing_was_sent(stand_in: StandIn, retry_after: int | None) -> None:
	stand_in.admin.fault("unavailable", method="PUT", retry_after=retry_after)
	with pytest.raises(Unreachable) as raised:
		create(stand_in)
	assert "HTTP 503: The Xero API is temporarily unavailable" in str(raised.value.sentence)
	assert raised.value.retry_after == (timedelta(hours=1) if retry_after else None)
	assert (stand_in.writes(), stand_in.in_xero("PI-1")) == (1, NOT_SAVED)


def test_a_response_that_times_out_means_one_write(stand_in: StandIn) -> None:
	stand_in.admin.fault("hold_after", method="PUT")
	hasty = stand_in.connect(timeout=(2, 0.5))
	with pytest.raises(OutcomeUnknown):
		documents.create(hasty, XeroType.ACCPAY, [stand_in.body(XeroType.ACCPAY, "PI-1")], "key")
	stand_in.admin.release()
	assert stand_in.in_xero("PI-1") == SAVED
	assert len(stand_in.xero.find(XeroType.ACCPAY, ["PI-1"])) == 1


def test_a_void_whose_response_is_lost_has_an_unknown_outcome(stand_in: StandIn) -> None:
	created = stand_in.create(XeroType.ACCREC, "SI-1")
	stand_in.admin.fault("drop_after", method="POST")
	with pytest.raises(OutcomeUnknown):
		stand_in.xero.void([created], "key")
	assert stand_in.in_xero("SI-1") == ["VOIDED"]


@pytest.mark.parametrize(
	("field", "value"),
	[("Status", "FUTURE"), ("LineAmountTypes", "FUTURE"), ("Type", "FUTURE"), ("CurrencyCode", "XXZ")],
)
def test_an_unknown_enum_value_does_not_hide_that_the_bill_was_saved(
	stand_in: StandIn, field: str, value: str
) -> None:
	stand_in.admin.fault("unknown_enum", method="PUT", field=field, value=value)
	created = create(stand_in)
	assert isinstance(created, XeroDocument)
	assert [created.id] == [found.id for found in stand_in.xero.find(XeroType.ACCPAY, ["PI-1"])]


@pytest.mark.parametrize("fault", ["drop_before", "error_before", "garbage_before", "unavailable"])
def test_a_failed_look_up_is_not_an_empty_one(stand_in: StandIn, fault: str) -> None:
	create(stand_in)
	stand_in.admin.fault(fault, method="GET")
	with pytest.raises(Unavailable):
		stand_in.xero.find(XeroType.ACCPAY, ["PI-1"])


@pytest.mark.parametrize(("problem", "retry_after"), [("minute", 26), ("concurrent", None)])
def test_a_rate_limit_changes_nothing_and_is_not_slept_through(
	stand_in: StandIn, problem: str, retry_after: int | None
) -> None:
	stand_in.admin.fault("rate_limit", method="PUT", problem=problem, retry_after=retry_after)
	with pytest.raises(Unavailable) as raised:
		create(stand_in)
	assert raised.value.retry_after == (timedelta(seconds=retry_after) if retry_after else None)
	assert (stand_in.writes(), stand_in.in_xero("PI-1")) == (1, NOT_SAVED)


def test_the_real_minute_limit_says_when_to_retry(stand_in: StandIn) -> None:
	stand_in.admin.limits(stand_in.tenant, minute=3)
	with pytest.raises(Unavailable) as raised:
		for _attempt in range(5):
			stand_in.xero.find(XeroType.ACCREC, ["SI-1"])
	assert timedelta(0) < raised.value.retry_after <= timedelta(minutes=1)
	assert stand_in.client.rate_limits.minute == 0


def test_the_daily_limit_says_until_when(stand_in: StandIn) -> None:
	stand_in.admin.fault("rate_limit", method="PUT", problem="day", retry_after=66975)
	with pytest.raises(DayLimitReached) as raised:
		create(stand_in)
	assert raised.value.until == NOW + timedelta(seconds=66975)
	assert stand_in.in_xero("PI-1") == NOT_SAVED


def test_an_expired_token_is_distinguished_from_a_lost_connection(stand_in: StandIn) -> None:
	stand_in.admin.fault("token_expired", method="PUT")
	with pytest.raises(AccessTokenExpired):
		create(stand_in)
	assert stand_in.in_xero("PI-1") == NOT_SAVED
	stand_in.client = stand_in.connect()
	stand_in.xero = type(stand_in.xero)(stand_in.client)
	assert isinstance(create(stand_in), XeroDocument)


@pytest.mark.parametrize("write", [True, False])
def test_a_disconnected_organisation_requires_a_reconnect(stand_in: StandIn, write: bool) -> None:
	stand_in.admin.disconnect(stand_in.tenant)
	with pytest.raises(ReconnectRequired) as raised:
		create(stand_in) if write else stand_in.xero.find(XeroType.ACCPAY, ["PI-1"])
	assert not isinstance(raised.value, AccessTokenExpired)


@pytest.mark.parametrize(
	("granted", "missing"),
	[
		("accounting.contacts accounting.settings", "accounting.invoices"),
		("accounting.invoices", "accounting.settings"),
	],
)
def test_a_missing_scope_is_named(stand_in: StandIn, granted: str, missing: str) -> None:
	client = stand_in.connect(stand_in.token(scopes=granted))
	with pytest.raises(ReconnectRequired) as raised:
		organisation.organisation(client)
		documents.find(client, XeroType.ACCREC, ["SI-1"])
	assert not isinstance(raised.value, AccessTokenExpired)
	assert missing in str(raised.value.sentence)


def test_a_locked_period_is_refused_with_xeros_message(stand_in: StandIn) -> None:
	stand_in.admin.act(stand_in.tenant, "lock", period="2026-12-31")
	refused = create(stand_in)
	assert isinstance(refused, ValidationErrors) and "lock date" in refused.messages[0]


def test_a_read_only_grant_refuses_the_write(stand_in: StandIn) -> None:
	client = stand_in.connect(stand_in.token(scopes="accounting.invoices.read"))
	assert documents.find(client, XeroType.ACCREC, ["SI-1"]) == []
	with pytest.raises((ReconnectRequired, Rejected)):
		documents.create(client, XeroType.ACCPAY, [stand_in.body(XeroType.ACCPAY, "PI-1")], "key")
