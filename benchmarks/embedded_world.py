"""The embedded ERP with two hundred customers, pushing to the Xero sandbox over HTTP. Needs no bench."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from nexwave_xero_connector.mapping.erp_document import DocumentRef, Party
from nexwave_xero_connector.sync.drain import drain
from nexwave_xero_connector.sync.policy import Policy
from sandbox.erp import samples
from sandbox.erp.connection import ConnectedXero
from sandbox.erp.stored import PARTY, to_json
from sandbox.stage import Stage
from sandbox.xero.launcher import AdminClient, running_sandbox

API = "/api.xro/"
EVERY_CALL = 1_000_000


class EmbeddedWorld:
	"""The worker is this process, so that nothing runs unless it is asked for."""

	def __init__(self, stage: Stage) -> None:
		self.stage = stage
		self.erp = stage.erp
		self.xero = ConnectedXero(samples.COMPANY, stage.sandbox.url, self.erp.database.path, self.erp.clock)

	@property
	def admin(self) -> AdminClient:
		return self.stage.admin

	def make_customers(self, names: Sequence[str]) -> None:
		with self.erp.database.transaction():
			for name in names:
				party = Party("Customer", name, name, email="accounts@example.com", country="New Zealand")
				self.erp.database.execute(
					"INSERT INTO party (doctype, name, body) VALUES (?, ?, ?)",
					"Customer",
					name,
					to_json(PARTY, party),
				)

	def submit_invoices(self, customers: Sequence[str], count: int) -> list[DocumentRef]:
		"""Submit invoices for the customers in turn."""
		made = []
		for number in range(count):
			invoice = samples.sales_invoice(self.erp, customers[number % len(customers)])
			self.erp.desk.submit(invoice)
			made.append(invoice)
		return made

	def push(self) -> int:
		"""Push everything that is due. Returns the number of calls."""
		before = self.admin.marker()
		while drain(samples.COMPANY, self.erp.outbox, self.erp.documents, self.xero, Policy()):
			pass
		return self.calls_since(before)

	def calls_since(self, marker: int, **filters: object) -> int:
		return self.admin.count(marker, path=API, limit=EVERY_CALL, **filters)


@contextmanager
def embedded_world() -> Iterator[EmbeddedWorld]:
	with tempfile.TemporaryDirectory(prefix="benchmark-") as folder, running_sandbox(limits=False) as sandbox:
		stage = Stage(Path(folder), sandbox)
		try:
			yield EmbeddedWorld(stage)
		finally:
			stage.close()


def customers(count: int) -> list[str]:
	return [f"Benchmark Customer {number:03}" for number in range(1, count + 1)]
