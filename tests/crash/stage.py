"""Workers that die at a given step, their successors, and a check of the five promises on both sides."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Sequence
from datetime import timedelta
from decimal import Decimal
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path

from nexwave_xero_connector.mapping.erp_document import DocumentRef, Party
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.drain import drain
from nexwave_xero_connector.sync.identity import key_in
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.tests.matrix import STATUSES, Cell
from nexwave_xero_connector.tests.stepping import Stepping, SteppingOutbox, Steps, killed_at
from sandbox.erp import samples
from sandbox.erp.connection import ConnectedXero
from sandbox.erp.database import to_moment
from sandbox.erp.embedded_erp import EmbeddedErp
from sandbox.erp.stored import PARTY, to_json
from sandbox.erp.sync_log import docstatus
from sandbox.stage import Stage
from sandbox.xero.launcher import SandboxHandle

POLICY = Policy()
ORDINARY = Cell()
MOMENT = timedelta(seconds=1)
MAX_WAIT = POLICY.lease + POLICY.lease + POLICY.late_write_window
"""A write may leave just before its worker's lease ends, and the worker that follows it up takes its own lease."""

COMPLETED = 0
# Hundreds of workers die in a minute, so each is forked from a process that has everything loaded. It must not be this
# one: SQLite does not survive a fork.
WORKERS = multiprocessing.get_context("forkserver")
WORKERS.set_forkserver_preload([__name__])


class CrashStage(Stage):
	"""The company and its organisation, without a worker until a test starts one."""

	def __init__(
		self,
		folder: Path,
		sandbox: SandboxHandle,
		cell: Cell = ORDINARY,
	) -> None:
		super().__init__(folder, sandbox)
		self.cell = cell
		self.erp.database.execute(
			"UPDATE xero_settings SET bill_number_source = ?, status = ?, allocates_only_as_erpnext = ?",
			cell.bill_number,
			STATUSES[cell.status],
			int(not cell.allocates_always),
		)
		self.xero = ConnectedXero(samples.COMPANY, sandbox.url, self.erp.database.path, self.erp.clock)
		self._anothers: dict[str, dict] = {}
		self._suppliers = 0

	def work(self) -> None:
		"""Run a worker to the end of its job."""
		drain(samples.COMPANY, self.erp.outbox, self.erp.documents, self.xero, POLICY)

	def work_step_by_step(self, fatal: int = 0) -> int:
		"""Run a worker in its own process, killed at step `fatal` if it gets that far. Returns its number of steps."""
		taken = WORKERS.Value("i")
		worker = WORKERS.Process(target=_work, args=(self.erp.database.path, self.sandbox.url, fatal, taken))
		worker.start()
		worker.join()
		if worker.exitcode != (-signal.SIGKILL if taken.value == fatal else COMPLETED):
			raise AssertionError(f"The worker ended with {worker.exitcode} after {taken.value} steps")
		return taken.value

	def follow_up(self, documents: Sequence[DocumentRef]) -> None:
		"""Run further workers, each as soon as there is something to do, until nothing is open.

		After that, everything that could still arrive in Xero has arrived.
		"""
		waited = timedelta()
		self.work()
		while due := [row["due_at"] for document in documents if (row := self.erp.log.open_row(document))]:
			assert waited < MAX_WAIT, [dict(self.erp.log.latest(document)) for document in documents]
			step = max(min(map(to_moment, due)) - self.erp.clock.now(), self._pause()) + MOMENT
			self.put_forward(step)
			waited += step
			self.work()
		self.put_forward(POLICY.late_write_window)

	def _pause(self) -> timedelta:
		row = self.erp.database.row(
			"SELECT paused_until FROM xero_settings WHERE company = ?", samples.COMPANY
		)
		until = to_moment(row["paused_until"])
		return until - self.erp.clock.now() if until else timedelta()

	def new_supplier(self) -> str:
		"""A supplier that has no contact in Xero."""
		self._suppliers += 1
		party = Party("Supplier", f"Supplier {self._suppliers}", f"Supplier {self._suppliers}")
		self.erp.database.execute(
			"INSERT INTO party VALUES (?, ?, ?)", party.doctype, party.name, to_json(PARTY, party)
		)
		return party.name

	def enter_anothers_bill(self, document: DocumentRef) -> None:
		"""Enter a bill with the same number in Xero by hand, from another supplier."""
		contact = self.xero.find_contacts([], ["Bayside Club"])[0]
		line = {"Description": "Rent", "Quantity": "1", "UnitAmount": "80.00", "AccountCode": "300"}
		body = {
			"Type": "ACCPAY",
			"InvoiceNumber": document.name,
			"Contact": {"ContactID": contact.id},
			"Date": "2026-07-01",
			"DueDate": "2026-07-20",
			"Status": "AUTHORISED",
			"LineItems": [{**line, "TaxType": "INPUT2"}],
		}
		self.xero.create(XeroType.ACCPAY, [body], document.name)
		(entered,) = super().in_xero(document)
		self._anothers[_id(entered)] = entered

	def in_xero(self, document: DocumentRef) -> list[dict]:
		"""The documents in Xero that carry this one's link or, as a credit note, its name, whatever their number is."""
		return [
			wire
			for entry in self.admin.documents(tenant=self.tenant, limit=100_000)
			if (wire := entry["wire"]) and _id(wire) not in self._anothers and self._is_of(document, wire)
		]

	def _is_of(self, document: DocumentRef, wire: dict) -> bool:
		if number := wire.get("CreditNoteNumber"):
			return number.endswith(document.name)
		return key_in(wire.get("Url", "")) == self._key(document)

	def _key(self, document: DocumentRef) -> str:
		row = self.erp.log.latest(document)
		return row["key"] if row else ""

	def overwritten(self, document: DocumentRef) -> list[str]:
		"""Documents that were entered by hand with this number and have changed since."""
		now = [entry for entry in super().in_xero(document) if _id(entry) in self._anothers]
		return [f"No overwrite: {_id(entry)}" for entry in now if entry != self._anothers[_id(entry)]]

	def broken_promises(self, document: DocumentRef, allocated: Decimal | None = None) -> list[str]:
		"""The promises broken for a document at rest. `allocated`: how much of it, if it is a credit note."""
		row = self.erp.log.latest(document)
		found = self.in_xero(document)
		live = [entry for entry in found if entry["Status"] not in ("VOIDED", "DELETED")]
		broken = self.overwritten(document)
		if len(live) > 1:
			broken.append(f"No duplicate: {len(live)} live documents")
		if docstatus(self.erp.database, document).name == "CANCELLED":
			if live:
				broken.append("No ghost: cancelled, and live in Xero")
			if row["status"] != ("Voided" if found else "Skipped"):
				broken.append(f"No lie: {row['status']}, and Xero has {[entry['Status'] for entry in found]}")
		else:
			if not live:
				broken.append(f"No loss: submitted, {row['status']}, and not in Xero")
			if row["status"] != "Success" or row["xero_id"] not in [_id(entry) for entry in live]:
				broken.append(f"No lie: {row['status']} {row['xero_id']}")
			expected = [allocated] if allocated else []
			if allocated is not None and [_allocated(entry) for entry in live] != [expected]:
				broken.append(f"No duplicate: allocated {[_allocated(entry) for entry in live]}")
			if allocated and "is allocated to" not in row["sentence"]:
				broken.append(f"No lie: allocated, and the log says: {row['sentence']}")
		if row["open_key"]:
			broken.append("No loss: it waits forever")
		return broken


def _work(path: str, xero_url: str, fatal: int, taken: Synchronized) -> None:
	def happens(number: int, what: str) -> None:
		taken.value = number
		killed_at(fatal)(number, what)

	steps = Steps(happens)
	erp = EmbeddedErp(path)
	xero = ConnectedXero(samples.COMPANY, xero_url, path, erp.clock)
	drain(
		samples.COMPANY,
		SteppingOutbox(erp.outbox, steps),
		Stepping(erp.documents, steps, "documents"),
		Stepping(xero, steps, "xero"),
		POLICY,
	)


def _id(entry: dict) -> str:
	return entry.get("InvoiceID") or entry["CreditNoteID"]


def _allocated(entry: dict) -> list[Decimal]:
	return [Decimal(str(allocation["Amount"])) for allocation in entry.get("Allocations", [])]
