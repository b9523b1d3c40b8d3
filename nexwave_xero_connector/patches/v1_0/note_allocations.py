"""Note the allocations made before they were noted, so that a cancel of such a credit note still removes its own.

Until then a credit note was allocated only if ERPNext set it against its invoice, and usually as a whole. One that was
allocated in part is not recognised: its cancel asks a person.
"""

from __future__ import annotations

import frappe

from nexwave_xero_connector.erp.decimals import decimal_of, exactly
from nexwave_xero_connector.erp.doctypes import XERO_DOCUMENT
from nexwave_xero_connector.erp.outbox.allocations import to_column
from nexwave_xero_connector.erp.outbox.log import DOCTYPES
from nexwave_xero_connector.sync.records import Allocation


def execute() -> None:
	"""Without effect if it is run again."""
	for doctype in DOCTYPES:
		for row in _credit_notes(doctype):
			total = abs(decimal_of(row.rounded_total) or decimal_of(row.grand_total))
			allocations = to_column([Allocation("", row.invoice_id, total)])
			frappe.db.set_value(XERO_DOCUMENT, row.name, "allocations", allocations, update_modified=False)


def _credit_notes(doctype: str) -> list[frappe._dict]:
	note, invoice = frappe.qb.DocType(XERO_DOCUMENT), frappe.qb.DocType(XERO_DOCUMENT).as_("invoice")
	document = frappe.qb.DocType(doctype)
	return (
		frappe.qb.from_(note)
		.join(document)
		.on(document.name == note.reference_name)
		.join(invoice)
		.on(
			(invoice.reference_name == document.return_against)
			& (invoice.reference_doctype == doctype)
			& (invoice.tenant_id == note.tenant_id)
		)
		.select(note.name, invoice.xero_id.as_("invoice_id"))
		.select(exactly(document.grand_total), exactly(document.rounded_total))
		.where((note.reference_doctype == doctype) & note.xero_id.notnull() & invoice.xero_id.notnull())
		.where((document.is_return == 1) & (document.update_outstanding_for_self == 0))
		.where(note.allocations.isnull())
		.run(as_dict=True)
	)
