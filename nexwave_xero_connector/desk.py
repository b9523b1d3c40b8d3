"""Who sees the app in the desk."""

import frappe


def may_open_sync_log() -> bool:
	"""Whether the app's tile is shown to the session's user."""
	return frappe.has_permission("Xero Sync Log", "read")
