"""On a site that was never set up, the run is one sentence."""

from unittest import mock

import frappe

from nexwave_xero_connector.tests import set_up_site
from nexwave_xero_connector.tests.compat import IntegrationTestCase


class TestSetUpSite(IntegrationTestCase):
	def test_this_site_can_be_tested_on(self) -> None:
		self.assertEqual(set_up_site.why_not(), "")

	def test_no_test_runs_where_the_wizard_was_never_completed(self) -> None:
		with mock.patch.object(set_up_site, "_setup_is_complete", return_value=False):
			with self.assertRaises(SystemExit) as ended:
				set_up_site.require_set_up_site()
		self.assertIn(f"The setup wizard of {frappe.local.site} was never completed", str(ended.exception))
		self.assertIn("erpnext.setup.utils.before_tests", str(ended.exception))
