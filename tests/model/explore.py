"""Every interleaving of a small world: each path is replayed from the beginning, and cut off at a known state."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from random import Random

from tests.model.schedule import Replay
from tests.model.world import Bounds, Scenario, SeenBefore, World

MAX_PATHS = 2_000_000


@dataclass
class Explored:
	"""How much was tried: complete runs, runs that reached a known state, and the number of distinct states."""

	complete: int = 0
	merged: int = 0
	states: int = 0
	exhausted: bool = False


@cache
def searched(scenario: Callable[[Bounds], Scenario], bounds: Bounds) -> Explored:
	"""Every path of this world, tried once however many tests ask; raises Broken at the first broken promise."""
	world = scenario(bounds)
	return explore(lambda chooser: World(world, chooser), MAX_PATHS)


def explore(make: Callable[[Replay], World], max_paths: int) -> Explored:
	"""Try every path, up to `max_paths`; raises Broken at the first broken promise.

	The order is random but always the same: a depth-first search would spend its time on variations of one beginning.
	"""
	result = Explored()
	order = Random(0)
	seen: set[int] = set()

	def seen_before(state: object) -> bool:
		key = hash(state)
		known = key in seen
		seen.add(key)
		return known

	beginnings: list[list[int]] = [[]]
	while beginnings:
		if result.complete + result.merged >= max_paths:
			result.states = len(seen)
			return result
		pick = order.randrange(len(beginnings))
		beginnings[pick], beginnings[-1] = beginnings[-1], beginnings[pick]
		beginning = beginnings.pop()
		replay = Replay(beginning)

		world = make(replay)
		try:
			world.run(seen_before)
			result.complete += 1
		except SeenBefore:
			result.merged += 1
		for position in range(len(replay.taken) - 1, len(beginning) - 1, -1):
			for choice in range(1, replay.counts[position]):
				beginnings.append([*replay.taken[:position], choice])
	result.states = len(seen)
	result.exhausted = True
	return result
