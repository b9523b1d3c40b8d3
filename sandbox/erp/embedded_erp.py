"""The embedded ERP as a whole: one connection to the file, and everything that uses it."""

from __future__ import annotations

from pathlib import Path

from sandbox.erp.clock import Clock
from sandbox.erp.database import Database
from sandbox.erp.desk import Desk
from sandbox.erp.documents import EmbeddedDocuments
from sandbox.erp.drafts import Drafts
from sandbox.erp.enqueue import EmbeddedEnqueuer
from sandbox.erp.outbox import EmbeddedOutbox
from sandbox.erp.sync_log import SyncLog


class EmbeddedErp:
	"""One session, for one thread of one process. Any number of them may share the file."""

	def __init__(self, path: str | Path) -> None:
		self.database = Database(path)
		self.clock = Clock(self.database)
		self.outbox = EmbeddedOutbox(self.database, self.clock)
		self.enqueuer = EmbeddedEnqueuer(self.database, self.clock)
		self.documents = EmbeddedDocuments(self.database)
		self.drafts = Drafts(self.database, self.clock)
		self.desk = Desk(self.database, self.enqueuer)
		self.log = SyncLog(self.database)

	def close(self) -> None:
		self.database.close()
