"""A renamed Company keeps its settings and its connection, which are named after it; a deleted one takes them along."""

from frappe.model.document import Document

from nexwave_xero_connector.erp.setup.followed_records import forget_company, keep_one_connection
from nexwave_xero_connector.erp.setup.rename_company import follow


def before_rename(company: Document, _event: str, old: str, new: str, merge: bool = False) -> None:
	if merge:
		keep_one_connection(old, new)


def after_rename(company: Document, _event: str, old: str, new: str, merge: bool = False) -> None:
	follow(old, new)


def on_trash(company: Document, _event: str) -> None:
	forget_company(company.name)
