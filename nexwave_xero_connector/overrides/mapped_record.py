"""A merged or deleted record takes its mapping along: an account, a tax template, or a value of any dimension.

These are doc events of every DocType, because a site may make any of them an accounting dimension.
"""

from frappe.model.document import Document

from nexwave_xero_connector.erp.setup.followed_records import forget_mapping, keep_one_mapping


def before_rename(record: Document, _event: str, old: str, new: str, merge: bool = False) -> None:
	if merge:
		keep_one_mapping(record.doctype, old, new)


def on_trash(record: Document, _event: str) -> None:
	forget_mapping(record.doctype, record.name)
