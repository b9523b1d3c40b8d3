"""Every function and DocType in hooks.py exists: Frappe itself only notices when a user presses Submit."""

from collections.abc import Iterator
from unittest.mock import patch

import frappe

from nexwave_xero_connector import hooks, install
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
			*(hooks.doc_events.keys() - {"*"}),
			*hooks.ignore_links_on_delete,
			*hooks.company_data_to_be_ignored,
			*hooks.default_log_clearing_doctypes,
		}
		for doctype in named:
			with self.subTest(doctype):
				self.assertTrue(frappe.db.exists("DocType", doctype))

	def test_an_older_release_is_refused_with_a_sentence_before_anything_is_installed(self):
		install.before_install()
		for module, title, version in (("frappe", "Frappe", "15.39.4"), ("erpnext", "ERPNext", "14.92.1")):
			with self.subTest(title), patch(f"{module}.__version__", version):
				with self.assertRaisesRegex(
					frappe.ValidationError, f"needs {title} 15.40 or later.*has {version}"
				):
					install.before_install()
		for version, is_too_old in (
			("15.9.0", True),
			("15.40.0", False),
			("16.0.0-beta.2", False),
			("15.x.x-develop", False),
			("17.0.0-dev", False),
		):
			with self.subTest(version):
				self.assertEqual(install.is_too_old(version), is_too_old)


def dotted_paths(value: object) -> Iterator[str]:
	if isinstance(value, dict):
		value = list(value.values())
	if isinstance(value, list):
		for item in value:
			yield from dotted_paths(item)
	elif isinstance(value, str) and value.startswith("nexwave_xero_connector."):
		yield value
