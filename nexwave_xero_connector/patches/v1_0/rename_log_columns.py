"""Rename two columns of the Xero Sync Log to say what they hold."""

import frappe
from frappe.model.utils.rename_field import update_property_setters, update_reports, update_user_settings

from nexwave_xero_connector.erp.doctypes import LOG

RENAMED = {"claims": "times_claimed", "late_write_until": "unconfirmed_until"}


def execute() -> None:
	"""Runs before the new schema is synced, which would add empty new columns beside the old ones.

	RENAME COLUMN keeps the values, the default and NOT NULL. Frappe's own rename_column only keeps the values.
	"""
	table = f"tab{LOG}"
	if not frappe.db.table_exists(LOG):
		return
	columns = {column.name for column in frappe.db.get_table_columns_description(table)}
	for old, new in RENAMED.items():
		if old not in columns or new in columns:
			continue
		# nosemgrep: frappe-using-db-sql -- see above
		frappe.db.sql_ddl(f"alter table `{table}` rename column `{old}` to `{new}`")
		update_property_setters(LOG, old, new)
		update_reports(LOG, old, new)
		update_user_settings(LOG, old, new)
	frappe.cache.hdel("table_columns", table)
