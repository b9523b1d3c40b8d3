"""Renames what is named after a company: its settings with the mapping, and its connection with the tokens."""

from __future__ import annotations

import json

import frappe
from frappe.model.rename_doc import rename_doc

from nexwave_xero_connector.erp.doctypes import CONNECTION, LOG, SETTINGS
from nexwave_xero_connector.erp.user_transaction import never_hinders
from nexwave_xero_connector.erp.worker import enqueue_worker_after_commit


@never_hinders
def follow(old: str, new: str) -> None:
	"""Frappe has already updated every link. A job that waits in the queue with the old name will find nothing."""
	for doctype in (SETTINGS, CONNECTION):
		if frappe.db.exists(doctype, old):
			# This moves the tokens too, which Frappe stores under the record's name.
			rename_doc(
				doctype,
				old,
				new,
				force=True,
				ignore_permissions=True,
				show_alert=False,
				rebuild_search=False,
			)
	_update_message_links(old, new)
	enqueue_worker_after_commit(new)


def _update_message_links(old: str, new: str) -> None:
	"""Sentences in the log link to the settings, as the place to fix something."""
	log = frappe.qb.DocType(LOG)
	named = f'"doctype": {json.dumps(SETTINGS)}, "name": {json.dumps(old)}'
	rows = (
		frappe.qb.from_(log)
		.select(log.name, log.message_links)
		.where((log.company == new) & log.message_links.like(f"%{json.dumps(SETTINGS)}%"))
		.run(as_dict=True)
	)
	for row in rows:
		if named in row.message_links:
			renamed = named.replace(json.dumps(old), json.dumps(new))
			values = {"message_links": row.message_links.replace(named, renamed)}
			frappe.db.set_value(LOG, row.name, values, update_modified=False)
