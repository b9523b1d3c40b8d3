"""The contract that the protocol relies on, tested with the embedded ERP."""

from __future__ import annotations

import tempfile
import unittest
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TypeVar

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.records import Trigger
from nexwave_xero_connector.tests.contract.outbox_contract import OutboxContract
from nexwave_xero_connector.tests.contract.world import Row
from sandbox.erp import samples
from sandbox.erp.database import to_moment
from sandbox.erp.documents import EmbeddedDocuments
from sandbox.erp.embedded_erp import EmbeddedErp
from sandbox.erp.outbox import EmbeddedOutbox

T = TypeVar("T")


class RolledBack(Exception):
	pass


class CommittingEnqueuer:
	"""An Enqueuer for a caller that does nothing else in its transaction."""

	def __init__(self, erp: EmbeddedErp) -> None:
		self._erp = erp

	def submitted(self, document: DocumentRef, trigger: Trigger) -> None:
		with self._erp.database.transaction():
			self._erp.enqueuer.submitted(document, trigger)

	def cancelled(self, document: DocumentRef) -> None:
		with self._erp.database.transaction():
			self._erp.enqueuer.cancelled(document)

	def retry(self, document: DocumentRef, trigger: Trigger) -> bool:
		with self._erp.database.transaction():
			return self._erp.enqueuer.retry(document, trigger)


@dataclass
class SessionPorts:
	outbox: EmbeddedOutbox
	enqueuer: CommittingEnqueuer
	documents: EmbeddedDocuments


def ports_of(erp: EmbeddedErp) -> SessionPorts:
	return SessionPorts(erp.outbox, CommittingEnqueuer(erp), erp.documents)


class EmbeddedWorld:
	company = samples.COMPANY

	def __init__(self, path: Path) -> None:
		self._path = path
		self.erp = EmbeddedErp(path)
		samples.set_up_company(self.erp)
		self.ports = ports_of(self.erp)

	def session(self, act: Callable[[SessionPorts], T]) -> T:
		return self._in_session(lambda erp: act(ports_of(erp)))

	def _in_session(self, act: Callable[[EmbeddedErp], T]) -> T:
		erp = EmbeddedErp(self._path)
		try:
			return act(erp)
		finally:
			erp.close()

	def submit(self) -> DocumentRef:
		def user(erp: EmbeddedErp) -> DocumentRef:
			document = samples.sales_invoice(erp)
			erp.desk.submit(document)
			return document

		return self._in_session(user)

	def submit_and_roll_back(self) -> DocumentRef:
		document = self._in_session(samples.sales_invoice)
		self._roll_back(lambda erp: erp.desk.submit_within_transaction(document))
		return document

	def cancel(self, document: DocumentRef) -> None:
		self._in_session(lambda erp: erp.desk.cancel(document))

	def cancel_and_roll_back(self, document: DocumentRef) -> None:
		self._roll_back(lambda erp: erp.desk.cancel_within_transaction(document))

	def _roll_back(self, act: Callable[[EmbeddedErp], None]) -> None:
		def user(erp: EmbeddedErp) -> None:
			with erp.database.transaction():
				act(erp)
				raise RolledBack

		try:
			self._in_session(user)
		except RolledBack:
			pass

	def delete(self, document: DocumentRef) -> None:
		self._in_session(lambda erp: erp.desk.delete(document))

	def rows(self, document: DocumentRef) -> list[Row]:
		return [
			Row(
				name=str(row["name"]),
				operation=row["operation"],
				status=row["status"],
				triggered_by=row["trigger"],
				attempt=row["attempt"],
				times_claimed=row["times_claimed"],
				is_latest=bool(row["is_latest"]),
				is_open=row["open_key"] is not None,
				due_at=to_moment(row["due_at"]),
				xero_type=row["xero_type"] or "",
				xero_number=row["number"],
				xero_id=row["xero_id"],
				unconfirmed_until=to_moment(row["unconfirmed_until"]),
				message=row["sentence"],
				error_class=row["error_class"] or "",
			)
			for row in self._in_session(lambda erp: erp.log.of(document))
		]

	def advance(self, by: timedelta) -> None:
		self.erp.clock.put_forward(by)


class TestEmbeddedErpKeepsTheContract(OutboxContract, unittest.TestCase):
	def make(self) -> EmbeddedWorld:
		folder = tempfile.TemporaryDirectory()
		self.addCleanup(folder.cleanup)
		world = EmbeddedWorld(Path(folder.name) / "erp.sqlite")
		self.addCleanup(world.erp.close)
		return world
