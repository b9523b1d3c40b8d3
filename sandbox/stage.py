"""Both systems side by side, with everything a bad day needs: faults, kills, and two clocks moved forward together."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.xero_api.oauth import App, Token
from sandbox.erp import samples
from sandbox.erp.connection import connect, settings_of
from sandbox.erp.embedded_erp import EmbeddedErp
from sandbox.erp.worker_process import WorkerProcess
from sandbox.xero.launcher import SandboxHandle

PATIENCE_SECONDS = 30


class NothingHappened(Exception):
	"""What was expected did not happen within half a minute."""


@dataclass(frozen=True, slots=True)
class Told:
	"""What both sides say about a document, and whether that is as expected."""

	erp: str
	xero: str
	as_it_should: bool

	def then(self, later: Told) -> Told:
		return Told(
			f"{self.erp}\nThen {later.erp}",
			f"{self.xero}\nThen {later.xero}",
			self.as_it_should and later.as_it_should,
		)


class Stage:
	"""The ERP of one company, its worker, and its Xero organisation."""

	def __init__(self, folder: Path, sandbox: SandboxHandle) -> None:
		self.sandbox = sandbox
		self.admin = sandbox.admin
		self.tenant = self.admin.tenant("NZ")
		path = folder / "erp.sqlite"
		self.erp = EmbeddedErp(path)
		samples.set_up_company(self.erp)
		self.connect()
		self._folder = folder
		self.worker = self._new_worker()

	def _new_worker(self) -> WorkerProcess:
		path = self.erp.database.path
		return WorkerProcess(path, self.sandbox.url, samples.COMPANY, self._folder / "worker.log")

	def close(self) -> None:
		self.worker.kill()
		self.erp.close()

	def tidy(self) -> None:
		"""Get ready for the next scenario: no faults, a worker running, and Xero's minute of calls over."""
		self.admin.clear_faults()
		self.admin.release()
		self.put_forward(timedelta(minutes=2))
		if not self.worker.process:
			self.worker.start()

	def connect(self) -> None:
		"""Authorise the app in Xero and choose the organisation, as a user does."""
		registered = self.admin.status()["apps"][0]
		answer = self.admin.mint(self.tenant)
		token = Token(
			answer["access_token"],
			answer["refresh_token"],
			datetime.now(timezone.utc) + timedelta(seconds=answer["expires_in"]),
			answer["scope"],
		)
		app = App(registered["client_id"], registered["client_secret"], settings_of(samples.COMPANY))
		connect(samples.COMPANY, app, self.tenant, token, self.erp.database.path, self.erp.clock.now())
		self.erp.desk.connect_again(samples.COMPANY)

	def put_forward(self, by: timedelta) -> None:
		"""Move both clocks forward, Xero's first, so that what falls due there happens before the ERP's clock moves."""
		self.admin.advance(by.total_seconds())
		self.erp.clock.put_forward(by)

	def submit(self, document: DocumentRef) -> None:
		"""Submit, and leave it to the worker."""
		self.erp.desk.submit(document)

	def push(self, document: DocumentRef) -> None:
		"""Submit, and wait until the worker has finished with the document."""
		self.submit(document)
		self.settled(document)

	def settled(self, document: DocumentRef) -> None:
		"""Wait until no attempt is waiting or running."""
		self._until(lambda: not self.erp.log.open_row(document), document, "was not processed")

	def put_off(self, document: DocumentRef) -> None:
		"""Wait until the worker has given the document back, to try again later."""

		def waits() -> bool:
			# Read both in one snapshot: between two reads the worker could claim the row.
			with self.erp.database.snapshot():
				row = self.erp.log.open_row(document)
				return (
					bool(row) and row["status"] == "Queued" and not self.erp.outbox.has_work(samples.COMPANY)
				)

		self._until(waits, document, "was not given back")

	def arrived(self, document: DocumentRef) -> None:
		"""Wait until the document is in Xero."""
		self._until(lambda: bool(self.in_xero(document)), document, "did not arrive in Xero")

	@contextmanager
	def second_worker(self) -> Iterator[None]:
		"""Run another worker beside the first one for the duration of the block."""
		worker = self._new_worker()
		worker.start()
		try:
			yield
		finally:
			worker.kill()

	@contextmanager
	def answer_held(self, document: DocumentRef) -> Iterator[None]:
		"""Submit. Within the block Xero has saved the document; its response arrives at the end."""
		self.admin.fault("hold_after", method="PUT", contains=document.name)
		self.submit(document)
		self.admin.wait_for_hold(seconds=PATIENCE_SECONDS)
		yield
		self.admin.release()

	def compare(
		self,
		document: DocumentRef,
		erp: str,
		xero: Sequence[str],
		*,
		says: str = "",
		writes: int | None = None,
	) -> Told:
		"""Compare both sides with what they should say.

		erp: the status of the latest row of the log. says: a part of its sentence.
		xero: the status of each document with the number in Xero's ledger.
		writes: how many calls since `mark` could have changed the document.
		"""
		row = self.erp.log.latest(document)
		found = self.in_xero(document)
		as_it_should = (
			row["status"] == erp
			and says in row["sentence"]
			and [entry["Status"] for entry in found] == list(xero)
			and writes in (None, self.writes(document))
		)
		described = [f"{entry['Status']} {entry['Total']:.2f} {entry['CurrencyCode']}" for entry in found]
		return Told(f"{row['status']}: {row['sentence']}", "\n".join(described) or "nothing", as_it_should)

	def in_xero(self, document: DocumentRef) -> list[dict]:
		"""The documents with this number in the sandbox's ledger, read without our client."""
		return [entry["wire"] for entry in self.admin.documents(tenant=self.tenant, number=document.name)]

	def mark(self) -> None:
		"""Start counting: `writes` and `calls` look at what comes after this."""
		self._marker = self.admin.marker()

	def writes(self, document: DocumentRef) -> int:
		names = (document.name, self.erp.documents.xero_id(samples.COMPANY, document) or document.name)
		return sum(
			call["method"] != "GET" and any(name in call["path"] + call["body"] for name in names)
			for call in self.calls()
		)

	def calls(self, **filters: str) -> list[dict]:
		"""The calls to Xero since `mark`."""
		return self.admin.requests(after=self._marker, **filters)

	def idle_faults(self) -> list[str]:
		"""Faults that were set but did not occur: such a scenario has not shown what it claims."""
		return [fault["kind"] for fault in self.admin.faults() if not fault["fired"]]

	def _until(self, happened: Callable[[], bool], document: DocumentRef, complaint: str) -> None:
		end = time.monotonic() + PATIENCE_SECONDS
		while not happened():
			if time.monotonic() > end:
				row = self.erp.log.latest(document)
				state = f"{row['status']}: {row['sentence']}" if row else "no row"
				raise NothingHappened(f"{document} {complaint} within {PATIENCE_SECONDS} seconds. {state}")
			time.sleep(0.01)
