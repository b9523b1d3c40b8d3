"""Whether a company's organisation shows the links to ERPNext that are sent with invoices and bills."""

from __future__ import annotations

from collections.abc import Sequence

import frappe

from nexwave_xero_connector.erp.connection.tokens import tenant_of
from nexwave_xero_connector.erp.doctypes import CONNECTION, XERO_DOCUMENT
from nexwave_xero_connector.sync.identity import key_in
from nexwave_xero_connector.sync.records import Origin, XeroDocument


def note_missing_links(company: str, organisation: str) -> None:
	"""sync.ports.Documents.note_missing_links. Nothing, if another organisation has been chosen since. Commits."""
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- a transaction of its own
	if tenant_of(company) == organisation:
		_note(company, is_missing=True)
	frappe.db.commit()  # nosemgrep: frappe-manual-commit -- for the settings, whatever happens to the document


def look_for_links(company: str, organisation: str, listed: Sequence[XeroDocument]) -> None:
	"""Note what this list of the organisation's documents says: it shows a link of ours, or none. Does not commit."""
	if any(key_in(document.url) for document in listed):
		_note(company, is_missing=False)
		return
	without = [document.id for document in listed if document.xero_type.has_url]
	sent = {
		"tenant_id": organisation,
		"xero_id": ("in", without),
		"origin": Origin.MADE_BY_US.value,
		"link": ("is", "set"),
	}
	if without and frappe.db.exists(XERO_DOCUMENT, sent):
		_note(company, is_missing=True)


def forget_links(company: str) -> None:
	"""Another organisation was chosen, and nothing is known of it yet. Does not commit."""
	_note(company, is_missing=False)


def _note(company: str, is_missing: bool) -> None:
	if bool(frappe.db.get_value(CONNECTION, company, "links_missing")) is not is_missing:
		frappe.db.set_value(CONNECTION, company, "links_missing", int(is_missing), update_modified=False)
