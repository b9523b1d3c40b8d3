"""The records of what Xero has, or may have, of each document: plain statements in the worker's transaction.

A record's name is derived from its organisation and its document's key, so that it is found by primary key.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence

import frappe
from frappe.utils import now_datetime
from pypika.terms import Values

from nexwave_xero_connector.erp.doctypes import SETTINGS, XERO_DOCUMENT
from nexwave_xero_connector.erp.foreign_text import as_columns
from nexwave_xero_connector.erp.plain_rows import plain_rows, write_columns
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.ownership import Owner, Owners
from nexwave_xero_connector.sync.records import Claim, Elsewhere, Origin, XeroDocument

ENDED = ("VOIDED", "DELETED")
WAITING_FOR_APPROVAL = ("DRAFT", "SUBMITTED")
KNOWN = "xero_type xero_number link figures xero_id origin unconfirmed_until allocations".split()
"""What a claim takes from the record."""


def organisation_of(company: str) -> str:
	"""The tenant id of the company's organisation, or ""."""
	return frappe.db.get_value(SETTINGS, {"company": company}, "tenant_id") or ""


def record_name(organisation: str, key: str) -> str:
	return hashlib.sha256(f"{organisation}:{key}".encode()).hexdigest()[:20]


def known(organisation: str, keys: Sequence[str]) -> Mapping[str, frappe._dict]:
	"""By key, what is known of these documents in the organisation."""
	names = [record_name(organisation, key) for key in keys]
	return {row.document_key: row for row in plain_rows(XERO_DOCUMENT, "document_key", *KNOWN, name=names)}


def owners(organisation: str, xero_ids: Sequence[str], keys: Sequence[str]) -> Owners:
	"""Whom ids in the organisation, and keys, belong to. A record without a document says nothing about that."""
	table = frappe.qb.DocType(XERO_DOCUMENT)
	query = frappe.qb.from_(table).select(
		table.xero_id, table.document_key, table.reference_doctype, table.reference_name
	)
	query = query.where((table.tenant_id == organisation) & table.reference_name.notnull())
	by_id = query.where(table.xero_id.isin(list(xero_ids))).run(as_dict=True) if xero_ids else []
	by_key = query.where(table.document_key.isin(list(keys))).run(as_dict=True) if keys else []
	return Owners(
		by_id={row.xero_id: _owner(row) for row in by_id},
		by_key={row.document_key: _owner(row) for row in by_key},
	)


def elsewhere(organisation: str, keys: Sequence[str]) -> Mapping[str, list[Elsewhere]]:
	"""By key, what other organisations have of these documents."""
	rows = plain_rows(XERO_DOCUMENT, document_key=keys)
	found: dict[str, list[Elsewhere]] = {}
	for row in sorted(rows, key=lambda row: row.creation):
		if row.tenant_id != organisation and (row.xero_id or row.unconfirmed_until):
			named = name_of(row.company, row.tenant_id)
			copy = Elsewhere(named, row.xero_number or "", row.xero_status not in ENDED)
			found.setdefault(row.document_key, []).append(copy)
	return found


def name_of(company: str, organisation: str) -> str:
	"""The name of an organisation that the company sends or has sent to; else its tenant id."""
	former = json.loads(frappe.db.get_value(SETTINGS, {"company": company}, "former_organisations") or "{}")
	return (
		former.get(organisation)
		or frappe.db.get_value(SETTINGS, {"tenant_id": organisation}, "organisation_name")
		or organisation
	)


def in_organisation(organisation: str, xero_ids: Sequence[str]) -> set[str]:
	"""Those of the ids that belong to the organisation."""
	filters = {"tenant_id": organisation, "xero_id": ("in", list(xero_ids))}
	return set(frappe.get_all(XERO_DOCUMENT, filters, pluck="xero_id")) if xero_ids else set()


def approved_since(organisation: str, approved: Mapping[str, str]) -> list[DocumentRef]:
	"""Which of these documents were not approved when they were last looked at; what they are now is noted.

	`approved`: by id, the status in Xero. Does not commit.
	"""
	rows = frappe.get_all(
		XERO_DOCUMENT,
		filters={
			"tenant_id": organisation,
			"xero_id": ("in", list(approved)),
			"xero_status": ("in", WAITING_FOR_APPROVAL),
		},
		fields=["name", "xero_id", "reference_doctype", "reference_name"],
	)
	for row in rows:
		frappe.db.set_value(
			XERO_DOCUMENT, row.name, "xero_status", approved[row.xero_id], update_modified=False
		)
	return [DocumentRef(row.reference_doctype, row.reference_name) for row in rows if row.reference_name]


def _owner(row: frappe._dict) -> Owner:
	return Owner(row.document_key, DocumentRef(row.reference_doctype, row.reference_name))


def note(claim: Claim, company: str, document: DocumentRef, values: Mapping[str, object]) -> None:
	"""Write what is now known of the claim's document in its organisation; everything else stays as it is.

	`company`, `document`: by their present names.
	"""
	_write(company, claim.organisation, claim.key, document, values)


def end_doubt(claim: Claim) -> None:
	"""Note on the document's record, if there is one, that nothing can arrive any more."""
	name = record_name(claim.organisation, claim.key)
	write_columns(XERO_DOCUMENT, name, {"unconfirmed_until": None})


def note_id(organisation: str, key: str, xero_id: str) -> None:
	"""Write the document's id in Xero. Raises the database's error if it belongs to another document."""
	name = record_name(organisation, key)
	write_columns(XERO_DOCUMENT, name, as_columns(XERO_DOCUMENT, {"xero_id": xero_id}))


def link_by_hand(
	company: str,
	organisation: str,
	key: str,
	document: DocumentRef,
	found: XeroDocument,
	by: Mapping[str, object],
) -> None:
	"""Note that somebody has said which document in Xero it is, and who. Nothing that we sent is in doubt any more."""
	_write(
		company,
		organisation,
		key,
		document,
		{
			"xero_type": found.xero_type.value,
			"xero_number": found.number,
			"unconfirmed_until": None,
			**by,
		},
	)
	note_id(organisation, key, found.id)


def _write(
	company: str, organisation: str, key: str, document: DocumentRef, values: Mapping[str, object]
) -> None:
	now, values = now_datetime(), as_columns(XERO_DOCUMENT, values)
	row = {
		"name": record_name(organisation, key),
		"creation": now,
		"modified": now,
		"owner": frappe.session.user,
		"modified_by": frappe.session.user,
		"document_key": key,
		"tenant_id": organisation,
		"company": company,
		"reference_doctype": document.doctype,
		"reference_name": document.name,
		"origin": Origin.MADE_BY_US.value,
		**values,
	}
	query = frappe.qb.into(XERO_DOCUMENT).columns(*row).insert(*row.values())
	# Only this row can be the duplicate: its name is derived from the organisation and the key. The id is written by
	# `note_id`, because an id that belongs to another record must never change that one.
	for field in ("modified", "reference_name", *values):
		# Values, not the value: the query builder does not parameterise an update, and a name may contain \ ' or %.
		query = query.on_duplicate_key_update(field, Values(field))
	query.run()
