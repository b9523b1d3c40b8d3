"""On Frappe 16, make way for the app's own Desktop Icons and Workspace Sidebar."""

import frappe

from nexwave_xero_connector.desk import APP_TILE, WORKSPACE


def execute() -> None:
	"""Frappe 16 makes its own for an app without any, and imports a file only over an older record.

	Runs before the files are imported. Frappe 15 has no sidebars, and no Desktop Icons of ours.
	"""
	if not frappe.db.table_exists("Workspace Sidebar"):
		return
	frappe.db.delete("Desktop Icon", {"name": ("in", (APP_TILE, WORKSPACE))})
	frappe.db.delete("Workspace Sidebar Item", {"parent": WORKSPACE})
	frappe.db.delete("Workspace Sidebar", {"name": WORKSPACE})
