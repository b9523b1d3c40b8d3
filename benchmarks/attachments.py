"""500 bills with two files each, behind a backlog of 1,000 documents: who goes first, and with how many calls."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack

from benchmarks.figures import Figure
from benchmarks.site_hand import SiteHand
from benchmarks.two_companies import NZ, TwoCompanies

COUNT, FILES_OF_A_BILL, BACKLOG = 500, 2, 1_000
FIRST = 950_001
SOME = 20
PATIENCE_SECONDS = 900


def measure_attachments(world: TwoCompanies) -> Sequence[Figure]:
	with ExitStack() as stack:
		hand = stack.enter_context(world.hand())
		stack.callback(hand.do, "forget", company=NZ)
		hand.do("bills_with_files", company=NZ, count=COUNT)
		hand.do("drain", company=NZ)
		workers = stack.enter_context(world.workers(1, queues="default,long"))
		marker = world.admin.marker()
		hand.do("look_for_files")
		_wait_until(lambda: len(_uploads(world, marker)) >= SOME)
		hand.do("backlog", company=NZ, first=FIRST, last=FIRST + BACKLOG - 1)
		queued = world.admin.marker()
		hand.do("wake", company=NZ)
		_wait_until(lambda: not hand.do("waiting", company=NZ))
		between = _uploads_before_the_last_document(world, queued)
		_finish(hand)
		assert workers.count == 1
	uploads = _uploads(world, marker)
	calls = sum("/attachments" in call["path"].lower() for call in world.calls_since(marker))
	names = Counter(call["path"] for call in uploads)
	expected = COUNT * FILES_OF_A_BILL
	wrong = expected - len(names) + sum(count - 1 for count in names.values())
	what = f"{COUNT} bills with two files each, behind a backlog of {BACKLOG:,} documents"
	most = COUNT * (1 + FILES_OF_A_BILL)
	return [
		Figure(
			f"{what}: files begun while documents waited",
			"at most the one under way",
			between,
			str(between),
			1,
		),
		Figure(f"{what}: files lost or sent twice", "none", wrong, str(wrong), 0),
		# A document whose files give way in the middle is listed again.
		Figure(f"{what}: calls for the files", f"at most {most + 5:,}", calls, f"{calls:,}", most + 5),
	]


def _finish(hand: SiteHand) -> None:
	"""Look as the scheduler does, only sooner."""

	def is_done() -> bool:
		hand.do("look_for_files")
		return hand.do("files_by_status", company=NZ) == {"Done": COUNT * FILES_OF_A_BILL}

	_wait_until(is_done)


def _uploads(world: TwoCompanies, marker: int) -> list[dict]:
	calls = [call for call in world.calls_since(marker) if "/attachments/" in call["path"].lower()]
	return [call for call in calls if call["method"] != "GET" and call["status"] == 200]


def _uploads_before_the_last_document(world: TwoCompanies, marker: int) -> int:
	calls = [call for call in world.calls_since(marker) if call["method"] != "GET"]
	last = max(place for place, call in enumerate(calls) if call["path"].lower().endswith("/invoices"))
	return sum("/attachments/" in call["path"].lower() for call in calls[:last])


def _wait_until(is_so) -> None:
	end = time.monotonic() + PATIENCE_SECONDS
	while not is_so():
		if time.monotonic() > end:
			raise TimeoutError("The files did not go to Xero in time")
		time.sleep(1)
