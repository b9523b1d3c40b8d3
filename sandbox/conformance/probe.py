"""A probe: one question to Xero, what we assume, and what each possible answer would look like."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING, Any

from sandbox.xero.switches import SWITCHES

if TYPE_CHECKING:
	from .lab import Lab

NO_SOURCE = ""


class CannotAsk(Exception):
	"""The question cannot be asked here; the text says what is missing."""


class Verdict(Enum):
	AGREES = "as believed"
	DIFFERS = "different"
	UNCLEAR = "unclear"
	NOT_ASKED = "not asked"


@dataclass(frozen=True)
class Seen:
	"""What came back: one of the probe's outcomes, or None if it is none of them, and Xero's wording."""

	outcome: str | None
	words: str = ""


@dataclass(frozen=True, eq=False)
class Fixture:
	"""Something that several probes use. It is created once per run, when first needed; a failure is stored too."""

	name: str
	calls: int
	make: Callable[[Lab], Any]
	needs: tuple[Fixture, ...] = ()


@dataclass(frozen=True, eq=False)
class Probe:
	"""`calls` is the most it may use, without its fixtures. `source` is NO_SOURCE if nobody says so.

	If it has a `switch` of the sandbox, the outcomes are the switch's choices.
	"""

	id: str
	question: str
	outcomes: Mapping[str, str]
	believed: str
	source: str
	calls: int
	ask: Callable[[Lab], Seen]
	switch: str | None = None
	needs: tuple[Fixture, ...] = ()
	subject: str = field(default="")

	def verdict(self, seen: Seen) -> Verdict:
		if seen.outcome is None:
			return Verdict.UNCLEAR
		if seen.outcome not in self.outcomes:
			raise ValueError(f"{self.id} has no outcome {seen.outcome}")
		return Verdict.AGREES if seen.outcome == self.believed else Verdict.DIFFERS


class Subject:
	"""The probes of one module, in the order in which they are asked."""

	def __init__(self, title: str) -> None:
		self.title = title
		self.probes: list[Probe] = []

	def probe(
		self,
		id_: str,
		question: str,
		*,
		outcomes: Mapping[str, str],
		source: str,
		calls: int,
		believed: str | None = None,
		needs: tuple[Fixture, ...] = (),
	) -> Callable[[Callable[[Lab], Seen]], Probe]:
		"""Makes a function a probe. One that is named like a switch of the sandbox assumes the switch's default."""

		def decorate(ask: Callable[[Lab], Seen]) -> Probe:
			switch = SWITCHES.get(id_)
			believes = believed or (switch.default if switch else "")
			if believes not in outcomes:
				raise ValueError(f"{id_} believes {believes!r}, which is none of its outcomes")
			probe = Probe(
				id_,
				question,
				outcomes,
				believes,
				source,
				calls,
				ask,
				switch.name if switch else None,
				needs,
				self.title,
			)
			self.probes.append(probe)
			return probe

		return decorate


def fixture(calls: int, *needs: Fixture) -> Callable[[Callable[[Lab], Any]], Fixture]:
	"""Makes a function a fixture."""
	return lambda make: Fixture(make.__name__.strip("_"), calls, make, needs)


def fixtures_of(probes: list[Probe]) -> list[Fixture]:
	"""Every fixture that the probes need, without duplicates."""
	found: dict[Fixture, None] = {}

	def collect(needs: tuple[Fixture, ...]) -> None:
		for need in needs:
			collect(need.needs)
			found[need] = None

	for probe in probes:
		collect(probe.needs)
	return list(found)
