"""ERPNext's accounting dimensions: Cost Center, Project, and those of a site's own, which are custom fields."""

from __future__ import annotations

from collections.abc import Mapping

import frappe

BUILT_IN = {"Cost Center": "cost_center", "Project": "project"}


def dimension_fields() -> dict[str, str]:
	"""The field of each dimension, by the DocType of its values. ERPNext books nothing to a disabled dimension."""
	own = frappe.get_all(
		"Accounting Dimension", {"disabled": 0}, ["document_type", "fieldname"], order_by="label"
	)
	return BUILT_IN | {dimension.document_type: dimension.fieldname for dimension in own}


def dimensions_of(row: Mapping[str, str | None], fields: Mapping[str, str]) -> dict[str, str]:
	"""What the row of a document is booked to: name by DocType, without those that the row does not have."""
	return {doctype: row[field] for doctype, field in fields.items() if row.get(field)}
