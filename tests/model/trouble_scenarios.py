"""Small worlds in which something else than the document is the trouble: an outage, or a neighbour in the batch."""

from __future__ import annotations

from datetime import timedelta

from nexwave_xero_connector.mapping.erp_document import ErpDocument
from tests.model.erp_model import START, document
from tests.model.scenarios import BILL, SECOND_BILL
from tests.model.world import Bounds, Scenario, UserAction, World

LONGER_THAN_ALL_RETRIES = timedelta(hours=20)


def _xero_is_out_for(duration: timedelta) -> object:
	def prepare(world: World) -> None:
		world.xero.out_until = START + duration

	return prepare


def long_outage(bounds: Bounds) -> Scenario:
	"""A bill is submitted while Xero is out, for longer than all automatic retries together take."""
	return Scenario(
		"bill: submit in an outage of 20 hours",
		[BILL],
		[UserAction("submit", BILL.ref)],
		bounds,
		prepare=_xero_is_out_for(LONGER_THAN_ALL_RETRIES),
		succeeds=True,
	)


def outage_and_cancel(bounds: Bounds) -> Scenario:
	"""Two bills are submitted, and one is cancelled, before, during or after a short outage."""
	return Scenario(
		"two bills, one cancelled, and an outage",
		[BILL, SECOND_BILL],
		[
			UserAction("submit", BILL.ref),
			UserAction("submit", SECOND_BILL.ref),
			UserAction("cancel", BILL.ref, (0,)),
		],
		bounds,
		prepare=_xero_is_out_for(timedelta(minutes=3)),
		succeeds=True,
	)


def poison(bounds: Bounds) -> Scenario:
	"""Of three bills in a batch, a firewall drops the connection whenever the first one's number is sent."""
	return _poison([BILL, SECOND_BILL, document("Purchase Invoice", "PINV-3")], bounds)


def poison_beside_one(bounds: Bounds) -> Scenario:
	"""The same with two bills: small enough for a worker to be killed at every step."""
	return _poison([BILL, SECOND_BILL], bounds)


def poisonous_cancel(bounds: Bounds) -> Scenario:
	"""The same with two bills, of which the innocent one is cancelled at any time."""
	scenario = _poison([BILL, SECOND_BILL], bounds)
	scenario.actions = [*scenario.actions, UserAction("cancel", SECOND_BILL.ref, (1,))]
	scenario.name = "two bills, one of which a firewall dislikes, and the other one cancelled"
	return scenario


def _poison(bills: list[ErpDocument], bounds: Bounds) -> Scenario:
	def prepare(world: World) -> None:
		world.xero.disliked = {BILL.ref.name}

	return Scenario(
		f"{len(bills)} bills, one of which a firewall dislikes",
		bills,
		[UserAction("submit", bill.ref) for bill in bills],
		bounds,
		prepare=prepare,
		succeeds=True,
	)
