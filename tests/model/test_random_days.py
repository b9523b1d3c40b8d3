"""Days too long to search exhaustively: Hypothesis decides about users, workers, crashes and the network."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from tests.model.erp_model import document
from tests.model.world import Bounds, Scenario, UserAction, World

DOCUMENTS = [
	document("Purchase Invoice", "PINV-1"),
	document("Sales Invoice", "SINV-1"),
	document("Sales Invoice", "SRET-1", return_against="SINV-1"),
	document("Purchase Invoice", "PINV-2"),
	document("Purchase Invoice", "PRET-1", return_against="PINV-2"),
	document("Sales Invoice", "SINV-1-1"),
]
# Fewer than the automatic retries, and fewer than the crashes after which automatic retries stop: beyond these a person
# is asked, and the promises depend on that person too.
BOUNDS = Bounds(workers=3, network_faults=5, crashes=2, frozen=3)

anyone = st.integers(min_value=0, max_value=50)


class Day(RuleBasedStateMachine):
	"""One day of one company. When Hypothesis is done, the world comes to rest and its promises are checked."""

	def __init__(self) -> None:
		super().__init__()
		self.mood = 0
		self.world = World(Scenario("a day", DOCUMENTS, [], BOUNDS), self)
		self.cancelling: set[DocumentRef] = set()

	is_new = True

	def choose(self, count: int) -> int:
		"""What the network does to a call; a rule makes every other decision."""
		mood, self.mood = self.mood, 0
		return mood if mood < count else 0

	def by_status(self, docstatus: int) -> list[DocumentRef]:
		return [
			ref
			for ref, found in self.world.erp.documents.items()
			if found.docstatus == docstatus and ref not in self.cancelling
		]

	def cancellable(self) -> list[DocumentRef]:
		"""Submitted documents without a submitted return: ERPNext refuses to cancel one that has a return."""
		returned = {self.world.erp.documents[ref].return_against for ref in self.by_status(1)}
		return [ref for ref in self.by_status(1) if ref.name not in returned]

	def submittable(self) -> list[DocumentRef]:
		"""Drafts; a return only if its original is submitted."""
		submitted = {ref.name for ref in self.by_status(1)}
		return [
			ref
			for ref in self.by_status(0)
			if not self.world.erp.documents[ref].return_against
			or self.world.erp.documents[ref].return_against in submitted
		]

	@rule(which=anyone)
	@precondition(lambda self: self.submittable())
	def submit(self, which: int) -> None:
		drafts = self.submittable()
		self.act("submit", drafts[which % len(drafts)])

	@rule(which=anyone)
	@precondition(lambda self: self.cancellable())
	def cancel(self, which: int) -> None:
		submitted = self.cancellable()
		self.cancelling.add(submitted[which % len(submitted)])
		self.act("cancel", submitted[which % len(submitted)])

	@rule(which=anyone)
	@precondition(lambda self: self.by_status(1) + self.by_status(2))
	def retry(self, which: int) -> None:
		known = self.by_status(1) + self.by_status(2)
		self.act("retry", known[which % len(known)])

	def act(self, what: str, ref: DocumentRef) -> None:
		self.world.scenario.actions = [*self.world.scenario.actions, UserAction(what, ref)]
		self.go(f"user: {what}")

	@rule(mood=st.integers(min_value=1, max_value=5))
	def network_fails(self, mood: int) -> None:
		self.mood = mood

	@rule(which=anyone, steps=st.integers(min_value=1, max_value=9))
	def somebody_moves(self, which: int, steps: int) -> None:
		for _step in range(steps):
			self.go(" moves", which)

	@rule(steps=st.integers(min_value=0, max_value=9))
	def a_job_starts(self, steps: int) -> None:
		self.go(" starts")
		for _step in range(steps):
			self.go(" moves", -1)

	@rule(which=anyone)
	def a_worker_is_killed(self, which: int) -> None:
		self.go(" is killed", which)

	@rule(which=anyone)
	def a_late_write_arrives(self, which: int) -> None:
		self.go(" arrives", which)

	@rule()
	def time_passes(self) -> None:
		self.go("time passes")

	def go(self, what: str, which: int = 0) -> None:
		"""Make one of the moves of this kind, if there is one."""
		moves = [(label, move) for label, move in self.world.moves() if what in label]
		if moves:
			label, move = moves[which % len(moves)]
			self.world.trace.append(label)
			move()
			self.world.check_always()

	def teardown(self) -> None:
		self.mood = 0
		self.world.network_faults = self.world.crashes = self.world.frozen = 0
		self.world.run()


TestDay = Day.TestCase
TestDay.settings = settings(
	max_examples=int(os.environ.get("DEPTH", "1")) * 400,
	stateful_step_count=60,
	deadline=None,
	derandomize="DEPTH" not in os.environ,
	suppress_health_check=list(HealthCheck),
)
