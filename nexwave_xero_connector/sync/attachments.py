"""Send the files of documents that are in Xero: a step after Success, with a state of its own for each file.

Nothing here touches a document, its row in the log, or the pauses of its company. Xero is asked first what the document
has: a file of somebody else is never replaced, and one of ours whose response was lost is not sent again. A file is
there if its length is: Xero gives nothing else to compare.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nexwave_xero_connector.mapping.attachment_name import attachment_name, has_extension
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.errors import (
	CannotAttach,
	DayLimitReached,
	OrganisationRefuses,
	OutcomeUnknown,
	ReconnectRequired,
	Rejected,
	Unavailable,
	XeroError,
)
from nexwave_xero_connector.sync.outage import may_be_one_documents
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.sync.ports import Attachments, XeroFiles
from nexwave_xero_connector.sync.records import (
	AttachmentClaim,
	AttachmentOutcome,
	AttachmentStatus,
	XeroFile,
)

MAX_FILES = 10
"""Files that a document in Xero may have, whoever attached them."""
MAX_BYTES = 10 * 1024 * 1024
"""Of one file: https://developer.xero.com/documentation/api/accounting/attachments"""


def send_attachments(
	company: str,
	attachments: Attachments,
	xero: XeroFiles,
	policy: Policy,
	may_go_on: Callable[[], bool],
) -> None:
	"""Send the company's due files, document by document, until nothing is due.

	may_go_on: asked before each document and each file: documents go first, and the calls of a day are limited.
	"""
	sender = _Sender(company, attachments, xero, policy, may_go_on)
	while may_go_on():
		claims = attachments.claim(company, attachments.now() + policy.lease)
		if not claims or not sender.send(claims):
			return


@dataclass
class _Sender:
	company: str
	attachments: Attachments
	xero: XeroFiles
	policy: Policy
	may_go_on: Callable[[], bool]
	there: list[XeroFile] = field(default_factory=list)
	"""What the document has in Xero."""

	def send(self, claims: Sequence[AttachmentClaim]) -> bool:
		"""The files of one document. False if no other document's would fare better now."""
		waiting = list(claims)
		try:
			self.there = self.xero.attachments(claims[0].xero_type, claims[0].xero_id)
			while waiting and self.may_go_on():
				self._send_one(waiting[0])
				waiting.pop(0)
		except XeroError as error:
			if not may_be_one_documents(error):
				self._give_back(waiting, error.sentence)
				self.attachments.postpone(self.company, self._next_try(error), error.sentence)
				return False
			for claim in waiting:
				self._failed(claim, error.sentence, error.detail, unconfirmed_until=claim.unconfirmed_until)
			return True
		self._give_back(waiting)
		return not waiting

	def _send_one(self, claim: AttachmentClaim) -> None:
		if claim.attempt > max(len(self.policy.retry_delays) + 1, self.policy.claims_without_outcome):
			self._needs_person(claim, _interrupted(claim), unconfirmed_until=claim.unconfirmed_until)
			return
		earlier = self._in_xero(claim)
		if claim.unconfirmed_until:
			has_arrived = bool(earlier) and earlier.length == claim.sent_length
			if has_arrived and not claim.file_id:
				self._done(claim, earlier)
				return
			if not has_arrived and claim.unconfirmed_until > self.attachments.now():
				self._wait(claim, claim.unconfirmed_until, counts=False)
				return
		try:
			content = self.attachments.content(claim)
			self._check(claim, content, earlier)
			self._upload(claim, content, earlier)
		except CannotAttach as refusal:
			end = self._failed if refusal.is_passing else self._needs_person
			end(claim, refusal.sentence, refusal.detail)

	def _in_xero(self, claim: AttachmentClaim) -> XeroFile | None:
		"""The file as Xero has it: by its id, or if the response was lost by the name and length that were sent."""
		if claim.file_id:
			return next((file for file in self.there if file.id == claim.file_id), None)
		if not claim.unconfirmed_until:
			return None
		sent = (claim.file_name.casefold(), claim.sent_length)
		return next((file for file in self.there if (file.name.casefold(), file.length) == sent), None)

	def _check(self, claim: AttachmentClaim, content: bytes, earlier: XeroFile | None) -> None:
		names = {"file": claim.title, "document": _link(claim)}
		if not content:
			raise CannotAttach(
				Sentence(_("{file} of {document} is empty, so it was not sent to Xero."), **names)
			)
		if len(content) > MAX_BYTES:
			raise CannotAttach(
				Sentence(
					_(
						"{file} of {document} is larger than 10 MB, the most that Xero accepts. Attach a smaller"
						" version of it."
					),
					**names,
				)
			)
		if not has_extension(claim.file_name):
			raise CannotAttach(
				Sentence(
					_(
						"{file} of {document} has no extension, such as .pdf, and Xero accepts no file without one."
						" Attach it again under a name that has one."
					),
					**names,
				)
			)
		if not earlier and len(self.there) >= MAX_FILES:
			raise CannotAttach(
				Sentence(
					_(
						"{file} was not sent: {document} already has {count} files in Xero, which accepts 10. Remove"
						" one in Xero, then press Retry."
					),
					count=len(self.there),
					**names,
				)
			)

	def _upload(self, claim: AttachmentClaim, content: bytes, earlier: XeroFile | None) -> None:
		name = earlier.name if earlier else self._free_name(claim)
		horizon = claim.lease_until + self.policy.late_write_window
		if self.attachments.now() + self.policy.call_timeout >= claim.lease_until:
			self._give_back([claim])
			return
		self.attachments.mark_sending(claim, name, len(content), horizon)
		# Xero repeats its response to a key for six minutes, refusals too: so each attempt has one of its own.
		key = hashlib.sha256(
			f"{claim.row} {claim.lease_until.isoformat()} {name}".encode() + content
		).hexdigest()
		try:
			if earlier:
				stored = self.xero.replace_attachment(claim.xero_type, claim.xero_id, name, content, key)
			else:
				stored = self.xero.attach(
					claim.xero_type, claim.xero_id, name, content, key, claim.include_online
				)
		except OutcomeUnknown as error:
			self._wait(claim, horizon, error.detail)
			return
		except Rejected as error:
			self._needs_person(claim, _refused(claim, error), error.detail)
			return
		except Unavailable as error:
			if not may_be_one_documents(error):
				raise
			self._failed(claim, error.sentence, error.detail)
			return
		self.there = [file for file in self.there if file.id != stored.id] + [stored]
		if stored.length == len(content):
			self._done(claim, stored)
		else:
			self._failed(claim, _cut_short(claim, stored, len(content)), file=stored)

	def _free_name(self, claim: AttachmentClaim) -> str:
		"""The file's name, unless somebody has attached a file of that name in Xero."""
		taken = [file.name for file in self.there]
		if claim.file_name.casefold() not in [name.casefold() for name in taken]:
			return claim.file_name
		stem, dot, extension = claim.file_name.rpartition(".")
		return attachment_name(f"{stem}-{claim.row[:6]}{dot}{extension}", taken)

	def _done(self, claim: AttachmentClaim, file: XeroFile) -> None:
		self.attachments.settle(claim, AttachmentOutcome(AttachmentStatus.DONE, file=file))

	def _needs_person(
		self,
		claim: AttachmentClaim,
		sentence: Sentence,
		detail: str = "",
		unconfirmed_until: datetime | None = None,
	) -> None:
		self.attachments.settle(
			claim,
			AttachmentOutcome(
				AttachmentStatus.FAILED, sentence, detail=detail, unconfirmed_until=unconfirmed_until
			),
		)

	def _failed(
		self,
		claim: AttachmentClaim,
		sentence: Sentence,
		detail: str = "",
		file: XeroFile | None = None,
		unconfirmed_until: datetime | None = None,
	) -> None:
		"""For a reason that may pass: tried again, up to the policy's limit."""
		delay = self.policy.retry_delay(claim.attempt)
		what = _("{what} It will be retried automatically.")
		if delay is None:
			what = _(
				"{what} This was automatic attempt {number}, the last one. Press Retry once the cause is fixed."
			)
		self.attachments.settle(
			claim,
			AttachmentOutcome(
				AttachmentStatus.FAILED,
				Sentence(what, what=sentence, number=claim.attempt),
				due=self.attachments.now() + delay if delay else None,
				file=file,
				unconfirmed_until=unconfirmed_until,
				detail=detail,
			),
		)

	def _wait(self, claim: AttachmentClaim, until: datetime, detail: str = "", counts: bool = True) -> None:
		"""Until an upload without a response can no longer arrive."""
		sentence = Sentence(
			_(
				"Xero did not confirm whether it saved {file} of {document}. We will check again at {time}. It is not"
				" sent again before then, so that it is not there twice."
			),
			file=claim.title,
			document=_link(claim),
			time=until,
		)
		self.attachments.settle(
			claim,
			AttachmentOutcome(
				AttachmentStatus.TO_DO,
				sentence,
				due=until,
				unconfirmed_until=until,
				detail=detail,
				counts=counts,
			),
		)

	def _give_back(self, claims: Sequence[AttachmentClaim], sentence: Sentence | None = None) -> None:
		for claim in claims:
			self.attachments.settle(
				claim,
				AttachmentOutcome(
					AttachmentStatus.TO_DO,
					sentence,
					due=self.attachments.now(),
					unconfirmed_until=claim.unconfirmed_until,
					counts=False,
				),
			)

	def _next_try(self, error: XeroError) -> datetime:
		if isinstance(error, DayLimitReached):
			return error.until
		if isinstance(error, OrganisationRefuses | ReconnectRequired):
			return self.attachments.now() + self.policy.longest_refusal_pause
		asked_for = error.retry_after if isinstance(error, Unavailable) else None
		return self.attachments.now() + max(asked_for or timedelta(0), self.policy.longest_outage_pause)


def _link(claim: AttachmentClaim) -> DocLink:
	return DocLink(claim.document.doctype, claim.document.name)


def _interrupted(claim: AttachmentClaim) -> Sentence:
	return Sentence(
		_(
			"Sending {file} of {document} was interrupted {count} times, so automatic retries have stopped. Press Retry"
			" to try again."
		),
		file=claim.title,
		document=_link(claim),
		count=claim.attempt - 1,
	)


def _refused(claim: AttachmentClaim, error: Rejected) -> Sentence:
	return Sentence(
		_("{file} of {document} was not attached. {what}"),
		file=claim.title,
		document=_link(claim),
		what=error.sentence,
	)


def _cut_short(claim: AttachmentClaim, stored: XeroFile, length: int) -> Sentence:
	return Sentence(
		_("{file} of {document} has {length} bytes, but only {stored} of them arrived in Xero."),
		file=claim.title,
		document=_link(claim),
		length=length,
		stored=stored.length,
	)
