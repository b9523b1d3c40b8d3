"""Find the one document that a batch fails for, so that its neighbours do not fail with it.

A description that a firewall dislikes, or a body that is too large, ends the whole call: with a page, an error or a
connection that is dropped. Nothing in such an answer says which document is meant. So the call is made again for parts
of the batch, down to a single document: only one that fails alone is the cause.

* A call that may be repeated at once (a look-up, a contact, a void) is halved at once, by `in_parts`: at most log2(n)
  more rounds, and two calls a round for each guilty document. Where the calls take so long that a batch has no time
  for that, its documents go one by one next time.
* A create whose response was lost may only be sent again once it can no longer arrive, ten minutes later. So here the
  number of rounds counts: the second time, no more than the square root of a batch go together, and from the third
  time on each goes alone. The attempt says which time it is. That is two more rounds for 50 documents, with as many
  calls as halving would take in six.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from nexwave_xero_connector.sentence import Sentence, _
from nexwave_xero_connector.sync.attempt import Attempt
from nexwave_xero_connector.sync.batch import Batch
from nexwave_xero_connector.sync.errors import (
	Blocked,
	OrganisationRefuses,
	OutcomeUnknown,
	Unreachable,
	XeroError,
)
from nexwave_xero_connector.sync.policy import Policy

Unit = TypeVar("Unit")
Result = TypeVar("Result")

FAILED_PARTS = 2
"""So many parts that are lost, and none that is accepted, are not a document's fault: Xero is asked again later."""
BLOCKED_DOCUMENTS = 3
"""The same for documents that are blocked, each of them alone."""


def in_parts(
	batch: Batch,
	units: Sequence[Unit],
	call: Callable[[list[Unit]], Result],
	attempts_of: Callable[[Unit], Sequence[Attempt]] = lambda unit: [unit],  # type: ignore[list-item, return-value]
) -> Iterator[tuple[list[Unit], Result]]:
	"""Make a call that may be repeated, for all units or, where it fails for one of them, for ever smaller parts.

	Yields each part with its result. The attempts of the others have ended or wait when this returns: the one that
	fails alone by the batch's rule for its error, and all that are left if Xero does not respond at all.
	"""

	def attempts(of: Sequence[Unit]) -> list[Attempt]:
		return [attempt for unit in of for attempt in attempts_of(unit)]

	waiting = [list(units)] if units else []
	while waiting:
		part = waiting.pop(0)
		others = [unit for other in waiting for unit in other]
		if batch.paused:
			batch.return_to_place(attempts(part + others))
			return
		try:
			result = call(part)
		except XeroError as error:
			if outage := batch.outage_behind(error):
				batch.fail(attempts(part + others), outage)
				return
			if len(part) == 1:
				batch.fail(attempts(part), error)
			elif batch.is_time_up:
				batch.return_to_place_one_by_one(attempts(part))
				batch.return_to_place(attempts(others))
				return
			else:
				waiting[:0] = halves(part)
		else:
			yield part, result


def halves(units: Sequence[Unit]) -> list[list[Unit]]:
	"""The units as two parts, of which the first is not the smaller one."""
	middle = (len(units) + 1) // 2
	return [list(units[:middle]), list(units[middle:])]


def create_in_parts(
	batch: Batch,
	attempts: Sequence[Attempt],
	create: Callable[[Batch, list[Attempt]], list[Attempt]],
) -> list[Attempt]:
	"""Create documents of one type in calls of a permitted size. Returns those that are in Xero.

	Stops when Xero does not confirm anything, or when the time for this batch is up: the rest keeps its place.
	"""
	created: list[Attempt] = []
	waiting = parts_to_create(attempts, batch.policy)
	while waiting and not batch.paused:
		created += create(batch, waiting.pop(0))
		if not batch.accepted and batch.last_lost and (batch.lost_writes >= FAILED_PARTS or batch.in_outage):
			batch.pause_after(_nothing_is_confirmed(batch.last_lost))
		if batch.is_time_up:
			break
	batch.return_to_place([attempt for part in waiting for attempt in part])
	_end_blocked(batch)
	return created


def all_are_blocked(batch: Batch) -> bool:
	"""Whether it is not a document's fault that it is blocked: others were too, and none was accepted."""
	if batch.accepted or not batch.blocked:
		return False
	others_wait = batch.in_outage and batch.outbox.has_work(batch.company)
	return len(batch.blocked) >= BLOCKED_DOCUMENTS or others_wait


def _end_blocked(batch: Batch) -> None:
	blocked, is_everybodys = batch.blocked, all_are_blocked(batch)
	batch.blocked = []
	for attempt, error in blocked:
		batch.fail([attempt], _everything_is_blocked(error) if is_everybodys else error)


def parts_to_create(attempts: Sequence[Attempt], policy: Policy) -> list[list[Attempt]]:
	"""The documents by how many may go together at their attempt, and by the bytes that one call may have."""
	parts: list[list[Attempt]] = []
	room: dict[int, tuple[int, int]] = {}
	open_parts: dict[int, list[Attempt]] = {}
	for attempt in attempts:
		together, size = policy.sent_together(attempt.claim.attempt), _bytes_of(attempt)
		documents_left, bytes_left = room.get(together, (0, 0))
		if documents_left < 1 or size > bytes_left:
			open_parts[together] = []
			parts.append(open_parts[together])
			documents_left, bytes_left = together, policy.batch_bytes
		open_parts[together].append(attempt)
		room[together] = documents_left - 1, bytes_left - size
	return parts


def _bytes_of(attempt: Attempt) -> int:
	return len(json.dumps(attempt.payload.body, default=str)) if attempt.payload else 0


def _nothing_is_confirmed(lost: OutcomeUnknown) -> Unreachable:
	return Unreachable(
		Sentence(
			_(
				"Xero responds, but does not confirm new documents ({answered}). They are looked up before anything is"
				" sent again, and sending continues automatically."
			),
			answered=lost.answered,
		),
		lost.detail,
	)


def _everything_is_blocked(blocked: Blocked) -> OrganisationRefuses:
	return OrganisationRefuses(
		Sentence(
			_(
				"Something between this site and Xero, such as a firewall, refuses all new documents ({answered}). Ask"
				" your administrator. Waiting documents will be sent automatically once it lets them through."
			),
			answered=blocked.answered,
		),
		blocked.detail,
	)
