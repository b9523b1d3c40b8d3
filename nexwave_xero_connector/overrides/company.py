"""A renamed Company keeps its settings and its connection, which are named after it."""

from frappe.model.document import Document

from nexwave_xero_connector.erp.setup.rename_company import follow, refuse_a_second_connection


def before_rename(company: Document, _event: str, old: str, new: str, merge: bool = False) -> None:
	if merge:
		refuse_a_second_connection(old, new)


def after_rename(company: Document, _event: str, old: str, new: str, merge: bool = False) -> None:
	follow(old, new)
