"""Every function and DocType in hooks.py exists: Frappe itself only notices when a user presses Submit."""

from collections.abc import Iterator

import frappe

from nexwave_xero_connector import hooks
from nexwave_xero_connector.tests.compat import IntegrationTestCase


class TestHooks(IntegrationTestCase):
	def test_every_function_exists(self):
		paths = set(dotted_paths([value for name, value in vars(hooks).items() if not name.startswith("_")]))
		self.assertIn("nexwave_xero_connector.overrides.sales_invoice.on_submit", paths)
		for path in paths:
			with self.subTest(path):
				self.assertTrue(callable(frappe.get_attr(path)))

	def test_every_doctype_exists(self):
		named = {
			*hooks.doc_events,
			*hooks.ignore_links_on_delete,
			*hooks.company_data_to_be_ignored,
			*hooks.default_log_clearing_doctypes,
		}
		for doctype in named:
			with self.subTest(doctype):
				self.assertTrue(frappe.db.exists("DocType", doctype))


def dotted_paths(value: object) -> Iterator[str]:
	if isinstance(value, dict):
		value = list(value.values())
	if isinstance(value, list):
		for item in value:
			yield from dotted_paths(item)
	elif isinstance(value, str) and value.startswith("nexwave_xero_connector."):
		yield value
