"""A renamed, merged or deleted Customer or Supplier takes its link to a Xero contact along, and that it is left out."""

from frappe.model.document import Document

from nexwave_xero_connector.erp.setup.followed_records import (
	forget_contact,
	forget_left_out,
	keep_one_contact,
	let_frappe_find_links,
)


def before_rename(party: Document, _event: str, old: str, new: str, merge: bool = False) -> None:
	let_frappe_find_links(party.doctype)
	if merge:
		keep_one_contact(party.doctype, old, new)
		forget_left_out(party.doctype, old, merged_into=new)
	else:
		forget_contact(party.doctype, new)


def after_insert(party: Document, _event: str) -> None:
	forget_contact(party.doctype, party.name)


def on_trash(party: Document, _event: str) -> None:
	forget_contact(party.doctype, party.name)
	forget_left_out(party.doctype, party.name)
