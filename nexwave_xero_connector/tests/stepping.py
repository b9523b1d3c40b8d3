"""The ports with every call numbered, so that a test can let something happen at each step of the protocol.

Each call makes two steps, one before and one after it, whether it returns or raises. A block under lock makes its own:
before the locks are acquired, with them, with everything written and nothing committed, and after the commit. Asking
for the time is not a step, because it leaves no trace on either side.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from nexwave_xero_connector.sync.records import Claim


class Steps:
	"""Counts the steps from 1 and calls `happens` at each."""

	def __init__(self, happens: Callable[[int, str], None]) -> None:
		self.taken: list[str] = []
		self._happens = happens

	def step(self, what: str) -> None:
		self.taken.append(what)
		self._happens(len(self.taken), what)


class Stepping:
	"""Any port. Attributes that are not methods pass through."""

	def __init__(self, port: Any, steps: Steps, name: str) -> None:
		self._port = port
		self._steps = steps
		self._name = name

	def __getattr__(self, attribute: str) -> Any:
		value = getattr(self._port, attribute)
		if not callable(value) or attribute == "now":
			return value

		def call(*arguments: object, **parameters: object) -> object:
			self._steps.step(f"before {self._name}.{attribute}")
			try:
				return value(*arguments, **parameters)
			finally:
				self._steps.step(f"after {self._name}.{attribute}")

		return call


class SteppingOutbox(Stepping):
	def __init__(self, port: Any, steps: Steps) -> None:
		super().__init__(port, steps, "outbox")

	@contextmanager
	def locked(self, claims: Sequence[Claim], wait: bool = False) -> Iterator[Stepping]:
		self._steps.step("before the lock")
		with self._port.locked(claims, wait) as rows:
			self._steps.step("under lock")
			yield Stepping(rows, self._steps, "rows")
			self._steps.step("before the commit")
		self._steps.step("after the commit")


def killed_at(fatal: int) -> Callable[[int, str], None]:
	"""Kills this process at the step, before it can report or write anything more."""

	def happens(number: int, _what: str) -> None:
		if number == fatal:
			os.kill(os.getpid(), signal.SIGKILL)

	return happens
