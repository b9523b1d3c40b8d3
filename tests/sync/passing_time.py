"""Workers on the embedded ERP as time passes: each starts when something is due, as the scheduler would start it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.drain import drain
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.sync.ports import Xero
from sandbox.erp import samples
from sandbox.erp.connection import ConnectedXero
from sandbox.erp.database import to_moment
from sandbox.stage import Stage

MOMENT = timedelta(seconds=1)


def work(stage: Stage, policy: Policy | None = None, xero: Xero | None = None) -> None:
	"""Run one worker's job to its end."""
	erp = stage.erp
	xero = xero or ConnectedXero(samples.COMPANY, stage.sandbox.url, erp.database.path, erp.clock)
	drain(samples.COMPANY, erp.outbox, erp.documents, xero, policy or Policy())


def rounds_until(
	stage: Stage,
	is_done: Callable[[], bool],
	policy: Policy | None = None,
	most: int = 60,
	xero: Xero | None = None,
) -> int:
	"""Run jobs, each as soon as something is due, until `is_done`; returns how often time had to pass in between."""
	work(stage, policy, xero)
	for passed in range(most):
		if is_done():
			return passed
		stage.put_forward(_wait(stage) + MOMENT)
		work(stage, policy, xero)
	raise AssertionError(f"It is not done after {most} rounds")


def _wait(stage: Stage) -> timedelta:
	database, now = stage.erp.database, stage.erp.clock.now()
	due = to_moment(database.row("SELECT min(due_at) AS due FROM sync_log WHERE open_key IS NOT NULL")["due"])
	pause = to_moment(database.row("SELECT paused_until FROM xero_settings")["paused_until"])
	return max(timedelta(0), (due or now) - now, (pause or now) - now)


def statuses(stage: Stage, documents: Sequence[DocumentRef]) -> list[str]:
	return [stage.erp.log.latest(document)["status"] for document in documents]


def submitted(stage: Stage, count: int) -> list[DocumentRef]:
	invoices = [samples.sales_invoice(stage.erp) for _ in range(count)]
	for invoice in invoices:
		stage.erp.desk.submit(invoice)
	return invoices
