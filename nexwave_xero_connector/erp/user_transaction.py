"""Our part of a user's transaction: whatever happens in it, the user's Submit, Cancel, Rename or Delete goes through.

An error of ours is rolled back and logged, and the user's transaction continues. An error that has rolled back the
user's transaction as well (a deadlock, a lost connection) is raised: to continue would commit half of it.
"""

from __future__ import annotations

import functools
from collections.abc import Callable

import frappe

MAX_TITLE = 140
"""Length of the column `method` of Error Log."""


def never_hinders(follow: Callable[..., None]) -> Callable[..., None]:
	"""Decorator of what follows an operation of ERPNext's: if it fails, the operation goes through without it."""

	@functools.wraps(follow)
	def followed(*records: object, **more: object) -> None:
		names = ", ".join(str(record) for record in (*records, *more.values()))
		harmlessly(lambda: follow(*records, **more), f"Xero: {follow.__name__} failed for {names}")

	return followed


def harmlessly(action: Callable[[], object], title: str, **reference: str) -> bool:
	"""Run the action in a savepoint; False if it failed and was rolled back.

	title, reference: for the Error Log then; `reference_doctype` and `reference_name`.
	"""
	# One action may lead to another: the Company that is renamed renames its settings.
	savepoint = f"xero_{frappe.generate_hash(length=10)}"
	frappe.db.savepoint(savepoint)
	messages = len(frappe.local.message_log)
	try:
		action()
	except Exception as failure:
		_undo(savepoint, failure)
		# Our error is in the Error Log. What the user did has worked, and the user need not see it.
		del frappe.local.message_log[messages:]
		_log(title[:MAX_TITLE], reference)
		return False
	frappe.db.release_savepoint(savepoint)
	return True


def _undo(savepoint: str, failure: Exception) -> None:
	"""If MariaDB has rolled back the whole transaction, the savepoint is gone: then the failure is raised."""
	try:
		frappe.db.rollback(save_point=savepoint)
	except Exception:
		raise failure from None


def _log(title: str, reference: dict[str, str]) -> None:
	savepoint = f"xero_{frappe.generate_hash(length=10)}"
	frappe.db.savepoint(savepoint)
	try:
		frappe.log_error(title=title, **reference)
	except Exception as failure:
		_undo(savepoint, failure)
		frappe.logger("xero").exception(title)
