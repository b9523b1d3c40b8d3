"""What can go wrong between us and Xero, classified by what may be done next, not by status code."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from nexwave_xero_connector.sentence import Sentence


class XeroError(Exception):
	"""A call to Xero failed. `sentence` is for the accountant, `detail` for the support desk.

	The first line of `detail` is what Xero or the network answered, in a few words.
	"""

	def __init__(self, sentence: Sentence, detail: str = "") -> None:
		self.sentence = sentence
		self.detail = detail
		super().__init__(str(sentence))

	@property
	def answered(self) -> str:
		"""What Xero or the network answered, in a few words; "" if nothing was called."""
		return first_line(self.detail)


def first_line(detail: str) -> str:
	return detail.partition("\n")[0]


class Unavailable(XeroError):
	"""Nothing was changed, and the same call may go through later: a failed read.

	Something in the call itself may be the cause, such as a number that a firewall dislikes: see sync/isolation.py.
	"""

	def __init__(self, sentence: Sentence, detail: str = "", retry_after: timedelta | None = None) -> None:
		super().__init__(sentence, detail)
		self.retry_after = retry_after


class Throttled(Unavailable):
	"""Nothing was sent: our rate limiter allows no call before `retry_after`, by its own count or after a 429.

	No document is the cause, and no pause is needed: the rate limiter decides when the next batch may start.
	"""


class Unreachable(Unavailable):
	"""Nothing was changed, and no document is the cause: no connection, no sign-in, or Xero says it is out of order.

	It is waited out without an end, with one probe at a time: see sync/outage.py.
	"""


class OrganisationRefuses(XeroError):
	"""Nothing was changed, and no document is the cause: the organisation, its plan or the connected user's role is.

	Somebody has to change that in Xero; nothing has to be done here. It is waited out like an outage.
	"""


class DayLimitReached(XeroError):
	"""Nothing was changed; Xero accepts no more calls for this organisation before `until`."""

	def __init__(self, sentence: Sentence, until: datetime, detail: str = "") -> None:
		super().__init__(sentence, detail)
		self.until = until


class Cause(str, Enum):
	"""Why a connection is lost. Each cause has its own remedy."""

	NOT_CONNECTED = "Not connected"
	CONSENT_GONE = "Consent expired or withdrawn"
	APP_NOT_ACCEPTED = "Xero app not accepted"
	DISCONNECTED = "Disconnected in Xero"
	SCOPE_MISSING = "Permission missing"
	TOKEN_UNREADABLE = "Token unreadable"


class ReconnectRequired(XeroError):
	"""Nothing was changed; somebody has to connect the company to its organisation again."""

	def __init__(self, sentence: Sentence, detail: str = "", cause: Cause | None = None) -> None:
		super().__init__(sentence, detail)
		self.cause = cause


class AnotherInstallation(ReconnectRequired):
	"""Another installation of ERPNext made the connection, or nobody has confirmed yet that it belongs to this one.

	Each site works this out from its own configuration, so it is never written to the connection.
	"""


class Rejected(XeroError):
	"""Xero rejected the whole call and changed nothing; a person has to fix the cause."""


class Blocked(Rejected):
	"""Not Xero's API but something in front of it refused the call, with a page: a firewall, or a proxy."""


class OutcomeUnknown(XeroError):
	"""A write was sent, and no response says whether Xero carried it out. It may still be carried out."""


class CannotAttach(Exception):
	"""A file cannot be sent. `sentence` says why, and what to do.

	`is_passing`: it may be possible later, without anybody doing anything.
	"""

	def __init__(self, sentence: Sentence, detail: str = "", is_passing: bool = False) -> None:
		self.sentence = sentence
		self.detail = detail
		self.is_passing = is_passing
		super().__init__(str(sentence))
