"""The times that the protocol's safety rests on, in one place, each with its reason and what it depends on.

Every other module takes its time from here; tests/sync/test_safety_times.py holds the inequalities between them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from math import isqrt

CONNECT_TIMEOUT = timedelta(seconds=10)
"""How long one call waits for a connection to Xero."""

READ_TIMEOUT = timedelta(seconds=50)
"""How long one call waits for Xero's response."""

TURN_PATIENCE = timedelta(seconds=20)
"""How long the calls of one batch, or of one user request, wait for the rate limiter in total."""

CALL_TIMEOUT = TURN_PATIENCE + CONNECT_TIMEOUT + READ_TIMEOUT
"""The longest one call to Xero can take, including the wait for its turn."""

TURN_LIFETIME = CONNECT_TIMEOUT + READ_TIMEOUT + timedelta(seconds=15)
"""Longer than any call can take. A turn at the rate limiter not returned by then belongs to a killed worker."""

JOB_TIMEOUT = timedelta(seconds=300)
"""How long a job may run before the queue raises a timeout in it."""

KILL_DELAY = timedelta(seconds=90)
"""How long after JOB_TIMEOUT a job that ignores it is killed: RQ allows 60 seconds, and checks every 30."""

LEASE = JOB_TIMEOUT + KILL_DELAY + timedelta(seconds=30)
"""How long a claimed row belongs to one worker. By the end of it the job that claimed it is dead, even if frozen."""

BATCH_TIME = timedelta(seconds=120)
"""A job starts no further batch if it has less time left than this."""

IDEMPOTENCY_KEY_LIFETIME = timedelta(minutes=6)
"""How long Xero remembers an Idempotency-Key (Xero's documentation)."""

LATE_WRITE_WINDOW = timedelta(minutes=10)
"""How long after it was sent a write may still be carried out by Xero, although no response came."""

LONGEST_OUTAGE_PAUSE = timedelta(minutes=5)
"""The longest time between two probes while Xero is unreachable; Xero advises this for its 503s."""

LONGEST_REFUSAL_PAUSE = timedelta(hours=1)
"""The same while the organisation refuses because of its plan or a role, which a person changes in Xero."""

BATCH_BYTES = 3_500_000
"""How large the documents of one call may be together. Xero refuses requests above 10 MB and calls 3.5 MB the practical
limit: https://developer.xero.com/documentation/guides/oauth2/limits"""


@dataclass(frozen=True, slots=True)
class Policy:
	"""The durations and limits that one job works by. The reasons for the safety times are given above.

	retry_delays: the wait before each automatic attempt; after the last one a person is asked.
	outage_pause: while Xero does not respond, the company waits at least this long before it is asked again.
	longest_outage_pause, longest_refusal_pause: and at most this long: see sync/outage.py.
	claims_without_outcome: after this many workers have died on a row, its automatic retries stop.
	batch_size, batch_bytes: documents in one call, and their size together; Xero recommends about fifty.
	"""

	job_timeout: timedelta = JOB_TIMEOUT
	lease: timedelta = LEASE
	call_timeout: timedelta = CALL_TIMEOUT
	batch_time: timedelta = BATCH_TIME
	late_write_window: timedelta = LATE_WRITE_WINDOW
	retry_delays: tuple[timedelta, ...] = (
		timedelta(minutes=1),
		timedelta(minutes=5),
		timedelta(minutes=15),
		timedelta(hours=1),
		timedelta(hours=4),
		timedelta(hours=12),
	)
	outage_pause: timedelta = timedelta(seconds=30)
	longest_outage_pause: timedelta = LONGEST_OUTAGE_PAUSE
	longest_refusal_pause: timedelta = LONGEST_REFUSAL_PAUSE
	claims_without_outcome: int = 5
	batch_size: int = 50
	batch_bytes: int = BATCH_BYTES

	def retry_delay(self, attempt: int) -> timedelta | None:
		"""The wait after the given attempt (counted from 1) failed; None if a person should look at it."""
		return self.retry_delays[attempt - 1] if attempt <= len(self.retry_delays) else None

	def sent_together(self, attempt: int) -> int:
		"""How many documents go in one create at this attempt, counted from 1: see sync/isolation.py."""
		if attempt == 1:
			return self.batch_size
		return max(1, isqrt(self.batch_size)) if attempt == 2 else 1
