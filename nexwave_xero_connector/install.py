"""What installing sets up besides the DocTypes. `uninstall.py` undoes each of these."""

import frappe

from nexwave_xero_connector.erp.connection.xero_app import ready_made_app
from nexwave_xero_connector.erp.outbox.modified_index import ensure_modified_index


def after_install() -> None:
	ready_made_app()
	register_log_clearing()
	ensure_modified_index()


def after_migrate() -> None:
	"""Migrating to Frappe 16 drops the index that Frappe 15 had."""
	ensure_modified_index()


def register_log_clearing() -> None:
	"""List the Xero Sync Log in Log Settings from the start, with the retention from hooks.py."""
	log_settings = frappe.get_single("Log Settings")
	log_settings.add_default_logtypes()
	log_settings.save(ignore_permissions=True)
