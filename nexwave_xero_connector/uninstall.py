"""Removes everything of ours from the site. Frappe drops the DocTypes and their tables; the rest is done here."""

import json
from pathlib import Path

import frappe

from nexwave_xero_connector.desk import APP_TILE, WORKSPACE
from nexwave_xero_connector.erp.connection.installation import forget_installation
from nexwave_xero_connector.erp.connection.xero_app import READY_MADE
from nexwave_xero_connector.erp.doctypes import CONNECTED_APP, CONNECTION, SETTINGS
from nexwave_xero_connector.erp.outbox.modified_index import drop_modified_index

APP = "nexwave_xero_connector"
MODULE = "Xero Connector"

# What users created for our doctypes, with the field that names the doctype. Each is a document of its own.
CUSTOMIZATIONS = {
	"Assignment Rule": "document_type",
	"Auto Repeat": "reference_doctype",
	"Client Script": "dt",
	"Custom DocPerm": "parent",
	"Custom Field": "dt",
	"Dashboard Chart": "document_type",
	"Kanban Board": "reference_doctype",
	"List Filter": "reference_doctype",
	"List View Settings": "name",
	"Notification": "document_type",
	"Number Card": "document_type",
	"Print Format": "doc_type",
	"Property Setter": "doc_type",
	"Report": "ref_doctype",
	"Server Script": "reference_doctype",
	"User Permission": "allow",
	"Webhook": "webhook_doctype",
	"Workflow": "document_type",
}

# What Frappe stores about single documents, and rows of its settings that name a doctype.
KEPT_ABOUT_DOCUMENTS = {
	"Comment": "reference_doctype",
	"Deleted Document": "deleted_doctype",
	"DocShare": "share_doctype",
	"Document Follow": "ref_doctype",
	"Global Search DocType": "document_type",
	"Logs To Clear": "ref_doctype",
	"Notification Log": "document_type",
	"Notification Subscribed Document": "document",
	"Tag Link": "document_type",
	"ToDo": "reference_type",
	"Version": "ref_doctype",
	"View Log": "reference_doctype",
}


def before_uninstall() -> None:
	doctypes = our_doctypes()
	remove_scheduled_jobs()
	remove_customizations(doctypes)
	remove_records_about(doctypes)
	remove_tokens()
	remove_xero_app()
	remove_first_run_guide()
	remove_tiles_and_sidebars(doctypes)
	forget_installation()


def after_uninstall() -> None:
	"""Frappe keeps a restorable copy of every DocType and desk record that it has just deleted."""
	for doctype, name in [*our_records(), ("Module Def", MODULE)]:
		frappe.db.delete("Deleted Document", {"deleted_doctype": doctype, "deleted_name": name})
	frappe.db.delete("Patch Log", {"patch": ("like", f"{APP}.%")})
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- Frappe has committed the uninstallation before this hook
	drop_modified_index()


def our_doctypes() -> list[str]:
	return [name for doctype, name in our_records() if doctype == "DocType"]


def our_records() -> list[tuple[str, str]]:
	"""Read from the app's own files: after the uninstallation they are no longer on the site."""
	here = Path(__file__).parent
	files = [
		*here.glob("xero_connector/*/*/*.json"),
		*here.glob("desktop_icon/*"),
		*here.glob("workspace_sidebar/*"),
	]
	records = [json.loads(file.read_text(encoding="utf-8")) for file in files]
	return [(record["doctype"], record["name"]) for record in records if "doctype" in record]


def remove_scheduled_jobs() -> None:
	"""Frappe itself only removes an app's jobs with the next migrate."""
	for name in frappe.get_all("Scheduled Job Type", {"method": ("like", f"{APP}.%")}, pluck="name"):
		frappe.delete_doc("Scheduled Job Type", name, force=True, delete_permanently=True)


def remove_customizations(doctypes: list[str]) -> None:
	for doctype, fieldname in CUSTOMIZATIONS.items():
		for name in frappe.get_all(doctype, {fieldname: ("in", doctypes)}, pluck="name"):
			frappe.delete_doc(doctype, name, force=True, delete_permanently=True)


def remove_records_about(doctypes: list[str]) -> None:
	for doctype, fieldname in KEPT_ABOUT_DOCUMENTS.items():
		frappe.db.delete(doctype, {fieldname: ("in", doctypes)})
	user_settings = frappe.qb.Table("__UserSettings")
	frappe.qb.from_(user_settings).delete().where(user_settings.doctype.isin(doctypes)).run()


def remove_tokens() -> None:
	"""Dropping a table leaves the passwords of its documents in the site's password table."""
	passwords = frappe.qb.Table("__Auth")
	frappe.qb.from_(passwords).delete().where(passwords.doctype == CONNECTION).run()


def remove_xero_app() -> None:
	"""Remove the Connected Apps that we created, with the client secrets of the Xero apps."""
	own = frappe.get_all(CONNECTED_APP, {"name": ("like", f"{READY_MADE} - %")}, pluck="name")
	used = frappe.get_all(SETTINGS, pluck="connected_app")
	for name in {READY_MADE, *(name for name in own if name in used)}:
		if frappe.db.exists(CONNECTED_APP, name):
			frappe.delete_doc(CONNECTED_APP, name, force=True, delete_permanently=True)
			# Frappe leaves its history to a background job, and there may be no worker to run it.
			frappe.db.delete("Version", {"ref_doctype": CONNECTED_APP, "docname": name})


def remove_first_run_guide() -> None:
	"""Frappe removes the guide with its module, but its steps belong to no module."""
	files = (Path(__file__).parent / "xero_connector" / "onboarding_step").glob("*/*.json")
	for file in files:
		name = json.loads(file.read_text(encoding="utf-8"))["name"]
		frappe.delete_doc("Onboarding Step", name, force=True, ignore_missing=True, delete_permanently=True)


def remove_tiles_and_sidebars(doctypes: list[str]) -> None:
	"""Those of Frappe 16: ours, users' own copies of them, and the links to us in other sidebars.

	Frappe itself looks for the app's tile under the name of the app, and it is named by the app's title.
	"""
	if not frappe.db.table_exists("Workspace Sidebar"):
		return
	sidebars = frappe.get_all(
		"Workspace Sidebar", {"name": ("like", f"{WORKSPACE}-%"), "for_user": ("is", "set")}, pluck="name"
	)
	for name in (WORKSPACE, *sidebars):
		frappe.delete_doc("Workspace Sidebar", name, force=True, ignore_missing=True, delete_permanently=True)
	for filters in (
		{"link_type": "DocType", "link_to": ("in", doctypes)},
		{"link_type": "Workspace", "link_to": WORKSPACE},
	):
		frappe.db.delete("Workspace Sidebar Item", filters)
	tiles = frappe.get_all(
		"Desktop Icon",
		or_filters={"name": ("in", (APP_TILE, WORKSPACE)), "app": APP, "link_to": WORKSPACE},
		pluck="name",
	)
	for name in tiles:
		frappe.delete_doc("Desktop Icon", name, force=True, delete_permanently=True)
