"""What is changed of a submitted document after it was sent: Xero keeps what it got, and the log says so.

ERPNext allows it for accounts, dimensions and the customer's purchase order, and Customize Form for any other field.
"""

from __future__ import annotations

from collections.abc import Iterator

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.erp.doctypes import LOG
from nexwave_xero_connector.erp.documents.dimensions import dimension_fields
from nexwave_xero_connector.erp.documents.invoices import HEADER, ITEM, TAX
from nexwave_xero_connector.erp.outbox.log import created_of, newest_row, ref_of
from nexwave_xero_connector.erp.outbox.realtime import announce
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.translation import _ as translated
from nexwave_xero_connector.erp.user_transaction import never_hinders
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.records import Status

OF_THE_CONTACT = frozenset("contact_email contact_mobile customer_address supplier_address tax_id".split())
"""Read for a new contact only; an existing one is never changed."""
TABLES = {"items": ITEM, "taxes": TAX}
MAX_NAMED = 5


@never_hinders
def note_changes(document: Document) -> None:
	"""Ask for attention to the document's row if it is in Xero and differs now from what was sent."""
	before = document.get_doc_before_save()
	changes = list(_changes(before, document)) if before else []
	if not changes:
		return
	ref = ref_of(document)
	name = newest_row(ref, created_of(document))
	row = name and frappe.db.get_value(LOG, name, ["name", "company", "status", "xero_id"], as_dict=True)
	# A row that waits is sent as the document is then.
	if not row or not row.xero_id or row.status not in (Status.SUCCESS.value, Status.FAILED.value):
		return
	finding = Sentence(
		_(
			"{document} was changed here after it was sent: {changes}. Xero still has what was sent. Change it there,"
			" too, or cancel and amend the document."
		),
		document=DocLink(ref.doctype, ref.name),
		changes="; ".join(changes[:MAX_NAMED]) + ("; …" if len(changes) > MAX_NAMED else ""),
	)
	log = frappe.qb.DocType(LOG)
	query = frappe.qb.update(log).set(log.finding, plain_text(finding)).set(log.needs_attention, 1)
	query.set(log.handled_at, None).set(log.notified_at, None).where(log.name == row.name).run()
	announce(row.name, row.company, ref)


def _changes(before: Document, after: Document) -> Iterator[str]:
	"""Every field that a push reads and that has another value now, in the user's language."""
	dimensions = dimension_fields().values()
	header = [field for field in HEADER if field not in OF_THE_CONTACT]
	yield from _changed_fields(before, after, [*header, *dimensions])
	for table, fields in TABLES.items():
		rows_before = {row.name: row for row in before.get(table)}
		for row in after.get(table):
			if row.name in rows_before:
				for change in _changed_fields(rows_before[row.name], row, [*fields, *dimensions]):
					yield translated(_("row {0}: {1}")).format(row.idx, change)


def _changed_fields(before: Document, after: Document, fields: list[str]) -> Iterator[str]:
	for field in fields:
		old, new = before.get(field), after.get(field)
		if after.meta.has_field(field) and str(old or "") != str(new or ""):
			yield f"{translated(after.meta.get_label(field))} {old or '-'} → {new or '-'}"
