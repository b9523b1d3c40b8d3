"""Rows that ask a person about a copy in the Xero organisation that a company has just left."""

from __future__ import annotations

import frappe
from frappe.query_builder import DocType
from frappe.query_builder.functions import Coalesce
from pypika.terms import Function

from nexwave_xero_connector.erp.doctypes import LOG, XERO_DOCUMENT
from nexwave_xero_connector.erp.outbox.xero_documents import ENDED
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.sentence import Sentence, _
from nexwave_xero_connector.sync.records import Status


def name_organisation(company: str, tenant_id: str, organisation: str) -> None:
	"""Say on these rows which organisation they are about: what they call Xero is another one from now on.

	Does not commit.
	"""
	said = plain_text(
		Sentence(_("This is about the Xero organisation {organisation}."), organisation=organisation)
	)
	log, copy = DocType(LOG), DocType(XERO_DOCUMENT)
	rows = (
		frappe.qb.from_(log)
		.join(copy)
		.on(copy.document_key == Function("SUBSTRING_INDEX", log.name, "-", 1))
		.select(log.name, log.message)
		.where((log.company == company) & (log.is_latest == 1) & (log.status == Status.FAILED.value))
		.where(log.handled_at.isnull() & (copy.tenant_id == tenant_id))
		.where(Coalesce(copy.xero_status, "").notin(ENDED))
		.run()
	)
	for name, message in rows:
		if organisation not in (message or ""):
			values = {"message": f"{message or ''} {said}".strip()}
			frappe.db.set_value(LOG, name, values, update_modified=False)
