"""Give each document a key, and each copy in Xero a record: see sync/identity.py and the DocType Xero Document.

Rows of the Xero Sync Log are named after the key. Before, the key was a hash of the document's name alone.
"""

from __future__ import annotations

import frappe
from frappe.utils import get_url_to_form, now_datetime

from nexwave_xero_connector.erp.doctypes import LOG, SETTINGS, XERO_DOCUMENT
from nexwave_xero_connector.erp.outbox.log import DOCTYPES, key_of
from nexwave_xero_connector.erp.outbox.xero_documents import record_name
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sync.records import Origin

NEW_NAME = """CONCAT(LEFT(SHA2(CONCAT(log.reference_doctype, ':',
	DATE_FORMAT(log.reference_creation, '%Y-%m-%dT%H:%i:%s.%f'), ':', log.reference_name), 256), 20),
	'-', SUBSTRING_INDEX(log.name, '-', -1))"""
"""sync.identity.document_key and the row's number, in the words of MariaDB."""

ATTACHED_TO = {
	"Comment": ("reference_doctype", "reference_name"),
	"DocShare": ("share_doctype", "share_name"),
	"Document Follow": ("ref_doctype", "ref_docname"),
	"File": ("attached_to_doctype", "attached_to_name"),
	"Notification Log": ("document_type", "document_name"),
	"Tag Link": ("document_type", "document_name"),
	"ToDo": ("reference_type", "reference_name"),
	"Version": ("ref_doctype", "docname"),
}
"""What people attach to a row of the log, with the fields that say which: it follows the row's new name."""


def execute() -> None:
	"""In one transaction, and without effect if it is run again."""
	_tell_documents_of_one_name_apart()
	_name_rows_after_keys()
	_record_what_was_sent()


def _tell_documents_of_one_name_apart() -> None:
	"""A row is about the document that has its name now, unless that one was inserted after the row was written."""
	for doctype in DOCTYPES:
		frappe.db.sql(  # nosemgrep: frappe-using-db-sql, frappe-sql-format-injection -- the names are this module's
			f"""UPDATE `tab{LOG}` log JOIN `tab{doctype}` document ON document.name = log.reference_name
			SET log.reference_creation = document.creation
			WHERE log.reference_doctype = %s AND log.reference_creation IS NULL
				AND document.creation <= log.creation""",
			doctype,
		)


def _name_rows_after_keys() -> None:
	"""Rows of documents that no longer exist keep their names: nobody can submit those again."""
	# Without values, so that the signs of DATE_FORMAT stay as they are.
	for doctype, (type_field, name_field) in ATTACHED_TO.items():
		frappe.db.sql(  # nosemgrep: frappe-using-db-sql, frappe-sql-format-injection -- the names are this module's
			f"""UPDATE `tab{doctype}` attached JOIN `tab{LOG}` log ON log.name = attached.{name_field}
			SET attached.{name_field} = {NEW_NAME}
			WHERE attached.{type_field} = '{LOG}' AND log.reference_creation IS NOT NULL"""
		)
	frappe.db.sql(  # nosemgrep: frappe-using-db-sql, frappe-sql-format-injection -- the names are this module's
		f"UPDATE IGNORE `tab{LOG}` log SET log.name = {NEW_NAME} WHERE log.reference_creation IS NOT NULL"
	)


def _record_what_was_sent() -> None:
	"""The closed set of what was sent before links carried a key: only for these does a link without one count.

	An id that two documents claim stays with the one that had it first. A credit note of which nothing says that we
	created it may have been typed in Xero, so it is left to a person there.
	"""
	organisations = dict(frappe.get_all(SETTINGS, fields=["company", "tenant_id"], as_list=True))
	rows = frappe.get_all(
		LOG,
		filters={"is_latest": 1, "xero_type": ("is", "set")},
		fields=[
			"name",
			"creation",
			"company",
			"reference_doctype",
			"reference_name",
			"xero_type",
			"xero_number",
			"xero_id",
			"unconfirmed_until",
		],
		order_by="creation",
	)
	decided = frappe.get_all(LOG, filters={"decisions": ("is", "set")}, pluck="name")
	created_by_us = {key_of(name) for name in decided}
	taken = set()
	records = []
	for row in rows:
		key, organisation = key_of(row.name), organisations.get(row.company) or ""
		xero_id = row.xero_id if row.xero_id and (organisation, row.xero_id) not in taken else None
		taken.add((organisation, xero_id))
		has_link = XeroType(row.xero_type).has_url
		origin = Origin.MADE_BY_US if has_link or key in created_by_us else Origin.FOUND_THERE
		records.append(
			{
				"name": record_name(organisation, key),
				"creation": row.creation,
				"modified": now_datetime(),
				"owner": "Administrator",
				"modified_by": "Administrator",
				"document_key": key,
				"tenant_id": organisation,
				"company": row.company,
				"reference_doctype": row.reference_doctype,
				"reference_name": row.reference_name,
				"xero_type": row.xero_type,
				"xero_number": row.xero_number,
				"xero_id": xero_id,
				"origin": origin.value,
				"link": get_url_to_form(row.reference_doctype, row.reference_name) if has_link else "",
				"unconfirmed_until": row.unconfirmed_until,
			}
		)
	if records:
		frappe.db.bulk_insert(
			XERO_DOCUMENT,
			list(records[0]),
			[tuple(record.values()) for record in records],
			ignore_duplicates=True,
		)
