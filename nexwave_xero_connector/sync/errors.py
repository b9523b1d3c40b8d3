"""What can go wrong between us and Xero, told apart by what may be done next, not by status code."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import Enum

from nexwave_xero_connector.sentence import Sentence


class XeroError(Exception):
	"""A call to Xero that did not end well; `sentence` is for the accountant, `detail` for the support desk."""

	def __init__(self, sentence: Sentence, detail: str = "") -> None:
		self.sentence = sentence
		self.detail = detail
		super().__init__(str(sentence))


class Unavailable(XeroError):
	"""Nothing was changed, and the same call may go through later: refused connection, 429, a failed read."""

	def __init__(self, sentence: Sentence, detail: str = "", retry_after: timedelta | None = None) -> None:
		super().__init__(sentence, detail)
		self.retry_after = retry_after


class Throttled(Unavailable):
	"""Nothing was sent: our own pacing, or a 429 that it has noted, lets no call begin before `retry_after`.

	No document is to blame, and no pause is needed: the pace says when the next batch may start.
	"""


class DayLimitReached(XeroError):
	"""Nothing was changed; Xero takes no more calls for this organisation before `until`."""

	def __init__(self, sentence: Sentence, until: datetime, detail: str = "") -> None:
		super().__init__(sentence, detail)
		self.until = until


class Cause(str, Enum):
	"""Why a connection is lost: each has a way out of its own."""

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
	"""The connection was made by another installation of ERPNext, or nobody has said yet that it is this one's.

	Each site finds this by looking at itself, so it is never written to the connection.
	"""


class Rejected(XeroError):
	"""Xero refused the whole call and changed nothing; a person has to mend the cause."""


class OutcomeUnknown(XeroError):
	"""A write left us and no answer came that says whether it was carried out. It may be carried out yet."""
