"""*Use This One*: somebody says that a document found in Xero is this document of ERPNext."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import frappe
from frappe.utils import now_datetime

from nexwave_xero_connector.erp.doctypes import XERO_DOCUMENT
from nexwave_xero_connector.erp.documents.reader import FrappeDocuments
from nexwave_xero_connector.erp.foreign_text import as_given
from nexwave_xero_connector.erp.outbox import xero_documents
from nexwave_xero_connector.erp.outbox.log import present_key
from nexwave_xero_connector.mapping.document import document_number, map_document
from nexwave_xero_connector.mapping.erp_document import DocumentRef, ErpDocument
from nexwave_xero_connector.mapping.errors import CannotMap
from nexwave_xero_connector.mapping.figures import figures
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.agreement import differences
from nexwave_xero_connector.sync.ownership import Owner
from nexwave_xero_connector.sync.records import Origin, XeroDocument

if TYPE_CHECKING:
	from nexwave_xero_connector.xero_api.xero import XeroApi


@dataclass(frozen=True, slots=True)
class Candidate:
	"""A document in Xero under our number, and where it differs from ours."""

	found: XeroDocument
	differing: list[Sentence]


class CannotLink(Exception):
	"""Why the document in Xero cannot be linked: `sentence`."""

	def __init__(self, sentence: Sentence) -> None:
		super().__init__(str(sentence))
		self.sentence = sentence


def candidates(company: str, ref: DocumentRef, xero: XeroApi) -> tuple[ErpDocument, list[Candidate]]:
	"""The document, and what is live in Xero under its number and may be linked to it.

	What belongs to another document that exists in ERPNext is left out. Raises what a read of Xero raises.
	"""
	documents = FrappeDocuments()
	document = documents.read([ref])[ref]
	number = as_given(_known(company, ref).get("xero_number") or "") or document_number(
		document, documents.mapping_settings(company)
	)
	live = [found for found in xero.find(document.xero_type, [number]) if found.is_live]
	owners = xero_documents.owners(
		xero_documents.organisation_of(company), [found.id for found in live], []
	).by_id
	return document, [
		Candidate(found, _differences(company, document, found))
		for found in live
		if not _is_anothers(ref, owners.get(found.id))
	]


def link(company: str, ref: DocumentRef, xero_id: str, xero: XeroApi) -> None:
	"""Link the document in Xero to this one, as found there. Does not commit.

	An id moves from another document only if that one no longer exists. Raises CannotLink with the reason, and what a
	read of Xero raises.
	"""
	document = FrappeDocuments().read([ref])[ref]
	found = next(iter(xero.read(document.xero_type, [xero_id])), None)
	if found is None or not found.is_live:
		raise CannotLink(Sentence(_("It is no longer active in Xero. Nothing was changed.")))
	organisation = xero_documents.organisation_of(company)
	owner = xero_documents.owners(organisation, [xero_id], []).by_id.get(xero_id)
	if owner and _is_anothers(ref, owner):
		raise CannotLink(
			Sentence(
				_("{number} in Xero belongs to {other}. Nothing was changed."),
				number=found.number,
				other=DocLink(owner.document.doctype, owner.document.name),
			)
		)
	if owner:
		previous = xero_documents.record_name(organisation, owner.key)
		frappe.db.set_value(XERO_DOCUMENT, previous, "xero_id", None)
	xero_documents.link_by_hand(
		company,
		organisation,
		present_key(ref) or "",
		ref,
		found,
		{"linked_by": frappe.session.user, "linked_at": now_datetime(), "origin": Origin.FOUND_THERE.value},
	)


def _is_anothers(ref: DocumentRef, owner: Owner | None) -> bool:
	"""Whether it belongs to another document, which ERPNext still has."""
	if owner is None or owner.key == present_key(ref):
		return False
	return present_key(owner.document) == owner.key


def _known(company: str, ref: DocumentRef) -> frappe._dict:
	key = present_key(ref) or ""
	return xero_documents.known(xero_documents.organisation_of(company), [key]).get(key) or frappe._dict()


def _differences(company: str, document: ErpDocument, found: XeroDocument) -> list[Sentence]:
	documents = FrappeDocuments()
	contact_id = documents.contact_ids(company, [document.party]).get(document.party, "")
	try:
		payload = map_document(document, documents.mapping_settings(company))
	except CannotMap as error:
		return [error.sentence]
	return differences(figures(payload, contact_id), found)
