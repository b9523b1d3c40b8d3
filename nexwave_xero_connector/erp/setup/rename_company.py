"""What is named by a company goes by its new name: the settings with their mapping, the connection with its tokens."""

from __future__ import annotations

import json

import frappe
from frappe import _
from frappe.model.rename_doc import rename_doc

from nexwave_xero_connector.erp.doctypes import CONNECTION, LOG, SETTINGS
from nexwave_xero_connector.erp.worker import enqueue_worker_after_commit


def refuse_a_second_connection(old: str, new: str) -> None:
	"""Two companies that become one cannot keep two organisations, and which it is to be is not ours to say."""
	for doctype in (SETTINGS, CONNECTION):
		if frappe.db.exists(doctype, old) and frappe.db.exists(doctype, new):
			frappe.throw(
				_(
					"{0} and {1} both have {2}. Disconnect {0} from Xero and delete its {2}, then merge them."
				).format(old, new, _(doctype)),
				title=_("Two Xero Connections"),
			)


def follow(old: str, new: str) -> None:
	"""Frappe has put the new name into every link already. What waits in the queue by the old name finds nothing."""
	for doctype in (SETTINGS, CONNECTION):
		if frappe.db.exists(doctype, old):
			# Its tokens, which Frappe keeps under the record's name, go along.
			rename_doc(
				doctype,
				old,
				new,
				force=True,
				ignore_permissions=True,
				show_alert=False,
				rebuild_search=False,
			)
	_lead_to_the_settings(old, new)
	enqueue_worker_after_commit(new)


def _lead_to_the_settings(old: str, new: str) -> None:
	"""The sentences of the log name the settings as the place where something is mended."""
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
