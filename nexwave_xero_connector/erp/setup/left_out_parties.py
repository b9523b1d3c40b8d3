"""The customers and suppliers that a company leaves out of Xero, in its settings."""

from __future__ import annotations

import frappe

from nexwave_xero_connector.erp.doctypes import LEFT_OUT_PARTY, SETTINGS
from nexwave_xero_connector.erp.outbox.left_out import by_this_user
from nexwave_xero_connector.erp.setup.followed_records import settings_have_changed


def leave_out_party(company: str, party_type: str, party: str, reason: str) -> None:
	"""Add the party to the company's settings, whatever else is wrong with them."""
	row = {"parent": company, "parenttype": SETTINGS, "parentfield": "left_out_parties"}
	idx = frappe.db.count(LEFT_OUT_PARTY, row) + 1
	about = {"party_type": party_type, "party": party, **by_this_user(reason)}
	frappe.get_doc({"doctype": LEFT_OUT_PARTY, **row, "idx": idx, **about}).db_insert()
	settings_have_changed(company)


def take_back_party(company: str, party_type: str, party: str) -> None:
	frappe.db.delete(LEFT_OUT_PARTY, {"parent": company, "party_type": party_type, "party": party})
	settings_have_changed(company)
