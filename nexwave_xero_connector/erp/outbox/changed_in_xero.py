"""Which documents somebody has changed in Xero since they were sent, by what the Xero Document keeps of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import frappe

from nexwave_xero_connector.erp.foreign_text import as_given
from nexwave_xero_connector.erp.outbox import xero_documents
from nexwave_xero_connector.erp.outbox.log import key_of
from nexwave_xero_connector.mapping.figures import Figures, from_json
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.compare import changed_in_xero
from nexwave_xero_connector.sync.records import DocStatus, Status, XeroDocument

if TYPE_CHECKING:
	from nexwave_xero_connector.xero_api.xero import XeroApi


def changes(
	rows: Sequence[frappe._dict], in_xero: Mapping[str, XeroDocument], xero: XeroApi
) -> dict[str, Sentence]:
	"""By the row's name, what is different in Xero. Only of documents that are submitted here and a Success.

	`rows`: of one company. One call more if a contact is another one, to find out whether it was merged.
	"""
	compared = [
		row
		for row in rows
		if row.docstatus is DocStatus.SUBMITTED
		and row.status == Status.SUCCESS.value
		and row.xero_id in in_xero
	]
	if not compared:
		return {}
	sent = _sent(compared)
	other_contacts = {
		sent[row.name][0].contact_id
		for row in compared
		if row.name in sent and sent[row.name][0].contact_id not in ("", in_xero[row.xero_id].contact_id)
	}
	merged_into = xero.merged_contacts(sorted(other_contacts)) if other_contacts else {}
	found = {}
	for row in compared:
		if row.name in sent:
			figures, number = sent[row.name]
			if change := changed_in_xero(figures, number, in_xero[row.xero_id], merged_into):
				found[row.name] = change
	return found


def _sent(rows: Sequence[frappe._dict]) -> dict[str, tuple[Figures, str]]:
	"""By the row's name. Nothing is known of what was sent before it was recorded."""
	organisation = xero_documents.organisation_of(rows[0].company)
	known = xero_documents.known(organisation, [key_of(row.name) for row in rows])
	found = {}
	for row in rows:
		record = known.get(key_of(row.name))
		figures = record and from_json(record.figures)
		if figures:
			found[row.name] = (figures, as_given(record.xero_number))
	return found
