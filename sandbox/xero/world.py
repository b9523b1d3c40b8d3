"""Everything behind the server: one file, one clock, one ledger."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from .clock import Clock
from .faults import Faults
from .idempotency import Idempotency
from .identity.tokens import Identity
from .late_writes import LateWrites
from .ledger.books import Books
from .ledger.contact_store import ContactStore
from .ledger.document_store import DocumentStore
from .ledger.document_writing import DocumentWriting
from .ledger.history import History
from .ledger.settlement import Settlement
from .rate_limits import RateLimits
from .request_log import RequestLog
from .seed.organisations import sow
from .storage import Storage
from .switches import Switches


class World:
	"""The sandbox's state and services. A file that is empty is filled from the seed.

	secrets_file: gets a line for each token that is issued, and for the apps' secrets.
	observed: the switches as observed in the real Xero, instead of the defaults.
	"""

	def __init__(
		self, path: str, secrets_file: Path | None = None, observed: Mapping[str, str] | None = None
	) -> None:
		self.storage = Storage(path)
		self.clock = Clock(self.storage)
		self.switches = Switches(self.storage, observed)
		self.history = History(self.storage)
		self.documents = DocumentStore(self.storage)
		self.contacts = ContactStore(self.storage)
		self.settlement = Settlement(self.storage, self.clock, self.switches, self.documents, self.history)
		self.writing = DocumentWriting(self.storage, self.clock, self.switches, self.settlement, self.history)
		self.identity = Identity(self.storage, self.clock, self.switches, secrets_file)
		self.idempotency = Idempotency(self.storage, self.clock, self.switches)
		self.requests = RequestLog(self.storage, self.clock)
		self.limits = RateLimits(self.storage, self.clock, self.switches)
		self.faults = Faults(self.storage)
		self.late_writes = LateWrites(self.storage, self.clock)
		self._books: dict[str, Books] = {}
		if not self.storage.value("seeded", False):
			sow(self.storage, self.clock)

	def books(self, tenant: str) -> Books:
		if tenant not in self._books:
			self._books[tenant] = Books(self.storage, tenant)
		return self._books[tenant]

	def forget_books(self, tenant: str) -> None:
		"""Must be called after an organisation's settings have changed."""
		self._books.pop(tenant, None)

	def tenants(self) -> list[str]:
		return [
			row["tenant"]
			for row in self.storage.rows(
				"SELECT tenant FROM settings WHERE kind = 'organisation' ORDER BY rowid"
			)
		]

	def reset(self) -> None:
		"""Back to the seed: everything is reset, including limits and switches."""
		self.faults.clear()
		self.storage.clear()
		self._books.clear()
		self.clock.reset()
		self.switches.reset()
		self.limits.reset()
		sow(self.storage, self.clock)

	def close(self) -> None:
		self.storage.close()
