"""Reads what Frappe stores encrypted for a document's Password field."""

from __future__ import annotations

import frappe
from frappe.utils.password import decrypt


def stored_password(doctype: str, name: str, fieldname: str) -> str | None:
	"""The stored value; "" if there is none; None if it cannot be decrypted: the site was restored without its key.

	For the last case, Frappe's own `get_decrypted_password` raises on version 15, and on 17 returns the same as for no
	value. No message is left for the user.
	"""
	passwords = frappe.qb.Table("__Auth")
	query = frappe.qb.from_(passwords).select(passwords.password)
	query = query.where((passwords.doctype == doctype) & (passwords.name == name))
	stored = query.where((passwords.fieldname == fieldname) & (passwords.encrypted == 1)).run(pluck=True)
	if not stored or not stored[0]:
		return ""
	try:
		return decrypt(stored[0])
	except frappe.ValidationError:
		frappe.clear_last_message()
		return None
