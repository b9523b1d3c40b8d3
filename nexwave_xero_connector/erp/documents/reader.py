"""The port Documents on ERPNext."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import frappe
from frappe.utils import get_url, now_datetime
from pypika.terms import Values

from nexwave_xero_connector.erp.connection.missing_links import note_missing_links
from nexwave_xero_connector.erp.connection.tokens import tenant_of
from nexwave_xero_connector.erp.doctypes import CONTACT, LOG
from nexwave_xero_connector.erp.documents.invoices import read_invoices
from nexwave_xero_connector.erp.documents.mapping_settings import read_mapping_settings
from nexwave_xero_connector.erp.documents.parties import PARTY_TYPES, title_of
from nexwave_xero_connector.erp.foreign_text import as_columns
from nexwave_xero_connector.erp.outbox import xero_documents
from nexwave_xero_connector.erp.outbox.log import OPEN_STATUSES, created_of, key_of, newest_row
from nexwave_xero_connector.erp.plain_rows import plain_rows
from nexwave_xero_connector.erp.returns import returns_of
from nexwave_xero_connector.mapping.contact import may_be_the_same
from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument, Party
from nexwave_xero_connector.mapping.settings import MappingSettings
from nexwave_xero_connector.sync.identity import link
from nexwave_xero_connector.sync.ownership import Owners
from nexwave_xero_connector.sync.records import Elsewhere, XeroContact


class FrappeDocuments:
	"""`tenant_id`: the organisation that a worker's calls are for; by default the one chosen for the company.

	Somebody may choose another organisation while a worker is busy. What the worker learns still belongs to its own.
	"""

	def __init__(self, tenant_id: str = "") -> None:
		self._tenant_id = tenant_id

	def _tenant(self, company: str) -> str:
		return self._tenant_id or tenant_of(company)

	def read(self, documents: Sequence[DocumentRef]) -> Mapping[DocumentRef, ErpDocument]:
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- a new transaction, to see what others have committed
		found: dict[DocumentRef, ErpDocument] = {}
		for doctype in sorted({document.doctype for document in documents}):
			names = [document.name for document in documents if document.doctype == doctype]
			found |= read_invoices(doctype, names)
		return {document: found[document] for document in documents if document in found}

	def link(self, key: str) -> str:
		return link(get_url(), key)

	def mapping_settings(self, company: str) -> MappingSettings:
		return read_mapping_settings(company)

	def contact_ids(self, company: str, parties: Sequence[Party]) -> Mapping[Party, str]:
		if not parties:
			return {}
		names = {party.name for party in parties}
		rows = plain_rows(
			CONTACT, "party_type", "party", "contact_id", tenant_id=self._tenant(company), party=names
		)
		ids = {(row.party_type, row.party): row.contact_id for row in rows}
		return {
			party: ids[(party.doctype, party.name)]
			for party in parties
			if ids.get((party.doctype, party.name))
		}

	def link_contact(self, company: str, party: Party, contact_id: str, contact_name: str) -> None:
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- a transaction of its own
		now = now_datetime()
		row = {
			"name": frappe.generate_hash(length=10),
			"creation": now,
			"modified": now,
			"owner": frappe.session.user,
			"modified_by": frappe.session.user,
			"company": company,
			"tenant_id": self._tenant(company),
			"party_type": party.doctype,
			"party": party.name,
			**as_columns(CONTACT, {"contact_id": contact_id, "contact_name": contact_name}),
		}
		# One statement: a batch may have fifty new contacts, and another worker may be linking the same party.
		query = frappe.qb.into(CONTACT).columns(*row).insert(*row.values())
		for field in ("contact_id", "contact_name", "modified", "modified_by"):
			# Values, not the value: the query builder does not parameterise an update, and a name may contain \ ' or %.
			query = query.on_duplicate_key_update(field, Values(field))
		query.run()
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- the link is kept, whatever happens to the document

	def unlink_contact(self, company: str, party: Party) -> None:
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- a transaction of its own
		linked = {"tenant_id": self._tenant(company), "party_type": party.doctype, "party": party.name}
		frappe.db.delete(CONTACT, linked)
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- the contact is gone, whatever becomes of the document

	def parties_of_contact(self, company: str, contact: XeroContact) -> Sequence[Party]:
		linked = frappe.get_all(
			CONTACT,
			filters={"tenant_id": self._tenant(company), "contact_id": contact.id},
			fields=["party_type", "party"],
		)
		found = {(row.party_type, row.party): title_of(row.party_type, row.party) for row in linked}
		for doctype in PARTY_TYPES if contact.number else ():
			title = title_of(doctype, contact.number)
			if title and may_be_the_same(title, contact.name):
				found[doctype, contact.number] = title
		# A party that was renamed, merged or deleted while a worker had it may still be linked: it is nobody.
		return [Party(doctype, name, title) for (doctype, name), title in found.items() if title]

	def xero_id(self, company: str, document: DocumentRef) -> str:
		row = newest_row(document, created_of(document))
		organisation = self._tenant(company)
		known = xero_documents.known(organisation, [key_of(row)]) if row else {}
		return next((copy.xero_id or "" for copy in known.values()), "")

	def owners(self, company: str, xero_ids: Sequence[str], keys: Sequence[str]) -> Owners:
		return xero_documents.owners(self._tenant(company), xero_ids, keys)

	def note_missing_links(self, company: str) -> None:
		note_missing_links(company, self._tenant(company))

	def elsewhere(self, company: str, keys: Sequence[str]) -> Mapping[str, Sequence[Elsewhere]]:
		return xero_documents.elsewhere(self._tenant(company), keys)

	def is_waiting(self, document: DocumentRef) -> bool:
		return _any_is_open(document.doctype, [document.name])

	def has_open_row(self, key: str) -> bool:
		of_key = {"name": ("like", f"{key}-%"), "is_latest": 1, "status": ("in", OPEN_STATUSES)}
		return bool(frappe.db.exists(LOG, of_key))

	def return_is_waiting(self, document: DocumentRef) -> bool:
		returns = returns_of(document.doctype, [document.name])
		return bool(returns) and _any_is_open(document.doctype, sorted(returns))


def _any_is_open(doctype: str, names: Sequence[str]) -> bool:
	return bool(
		frappe.db.exists(
			LOG,
			{
				"reference_doctype": doctype,
				"reference_name": ("in", names),
				"is_latest": 1,
				"status": ("in", OPEN_STATUSES),
			},
		)
	)
