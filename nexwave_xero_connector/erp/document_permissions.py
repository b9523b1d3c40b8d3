"""Who may see what we keep about a document or a party: a user who may see the document or the party itself.

Frappe applies User Permissions to Link fields only, and a row of the log names its document and its party in Dynamic
Links. So the conditions of the document's own list hold for the log's lists, reports, counts and exports, and the
permission of the document itself for a single row.

A role that reads the log and no invoices, such as System Manager, is limited by its User Permissions only. A document
that no longer exists is as visible as its party.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import frappe
from frappe.model.db_query import DatabaseQuery
from frappe.model.document import Document
from frappe.permissions import get_user_permissions, has_user_permission
from frappe.utils import get_datetime
from pypika.queries import QueryBuilder
from pypika.terms import LiteralValue

from nexwave_xero_connector.erp.doctypes import ATTACHMENT, CONTACT, LOG, XERO_DOCUMENT
from nexwave_xero_connector.erp.outbox.log import DOCTYPES, created_of, party_type_of, present_key
from nexwave_xero_connector.mapping.erp_document import DocumentRef

LITERAL = re.compile(r"'(?:[^'\\]|\\.|'')*'", re.DOTALL)
ESCAPED_OR_PERCENT = re.compile(r"\\.|%", re.DOTALL)


def visible_only(query: QueryBuilder, doctype: str, user: str | None = None) -> QueryBuilder:
	"""The query on the DocType's table, which has a condition already, without what the user may not see."""
	condition = list_condition(doctype, user)
	return query.where(LiteralValue(f"({condition})")) if condition else query


def list_condition(doctype: str, user: str | None = None) -> str:
	"""What Frappe adds to the user's lists of the DocType, as SQL without percent signs; "" if they show everything."""
	user = user or frappe.session.user
	query = DatabaseQuery(doctype, user=user)
	if frappe.has_permission(doctype, "read", user=user):
		return _without_percent_signs(query.build_match_conditions())
	query.match_conditions, query.match_filters = [], []
	query.add_user_permissions(get_user_permissions(user))
	return _without_percent_signs(" and ".join(query.match_conditions))


def _without_percent_signs(condition: str) -> str:
	"""The same condition for a statement with parameters, where % begins one, and for one without.

	Frappe 16 builds the statement of a list with parameters, Frappe 15 without.
	"""

	def literal(found: re.Match[str]) -> str:
		parts = ESCAPED_OR_PERCENT.sub(_split_at_percent, found[0])
		return f"concat({parts})" if parts != found[0] else parts

	return LITERAL.sub(literal, condition).replace("%", " mod ")


def _split_at_percent(found: re.Match[str]) -> str:
	if not found[0].endswith("%"):
		return found[0]
	# In a pattern, \\% is both characters.
	backslash = "\\\\" if found[0].startswith("\\") else ""
	return f"{backslash}', char(37 using utf8mb4), '"


def log_condition(user: str | None = None) -> str:
	"""The hook permission_query_conditions of the Xero Sync Log."""
	return _rows_condition(LOG, user or frappe.session.user)


def xero_document_condition(user: str | None = None) -> str:
	"""The hook permission_query_conditions of Xero Document. It does not know the party of a document that is gone."""
	return _rows_condition(XERO_DOCUMENT, user or frappe.session.user)


def attachment_condition(user: str | None = None) -> str:
	"""The hook permission_query_conditions of Xero Attachment."""
	return _rows_condition(ATTACHMENT, user or frappe.session.user)


def _rows_condition(table: str, user: str) -> str:
	conditions = {doctype: _condition_for(table, doctype, user) for doctype in DOCTYPES}
	if not any(conditions.values()):
		return ""
	return _either(f"`tab{table}`.`reference_doctype`", conditions)


def _condition_for(table: str, doctype: str, user: str) -> str:
	"""For the rows about documents of this type."""
	visible = list_condition(doctype, user)
	if not visible:
		return ""
	document = f"select 1 from `tab{doctype}` where `tab{doctype}`.`name` = `tab{table}`.`reference_name`"
	document += f" and {_is_same_document(table, doctype)}"
	condition = f"exists ({document} and ({visible}))"
	if table != LOG:
		return condition
	if_gone = _party_condition(table, party_type_of(doctype), user, doctype)
	is_gone = f"not exists ({document})" + (f" and {if_gone}" if if_gone else "")
	return f"{condition} or ({is_gone})"


def _is_same_document(table: str, doctype: str) -> str:
	"""And not another one, which was given the name of a deleted one. Only the log says so of a Xero Document."""
	same = f"`tab{table}`.`reference_creation` = `tab{doctype}`.`creation`"
	if table != XERO_DOCUMENT:
		return same
	log = f"select 1 from `tab{LOG}` as `log` where `log`.`reference_name` = `tab{doctype}`.`name`"
	of_key = f"substring_index(`log`.`name`, '-', 1) = `tab{table}`.`document_key`"
	return f"exists ({log} and `log`.`reference_creation` = `tab{doctype}`.`creation` and {of_key})"


def contact_condition(user: str | None = None) -> str:
	"""The hook permission_query_conditions of Xero Contact."""
	user = user or frappe.session.user
	party_types = [party_type_of(doctype) for doctype in DOCTYPES]
	parties = {party_type: _party_condition(CONTACT, party_type, user) for party_type in party_types}
	if not any(parties.values()):
		return ""
	return _either(f"`tab{CONTACT}`.`party_type`", parties)


def _either(column: str, conditions: Mapping[str, str]) -> str:
	"""The column has one of the values, and that value's condition holds. In brackets, as Frappe 15 adds none."""
	alternatives = [
		f"({column} = {frappe.db.escape(value)}{f' and ({condition})' if condition else ''})"
		for value, condition in conditions.items()
	]
	return f"({' or '.join(alternatives)})"


def _party_condition(table: str, party_type: str, user: str, applicable_for: str = "") -> str:
	allowed = _allowed_parties(party_type, user, applicable_for)
	if not allowed:
		return ""
	names = ", ".join(frappe.db.escape(name, percent=False) for name in allowed)
	return _without_percent_signs(f"`tab{table}`.`party` in ({names})")


def may_see_row(doc: Document, ptype: str = "read", user: str | None = None) -> bool:
	"""The hook has_permission of the Xero Sync Log, of Xero Document and of Xero Attachment."""
	user = user or frappe.session.user
	document = DocumentRef(doc.reference_doctype, doc.reference_name)
	if document.doctype not in DOCTYPES:
		return True  # a row that is not about any document yet
	if not _is_present(doc, document):
		if doc.doctype != LOG:
			return not list_condition(document.doctype, user)
		return _is_allowed(
			doc.party, _allowed_parties(party_type_of(document.doctype), user, document.doctype)
		)
	if frappe.has_permission(document.doctype, "read", user=user):
		return bool(frappe.has_permission(document.doctype, "read", doc=document.name, user=user))
	return bool(has_user_permission(frappe.get_doc(document.doctype, document.name), user))


def _is_present(doc: Document, document: DocumentRef) -> bool:
	"""Whether the document exists: what has its name may be another one."""
	if doc.doctype == XERO_DOCUMENT:
		return present_key(document) == doc.document_key
	created = created_of(document)
	return created is not None and created == get_datetime(doc.reference_creation)


def may_see_contact(doc: Document, ptype: str = "read", user: str | None = None) -> bool:
	"""The hook has_permission of Xero Contact."""
	return _is_allowed(doc.party, _allowed_parties(doc.party_type, user or frappe.session.user))


def _allowed_parties(party_type: str, user: str, applicable_for: str = "") -> Sequence[str]:
	"""The parties that the user is restricted to; empty if to none."""
	return [
		permission.get("doc")
		for permission in get_user_permissions(user).get(party_type, [])
		if permission.get("applicable_for") in (None, "", applicable_for or party_type)
	]


def _is_allowed(party: str | None, allowed: Sequence[str]) -> bool:
	return not allowed or party in allowed
