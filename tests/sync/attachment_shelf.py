"""The port Attachments in memory: the files of documents, as rows that one worker at a time holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.errors import CannotAttach
from nexwave_xero_connector.sync.records import (
	AttachmentClaim,
	AttachmentOutcome,
	AttachmentStatus,
	XeroDocument,
)

COMPANY = "Kauri Ltd"


@dataclass
class File:
	row: str
	document: DocumentRef
	xero_type: XeroType
	xero_id: str
	title: str
	file_name: str
	content: bytes | CannotAttach
	due: datetime | None
	include_online: bool = False
	status: AttachmentStatus = AttachmentStatus.TO_DO
	lease_until: datetime | None = None
	attempt: int = 0
	file_id: str = ""
	sent_length: int = 0
	unconfirmed_until: datetime | None = None
	message: str = ""


@dataclass
class Shelf:
	time: datetime = datetime(2026, 11, 22, 9, 30)
	files: list[File] = field(default_factory=list)

	def put(self, document: XeroDocument, name: str, content: bytes | CannotAttach, **values: object) -> File:
		doctype = "Sales Invoice" if document.xero_type.is_sales else "Purchase Invoice"
		file = File(
			f"row{len(self.files)}-of-{document.number}",
			DocumentRef(doctype, document.number),
			document.xero_type,
			document.id,
			name,
			name,
			content,
			self.time,
			**values,
		)
		self.files.append(file)
		return file

	def pass_time(self, seconds: float) -> None:
		self.time += timedelta(seconds=seconds)

	def now(self) -> datetime:
		return self.time

	def claim(self, company: str, lease_until: datetime) -> list[AttachmentClaim]:
		due = [file for file in self.files if file.due and file.due <= self.time]
		if not due:
			return []
		first = min(due, key=lambda file: file.due or self.time)
		chosen = [file for file in due if file.xero_id == first.xero_id]
		for file in chosen:
			file.due, file.lease_until, file.attempt = lease_until, lease_until, file.attempt + 1
		return [_claim(file, lease_until) for file in chosen]

	def content(self, claim: AttachmentClaim) -> bytes:
		content = self._file(claim).content
		if isinstance(content, CannotAttach):
			raise content
		return content

	def mark_sending(
		self, claim: AttachmentClaim, file_name: str, length: int, unconfirmed_until: datetime
	) -> None:
		file = self._file(claim)
		file.file_name, file.sent_length, file.unconfirmed_until = file_name, length, unconfirmed_until

	def settle(self, claim: AttachmentClaim, outcome: AttachmentOutcome) -> None:
		file = self._file(claim)
		if file.lease_until != claim.lease_until:
			return
		file.status, file.due, file.lease_until = outcome.status, outcome.due, None
		file.unconfirmed_until = outcome.unconfirmed_until
		file.message = str(outcome.sentence or "")
		if outcome.file:
			file.file_id, file.file_name = outcome.file.id, outcome.file.name
		if not outcome.counts:
			file.attempt -= 1

	def postpone(self, company: str, until: datetime, sentence: Sentence) -> None:
		for file in self.files:
			if file.due and file.due < until:
				file.due = until

	def _file(self, claim: AttachmentClaim) -> File:
		return next(file for file in self.files if file.row == claim.row)


def _claim(file: File, lease_until: datetime) -> AttachmentClaim:
	return AttachmentClaim(
		file.row,
		file.document,
		COMPANY,
		file.xero_type,
		file.xero_id,
		file.attempt,
		lease_until,
		file.title,
		file.file_name,
		file.file_id,
		file.sent_length,
		file.unconfirmed_until,
		file.include_online,
	)


class Killed(BaseException):
	"""The worker is gone."""


class Mortal:
	"""Passes calls on, and dies before or after the one of this number: `steps` counts them for all of its kind."""

	def __init__(self, target: object, steps: Steps) -> None:
		self._target = target
		self._steps = steps

	def __getattr__(self, name: str) -> Callable[..., object]:
		act = getattr(self._target, name)

		def step(*arguments: object, **parameters: object) -> object:
			self._steps.begin(name)
			result = act(*arguments, **parameters)
			self._steps.end()
			return result

		return step if name != "now" else act


@dataclass
class Steps:
	dies_at: int = 0
	before: bool = True
	taken: list[str] = field(default_factory=list)

	def begin(self, name: str) -> None:
		self.taken.append(name)
		if self.before and len(self.taken) == self.dies_at:
			raise Killed

	def end(self) -> None:
		if not self.before and len(self.taken) == self.dies_at:
			raise Killed
