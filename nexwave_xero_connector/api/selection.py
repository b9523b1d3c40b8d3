"""The names of documents in a request."""

import frappe

from nexwave_xero_connector.erp.translation import _


def names_in(names: str | list[str], limit: int) -> list[str]:
	"""The names without duplicates; the desk sends a list as JSON. Throws if it is no list or longer than `limit`."""
	found = frappe.parse_json(names)
	if not isinstance(found, list) or not all(isinstance(name, str) for name in found):
		frappe.throw(_("Expected a list of document names."))
	if len(found) > limit:
		frappe.throw(_("At most {0} documents at a time.").format(limit))
	return list(dict.fromkeys(found))
