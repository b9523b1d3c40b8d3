"""Documents that Xero has and this site has lost: their links carry keys that nobody here knows.

That happens when the site is restored from a backup that is older than what was sent. Each is noted once in the Xero
Sync Log, as a row that needs attention, and nothing is changed in Xero: it may be a real sale. Credit notes carry no
link, so lost ones are not found.
"""

from __future__ import annotations

from collections.abc import Sequence

import frappe
from frappe.utils import get_url, now_datetime

from nexwave_xero_connector.erp.doctypes import LOG, SETTINGS
from nexwave_xero_connector.erp.outbox import log as sync_log
from nexwave_xero_connector.erp.outbox import xero_documents
from nexwave_xero_connector.erp.rendering import message, xero_page
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sentence import Sentence, _
from nexwave_xero_connector.sync.identity import key_in, link
from nexwave_xero_connector.sync.records import Operation, Status, Trigger, XeroDocument


def note_lost_documents(company: str, changed: Sequence[XeroDocument]) -> int:
	"""Note those among the documents in Xero that this site has sent and lost. Returns how many. Does not commit."""
	sent_from_here = {
		key: document
		for document in changed
		if (key := key_in(document.url)) and document.url.startswith(link(get_url(), ""))
	}
	known = xero_documents.owners(xero_documents.organisation_of(company), [], sorted(sent_from_here)).by_key
	lost = {
		key: document for key, document in sent_from_here.items() if document.is_live and key not in known
	}
	_forget({*sent_from_here} - {*lost})
	for key, document in lost.items():
		if not frappe.db.exists(LOG, sync_log.first_row_of(key)):
			_note(company, key, document)
	return len(lost)


def _note(company: str, key: str, found: XeroDocument) -> None:
	doctype = "Sales Invoice" if found.xero_type.is_sales else "Purchase Invoice"
	sentence = Sentence(
		_(
			"{number} in Xero ({contact}, {date}, {total} {currency}, {status}) was sent from this site, but the site"
			" no longer has the document: it was restored from a backup that is older. Enter the document again and"
			" press Use This One on its row, or void it in Xero. Then mark this as handled."
		),
		number=found.number,
		contact=found.contact_name,
		date=found.date or "",
		total=found.total,
		currency=found.currency,
		status=found.status,
	)
	short_code = frappe.db.get_value(SETTINGS, {"company": company}, "short_code") or ""
	sync_log.add_row(
		sync_log.first_row_of(key),
		DocumentRef(doctype, found.number),
		None,
		{"company": company, "amount": found.total, "currency": found.currency},
		Operation.PUSH,
		Trigger.AUTOMATIC,
		status=Status.SKIPPED.value,
		due_at=None,
		finished_at=now_datetime(),
		needs_attention=1,
		xero_number=found.number,
		xero_url=xero_page(found.xero_type, found.id, short_code),
		**message(sentence),
	)


def _forget(keys: set[str]) -> None:
	"""What was lost and is now voided in Xero, or known again, needs nobody any more."""
	rows = frappe.get_all(
		LOG,
		filters={
			"name": ("in", [sync_log.first_row_of(key) for key in keys]),
			"reference_creation": ("is", "not set"),
			"needs_attention": 1,
		},
		pluck="name",
	)
	for name in rows if keys else []:
		frappe.db.set_value(LOG, name, "needs_attention", 0)
