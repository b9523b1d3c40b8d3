"""The tutorial's connector on the same sandbox: calls, the 61st call in a minute, lost responses. Needs no bench."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from benchmarks.embedded_world import EmbeddedWorld, customers, embedded_world
from benchmarks.figures import Figure
from benchmarks.tutorial_connector import Line, TutorialConnector
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.policy import Policy
from sandbox.erp import samples
from sandbox.xero.seed.organisations import DEMO_APP

LINES = [Line("Garden bench, kauri, oiled", Decimal(2), Decimal("149.50"), "200", "OUTPUT2")]
BILL_LINES = [Line("Kauri planks, rough sawn", Decimal(1), Decimal("412.00"), "300", "INPUT2")]
TOKEN_FIELDS = ("access_token", "refresh_token", "expires_in", "token_type", "scope")
BILLS = 20
LIMIT = 60


@dataclass(frozen=True)
class TutorialCalls:
	known: float
	unknown: float
	backlog_known: float
	backlog_new: float


def tutorial_connector(world: EmbeddedWorld) -> TutorialConnector:
	minted = world.admin.mint(world.stage.tenant)
	token = {field: minted[field] for field in TOKEN_FIELDS}
	return TutorialConnector(token, world.stage.tenant, *DEMO_APP[:2], world.stage.sandbox.url)


def calls_of_tutorial(world: EmbeddedWorld, backlog: int, customer_count: int) -> TutorialCalls:
	connector = tutorial_connector(world)
	names = customers(customer_count)

	def send(prefix: str, parties: Sequence[str], count: int) -> float:
		before = world.admin.marker()
		for number in range(count):
			connector.send(
				"ACCREC", f"{prefix}-{number}", parties[number % len(parties)], samples.POSTED_ON, LINES
			)
		return world.calls_since(before) / count

	unknown, known = send("A", ["Single"], 1), send("B", ["Single"], 1)
	return TutorialCalls(known, unknown, send("C", names, backlog), send("D", names, min(backlog, 100)))


def measure_tutorial(bills: int = BILLS, limit: int = LIMIT) -> Sequence[Figure]:
	with embedded_world() as world:
		return [_call_too_many(world, limit), lost_answers(world, bills)]


def _call_too_many(world: EmbeddedWorld, limit: int) -> Figure:
	"""Send invoices of a known customer, two calls each, until the minute's calls are used up, and one more."""
	connector = tutorial_connector(world)
	connector.send("ACCREC", "FIRST", "Single", samples.POSTED_ON, LINES)
	world.admin.limits(concurrent=5, minute=limit, day=None, app_minute=None)
	world.admin.advance(61)
	for number in range(limit // 2):
		connector.send("ACCREC", f"MANY-{number}", "Single", samples.POSTED_ON, LINES)
	before, began = world.admin.marker(), time.monotonic()
	try:
		connector.send("ACCREC", "ONE-MORE", "Single", samples.POSTED_ON, LINES)
		outcome = "then it was sent"
	except Exception as error:
		outcome = f"then Submit failed with {type(error).__name__}"
	refused = world.calls_since(before, status=429)
	waited = time.monotonic() - began
	world.admin.limits_off()
	return Figure(
		f"Call {limit + 1} in a minute",
		"told",
		None,
		"the row waits; see the backlog after an outage",
		tutorial=f"Submit stood for {waited:.0f} s, {refused} x 429, {outcome}",
	)


def lost_answers(world: EmbeddedWorld, bills: int) -> Figure:
	"""Xero saves each bill, and the connection breaks before it responds. A bill that is there twice is paid twice."""
	connector = tutorial_connector(world)
	failed = 0
	for number in range(bills):
		world.admin.fault("drop_after", method="PUT", path="/invoices$", contains=f"BILL-{number}-")
		try:
			connector.send("ACCPAY", f"BILL-{number}-", "Tasman Timber", samples.POSTED_ON, BILL_LINES)
		except Exception:
			failed += 1
	theirs = [f"BILL-{number}-" for number in range(bills)]
	ours = _bills_with_lost_answers(world, bills)
	duplicates = _duplicates(world, [bill.name for bill in ours])
	return Figure(
		f"{bills} bills, each with its answer lost: duplicates in Xero",
		"none",
		duplicates,
		str(duplicates),
		0,
		f"{_duplicates(world, theirs)}, and {failed} told as failed",
	)


def _bills_with_lost_answers(world: EmbeddedWorld, count: int) -> list[DocumentRef]:
	bills = [samples.bill(world.erp) for _ in range(count)]
	for bill in bills:
		world.admin.fault("drop_after", method="PUT", path="/invoices$", contains=bill.name)
		world.erp.desk.submit(bill)
		world.push()
		world.stage.put_forward(Policy().outage_pause)
	world.stage.put_forward(timedelta(minutes=30))
	world.push()
	return bills


def _duplicates(world: EmbeddedWorld, numbers: Sequence[str]) -> int:
	"""How many live documents there are beyond the first with each number; every number must be there."""
	documents = world.admin.documents(tenant=world.stage.tenant)
	live = Counter(
		document["wire"].get("InvoiceNumber")
		for document in documents
		if document["wire"]["Status"] not in ("VOIDED", "DELETED")
	)
	assert all(live[number] for number in numbers), "a bill is missing"
	return sum(live[number] - 1 for number in numbers)
