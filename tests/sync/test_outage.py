"""An outage, and what is the organisation's own state: told once, waited out without an end, then sent in order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.sync.records import Trigger
from sandbox.erp import samples
from sandbox.erp.database import to_moment
from sandbox.stage import Stage

from .passing_time import rounds_until, statuses, submitted, work

TICK = timedelta(minutes=1)
POLICY = Policy()


def paused_because(stage: Stage) -> str:
	return stage.erp.database.row("SELECT paused_because FROM xero_settings")["paused_because"]


def paused_for(stage: Stage) -> timedelta:
	until = to_moment(stage.erp.database.row("SELECT paused_until FROM xero_settings")["paused_until"])
	return until - stage.erp.clock.now()


def pass_time(stage: Stage, duration: timedelta, tick: timedelta = TICK) -> None:
	"""A job is started at each tick, as the scheduler and users who submit do."""
	end = stage.erp.clock.now() + duration
	while stage.erp.clock.now() < end:
		stage.put_forward(tick)
		work(stage)


OUTAGES = {
	"out of order": ("unavailable", {}),
	"the connection is dropped": ("drop_before", {}),
	"an error of the server": ("error_before", {"status": 502}),
	"nonsense": ("garbage_before", {}),
	"a page for everything": ("forbidden", {"page": "<html>Access denied</html>"}),
}


@pytest.mark.parametrize("what", OUTAGES)
def test_a_long_weekend_without_xero_fails_nothing(stage: Stage, what: str) -> None:
	kind, options = OUTAGES[what]
	invoices = submitted(stage, 12)
	places = [stage.erp.log.open_row(invoice)["due_at"] for invoice in invoices]
	outage = stage.admin.fault(kind, count=None, **options)
	stage.mark()
	work(stage)
	began = stage.erp.clock.now()
	pass_time(stage, timedelta(hours=72), timedelta(minutes=30))
	rows = [stage.erp.log.open_row(invoice) for invoice in invoices]
	assert [(row["attempt"], row["times_claimed"], row["status"]) for row in rows] == [(1, 0, "Queued")] * 12
	assert [row["due_at"] for row in rows] == places
	since = stage.erp.outbox.outage_since(samples.COMPANY)
	assert since is not None and abs(since - began) < timedelta(minutes=5)
	assert paused_because(stage)
	assert len(stage.calls()) <= 2 * 72 + 10, "one probe at a time"
	stage.admin.remove_fault(outage)
	pass_time(stage, timedelta(minutes=10))
	assert set(statuses(stage, invoices)) == {"Success"}
	assert stage.erp.outbox.outage_since(samples.COMPANY) is None
	assert paused_because(stage) == ""


def test_probes_come_at_growing_intervals_up_to_five_minutes(stage: Stage) -> None:
	submitted(stage, 3)
	stage.admin.fault("unavailable", count=None)
	waits = []
	for _ in range(9):
		work(stage)
		waits.append(round(paused_for(stage).total_seconds()))
		stage.put_forward(paused_for(stage) + timedelta(seconds=1))
	assert waits[:2] == [30, 31]
	assert waits == sorted(waits) and waits[-1] == 300


def test_a_probe_asks_one_thing_and_leaves_the_rows_alone(stage: Stage) -> None:
	submitted(stage, 30)
	stage.admin.fault("unavailable", count=None)
	work(stage)
	stage.put_forward(timedelta(minutes=6))
	stage.mark()
	work(stage)
	work(stage)  # another worker, while the company is paused again
	assert [call["path"].rpartition("/")[2] for call in stage.calls()] == ["Organisation"]


def test_after_it_one_document_goes_first_and_then_all_by_priority_and_age(stage: Stage) -> None:
	backfill, current, pressed = ([samples.sales_invoice(stage.erp) for _ in range(4)] for _ in range(3))
	outage = stage.admin.fault("unavailable", count=None)
	for document in backfill:
		stage.erp.desk.submit(document)
		stage.erp.database.execute(
			"UPDATE sync_log SET priority = ? WHERE document = ?",
			int(Trigger.BACKFILL.priority),
			document.name,
		)
	for document in current + pressed:
		stage.erp.desk.submit(document)
		stage.put_forward(timedelta(seconds=1))
	work(stage)
	for document in pressed:
		stage.erp.desk.retry(document)
	stage.admin.remove_fault(outage)
	stage.put_forward(timedelta(minutes=6))
	stage.mark()
	work(stage)
	creates = [call["body"] for call in stage.calls(method="PUT", path="/Invoices")]
	numbers = [
		[document.name for document in pressed + current + backfill if document.name in body]
		for body in creates
	]
	assert numbers == [
		[pressed[0].name],
		[document.name for document in pressed[1:]],
		[document.name for document in current],
		[document.name for document in backfill],
	]


def test_what_is_cancelled_during_it_is_never_sent(stage: Stage) -> None:
	invoices = submitted(stage, 6)
	work(stage)
	more = submitted(stage, 6)
	outage = stage.admin.fault("unavailable", count=None)
	work(stage)
	for document in (invoices[0], more[0], more[1]):
		stage.erp.desk.cancel(document)
	stage.erp.desk.delete(more[1])
	pass_time(stage, timedelta(hours=8), timedelta(minutes=20))
	stage.admin.remove_fault(outage)
	pass_time(stage, timedelta(minutes=10))
	assert statuses(stage, invoices) == ["Voided"] + ["Success"] * 5
	assert statuses(stage, more) == ["Skipped"] * 2 + ["Success"] * 4
	assert [stage.in_xero(document) for document in more[:2]] == [[], []]


def test_a_create_that_left_before_it_is_looked_up_after_it(stage: Stage) -> None:
	saved, lost = submitted(stage, 2)
	stage.admin.fault("drop_after", method="PUT", path="/invoices$", count=1)
	outage = stage.admin.fault("unavailable", count=None, method="GET", skip=1)
	work(stage)
	pass_time(stage, timedelta(hours=3), timedelta(minutes=10))
	stage.admin.remove_fault(outage)
	pass_time(stage, timedelta(minutes=20))
	assert statuses(stage, [saved, lost]) == ["Success"] * 2
	assert [len(stage.in_xero(document)) for document in (saved, lost)] == [1, 1]


def test_a_503_to_a_create_that_was_saved_all_the_same_makes_no_second_document(stage: Stage) -> None:
	bill = samples.bill(stage.erp)
	stage.erp.desk.submit(bill)
	stage.admin.fault("error_after", method="PUT", path="/invoices$", status=503)
	work(stage)
	rounds_until(stage, lambda: statuses(stage, [bill]) == ["Success"])
	assert len(stage.in_xero(bill)) == 1


def test_a_sign_in_that_is_down_waits_like_the_rest(stage: Stage) -> None:
	invoices = submitted(stage, 3)
	outage = stage.admin.fault("unavailable", path="connect/token", count=None)
	stage.put_forward(timedelta(minutes=40))  # the access token has expired by then
	work(stage)
	pass_time(stage, timedelta(hours=30), timedelta(minutes=30))
	assert [stage.erp.log.latest(invoice)["attempt"] for invoice in invoices] == [1] * 3
	assert "sign-in" in paused_because(stage)
	stage.admin.remove_fault(outage)
	pass_time(stage, timedelta(minutes=10))
	assert set(statuses(stage, invoices)) == {"Success"}


@pytest.mark.parametrize("wording", ["disconnected", "worded"])
def test_a_role_that_may_not_write_waits_and_is_told(stage: Stage, wording: str) -> None:
	stage.admin.switch(role_refusal=wording)
	invoices = submitted(stage, 5)
	stage.admin.act(stage.tenant, "set_role", role="read_only")
	work(stage)
	reason = paused_because(stage)
	assert "does not let the user who connected it" in reason and "HTTP 403" in reason
	assert "Standard or Adviser" in reason
	pass_time(stage, timedelta(hours=20), timedelta(minutes=30))
	rows = [stage.erp.log.open_row(invoice) for invoice in invoices]
	assert [(row["attempt"], row["status"]) for row in rows] == [(1, "Queued")] * 5
	stage.admin.act(stage.tenant, "set_role", role="standard")
	pass_time(stage, timedelta(hours=2), timedelta(minutes=10))
	assert set(statuses(stage, invoices)) == {"Success"}


@pytest.mark.parametrize(
	("status", "detail"),
	[
		(403, "OrganisationSubscriptionExpired"),
		(402, "Payment is required to use this organisation"),
		(403, "This organisation has been suspended"),
	],
)
def test_a_subscription_that_ended_waits_in_xeros_own_words(stage: Stage, status: int, detail: str) -> None:
	invoices = submitted(stage, 4)
	refused = stage.admin.fault("forbidden", status=status, detail=detail, path="api.xro", count=None)
	work(stage)
	assert f"HTTP {status}: {detail}" in paused_because(stage)
	pass_time(stage, timedelta(hours=50), timedelta(hours=1))
	assert statuses(stage, invoices) == ["Queued"] * 4
	stage.admin.remove_fault(refused)
	pass_time(stage, timedelta(hours=2), timedelta(minutes=10))
	assert set(statuses(stage, invoices)) == {"Success"}


def test_a_plan_limit_is_told_once_and_holds_back_only_what_it_is_about(stage: Stage) -> None:
	"""Xero counts invoices and bills apart: bills go on while invoices wait."""
	invoices = submitted(stage, 3)
	bills = [samples.bill(stage.erp) for _ in range(3)]
	for bill in bills:
		stage.erp.desk.submit(bill)
	words = "You have reached the limit of invoices you can approve"
	limit = stage.admin.fault(
		"refuse", method="PUT", path="/invoices$", contains="ACCREC", message=words, count=None
	)
	work(stage)
	assert words in paused_because(stage) and "The plan is DEMO" in paused_because(stage)
	pass_time(stage, timedelta(hours=30), timedelta(minutes=20))
	assert set(statuses(stage, bills)) == {"Success"}
	assert [(row["attempt"], row["status"]) for row in map(stage.erp.log.open_row, invoices)] == [
		(1, "Queued")
	] * 3
	stage.admin.remove_fault(limit)
	pass_time(stage, timedelta(hours=2), timedelta(minutes=10))
	assert set(statuses(stage, invoices)) == {"Success"}


@pytest.mark.parametrize(
	"problem", [{"problem": "day"}, {"problem": "DailyLimit"}, {"problem": "minute", "retry_after": 40_000}]
)
def test_the_days_limit_is_known_in_other_words(stage: Stage, problem: dict[str, object]) -> None:
	invoices = submitted(stage, 3)
	stage.admin.fault("rate_limit", **{"retry_after": 40_000, **problem})
	work(stage)
	assert paused_for(stage) > timedelta(hours=10)
	assert "daily API limit" in paused_because(stage)
	stage.put_forward(timedelta(seconds=40_001))
	work(stage)
	assert set(statuses(stage, invoices)) == {"Success"}


def test_an_organisation_that_was_disconnected_needs_a_reconnect(stage: Stage) -> None:
	invoices = submitted(stage, 2)
	stage.admin.disconnect(stage.tenant)
	work(stage)
	assert paused_because(stage).startswith("Connection: Xero no longer allows this site")
	assert statuses(stage, invoices) == ["Queued"] * 2
