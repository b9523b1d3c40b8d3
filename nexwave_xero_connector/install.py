"""What installing sets up besides the DocTypes. `uninstall.py` undoes each of these."""

import re

import frappe

from nexwave_xero_connector.erp.connection.xero_app import ready_made_app
from nexwave_xero_connector.erp.doctypes import LOG
from nexwave_xero_connector.erp.outbox.modified_index import ensure_modified_index
from nexwave_xero_connector.erp.translation import _

NOTIFICATION = "Xero Document Needs Attention"
OLDEST = (15, 40)
"""Of Frappe and of ERPNext. pyproject.toml names whole major versions, which Frappe Cloud goes by."""
MARIADB = (10, 6)
"""The first version whose workers can skip rows that others have locked: https://mariadb.com/kb/en/select/#skip-locked"""


def before_install() -> None:
	"""Refuse, before anything is added to the site, one on which the connector would not work."""
	require_versions()
	require_database()


def require_versions() -> None:
	"""Raises ValidationError where Frappe or ERPNext is too old."""
	for title, app in (("Frappe", "frappe"), ("ERPNext", "erpnext")):
		version = frappe.get_attr(f"{app}.__version__")
		if is_too_old(version):
			frappe.throw(
				_(
					"NexWave Xero Connector needs {0} {1} or later, and this bench has {2}. Update the bench, then"
					" install the app again."
				).format(title, _dotted(OLDEST), version)
			)


def is_too_old(version: str) -> bool:
	"""A version in development, such as 15.x.x-develop, is not."""
	numbers = _first_two_numbers(version)
	return bool(numbers) and numbers < OLDEST


def require_database() -> None:
	"""Raises IncompatibleApp where the outbox would not work on the site's database."""
	db_type = frappe.db.db_type
	# nosemgrep: frappe-using-db-sql -- a query of no table
	version = frappe.db.sql("select version()")[0][0] if db_type == "mariadb" else ""
	if reason := why_not_installable(db_type, version):
		raise frappe.IncompatibleApp(reason)


def why_not_installable(db_type: str, version: str) -> str:
	"""The reason, for the terminal; "" if there is none.

	db_type: as Frappe names it, which calls a MySQL server mariadb, too. version: as that server states it, such as
	10.11.19-MariaDB; "" for other databases.
	"""
	numbers = _first_two_numbers(version)
	is_mariadb = "mariadb" in version.lower()
	if is_mariadb and numbers and numbers >= MARIADB:
		return ""
	found = version if is_mariadb else f"MySQL {version}" if version else db_type
	return (
		f"NexWave Xero Connector needs a site on MariaDB {_dotted(MARIADB)} or later, and the database of this"
		f" site is {found}. Nothing was changed on the site."
	)


def _first_two_numbers(version: str) -> tuple[int, int] | None:
	found = re.search(r"(\d+)\.(\d+)", version)
	return (int(found[1]), int(found[2])) if found else None


def _dotted(numbers: tuple[int, int]) -> str:
	return f"{numbers[0]}.{numbers[1]}"


def after_install() -> None:
	ready_made_app()
	register_log_clearing()
	add_notification()
	ensure_modified_index()


def after_migrate() -> None:
	"""Migrating to Frappe 16 drops the index that Frappe 15 had."""
	ensure_modified_index()


def add_notification() -> None:
	"""A Notification to the owner of a document that needs attention. It is disabled, and the site's own to change."""
	if frappe.db.exists("Notification", NOTIFICATION):
		return
	frappe.get_doc(
		{
			"doctype": "Notification",
			"name": NOTIFICATION,
			"enabled": 0,
			"channel": "System Notification",
			"document_type": LOG,
			"event": "Save",
			"condition": "doc.needs_attention",
			"subject": "{{ doc.reference_name }} needs attention in the Xero Sync Log",
			"message": "{{ (doc.finding or doc.message or '') | e }}",
			"message_type": "HTML",
			"recipients": [{"receiver_by_document_field": "document_owner"}],
		}
	).insert(ignore_permissions=True)


def register_log_clearing() -> None:
	"""List the Xero Sync Log in Log Settings from the start, with the retention from hooks.py."""
	log_settings = frappe.get_single("Log Settings")
	log_settings.add_default_logtypes()
	log_settings.save(ignore_permissions=True)
