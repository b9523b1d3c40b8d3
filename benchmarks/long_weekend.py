"""72 hours without Xero, and poison in a batch: on the embedded ERP, by the movable clock. Needs no bench."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

from benchmarks.embedded_world import EVERY_CALL, EmbeddedWorld, customers, embedded_world
from benchmarks.figures import Figure
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.policy import Policy
from sandbox.erp import samples
from sandbox.erp.database import to_moment

HOURS = 72
DOCUMENTS = 2000
TICK = timedelta(minutes=1)
"""How often a job is started while Xero is away: at each tick of the scheduler."""
BATCH = Policy().batch_size
GUILTY = (1, 2, 5)
MAX_ROUNDS = 60


def measure_long_weekend(documents: int = DOCUMENTS, hours: int = HOURS) -> Sequence[Figure]:
	"""Invoices, bills and returns are submitted all the time; each hour one in twenty of the last is cancelled."""
	with embedded_world() as world:
		names = customers(50)
		world.make_customers(names)
		before = _submit(world, names, 0, documents // 10)
		outage = world.admin.fault("unavailable", count=None)
		marker = world.admin.marker()
		submitted = list(before)
		ticks = round(hours * 3600 / TICK.total_seconds())
		due = [documents * 9 // 10 * tick // ticks for tick in range(ticks + 1)]
		cancelled: set[DocumentRef] = set()
		looked_at = 0
		for tick in range(ticks):
			submitted += _submit(world, names, due[tick], due[tick + 1])
			if tick % 60 == 59:
				cancelled |= _cancel(world, submitted, looked_at)
				looked_at = len(submitted)
			world.stage.put_forward(TICK)
			world.push()
		calls_during = world.admin.count(marker, limit=EVERY_CALL)
		marked = Counter(
			(world.erp.log.latest(one)["status"], world.erp.log.latest(one)["attempt"]) for one in submitted
		)
		world.admin.remove_fault(outage)
		marker, began = world.admin.marker(), world.erp.clock.now()
		for _ in range(MAX_ROUNDS):
			if not any(world.erp.log.open_row(one) for one in submitted):
				break
			world.stage.put_forward(TICK)
			world.push()
		took = world.erp.clock.now() - began
		wrong = [one for one in submitted if not _is_right(world, one, one in cancelled)]
		calls_after = world.calls_since(marker)
	name = f"{len(submitted):,} documents of four kinds over {hours} h without Xero"
	counted = sum(count for (status, attempt), count in marked.items() if (status, attempt) != ("Queued", 1))
	return [
		Figure(f"{name}: Failed, or counted an attempt", "none", counted, str(counted), 0),
		Figure(
			f"{name}: calls while it lasts",
			"told",
			calls_during,
			f"{calls_during}, {calls_during / hours:.1f} an hour",
		),
		Figure(
			f"{name}: not right in Xero afterwards ({len(cancelled)} cancelled in between)",
			"none",
			len(wrong),
			str(len(wrong)),
			0,
		),
		Figure(
			f"{name}: until everything is there, and calls",
			"told",
			took.total_seconds(),
			f"{took.total_seconds() / 60:.0f} minutes after Xero is back, {calls_after} calls",
		),
	]


def measure_poison() -> Sequence[Figure]:
	"""A word in some documents of a batch makes the connection drop; the others have to go through."""
	return [_poison(count) for count in GUILTY]


def _poison(guilty_count: int) -> Figure:
	with embedded_world() as world:
		invoices = world.submit_invoices(["Harbour Cafe"], BATCH)
		guilty = random.Random(guilty_count).sample(invoices, guilty_count)
		for invoice in guilty:
			world.admin.fault("drop_before", method="PUT", contains=invoice.name, count=None)
		innocent = [invoice for invoice in invoices if invoice not in guilty]
		marker, began, rounds = world.admin.marker(), world.erp.clock.now(), 0
		world.push()
		while any(world.erp.log.open_row(invoice) for invoice in innocent) and rounds < MAX_ROUNDS:
			world.stage.put_forward(_wait(world))
			world.push()
			rounds += 1
		minutes = (world.erp.clock.now() - began).total_seconds() / 60
		calls = world.calls_since(marker)
		creates = world.calls_since(marker, method="PUT")
	return Figure(
		f"{guilty_count} of {BATCH} documents that Xero cannot be sent: extra rounds for the others",
		"at most 6, log2(50)",
		rounds,
		f"{rounds} rounds, {minutes:.0f} minutes, {creates} creates of {calls} calls",
		6,
	)


def _submit(world: EmbeddedWorld, names: Sequence[str], first: int, end: int) -> list[DocumentRef]:
	"""The documents from number `first` to before `end`, with the original of each return."""
	erp, made = world.erp, []
	for number in range(first, end):
		kind = number % 6
		if kind in (0, 1):
			document = samples.sales_invoice(erp, names[number % len(names)])
		elif kind in (2, 3):
			document = samples.bill(erp)
		else:
			original = samples.sales_invoice(erp) if kind == 4 else samples.bill(erp)
			erp.desk.submit(original)
			made.append(original)
			document = erp.drafts.return_of(original, keeps_balance=False)
		erp.desk.submit(document)
		made.append(document)
	return made


def _cancel(world: EmbeddedWorld, documents: Sequence[DocumentRef], first: int) -> set[DocumentRef]:
	"""Cancel one in twenty from the `first` on, without those that have a return, as ERPNext does."""
	chosen = set()
	for number, document in enumerate(documents[first:], start=first):
		row = world.erp.database.row(
			"SELECT count(*) AS returns FROM invoice WHERE return_against = ? AND docstatus = 1",
			document.name,
		)
		if number % 20 == 0 and not row["returns"]:
			world.erp.desk.cancel(document)
			chosen.add(document)
	return chosen


def _is_right(world: EmbeddedWorld, document: DocumentRef, is_cancelled: bool) -> bool:
	live = [entry for entry in world.stage.in_xero(document) if entry["Status"] not in ("VOIDED", "DELETED")]
	status = world.erp.log.latest(document)["status"]
	return (len(live), status) in ([(0, "Skipped"), (0, "Voided")] if is_cancelled else [(1, "Success")])


def _wait(world: EmbeddedWorld) -> timedelta:
	now, database = world.erp.clock.now(), world.erp.database
	due = to_moment(database.row("SELECT min(due_at) AS due FROM sync_log WHERE open_key IS NOT NULL")["due"])
	pause = to_moment(database.row("SELECT paused_until FROM xero_settings")["paused_until"])
	return max((due or now) - now, (pause or now) - now) + timedelta(seconds=1)
