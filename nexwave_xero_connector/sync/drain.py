"""A worker's job: take what is due for one company and bring it to its end, until nothing is due."""

from __future__ import annotations

import traceback
from collections.abc import Sequence

from nexwave_xero_connector.sentence import Sentence, _
from nexwave_xero_connector.sync.batch import Attempt, Batch, needs_person
from nexwave_xero_connector.sync.extensions import NO_EXTENSIONS, Extensions
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.sync.ports import Books, Outbox, Xero
from nexwave_xero_connector.sync.push import push
from nexwave_xero_connector.sync.records import Claim, ErrorClass, Outcome, Standing
from nexwave_xero_connector.sync.withdraw import withdraw


def drain(
	company: str,
	outbox: Outbox,
	books: Books,
	xero: Xero,
	policy: Policy,
	extensions: Extensions = NO_EXTENSIONS,
) -> bool:
	"""Work on the company's due rows; True when the job's time is up and more may be due.

	Raises what a bug of ours raises, after the rows have been given back.
	"""
	no_new_batch_after = outbox.now() + policy.job_timeout - policy.batch_time
	while outbox.now() < no_new_batch_after:
		claims = outbox.claim(company, policy.batch_size, outbox.now() + policy.lease)
		if not claims:
			return False
		groups = _batches(claims)
		while groups:
			batch = Batch(company, outbox, books, xero, policy, extensions)
			work(batch, groups.pop(0))
			if batch.paused:
				batch.release([claim for group in groups for claim in group])
				return False
	return True


def work(batch: Batch, claims: Sequence[Claim]) -> None:
	"""Push the submitted documents among the claims and withdraw the cancelled ones."""
	try:
		attempts = _without_fatal(batch, batch.read(claims))
		cancelled = push(batch, [attempt for attempt in attempts if attempt.standing is Standing.SUBMITTED])
		withdraw(
			batch, cancelled + [attempt for attempt in attempts if attempt.standing is Standing.CANCELLED]
		)
	except Exception as error:
		batch.abandon(error, traceback.format_exc())
		raise


def _without_fatal(batch: Batch, attempts: Sequence[Attempt]) -> list[Attempt]:
	"""Set aside documents on which workers die again and again."""
	limit = batch.policy.claims_without_outcome
	fatal = [attempt for attempt in attempts if attempt.claim.claims > limit]
	batch.finish((attempt, _set_aside(attempt)) for attempt in fatal)
	return [attempt for attempt in attempts if attempt not in fatal]


def _set_aside(attempt: Attempt) -> Outcome:
	return needs_person(
		attempt,
		Sentence(
			_(
				"Sending {document} was cut short {count} times, so it is not tried again by itself. Look "
				"for it in Xero, then press Retry; if it fails again, ask your administrator."
			),
			document=attempt.link,
			count=attempt.claim.claims - 1,
		),
		error_class=ErrorClass.BUG,
	)


def _batches(claims: Sequence[Claim]) -> list[list[Claim]]:
	"""One batch of all that is fresh; what was claimed before without an outcome goes alone, lest it hurt
	others.
	"""
	fresh = [claim for claim in claims if claim.claims <= 1]
	return ([fresh] if fresh else []) + [[claim] for claim in claims if claim.claims > 1]
