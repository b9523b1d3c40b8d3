"""Rows of a table, read and written by a job without what Frappe does for documents that people work on.

Reading does without the DocType's meta, which every job would have to load again for every table. Writing leaves the
document cache alone: these rows are never in it, and clearing it takes longer than the statement.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import frappe


def plain_rows(doctype: str, *fields: str, **where: object) -> list[frappe._dict]:
	"""These fields, or all, of the rows whose columns have this value or one of these values, in no certain order."""
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.from_(table).select(*(fields or ["*"]))
	for column, value in where.items():
		if isinstance(value, Collection) and not isinstance(value, str):
			if not value:
				return []
			query = query.where(table[column].isin(sorted(value)))
		else:
			query = query.where(table[column] == value)
	return query.run(as_dict=True)


def write_columns(doctype: str, name: str, values: Mapping[str, object]) -> None:
	"""Set these columns of the row; nothing else of it changes, not even `modified`."""
	table = frappe.qb.DocType(doctype)
	query = frappe.qb.update(table).where(table.name == name)
	for column, value in values.items():
		query = query.set(table[column], value)
	query.run()
