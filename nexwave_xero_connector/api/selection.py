"""The documents that a request names."""

import frappe
from frappe import _


def names_in(names: str | list[str], limit: int) -> list[str]:
	"""The names, each once; the desk sends a list as JSON. Throws where they are more than `limit`, or no names."""
	found = frappe.parse_json(names)
	if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
		frappe.throw(_("A list of names is needed."))
	if len(found) > limit:
		frappe.throw(_("At most {0} documents at once.").format(limit))
	return list(dict.fromkeys(found))
