"""Documents that somebody leaves out of Xero: a Skipped row says who, when and why, and a button takes it back.

A customer or supplier that is left out is listed in the company's settings; then each later document is left out, too,
and so are the return and the amendment of a document that is left out. Whatever is in Xero already stays as it is.
"""

from __future__ import annotations

from collections.abc import Mapping

import frappe
from frappe.model.document import Document
from frappe.utils import get_fullname, now_datetime

from nexwave_xero_connector.erp.doctypes import LOG
from nexwave_xero_connector.erp.outbox.log import OPEN_STATUSES, created_of, newest_row, party_type_of, ref_of
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.records import Operation, Status

_UNSENT = {
	"is_latest": 1,
	"operation": Operation.PUSH.value,
	"status": ("in", [*OPEN_STATUSES, Status.FAILED.value]),
}

COLUMNS = ("left_out_by", "left_out_at", "left_out_reason")


class LeftOut(Sentence):
	"""Why a document is not sent, with the columns of its row that say who left it out, when and why."""

	__slots__ = ("columns",)

	def __init__(self, template: str, about: Document | Mapping, **values: object) -> None:
		self.columns = {column: about.get(column) for column in COLUMNS}
		user, reason = get_fullname(about.get("left_out_by")), about.get("left_out_reason")
		super().__init__(template, user=user, reason=reason, **values)


def left_out_now(document: DocumentRef, reason: str) -> LeftOut:
	"""The user of this request leaves the document out. `reason`: as stored."""
	return left_out_alone(document, by_this_user(reason))


def left_out_alone(document: DocumentRef, about: Mapping[str, object]) -> LeftOut:
	"""Somebody left out this very document. `about`: COLUMNS."""
	return LeftOut(
		_("{document} is not sent to Xero: {user} left it out. Reason: {reason}"),
		about,
		document=_link(document),
	)


def by_this_user(reason: str) -> dict[str, object]:
	return dict(zip(COLUMNS, (frappe.session.user, now_datetime(), reason), strict=True))


def taken_back(document: DocumentRef) -> Sentence:
	"""What the row of a draft says that is not left out any more."""
	return Sentence(
		_("{document} is no longer left out. It is sent to Xero once it is submitted."),
		document=_link(document),
	)


def left_out_with(document: Document | Mapping, settings: Document) -> LeftOut | None:
	"""Why the document is left out along with its party, or with what it returns or amends; None if it is not."""
	ref, party_type = ref_of(document), party_type_of(document.get("doctype"))
	if row := left_out_party(settings, party_type, document.get(party_type.lower())):
		return LeftOut(
			_("{document} is not sent to Xero: {user} left out {party}. Reason: {reason}"),
			row,
			document=_link(ref),
			party=DocLink(row.party_type, row.party),
		)
	for fieldname, template in (
		(
			"return_against",
			_("{document} is not sent to Xero: {user} left out {other}, which it returns. Reason: {reason}"),
		),
		(
			"amended_from",
			_("{document} is not sent to Xero: {user} left out {other}, which it amends. Reason: {reason}"),
		),
	):
		other = document.get(fieldname) and DocumentRef(ref.doctype, document.get(fieldname))
		if other and (row := _newest_left_out(other)):
			return LeftOut(template, row, document=_link(ref), other=_link(other))
	return None


def left_out_party(settings: Document, party_type: str, party: str | None) -> Document | None:
	"""The row of the settings that leaves the party out."""
	rows = settings.get("left_out_parties") or ()
	return next((row for row in rows if (row.party_type, row.party) == (party_type, party)), None)


def _newest_left_out(document: DocumentRef) -> frappe._dict | None:
	# A deleted document of that name may have been left out, too.
	row = newest_row(document, created_of(document))
	return row and frappe.db.get_value(
		LOG, {"name": row, "left_out_at": ("is", "set")}, COLUMNS, as_dict=True
	)


def _link(document: DocumentRef) -> DocLink:
	return DocLink(document.doctype, document.name)


def waiting_of_party(company: str, party_type: str, party: str) -> list[DocumentRef]:
	"""The party's documents that wait to be sent, or were refused."""
	filters = {"company": company, "party_type": party_type, "party": party, **_UNSENT}
	rows = frappe.get_all(LOG, filters, ["reference_doctype", "reference_name"])
	return [DocumentRef(row.reference_doctype, row.reference_name) for row in rows]


def waiting_returns(document: DocumentRef) -> list[DocumentRef]:
	"""Submitted returns of the document that wait to be sent, or were refused."""
	returns = frappe.get_all(
		document.doctype, {"return_against": document.name, "docstatus": 1}, pluck="name"
	)
	if not returns:
		return []
	waiting = {"reference_doctype": document.doctype, "reference_name": ("in", returns), **_UNSENT}
	return [
		DocumentRef(document.doctype, name) for name in frappe.get_all(LOG, waiting, pluck="reference_name")
	]


def count_left_out(company: str, party_type: str, party: str) -> int:
	"""How many of the party's documents are left out."""
	filters = {"company": company, "party_type": party_type, "party": party, "is_latest": 1}
	return frappe.db.count(LOG, filters | {"left_out_at": ("is", "set")})
