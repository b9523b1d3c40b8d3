"""Note on each Xero Contact which organisation has it: the one that its company was connected to."""

import frappe

from nexwave_xero_connector.erp.doctypes import CONTACT, SETTINGS

OLD_INDEX = "unique_company_party"


def execute() -> None:
	"""Choosing another organisation used to delete a company's contacts, so those that exist belong to the present one.

	Two companies may be connected to one organisation. They share its contacts from now on, and the older link stays.
	"""
	tenants = dict(
		frappe.get_all(SETTINGS, {"tenant_id": ("is", "set")}, ["company", "tenant_id"], as_list=True)
	)
	linked = set(
		frappe.get_all(
			CONTACT, {"tenant_id": ("is", "set")}, ["tenant_id", "party_type", "party"], as_list=True
		)
	)
	for link in frappe.get_all(
		CONTACT,
		{"tenant_id": ("is", "not set")},
		["name", "company", "party_type", "party"],
		order_by="creation",
	):
		key = (tenants.get(link.company), link.party_type, link.party)
		if key[0] is None or key in linked:
			frappe.db.delete(CONTACT, {"name": link.name})
			continue
		linked.add(key)
		frappe.db.set_value(CONTACT, link.name, "tenant_id", key[0], update_modified=False)
	if frappe.db.has_index(f"tab{CONTACT}", OLD_INDEX):
		# nosemgrep: frappe-using-db-sql -- Frappe has no call that drops an index
		frappe.db.sql_ddl(f"alter table `tab{CONTACT}` drop index `{OLD_INDEX}`")
