"""On which databases the app installs."""

import frappe

from nexwave_xero_connector.install import before_install, why_not_installable
from nexwave_xero_connector.tests.compat import IntegrationTestCase


class TestInstall(IntegrationTestCase):
	def test_this_site_is_accepted(self) -> None:
		before_install()
		for version in (
			"10.6.0-MariaDB",
			"10.11.19-MariaDB-0+deb12u1",
			"11.8.2-MariaDB-ubu2404",
			"12.0.1-MariaDB",
		):
			self.assertEqual(why_not_installable("mariadb", version), "", version)

	def test_other_databases_are_refused_by_name(self) -> None:
		for db_type, version, named in (
			("postgres", "", "postgres"),
			("sqlite", "", "sqlite"),
			("mariadb", "8.0.36", "MySQL 8.0.36"),
			("mariadb", "10.5.23-MariaDB", "10.5.23-MariaDB"),
			("mariadb", "5.5.68-MariaDB", "5.5.68-MariaDB"),
		):
			with self.subTest(db_type, version=version):
				reason = why_not_installable(db_type, version)
				self.assertIn("needs a site on MariaDB 10.6 or later", reason)
				self.assertIn(f"is {named}. Nothing was changed", reason)

	def test_frappe_asks_before_it_creates_anything(self) -> None:
		self.assertEqual(
			frappe.get_hooks("before_install", app_name="nexwave_xero_connector"),
			["nexwave_xero_connector.install.before_install"],
		)
