"""Xero answers slowly, or not at all: a job ends before the queue kills it, and each one gets further than the last."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

import pytest

from nexwave_xero_connector.sync.errors import XeroError
from nexwave_xero_connector.sync.policy import JOB_TIMEOUT, READ_TIMEOUT
from nexwave_xero_connector.xero_api.xero import XeroApi
from sandbox.erp import samples
from sandbox.erp.connection import ConnectedXero
from sandbox.stage import Stage

from .passing_time import rounds_until, statuses, submitted, work

T = TypeVar("T")


class SlowXero(ConnectedXero):
	"""Each call takes so long. One that fails is waited for: something on the way swallows what it dislikes."""

	def __init__(
		self, stage: Stage, answer: timedelta = timedelta(0), failure: timedelta = timedelta(0)
	) -> None:
		super().__init__(samples.COMPANY, stage.sandbox.url, stage.erp.database.path, stage.erp.clock)
		self._stage, self._answer, self._failure = stage, answer, failure

	def _call(self, call: Callable[[XeroApi], T]) -> T:
		try:
			answer = super()._call(call)
		except XeroError:
			self._stage.put_forward(self._failure)
			raise
		self._stage.put_forward(self._answer)
		return answer


@pytest.mark.parametrize("step", ["look-up", "contact", "rejected create", "void"])
def test_where_each_try_takes_a_minute_the_innocent_are_not_kept_waiting(stage: Stage, step: str) -> None:
	"""A job ends before the queue kills it, and the next one does not meet the same call again."""
	guilty = samples.sales_invoice(stage.erp, "Kowhai Gardens")
	stage.erp.desk.submit(guilty)
	innocent = submitted(stage, 7)
	if step == "look-up":
		stage.admin.fault("drop_before", method="GET", contains=guilty.name, count=None)
	elif step == "contact":
		stage.admin.fault("drop_before", method="PUT", path="/contacts$", contains="Kowhai", count=None)
	elif step == "rejected create":
		rejects = {"contains": guilty.name, "status": 400, "saved": 0, "count": None}
		stage.admin.fault("error_partway", method="PUT", path="/invoices$", **rejects)
	elif step == "void":
		work(stage)
		for invoice in (guilty, *innocent):
			stage.erp.desk.cancel(invoice)
		xero_id = stage.erp.documents.xero_id(samples.COMPANY, guilty)
		stage.admin.fault("drop_before", method="POST", contains=xero_id, count=None)
	done = "Voided" if step == "void" else "Success"
	xero = SlowXero(stage, failure=READ_TIMEOUT)
	began = stage.erp.clock.now()
	work(stage, xero=xero)
	assert stage.erp.clock.now() - began <= JOB_TIMEOUT
	rounds_until(stage, lambda: set(statuses(stage, innocent)) == {done}, xero=xero, most=8)
	rounds_until(stage, lambda: statuses(stage, [guilty]) == ["Failed"], xero=xero)


@pytest.mark.parametrize("what", ["allocated", "voided"])
def test_credit_notes_which_take_several_calls_each_are_not_all_begun_in_one_job(
	stage: Stage, what: str
) -> None:
	invoices = submitted(stage, 8)
	work(stage)
	credit_notes = [stage.erp.drafts.return_of(invoice) for invoice in invoices]
	for credit_note in credit_notes:
		stage.erp.desk.submit(credit_note)
	if what == "voided":
		work(stage)
		for credit_note in credit_notes:
			stage.erp.desk.cancel(credit_note)
	xero = SlowXero(stage, answer=timedelta(seconds=15))
	began = stage.erp.clock.now()
	work(stage, xero=xero)
	assert stage.erp.clock.now() - began <= JOB_TIMEOUT
	done = "Voided" if what == "voided" else "Success"
	rounds_until(stage, lambda: set(statuses(stage, credit_notes)) == {done}, xero=xero, most=8)
	if what == "allocated":
		assert all("is allocated to" in stage.erp.log.latest(one)["sentence"] for one in credit_notes)


def test_voids_that_xero_rejects_and_each_of_which_is_read_once_more_do_not_outlast_a_job(
	stage: Stage,
) -> None:
	invoices = submitted(stage, 18)
	work(stage)
	for invoice in invoices:
		stage.admin.act(stage.tenant, "pay", number=invoice.name)
		stage.erp.desk.cancel(invoice)
	xero = SlowXero(stage, answer=timedelta(seconds=15))
	began = stage.erp.clock.now()
	work(stage, xero=xero)
	assert stage.erp.clock.now() - began <= JOB_TIMEOUT
	rounds_until(stage, lambda: set(statuses(stage, invoices)) == {"Failed"}, xero=xero, most=8)
	assert all("Remove that in Xero" in stage.erp.log.latest(one)["sentence"] for one in invoices)
