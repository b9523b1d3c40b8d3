"""A worker's job: claim what is due for one company and finish it, until nothing is due."""

from __future__ import annotations

import traceback
from collections.abc import Sequence

from nexwave_xero_connector.sentence import Sentence, _
from nexwave_xero_connector.sync.attempt import Attempt, needs_person
from nexwave_xero_connector.sync.batch import Batch
from nexwave_xero_connector.sync.extensions import NO_EXTENSIONS, Extensions
from nexwave_xero_connector.sync.outage import xero_responds
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.sync.ports import BatchRateLimiter, Documents, Outbox, Xero
from nexwave_xero_connector.sync.push import push
from nexwave_xero_connector.sync.rate_limit import UNLIMITED
from nexwave_xero_connector.sync.records import Claim, DocStatus, ErrorClass, Outcome, Priority
from nexwave_xero_connector.sync.void import know_elsewhere, void
from nexwave_xero_connector.sync.void_outcomes import unsent, with_elsewhere


def drain(
	company: str,
	outbox: Outbox,
	documents: Documents,
	xero: Xero,
	policy: Policy,
	extensions: Extensions = NO_EXTENSIONS,
	rate_limiter: BatchRateLimiter = UNLIMITED,
) -> bool:
	"""Work on the company's due rows, most urgent first, as the rate limiter allows.

	True when more may be due and another job should continue: this one's time is up, or its worker is needed elsewhere.
	Raises what a bug of ours raises, after the rows have been given back.
	"""
	no_new_batch_after = outbox.now() + policy.job_timeout - policy.batch_time
	if not xero_responds(company, outbox, xero, policy):
		return False
	in_outage = outbox.outage_since(company) is not None
	limit = 1 if in_outage else policy.batch_size
	while outbox.now() < no_new_batch_after:
		least_urgent, lease_until = rate_limiter.least_urgent(), outbox.now() + policy.lease
		claims = [] if least_urgent is None else outbox.claim(company, limit, lease_until, least_urgent)
		if claims:
			rate_limiter.begin(claims[0].priority)
			if len(claims) == policy.batch_size:
				rate_limiter.more_is_due()
			batch = Batch(company, outbox, documents, xero, policy, extensions, in_outage)
			chosen = _batch(claims)
			if waiting := [claim for claim in claims if claim not in chosen]:
				# If this worker dies, that counts against every row it holds, so hold only the chosen ones.
				batch.release(waiting)
			limit = 1 if chosen[0].times_claimed > 1 else policy.batch_size
			work(batch, chosen)
			if batch.paused:
				return False
			if in_outage:
				outbox.resume(company, outage_is_over=True)
				in_outage = False
		elif in_outage and not outbox.has_work(company):
			outbox.resume(company, outage_is_over=True)
			return False
		elif least_urgent is Priority.BACKFILL or not outbox.has_work(company) or not rate_limiter.rest():
			# Stop: nothing is due, the wait is too long to hold a worker for, or another worker is already waiting.
			return False
		if rate_limiter.is_needed_elsewhere(idle=not claims):
			return True
	return True


def work(batch: Batch, claims: Sequence[Claim]) -> None:
	"""Push the submitted documents among the claims and void the cancelled ones."""
	try:
		attempts = _without_fatal(batch, batch.begin(claims))
		batch.read(attempts)
		cancelled = [attempt for attempt in attempts if attempt.docstatus is not DocStatus.SUBMITTED]
		push(batch, [attempt for attempt in attempts if attempt.docstatus is DocStatus.SUBMITTED])
		void(batch, batch.cancelled + cancelled)
		batch.close()
	except Exception as error:
		detail = traceback.format_exc()
		batch.outbox.recover()
		batch.abandon(error, detail)
		batch.close()
		raise


def _without_fatal(batch: Batch, attempts: Sequence[Attempt]) -> list[Attempt]:
	"""Stop automatic retries of documents that keep killing workers. Only their docstatus is read.

	If one is cancelled and was never sent, it is finished: a Retry would have nothing to do.
	"""
	limit = batch.policy.claims_without_outcome
	fatal = [attempt for attempt in attempts if attempt.claim.times_claimed > limit]
	cancelled = batch.finish((attempt, _retries_stopped(attempt)) for attempt in fatal)
	know_elsewhere(batch, cancelled)
	batch.finish(
		(
			attempt,
			with_elsewhere(attempt, _retries_stopped(attempt)) if attempt.xero_type else unsent(attempt),
		)
		for attempt in cancelled
	)
	return [attempt for attempt in attempts if attempt not in fatal]


def _retries_stopped(attempt: Attempt) -> Outcome:
	return needs_person(
		attempt,
		Sentence(
			_(
				"Sending {document} was interrupted {count} times, so automatic retries have stopped. Check whether it"
				" is in Xero, then press Retry. If it fails again, ask your administrator."
			),
			document=attempt.link,
			count=attempt.claim.times_claimed - 1,
		),
		error_class=ErrorClass.BUG,
	)


def _batch(claims: Sequence[Claim]) -> list[Claim]:
	"""All rows on their first claim. A row claimed before without an outcome runs alone."""
	return [claim for claim in claims if claim.times_claimed <= 1] or [claims[0]]
