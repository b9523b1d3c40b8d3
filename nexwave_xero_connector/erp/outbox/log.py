"""Rows of the Xero Sync Log, written without the ORM: a few plain statements in the transaction of a user's Submit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import frappe
from frappe.model.document import Document
from frappe.utils import get_datetime, now_datetime
from pypika.terms import Function

from nexwave_xero_connector.erp.clock import utc_timestamp
from nexwave_xero_connector.erp.doctypes import LOG
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.identity import document_key
from nexwave_xero_connector.sync.records import Operation, Status, Trigger

SUBJECT = ("company", "party_type", "party", "amount", "currency", "document_owner")
"""What a row shows of its document."""
IN_XERO = ("xero_type", "xero_number", "xero_id", "xero_url", "unconfirmed_until")
"""What a row knows about its document in Xero; the next row takes it over."""

OPEN_STATUSES = (Status.QUEUED.value, Status.IN_PROGRESS.value)

DOCUMENT_FIELDS = {
	"Sales Invoice": ("creation", "owner", "company", "customer", "grand_total", "rounded_total", "currency"),
	"Purchase Invoice": (
		"creation",
		"owner",
		"company",
		"supplier",
		"grand_total",
		"rounded_total",
		"currency",
	),
}
DOCTYPES = tuple(DOCUMENT_FIELDS)
"""The DocTypes that are sent to Xero."""


def first_row(document: DocumentRef, created: datetime) -> str:
	"""The name of the first row of a document that is queued now."""
	return first_row_of(document_key(document, created))


def first_row_of(key: str) -> str:
	"""The name of the first row of the document with this key. Later rows count up, see next_row."""
	return f"{key}-1"


def key_of(row_name: str) -> str:
	"""The key of the document that a row is about: all of its rows begin with it."""
	return row_name.rsplit("-", 1)[0]


def next_row(name: str) -> str:
	"""The name of the row that follows.

	A row may only be added while the document's newest row is closed and locked, and it can only have this one name. So
	a document has at most one open row, and the newest row can be found from any older one by primary keys alone. A
	unique index on a key of the open row would not do: if the same key was freed a moment ago, InnoDB also locks its
	neighbours while it looks for a duplicate, and users with neighbouring documents wait for each other or deadlock.
	"""
	stem, number = name.rsplit("-", 1)
	return f"{stem}-{int(number) + 1}"


def ref_of(document: Document | Mapping) -> DocumentRef:
	return DocumentRef(document.get("doctype"), document.get("name"))


def subject(document: Document | Mapping) -> dict[str, object]:
	"""SUBJECT of an invoice, from its own fields."""
	party_type = party_type_of(document.get("doctype"))
	return {
		"company": document.get("company"),
		"party_type": party_type,
		"party": document.get(party_type.lower()),
		"amount": document.get("rounded_total") or document.get("grand_total") or 0,
		"currency": document.get("currency"),
		"document_owner": document.get("owner"),
	}


def party_type_of(doctype: str) -> str:
	return "Customer" if doctype == "Sales Invoice" else "Supplier"


def docstatus_of(document: DocumentRef, created: datetime | None = None) -> int:
	"""The docstatus as this transaction sees it; a deleted document counts as cancelled.

	`created`: when the document was inserted. What has its name now and was inserted at another time is another one.
	"""
	found = frappe.db.get_value(document.doctype, document.name, ["docstatus", "creation"], as_dict=True)
	if not found or (created and found.creation != created):
		return 2
	return found.docstatus


def created_of(document: DocumentRef | Document | Mapping) -> datetime | None:
	"""When ERPNext inserted the document; None if no document has this name now."""
	if isinstance(document, DocumentRef):
		return frappe.db.get_value(document.doctype, document.name, "creation")
	return get_datetime(document.get("creation"))


def present_key(document: DocumentRef) -> str | None:
	"""The key of the document that has this name now; None if none has."""
	created = created_of(document)
	if created is None:
		return None
	row = newest_row(document, created)
	return key_of(row) if row else document_key(document, created)


def newest_row(document: DocumentRef, created: datetime | None) -> str | None:
	"""The newest row of the document of this name that was inserted then, or of the last one that had this name."""
	filters = {"reference_doctype": document.doctype, "reference_name": document.name, "is_latest": 1}
	if created:
		filters["reference_creation"] = created
	return frappe.db.get_value(LOG, filters, "name", order_by="creation desc")


def add_row(
	name: str,
	document: DocumentRef,
	created: datetime | None,
	about: Mapping[str, object],
	operation: Operation,
	trigger: Trigger,
	**values: object,
) -> None:
	"""Insert a row, Queued and due now unless `values` say otherwise.

	`created`: when ERPNext inserted the document. `about`: SUBJECT, and IN_XERO if known. Raises the database's error
	if a row of this name exists.
	"""
	now = now_datetime()
	row = {
		"name": name,
		"creation": now,
		"modified": now,
		"owner": frappe.session.user,
		"modified_by": frappe.session.user,
		"reference_doctype": document.doctype,
		"reference_name": document.name,
		"reference_creation": created,
		"operation": operation.value,
		"triggered_by": trigger.value,
		"priority": trigger.priority.value,
		"status": Status.QUEUED.value,
		"attempt": 1,
		"is_latest": 1,
		"queued_at": now,
		"due_at": utc_timestamp(),
		**{field: about[field] for field in SUBJECT + IN_XERO if about.get(field) is not None},
		**values,
	}
	frappe.qb.into(LOG).columns(*row).insert(*row.values()).run()


def make_due(name: str, trigger: Trigger) -> None:
	"""Make a queued row due now, and at least as urgent as the trigger. No other row is changed."""
	log = frappe.qb.DocType(LOG)
	(
		frappe.qb.update(log)
		.set(log.due_at, utc_timestamp())
		.set(log.priority, Function("LEAST", log.priority, trigger.priority.value))
		.where((log.name == name) & (log.status == Status.QUEUED.value))
		.run()
	)


def supersede(name: str) -> None:
	"""Mark the row as no longer the latest. What it asked for is being done, or is asked for by the next row."""
	log = frappe.qb.DocType(LOG)
	frappe.qb.update(log).set(log.is_latest, 0).set(log.needs_attention, 0).where(log.name == name).run()
