"""Settings of the whole site, changed for the length of a block.

Both changes are committed, so that no rollback undoes the second.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import frappe


@contextmanager
def site_default(key: str, value: str | None) -> Iterator[None]:
	"""A default of the site, such as currency_precision, for the length of the block."""
	before = frappe.db.get_default(key)
	_set_default(key, value)
	try:
		yield
	finally:
		_set_default(key, before)


@contextmanager
def site_setting(doctype: str, field: str, value: object) -> Iterator[None]:
	"""A value of a single DocType, such as Accounts Settings, for the length of the block."""
	before = frappe.db.get_single_value(doctype, field)
	_set_single(doctype, field, value)
	try:
		yield
	finally:
		_set_single(doctype, field, before)


def _set_single(doctype: str, field: str, value: object) -> None:
	frappe.db.set_single_value(doctype, field, value)
	frappe.db.commit()
	frappe.clear_cache()


def _set_default(key: str, value: str | None) -> None:
	frappe.db.set_default(key, value)
	frappe.db.commit()
	frappe.clear_cache()
