"""What every bench test imports: the test case, which Frappe 15 and 16 name differently, on a site that is set up."""

try:
	from frappe.tests import IntegrationTestCase
except ImportError:
	from frappe.tests.utils import FrappeTestCase as IntegrationTestCase

from nexwave_xero_connector.tests.set_up_site import require_set_up_site

require_set_up_site()

__all__ = ["IntegrationTestCase"]
