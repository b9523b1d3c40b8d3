"""Whether tests can run on a site, checked before the first test: one sentence instead of hundreds of failures.

``python -m nexwave_xero_connector.tests.set_up_site SITE`` in a bench's sites folder prints it and exits with 1.
"""

import sys

import frappe
from frappe.utils import cint


def why_not() -> str:
	"""Why tests cannot run on the connected site, or ""."""
	site = frappe.local.site
	if not _setup_is_complete() or not frappe.db.a_row_exists("Company"):
		return (
			f"The setup wizard of {site} was never completed, and the tests need what it makes. Complete it in the"
			f" desk, or run: bench --site {site} execute erpnext.setup.utils.before_tests"
		)
	return ""


def _setup_is_complete() -> bool:
	"""Frappe 16 records it for each app, Frappe 15 for the site."""
	if hasattr(frappe, "is_setup_complete"):
		return bool(frappe.is_setup_complete())
	return bool(cint(frappe.db.get_single_value("System Settings", "setup_complete")))


def require_set_up_site() -> None:
	"""End the run before any test begins."""
	if reason := why_not():
		sys.exit(reason)


if __name__ == "__main__":
	frappe.init(site=sys.argv[1], sites_path=".")
	frappe.connect()
	if reason := why_not():
		print(reason)
		sys.exit(1)
