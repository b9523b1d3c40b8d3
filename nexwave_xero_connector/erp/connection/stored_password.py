"""What Frappe keeps encrypted for a document's Password field."""

from __future__ import annotations

import frappe
from frappe.utils.password import decrypt


def stored_password(doctype: str, name: str, fieldname: str) -> str | None:
	"""What is stored, "" where nothing is, None where it cannot be decrypted: the site was restored without its key.

	Frappe's own `get_decrypted_password` raises in the last case on version 15, and on 17 answers as if nothing was
	stored. No message is left for the user either way.
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
