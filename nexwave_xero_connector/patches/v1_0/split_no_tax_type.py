"""The tax rate for untaxed lines becomes two: one for sales, one for purchases."""

import frappe

from nexwave_xero_connector.erp.doctypes import SETTINGS

OLD = "no_tax_type"
NEW = ("untaxed_sales_tax_rate", "untaxed_purchase_tax_rate")


def execute() -> None:
	"""Runs after the new columns were added. Frappe leaves the old column, which nothing reads any more."""
	if OLD not in frappe.db.get_table_columns(SETTINGS):
		return
	table = frappe.qb.DocType(SETTINGS)
	for column in NEW:
		query = frappe.qb.update(table).set(table[column], table[OLD])
		query.where(table[OLD].notnull() & table[column].isnull()).run()
