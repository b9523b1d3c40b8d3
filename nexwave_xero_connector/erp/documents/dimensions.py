"""ERPNext's accounting dimensions: Cost Center, Project, and those of a site's own, which are custom fields."""

from __future__ import annotations

from collections.abc import Mapping

import frappe

BUILT_IN = {"Cost Center": "cost_center", "Project": "project"}


def dimension_fields() -> dict[str, str]:
	"""The field of each dimension, by the DocType of its values. ERPNext books nothing to a disabled dimension.

	A custom DocType can be deleted, and its dimension stays behind: it has no values.
	"""
	dimension, doctype = frappe.qb.DocType("Accounting Dimension"), frappe.qb.DocType("DocType")
	query = frappe.qb.from_(dimension).join(doctype).on(doctype.name == dimension.document_type)
	query = query.select(dimension.document_type, dimension.fieldname).where(dimension.disabled == 0)
	return BUILT_IN | dict(query.orderby(dimension.label).run())


def dimensions_of(row: Mapping[str, str | None], fields: Mapping[str, str]) -> dict[str, str]:
	"""What the row of a document is booked to: name by DocType, without those that the row does not have."""
	return {doctype: row[field] for doctype, field in fields.items() if row.get(field)}
