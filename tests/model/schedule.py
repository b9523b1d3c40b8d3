"""Which actor moves next: actors are greenlets that stop before every step, and a chooser decides at every stop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from greenlet import GreenletExit, getcurrent, greenlet


class Chooser(Protocol):
	"""Chooses one of `count` options; 0 is the ordinary course of events."""

	is_new: bool
	"""False while an earlier path is being repeated."""

	def choose(self, count: int) -> int: ...


class Actor:
	"""A worker's job or a user's action.

	Its memory is everything it has learnt so far: two runs in which all actors have the same memory, and the world is
	in the same state, continue in the same way.
	"""

	def __init__(self, name: str, act: Callable[[], None], deadline: datetime = datetime.max) -> None:
		self.name = name
		self.deadline = deadline
		self.memory = 0
		self.blocked_by: Callable[[], bool] | None = None
		self.failure: BaseException | None = None
		self._thread = greenlet(self._run)
		self._act = act

	def _run(self) -> None:
		try:
			self._act()
		except GreenletExit:
			raise
		except BaseException as failure:
			self.failure = failure

	@property
	def is_over(self) -> bool:
		return self._thread.dead

	@property
	def can_move(self) -> bool:
		return not self.is_over and not (self.blocked_by and self.blocked_by())

	def move(self) -> None:
		"""Run up to the next stop."""
		self._thread.switch()
		if self.failure:
			raise self.failure

	def kill(self) -> None:
		"""SIGKILL: no more code of the actor runs."""
		self._thread.throw()
		self.blocked_by = None

	def stop(self, blocked_by: Callable[[], bool] | None = None) -> None:
		"""Called by the actor to let others move. It gets its next turn only once `blocked_by` returns False."""
		self.blocked_by = blocked_by
		parent = getcurrent().parent
		assert parent is not None
		parent.switch()
		self.blocked_by = None

	def remember(self, what: object) -> None:
		self.memory = hash((self.memory, str(what)))


class Replay:
	"""Follows a given beginning, then the ordinary course, and notes how many options each decision had."""

	def __init__(self, beginning: Sequence[int] = ()) -> None:
		self.beginning = beginning
		self.taken: list[int] = []
		self.counts: list[int] = []

	@property
	def is_new(self) -> bool:
		return len(self.taken) >= len(self.beginning)

	def choose(self, count: int) -> int:
		position = len(self.taken)
		choice = self.beginning[position] if position < len(self.beginning) else 0
		self.taken.append(choice)
		self.counts.append(count)
		return choice


class Steps:
	"""How a port lets the other actors move, meets network faults, and notes what its actor has learnt."""

	def __init__(
		self, actor: Callable[[], Actor], now: Callable[[], datetime], network_fault: Callable[[int], int]
	) -> None:
		self._actor = actor
		self._now = now
		self.network_fault = network_fault

	def step(self, what: str, blocked_by: Callable[[], bool] | None = None) -> None:
		self._actor().remember((what, self._now()))
		self._actor().stop(blocked_by)

	def learn(self, what: object) -> None:
		self._actor().remember(what)
