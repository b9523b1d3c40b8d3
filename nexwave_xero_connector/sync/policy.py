"""The times the protocol's safety rests on, in one place, with the reason for each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Policy:
	"""Durations and limits. `lease` must be longer than `job_timeout`: see each field.

	job_timeout: after this long the queue kills the job, so nothing leaves a worker later.
	lease: how long a claimed row belongs to one worker. Longer than the job, so that a frozen worker is dead
	before
		another one takes its row.
	call_timeout: the longest one call to Xero may take, with the wait for its turn; a worker with less lease left
		starts no write.
	batch_time: a job starts no further batch when less than this is left of it.
	late_write_window: how long after it left a write may still be carried out by Xero, although no answer
	came. Longer
		than the six minutes for which Xero remembers an Idempotency-Key.
	retry_delays: the waits before each automatic attempt; after the last one a person is asked.
	outage_pause: while Xero does not answer, the company's other rows wait this long before the next one is
	tried.
	claims_without_outcome: a row whose worker died this often before any outcome is set aside.
	batch_size: documents in one call; Xero recommends about fifty.
	"""

	job_timeout: timedelta = timedelta(seconds=300)
	lease: timedelta = timedelta(seconds=420)
	call_timeout: timedelta = timedelta(seconds=80)
	batch_time: timedelta = timedelta(seconds=120)
	late_write_window: timedelta = timedelta(minutes=10)
	retry_delays: tuple[timedelta, ...] = (
		timedelta(minutes=1),
		timedelta(minutes=5),
		timedelta(minutes=15),
		timedelta(hours=1),
		timedelta(hours=4),
		timedelta(hours=12),
	)
	outage_pause: timedelta = timedelta(seconds=30)
	claims_without_outcome: int = 5
	batch_size: int = 50

	def retry_delay(self, attempt: int) -> timedelta | None:
		"""The wait after the given attempt (counted from 1) failed; None when a person should look."""
		return self.retry_delays[attempt - 1] if attempt <= len(self.retry_delays) else None
