"""A small world: an ERP, Xero, workers, users and a network, and every way in which they can interfere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal

from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.drain import drain
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.sync.records import Status, XeroDocument
from tests.model import people
from tests.model.erp_model import COMPANY, MAPPING_SETTINGS, ErpModel, incarnation_of
from tests.model.erp_ports import DocumentsPort, OutboxPort
from tests.model.promises import (
	check_all_succeeded,
	check_allocated,
	check_always,
	check_at_rest,
	check_comes_to_rest,
	check_retry_cures,
)
from tests.model.schedule import Actor, Chooser, Steps
from tests.model.xero_model import AWAY, HOME, XeroModel, XeroPort

LAST_MOMENT = timedelta(seconds=1)
"""A worker may be frozen up to just before the queue kills its job."""


@dataclass(frozen=True)
class Bounds:
	"""How much may go wrong in one run. Everything within these bounds is tried, in every order."""

	workers: int = 2
	network_faults: int = 1
	crashes: int = 1
	frozen: int = 1
	"""How often time may pass while a worker is in the middle of something."""


@dataclass(frozen=True)
class UserAction:
	"""Something a user does in one transaction. A cancel has two halves, between which a worker may move."""

	what: str
	ref: DocumentRef
	after: tuple[int, ...] = ()
	"""Positions of the actions that must have happened before."""


@dataclass
class Scenario:
	"""What exists, and what users do with it, at any time that the order allows."""

	name: str
	documents: Sequence[ErpDocument]
	actions: Sequence[UserAction]
	bounds: Bounds = field(default_factory=Bounds)
	prepare: Callable[[World], None] | None = None
	retry_cures: bool = False
	"""The last Retry comes after the cause is fixed, and must succeed."""
	ours_from_the_start: Sequence[str] = ()
	"""Numbers of documents that are already in Xero and are ours."""
	later: Sequence[ErpDocument] = ()
	"""Documents that users insert in the course of events, under a name that others may have had before."""
	settings: MappingSettings = MAPPING_SETTINGS
	succeeds: bool = False
	"""Nothing needs a person: every submitted document is Success in the end."""
	interruptions: int = Policy().claims_without_outcome
	"""How many workers may die on a row before its automatic retries stop."""


class SeenBefore(Exception):
	"""The world is in the same state as on an earlier path: everything that can follow has been tried."""


class World:
	"""One run of a scenario; the chooser makes every decision."""

	def __init__(self, scenario: Scenario, chooser: Chooser) -> None:
		self.scenario = scenario
		self.chooser = chooser
		self.policy = replace(Policy(), claims_without_outcome=scenario.interruptions)
		documents = {document.ref: document for document in scenario.documents}
		self.erp = ErpModel(documents=documents, settings=scenario.settings)
		self.copy: ErpModel | None = None
		self.backup: ErpModel | None = None
		self.is_restored = False
		self.stop_workers = False
		self.xero = XeroModel(now=lambda: self.erp.now, withdrawn=lambda: self.erp.withdrawn)
		self.workers: list[Actor] = []
		self.users: list[Actor] = []
		self.done: set[int] = set()
		self.started: set[int] = set()
		self.moving: Actor | None = None
		self.network_faults = scenario.bounds.network_faults
		self.crashes = scenario.bounds.crashes
		self.frozen = scenario.bounds.frozen
		self.jobs = 0
		self.trace: list[str] = []
		if scenario.prepare:
			scenario.prepare(self)
		ours = scenario.ours_from_the_start
		self.foreign = {xero_id: d for xero_id, d in self.xero.documents.items() if d.number not in ours}
		for document in scenario.documents:
			for found in self.xero.documents.values():
				if found.id not in self.foreign and found.number == document.ref.name:
					self.xero.made_of[found.id] = incarnation_of(document)
		self.used: dict[str, str] = {}
		"""The id in Xero that somebody has said to be a document's, by incarnation."""
		self.touched: set[str] = set()
		"""Ours that a person has changed in Xero."""

	# --- what can happen next

	def run(self, seen: Callable[[object], bool] | None = None) -> None:
		"""Continue until everything is at rest, then check the promises.

		`seen` is asked at every decision that does not repeat an earlier path.
		"""
		moves = self.moves()
		while moves:
			new = self.chooser.is_new
			if len(moves) > 1 and seen and new and seen(self.state()):
				raise SeenBefore
			label, move = moves[self.chooser.choose(len(moves)) if len(moves) > 1 else 0]
			self.trace.append(label)
			check_comes_to_rest(self)
			move()
			if new:
				self.check_always()
			moves = self.moves()
			if not moves:
				self.erp.sweep()
				moves = self.moves()
		check_at_rest(self)
		if self.crashes == self.scenario.bounds.crashes:
			check_allocated(self)
		if self.scenario.succeeds:
			check_all_succeeded(self)
		if self.scenario.retry_cures:
			check_retry_cures(self)

	def check_always(self) -> None:
		"""Check the promises that must hold at every moment."""
		check_always(self)

	def moves(self) -> list[tuple[str, Callable[[], None]]]:
		"""Everything that can happen now, in order of likelihood: the ordinary course comes first."""
		self.workers = [worker for worker in self.workers if not worker.is_over]
		self.users = [user for user in self.users if not user.is_over]
		moves: list[tuple[str, Callable[[], None]]] = []
		for actor in [*self.users, *self.workers]:
			if actor.can_move:
				moves.append((f"{actor.name} moves", lambda actor=actor: self._move(actor)))
		for erp in self.erps:
			if len(self.workers) < self.scenario.bounds.workers and erp.due:
				moves.append(
					(f"job {self.jobs} starts on {erp.site}", lambda erp=erp: self._start_worker(erp))
				)
		for position, action in enumerate(self.scenario.actions):
			if position not in self.started and set(action.after) <= self.done:
				moves.append((f"user: {action.what} {action.ref}", lambda p=position: self._start_user(p)))
		for position, request in enumerate(self.xero.under_way):
			moves.append((f"late write {request.key[:6]} arrives", lambda p=position: self.xero.deliver(p)))
		if self.crashes:
			for worker in self.workers:
				moves.append((f"{worker.name} is killed", lambda worker=worker: self._crash(worker)))
		if (self.frozen or self.is_idle) and (next_event := self.next_event):
			moves.append((f"time passes, {next_event.time()}", self._advance))
		return moves

	@property
	def erps(self) -> list[ErpModel]:
		"""The site and, once somebody has restored one, its copy."""
		return [self.erp, self.copy] if self.copy else [self.erp]

	@property
	def is_idle(self) -> bool:
		"""Whether nobody can do anything until time passes."""
		is_due = any(erp.due for erp in self.erps)
		return not (self.workers or is_due or any(user.can_move for user in self.users))

	@property
	def next_event(self) -> datetime | None:
		times = [erp.next_event for erp in self.erps if erp.is_connected]
		for worker in self.workers:
			times += [worker.deadline - LAST_MOMENT, worker.deadline]
		if self.erp.next_event is None:
			times += [request.expires for request in self.xero.under_way]
		return min((time for time in times if time and time > self.erp.now), default=None)

	# --- moves

	def _move(self, actor: Actor) -> None:
		self.moving = actor
		actor.move()
		self.moving = None
		if self.stop_workers:
			self.stop_workers = False
			for worker in self.workers:
				worker.kill()

	def _start_worker(self, erp: ErpModel) -> None:
		steps = Steps(self._moving, lambda: erp.now, self.network_fault)
		outbox = OutboxPort(erp, steps, erp.organisation)
		documents = DocumentsPort(erp, steps, erp.organisation)
		xero = XeroPort(self.xero, steps, erp.organisation)
		worker = Actor(
			f"job {self.jobs}",
			lambda: drain(COMPANY, outbox, documents, xero, self.policy) and None,
			deadline=self.erp.now + self.policy.job_timeout,
		)
		worker.remember(self.erp.now)
		self.jobs += 1
		self.workers.append(worker)
		self._move(worker)

	def _start_user(self, position: int) -> None:
		action = self.scenario.actions[position]
		self.started.add(position)
		user = Actor(f"user {position}", lambda: self._act(position, action))
		self.users.append(user)
		self._move(user)

	def _act(self, position: int, action: UserAction) -> None:
		if action.what == "cancel":
			self.erp.begin_cancel(action.ref, f"user {position}")
			self._moving().stop()
			self.erp.commit_cancel(action.ref, f"user {position}")
		elif action.what == "submit":
			self.erp.submit(action.ref)
		elif action.what == "retry":
			self.erp.retry(action.ref)
		elif action.what == "retry once it is not being worked on":
			self._moving().stop(blocked_by=lambda: self.erp.is_in_progress(action.ref))
			self.erp.retry(action.ref)
		elif action.what == "delete":
			self.erp.delete(action.ref)
		elif action.what == "rename":
			self.erp.rename(action.ref, f"{action.ref.name}-RENAMED")
		elif action.what == "choose another organisation":
			self.erp.organisation = AWAY
		elif action.what == "choose the first organisation again":
			self.erp.organisation = HOME
		elif action.what == "merge the contact in Xero":
			contact = f"contact-{self.erp.documents[action.ref].party.name}"
			self.xero.merge_contacts(contact, f"{contact}-MERGED")
		elif action.what == "lose its name while a worker has it":
			self._moving().stop(
				blocked_by=lambda: (
					not (self.erp.is_in_progress(action.ref) and people.is_there(self, action.ref))
				)
			)
			self.erp.begin_cancel(action.ref, f"user {position}")
			self.erp.commit_cancel(action.ref, f"user {position}")
			self.erp.delete(action.ref)
			self.erp.submit_another(self.scenario.later[-1])
		elif action.what == "merge the party into another":
			self.erp.merge_party(action.ref, "SUPP-2")
		elif action.what == "merge their contacts in Xero":
			self.xero.merge_contacts("contact-SUPP-1", "contact-SUPP-2")
		elif action.what == "rename the party":
			self.erp.rename_party(action.ref)
		elif action.what == "rename the contact in Xero":
			self.xero.rename_contact("contact-SUPP-1", "Tūī Timber Limited")
		elif action.what in ("disable", "enable"):
			self.erp.is_enabled = action.what == "enable"
		elif action.what == "set back to draft":
			self.erp.set_back(action.ref)
		elif action.what == "insert and submit":
			self.erp.submit_another(self.scenario.later[0])
		elif action.what == "submit another":
			self.erp.submit_another(self.scenario.later[-1])
		elif action.what == "use this one":
			self._moving().stop(blocked_by=lambda: self._rival(action.ref) is None)
			self._use_this_one(action.ref)
		elif action.what == "back up":
			self.backup = self.erp.backup()
		elif action.what == "restore the backup":
			self._restore()
		elif action.what in people.TYPED:
			people.TYPED[action.what](self, action.ref)
		elif action.what in people.DONE_TO_OURS:
			self._moving().stop(blocked_by=lambda: not people.is_there(self, action.ref))
			people.DONE_TO_OURS[action.what](self, action.ref)
		elif action.what == "restore a backup elsewhere":
			self.copy = self.erp.restored("staging.example.com", self.erp.in_config)
		elif action.what == "restore a backup under the same name":
			self.copy = self.erp.restored(self.erp.site, "")
		elif action.what == "cancel on the copy":
			assert self.copy is not None
			self.copy.begin_cancel(action.ref, f"user {position}")
			self.copy.commit_cancel(action.ref, f"user {position}")
		elif action.what == "submit on the copy":
			assert self.copy is not None
			self.copy.submit(action.ref)
		elif action.what == "fix in Xero":
			self.xero.refuses_now.discard(action.ref.name)
		elif action.what == "allocate by hand in Xero":
			people.allocate_part(self, action.ref)
		elif action.what == "enter by hand in Xero":
			self._enter_by_hand(action.ref.name)
		else:
			raise ValueError(action.what)
		self.done.add(position)

	def _enter_by_hand(self, number: str) -> None:
		"""Somebody creates an invoice with this number in Xero, unless the number is taken."""
		if not any(document.number == number for document in self.xero.documents.values()):
			theirs = XeroDocument(
				xero_type=XeroType.ACCREC,
				id=f"by hand {number}",
				number=number,
				status="AUTHORISED",
				contact_id="contact-OTHER",
				contact_name="",
				currency="NZD",
				total=Decimal("115.00"),
				total_tax=Decimal("15.00"),
			)
			self.xero.documents[theirs.id] = self.foreign[theirs.id] = theirs

	def _rival(self, ref: DocumentRef) -> XeroDocument | None:
		"""What a person in Xero has typed in the place of a document whose push has failed for it."""
		row = self.erp.rows_of(ref)[-1]
		if row.status is not Status.FAILED or row.due_at:
			return None
		return next((found for found in self.foreign.values() if found.is_live), None)

	def _use_this_one(self, ref: DocumentRef) -> None:
		"""The Accounts Manager has compared the two, and says that they are the same."""
		rival = self._rival(ref)
		assert rival is not None
		self.used[incarnation_of(self.erp.documents[ref])] = rival.id
		self.erp.use(ref, rival)

	def _restore(self) -> None:
		"""The site is down meanwhile: its workers are gone. Xero keeps what it has, and what is on its way arrives."""
		assert self.backup is not None
		self.erp.restore(self.backup)
		self.is_restored = True
		self.stop_workers = True

	def _crash(self, worker: Actor) -> None:
		self.crashes -= 1
		worker.kill()

	def _advance(self) -> None:
		if not self.is_idle:
			self.frozen -= 1
		now = self.next_event
		assert now is not None
		for erp in self.erps:
			erp.now = now
		self.xero.forget_expired()
		for worker in self.workers:
			if worker.deadline <= self.erp.now:
				worker.kill()

	def network_fault(self, moods: int) -> int:
		"""0 if the network works; otherwise the number of its fault."""
		if not self.network_faults:
			return 0
		mood = self.chooser.choose(moods + 1)
		if mood:
			self.network_faults -= 1
			self.trace.append(f"network mood {mood}")
		return mood

	def _moving(self) -> Actor:
		assert self.moving is not None
		return self.moving

	def state(self) -> object:
		return (
			tuple(erp.state() for erp in self.erps),
			self.xero.state(),
			tuple((w.memory, w.deadline, w.can_move) for w in self.workers),
			tuple((u.name, u.memory) for u in self.users),
			frozenset(self.started),
			self.backup and self.backup.state(),
			self.is_restored,
			frozenset(self.touched),
			tuple(sorted(self.used.items())),
			self.network_faults,
			self.crashes,
			self.frozen,
		)
