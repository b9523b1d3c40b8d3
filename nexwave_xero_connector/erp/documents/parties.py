"""Reads Customers and Suppliers in bulk, with what a new Xero contact is created from."""

from __future__ import annotations

from collections.abc import Sequence

import frappe

from nexwave_xero_connector.erp.plain_rows import plain_rows
from nexwave_xero_connector.mapping.erp_document import Party

PARTY_TYPES = ("Customer", "Supplier")


def title_of(party_type: str, name: str) -> str:
	"""The party's name as people know it; "" if it does not exist."""
	return frappe.db.get_value(party_type, name, f"{party_type.lower()}_name") or ""


def read_parties(party_type: str, invoices: Sequence[frappe._dict]) -> dict[str, Party]:
	"""The party of each invoice, by the invoice's name.

	The party's own record takes precedence, so that all its documents create the same contact. The invoice fills gaps.
	"""
	field = party_type.lower()
	columns = (f"{field}_name", "email_id", "mobile_no", "tax_id", f"{field}_primary_address")
	masters = _by_name(party_type, {invoice[field] for invoice in invoices}, *columns)
	used = {
		invoice.name: masters.get(invoice[field], {}).get(f"{field}_primary_address")
		or invoice.get(f"{field}_address")
		for invoice in invoices
	}
	addresses = _by_name(
		"Address",
		{name for name in used.values() if name},
		*("address_line1", "address_line2", "city", "state", "pincode", "country", "phone"),
	)
	return {
		invoice.name: _party(
			party_type,
			invoice[field],
			masters.get(invoice[field], frappe._dict()),
			addresses.get(used[invoice.name], frappe._dict()),
			invoice,
		)
		for invoice in invoices
	}


def _party(
	party_type: str, name: str, master: frappe._dict, address: frappe._dict, invoice: frappe._dict
) -> Party:
	return Party(
		doctype=party_type,
		name=name,
		title=master.get(f"{party_type.lower()}_name") or name,
		email=master.email_id or invoice.contact_email or "",
		tax_id=master.tax_id or invoice.tax_id or "",
		phone=master.mobile_no or invoice.contact_mobile or address.phone or "",
		address_line1=address.address_line1 or "",
		address_line2=address.address_line2 or "",
		city=address.city or "",
		region=address.state or "",
		postal_code=address.pincode or "",
		country=address.country or "",
	)


def _by_name(doctype: str, names: set[str], *fields: str) -> dict[str, frappe._dict]:
	return {row.name: row for row in plain_rows(doctype, "name", *fields, name=names)}
