"""Follows what ERPNext does to records that are mapped, linked to a contact, or connected: rename, merge and delete.

None of ERPNext's operations is ever refused because of Xero.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date

import frappe
from frappe.model.dynamic_links import invalidate_distinct_link_doctypes
from frappe.utils import escape_html, format_date, now

from nexwave_xero_connector.erp.connection.tokens import forget_tokens
from nexwave_xero_connector.erp.doctypes import (
	ATTACHMENT,
	CONNECTION,
	CONTACT,
	LEFT_OUT_PARTY,
	LOG,
	SETTINGS,
	XERO_DOCUMENT,
	XERO_RECORDS,
)
from nexwave_xero_connector.erp.outbox.log import DOCTYPES
from nexwave_xero_connector.erp.transactions import locking_reads_see_the_present, write_to_the_present
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.erp.user_transaction import never_hinders

MAPPING_TABLES = {
	"Xero Account Mapping": ("", "account"),
	"Xero Charge Mapping": ("", "account"),
	"Xero Tax Mapping": ("template_type", "template"),
	"Xero Tracking Mapping": ("source_doctype", "source"),
}
"""The fields of each mapping table that name the DocType of the mapped record, "" for Account, and the record."""


NAMED_IN = (
	(LOG, "reference_doctype"),
	(LOG, "party_type"),
	(CONTACT, "party_type"),
	(LEFT_OUT_PARTY, "party_type"),
	(ATTACHMENT, "reference_doctype"),
	(XERO_DOCUMENT, "reference_doctype"),
)
"""Fields that say which DocType a record of ours names. Workers and the outbox write them without the ORM."""


def let_frappe_find_links(doctype: str) -> None:
	"""Call before a rename: Frappe changes a dynamic link only in tables that it knows to name the DocType.

	It keeps what it knows for twelve hours, and learns of new DocTypes from documents that its ORM saves.
	"""
	for table, field in NAMED_IN:
		invalidate_distinct_link_doctypes(table, field, doctype)
	frappe.local.dynamic_link_map = None
	write_to_the_present()


@never_hinders
def keep_one_mapping(doctype: str, old: str, new: str) -> None:
	"""Two mapped records are about to become one: of each settings' two rows, keep the row of the one that remains."""
	for table, row in _mapping_rows(doctype, old):
		kept = next(_rows_of(table, doctype, new, row.parent), None)
		if kept is None:
			continue
		frappe.db.delete(table, {"name": row.name})
		settings_have_changed(row.parent)
		if _targets(row) != _targets(kept):
			frappe.msgprint(
				_(
					"{0} and {1} were mapped differently for Xero. The mapping of {1} applies from now on. Check it in"
					" Xero Sync Settings of {2}."
				).format(escape_html(old), escape_html(new), escape_html(row.parent)),
				title=_("Xero Mapping"),
			)


@never_hinders
def forget_mapping(doctype: str, name: str) -> None:
	"""The record is about to be deleted: so are the rows that map it, or the settings could not be saved any more."""
	for table, row in _mapping_rows(doctype, name):
		frappe.db.delete(table, {"name": row.name})
		settings_have_changed(row.parent)


@never_hinders
def forget_tracking_source(doctype: str) -> None:
	"""The accounting dimension is about to be deleted: its values no longer become tracking in Xero."""
	for field in ("tracking_source", "second_tracking_source"):
		for settings in frappe.get_all(SETTINGS, {field: doctype}, pluck="name"):
			frappe.db.delete("Xero Tracking Mapping", {"parent": settings, "source_doctype": doctype})
			frappe.db.set_value(SETTINGS, settings, field, None, update_modified=False)
			settings_have_changed(settings)
			frappe.msgprint(
				_(
					"Documents of {0} are now sent to Xero without tracking by {1}. Choose another source in Xero Sync"
					" Settings, on the tab Tracking, if you need one."
				).format(escape_html(settings), escape_html(_(doctype))),
				title=_("Xero Mapping"),
			)


@never_hinders
def keep_one_contact(party_type: str, old: str, new: str) -> None:
	"""Two parties are about to become one: in each organisation, keep the contact of the one that remains.

	A worker that links either of them now waits until the merge is committed: Frappe would meet its row, which is newer
	than what this transaction sees, only by an error in the middle of the merge.
	"""
	kept_in = {_organisation(link): link for link in _locked_links(party_type, new)}
	for link in _locked_links(party_type, old):
		kept = kept_in.get(_organisation(link))
		if not kept:
			continue
		frappe.db.delete(CONTACT, {"name": link.name})
		frappe.msgprint(
			_(
				"Documents of {0} that are already in Xero stay with the contact {1} there; new documents of {2} go to"
				" {3}. Merge the two contacts in Xero, too."
			).format(*[escape_html(name) for name in (old, link.contact_name, new, kept.contact_name)]),
			title=_("Xero Contact"),
		)


@never_hinders
def forget_contact(party_type: str, party: str) -> None:
	"""Nobody has this id, or not for long: ERPNext may give the id of a deleted or renamed party to another business.

	A worker that was busy with the party meanwhile may have linked it after that.
	"""
	with locking_reads_see_the_present():
		frappe.db.delete(CONTACT, {"party_type": party_type, "party": party})


@never_hinders
def forget_left_out(party_type: str, party: str, merged_into: str = "") -> None:
	"""The party is about to be deleted, or to become one with another, which stays left out or not as it was."""
	for company in frappe.get_all(LEFT_OUT_PARTY, {"party_type": party_type, "party": party}, pluck="parent"):
		frappe.db.delete(LEFT_OUT_PARTY, {"party_type": party_type, "party": party, "parent": company})
		settings_have_changed(company)
		others = {"party_type": party_type, "party": merged_into, "parent": company}
		if merged_into and not frappe.db.exists(LEFT_OUT_PARTY, others):
			frappe.msgprint(
				_(
					"{0} was left out of Xero for {1}; {2} is not. Documents of {2} are sent from now on, unless you"
					" leave it out, too."
				).format(*[escape_html(name) for name in (party, company, merged_into)]),
				title=_("Left Out of Xero"),
			)


def _locked_links(party_type: str, party: str) -> list[frappe._dict]:
	"""The party's links as they are committed now. Locked, as is the place of those that it does not have yet."""
	table = frappe.qb.DocType(CONTACT)
	query = frappe.qb.from_(table).select(table.star)
	query = query.where((table.party == party) & (table.party_type == party_type))
	return query.for_update().run(as_dict=True)


def _organisation(link: frappe._dict) -> str:
	"""Before an update of an early version is migrated, a party has one link for each company."""
	return link.tenant_id or link.company


@never_hinders
def keep_one_connection(old: str, new: str) -> None:
	"""Two companies are about to become one: keep the connection and the mapping of the one that remains.

	If that one has none, it takes over the other's.
	"""
	fields = ["tenant_id", "organisation_name", "former_organisations", "enabled", "start_date"]
	gone, kept = (frappe.db.get_value(SETTINGS, company, fields, as_dict=True) for company in (old, new))
	if not gone:
		if kept and kept.enabled:
			_say_what_is_sent(old, new, kept.start_date)
		return
	if not kept or (gone.tenant_id and not kept.tenant_id):
		forget_company(new)
		if kept:
			_say(_("{1} has the connection to Xero and the settings of {0} from now on."), old, new)
		return
	_remember_organisations(new, kept, gone)
	forget_company(old)
	if gone.tenant_id and gone.tenant_id != kept.tenant_id:
		_say(
			_(
				"{0} is no longer connected to its Xero organisation {2}. Documents that are there stay there; from now"
				" on they go to {3}, the organisation of {1}."
			),
			*(old, new, gone.organisation_name, kept.organisation_name),
		)
	_say(
		_("What was mapped for {0} no longer applies. Check the mapping in Xero Sync Settings of {1}."),
		old,
		new,
	)


def _say_what_is_sent(old: str, new: str, start_date: date) -> None:
	"""What was never meant for Xero belongs to a company that sends, from now on."""
	submitted = {"company": old, "docstatus": 1, "posting_date": (">=", start_date)}
	count = sum(frappe.db.count(doctype, submitted) for doctype in DOCTYPES)
	if count:
		_say(
			_(
				"{2} documents of {0} dated {3} or later are documents of {1} now, and will be sent to Xero. If they"
				" should not be, disable the sync of {1} now, and choose a later start date."
			),
			*(old, new, str(count), format_date(start_date)),
		)


def _say(text: str, *names: str | None) -> None:
	frappe.msgprint(text.format(*[escape_html(name or "-") for name in names]), title=_("Xero Connection"))


def _remember_organisations(company: str, kept: frappe._dict, gone: frappe._dict) -> None:
	"""Documents of both companies may be in any of these: a cancel names where."""
	former = json.loads(kept.former_organisations or "{}") | json.loads(gone.former_organisations or "{}")
	if gone.tenant_id:
		former[gone.tenant_id] = gone.organisation_name
	former.pop(kept.tenant_id, None)
	frappe.db.set_value(SETTINGS, company, "former_organisations", json.dumps(former), update_modified=False)


@never_hinders
def forget_company(company: str) -> None:
	"""Delete the company's settings, tokens and lists. The log and the links to contacts stay: they are history."""
	for doctype in XERO_RECORDS:
		frappe.db.delete(doctype, {"company": company})
	if frappe.db.exists(SETTINGS, company):
		frappe.delete_doc(SETTINGS, company, force=True, ignore_permissions=True, delete_permanently=True)
	_forget_connection(company)


def _forget_connection(company: str) -> None:
	if frappe.db.exists(CONNECTION, company):
		forget_tokens(company)
		frappe.delete_doc(CONNECTION, company, force=True, ignore_permissions=True, delete_permanently=True)


def _mapping_rows(doctype: str, name: str) -> Iterator[tuple[str, frappe._dict]]:
	"""Each row of a mapping table that maps the record, with the table's DocType."""
	for table in MAPPING_TABLES:
		for row in _rows_of(table, doctype, name):
			yield table, row


def _rows_of(table: str, doctype: str, name: str, parent: str = "") -> Iterator[frappe._dict]:
	type_field, name_field = MAPPING_TABLES[table]
	if not type_field and doctype != "Account":
		return
	filters = {name_field: name} | ({type_field: doctype} if type_field else {})
	yield from frappe.get_all(table, filters | ({"parent": parent} if parent else {}), ["*"])


def _targets(row: frappe._dict) -> dict[str, object]:
	chosen = ("xero_account", "xero_tax_rate", "purchase_tax_rate", "tracking_option")
	return {field: row.get(field) or "" for field in chosen}


def settings_have_changed(settings: str) -> None:
	"""Somebody who has the settings open is told to reload, instead of saving the row again."""
	frappe.db.set_value(SETTINGS, settings, "modified", now(), update_modified=False)
	frappe.clear_document_cache(SETTINGS, settings)
