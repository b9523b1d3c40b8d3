"""What the organisation's own state and an outage have in common: the company is told once, waits, and probes.

No document is the cause, so none is failed and none is counted an attempt: the rows stay as they were, in their place,
for as long as it lasts. One worker at a time asks Xero again, at intervals that grow as the outage does. When Xero
responds, one document goes first; once that is through, everything else follows, by priority and then oldest first.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from nexwave_xero_connector.sync.errors import (
	AnotherInstallation,
	DayLimitReached,
	OrganisationRefuses,
	OutcomeUnknown,
	ReconnectRequired,
	Rejected,
	Throttled,
	Unavailable,
	Unreachable,
	XeroError,
)
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.sync.ports import Outbox, Xero
from nexwave_xero_connector.sync.records import ErrorClass


def pause_after(error: XeroError, company: str, outbox: Outbox, policy: Policy) -> bool:
	"""Pause all of the company's rows if the error comes from Xero or the connection, not from one document.

	Returns True if they are paused. The rate limiter deals with too many calls itself, and a copy of the site waits
	without a note.
	"""
	if isinstance(error, Throttled | AnotherInstallation):
		return False
	if isinstance(error, Unreachable | OrganisationRefuses):
		since = outbox.outage_since(company) or outbox.now()
		until = outbox.now() + until_next_probe(error, since, outbox.now(), policy)
		outbox.pause(company, until, error.sentence, error_class(error), outage_since=since)
		return True
	if isinstance(error, DayLimitReached | ReconnectRequired):
		until = error.until if isinstance(error, DayLimitReached) else None
		outbox.pause(company, until, error.sentence, error_class(error))
		return True
	return False


def until_next_probe(error: XeroError, since: datetime, now: datetime, policy: Policy) -> timedelta:
	"""How long to wait: as long as the outage has lasted, which doubles with each probe, up to the policy's longest."""
	longest = (
		policy.longest_refusal_pause
		if isinstance(error, OrganisationRefuses)
		else policy.longest_outage_pause
	)
	pause = min(max(now - since, policy.outage_pause), longest)
	retry_after = error.retry_after if isinstance(error, Unavailable) else None
	return max(pause, retry_after or timedelta(0))


def xero_responds(company: str, outbox: Outbox, xero: Xero, policy: Policy) -> bool:
	"""Whether the company's rows may be sent: during an outage, one worker asks Xero, and the others leave it to it.

	True if there is no outage, or Xero has just responded; the caller then sends one document first.
	"""
	since = outbox.outage_since(company)
	if since is None:
		return True
	if not outbox.begin_probe(company, outbox.now() + policy.call_timeout):
		return False
	outage = outage_behind(xero)
	outbox.resume(company)
	if outage:
		pause_after(outage, company, outbox, policy)
	return outage is None


def outage_behind(xero: Xero) -> XeroError | None:
	"""Ask Xero something that no document has a part in. Returns why that fails; None if Xero responds.

	If even this fails, whatever failed before is not one document's fault.
	"""
	try:
		xero.probe()
	except (Unreachable, Throttled, OrganisationRefuses, DayLimitReached, ReconnectRequired) as error:
		return error
	except XeroError as error:
		retry_after = error.retry_after if isinstance(error, Unavailable) else None
		return Unreachable(error.sentence, error.detail, retry_after)
	return None


def may_be_one_documents(error: XeroError) -> bool:
	"""Whether something that one document brings along can be the cause. Where it can, a batch is isolated."""
	if isinstance(error, Unreachable | Throttled):
		return False
	return isinstance(error, Unavailable | OutcomeUnknown | Rejected)


def error_class(error: XeroError) -> ErrorClass:
	"""The class under which the log shows an error that concerns the whole call."""
	if isinstance(error, DayLimitReached):
		return ErrorClass.DAY_LIMIT
	if isinstance(error, ReconnectRequired):
		return ErrorClass.CONNECTION
	if isinstance(error, Unavailable | OutcomeUnknown | OrganisationRefuses):
		return ErrorClass.TRANSIENT
	return ErrorClass.NEEDS_PERSON
