"""What installing sets up besides the DocTypes. `uninstall.py` undoes each of these."""

import re

import frappe
from frappe import _

from nexwave_xero_connector.erp.connection.xero_app import ready_made_app
from nexwave_xero_connector.erp.outbox.modified_index import ensure_modified_index

OLDEST = (15, 40)
"""Of Frappe and of ERPNext. pyproject.toml names whole major versions, which Frappe Cloud goes by."""


def before_install() -> None:
	"""Raises ValidationError where Frappe or ERPNext is too old, before anything is added to the site."""
	for title, app in (("Frappe", "frappe"), ("ERPNext", "erpnext")):
		version = frappe.get_attr(f"{app}.__version__")
		if is_too_old(version):
			frappe.throw(
				_(
					"NexWave Xero Connector needs {0} {1} or later, and this bench has {2}. Update the bench, then"
					" install the app again."
				).format(title, ".".join(map(str, OLDEST)), version)
			)


def is_too_old(version: str) -> bool:
	"""A version in development, such as 15.x.x-develop, is not."""
	numbers = re.match(r"(\d+)\.(\d+)", version)
	return bool(numbers) and tuple(map(int, numbers.groups())) < OLDEST


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
