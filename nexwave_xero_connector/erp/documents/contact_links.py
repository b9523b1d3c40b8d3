"""What a System Manager does to the link between a party and its Xero contact, and what that means."""

from __future__ import annotations

import re

import frappe
from frappe.model.document import Document
from frappe.utils import escape_html

from nexwave_xero_connector.erp.connection.tokens import open_organisation, tenant_of
from nexwave_xero_connector.erp.doctypes import LOG, SETTINGS
from nexwave_xero_connector.erp.foreign_text import as_stored
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.translation import _
from nexwave_xero_connector.sync.contacts import end_of_merges
from nexwave_xero_connector.sync.errors import XeroError
from nexwave_xero_connector.sync.records import Operation, Status, XeroContact

CONTACT_ID = re.compile(r"[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}", re.IGNORECASE)


def check_contact(link: Document, before: Document) -> None:
	"""Fill in the contact that was chosen by its id or by the address of its page, and say what that means.

	Throws if Xero has no such contact, or if the link is for an organisation that no company sends to.
	"""
	company = _company_of(link)
	if not company:
		frappe.throw(
			_(
				"This link is for another organisation than the one that {0} is connected to. Connect that one again"
				" to change it."
			).format(link.company),
			title=_("Another Organisation"),
		)
	contact = _in_xero(company, link.contact_id)
	link.contact_id, link.contact_name = contact.id, as_stored(contact.name)
	if contact.id != before.contact_id:
		_say(
			link,
			_("{0} is linked to {1} from now on: its next documents go to that contact.").format(
				link.party, link.contact_name
			),
			before.contact_name or "",
		)


def _company_of(link: Document) -> str | None:
	"""A company that sends to the link's organisation: the one that made it, or another that shares it."""
	if link.tenant_id == tenant_of(link.company):
		return link.company
	return frappe.db.get_value(SETTINGS, {"tenant_id": link.tenant_id}, "company")


def say_what_removal_means(link: Document) -> None:
	_say(
		link,
		_(
			"{0} is no longer linked. Its next document finds its contact by number or name, or creates one."
		).format(link.party),
		link.contact_name or "",
	)


def _in_xero(company: str, entered: str) -> XeroContact:
	found = CONTACT_ID.search(entered or "")
	if not found:
		frappe.throw(
			_("Enter the id of the contact, or the address of its page in Xero, which ends in the id."),
			title=_("No Contact ID"),
		)
	try:
		xero = open_organisation(company)
		contacts = xero.read_contacts([found[0].lower()])
		contact = end_of_merges(xero, contacts[0]) if contacts else None
	except XeroError as error:
		frappe.throw(plain_text(error.sentence), title=_("Xero Was Not Reached"))
	if contact is None:
		frappe.throw(_("Xero has no contact with this id in the organisation of {0}.").format(company))
	if contact.is_archived:
		frappe.throw(
			_("The contact {0} is archived in Xero. Restore it there first.").format(
				escape_html(contact.name)
			)
		)
	return contact


def _say(link: Document, done: str, former: str) -> None:
	sent = frappe.db.count(
		LOG,
		{
			"company": link.company,
			"party_type": link.party_type,
			"party": link.party,
			"is_latest": 1,
			"operation": Operation.PUSH.value,
			"status": Status.SUCCESS.value,
		},
	)
	texts = [done]
	if sent:
		texts.append(
			_(
				"{0} documents that are already in Xero stay with {1} there. If they belong to somebody else, change"
				" their contact in Xero, or cancel and amend them here."
			).format(sent, former)
		)
	frappe.msgprint("<br>".join([escape_html(text) for text in texts]), title=_("Xero Contact"))
