"""A test case that sends documents of the catalogue's company to the Xero sandbox."""

import importlib.util
import unittest

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.api import sync
from nexwave_xero_connector.tests.catalogue.builders import (
	submitted,
)
from nexwave_xero_connector.tests.catalogue.company import (
	BooksWorld,
	connected,
)
from nexwave_xero_connector.tests.compat import IntegrationTestCase

NEEDED = [name for name in ("aiohttp", "simplejson") if not importlib.util.find_spec(name)]


@unittest.skipIf(NEEDED, f"the Xero sandbox needs: pip install {' '.join(NEEDED)}")
class BooksInXero(IntegrationTestCase):
	world: BooksWorld

	@classmethod
	def setUpClass(cls) -> None:
		super().setUpClass()
		context = connected()
		cls.world = context.__enter__()
		cls.addClassCleanup(context.__exit__, None, None, None)

	def submit(self, draft: Document) -> Document:
		document = submitted(draft)
		frappe.db.commit()
		return document

	def push(self, draft: Document) -> frappe._dict:
		"""Submit and push the document; return its row in the log."""
		document = self.submit(draft)
		self.world.push()
		return self.world.row(document)

	def retry(self, document: Document) -> frappe._dict:
		sync.retry(document.doctype, document.name)
		self.world.push()
		return self.world.row(document)

	def in_xero(self, document: Document) -> dict:
		return self.world.in_xero()[document.name]

	def act(self, action: str, **arguments: object) -> dict:
		return self.world.xero.admin.act(self.world.tenant, action, **arguments)
