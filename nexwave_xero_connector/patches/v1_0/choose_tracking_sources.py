"""Cost Center and Project, which were the only sources of tracking, stay the sources of settings made before."""

import frappe

from nexwave_xero_connector.erp.doctypes import SETTINGS


def execute() -> None:
	"""Where the new columns do not have their default, as in settings that were restored from an export."""
	for field, source in (("tracking_source", "Cost Center"), ("second_tracking_source", "Project")):
		table = frappe.qb.DocType(SETTINGS)
		frappe.qb.update(table).set(table[field], source).where(table[field].isnull()).run()
