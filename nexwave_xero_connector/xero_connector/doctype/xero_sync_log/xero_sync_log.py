"""One row per attempt to send a document to Xero or to void it: outbox and audit trail in one table.

Little happens here, because rows are written by plain SQL inside other transactions. What you may be looking for:

* the buttons Retry and Void in Xero: `api/retry.py`, for a selection `api/bulk.py`; the form and the list:
  `public/js/xero/log_form.js` and `log_list.js`
* the row of a Submit or Cancel: `erp/outbox/document_events.py` and `enqueue.py`
* the push: the background job `jobs/push.py`, its steps `sync/push.py`; rows are claimed in `erp/outbox/claim.py`, and
  outcomes written in `erp/outbox/locked_rows.py`
* the sweep for missed and stuck documents: `jobs/sweep.py`; the check for orphans: `erp/outbox/orphans.py`

docs/development.md has the whole map.
"""

import frappe
from frappe.model.document import Document
from frappe.query_builder import DocType
from frappe.query_builder.functions import Coalesce
from frappe.utils import add_days, now_datetime

from nexwave_xero_connector.erp.attachments.summary import attachments_of_row

CLEAR_BATCH_SIZE = 1000


class XeroSyncLog(Document):
	# begin: auto-generated types
	# This code is auto-generated. Do not modify anything in this block.

	from typing import TYPE_CHECKING

	if TYPE_CHECKING:
		from frappe.types import DF

		alerted_at: DF.Datetime | None
		amount: DF.Currency
		attempt: DF.Int
		checked_at: DF.Datetime | None
		company: DF.Link
		currency: DF.Link | None
		decisions: DF.LongText | None
		detail: DF.Code | None
		document_owner: DF.Link | None
		due_at: DF.Datetime | None
		error_class: DF.Literal[
			"", "Transient", "Unknown", "Needs a person", "Connection", "Conflict", "Day limit", "Bug"
		]
		finding: DF.SmallText | None
		finished_at: DF.Datetime | None
		handled_at: DF.Datetime | None
		handled_by: DF.Link | None
		handled_reason: DF.SmallText | None
		is_different: DF.Check
		is_latest: DF.Check
		is_orphan: DF.Check
		is_stuck: DF.Check
		is_unallocated: DF.Check
		left_out_at: DF.Datetime | None
		left_out_by: DF.Link | None
		left_out_reason: DF.SmallText | None
		message: DF.Text | None
		message_links: DF.JSON | None
		needs_attention: DF.Check
		notified_at: DF.Datetime | None
		operation: DF.Literal["Push", "Void"]
		party: DF.DynamicLink | None
		party_type: DF.Link | None
		priority: DF.Int
		queued_at: DF.Datetime | None
		reference_creation: DF.Datetime | None
		reference_doctype: DF.Link
		reference_name: DF.DynamicLink
		started_at: DF.Datetime | None
		status: DF.Literal["Queued", "In Progress", "Success", "Failed", "Voided", "Skipped"]
		times_claimed: DF.Int
		triggered_by: DF.Literal["Submit", "Cancel", "Retry", "Automatic", "Backfill", "Leave Out"]
		unconfirmed_until: DF.Datetime | None
		xero_id: DF.Data | None
		xero_number: DF.Data | None
		xero_type: DF.Literal["", "ACCREC", "ACCPAY", "ACCRECCREDIT", "ACCPAYCREDIT"]
		xero_url: DF.Data | None

	# end: auto-generated types
	def onload(self) -> None:
		self.set_onload("attachments", attachments_of_row(self))

	@staticmethod
	def clear_old_logs(days: int = 90) -> None:
		"""Delete attempts older than `days` that a later attempt of the same document has superseded.

		Kept: a document's newest row, open rows, a row that alone holds the document's Xero ID, and its first row, by
		whose name the log notices that it has the document already.
		"""
		old, latest = DocType("Xero Sync Log"), DocType("Xero Sync Log").as_("latest")
		superseded = (
			frappe.qb.from_(old)
			.join(latest)
			.on(
				(latest.reference_doctype == old.reference_doctype)
				& (latest.reference_name == old.reference_name)
				& (Coalesce(latest.reference_creation, 0) == Coalesce(old.reference_creation, 0))
				& (latest.is_latest == 1)
			)
			.select(old.name)
			.where(old.is_latest == 0)
			.where(old.due_at.isnull() & old.name.not_like("%-1"))
			.where(old.creation < add_days(now_datetime(), -days))
			.where(old.xero_id.isnull() | (old.xero_id == "") | (old.xero_id == latest.xero_id))
			.limit(CLEAR_BATCH_SIZE)
		)
		# Deleted by name: this locks only closed rows, and none that a worker may claim.
		while names := superseded.run(pluck=True):
			frappe.db.delete("Xero Sync Log", {"name": ("in", names)})


def on_doctype_update() -> None:
	"""Indexes, in this order, for: a worker's claim, rows open for too long, a document's attempts, the list as it opens,
	the list by status, the list by need of attention, what finished today, a document by its id in Xero, and a rename
	of a party, which should not meet rows that a worker has just changed.
	"""
	frappe.db.add_index("Xero Sync Log", ["company", "priority", "due_at"])
	frappe.db.add_index("Xero Sync Log", ["company", "due_at", "is_stuck", "queued_at"])
	frappe.db.add_index("Xero Sync Log", ["reference_doctype", "reference_name", "creation"])
	frappe.db.add_index("Xero Sync Log", ["is_latest", "creation"])
	frappe.db.add_index("Xero Sync Log", ["is_latest", "status", "creation"])
	frappe.db.add_index("Xero Sync Log", ["needs_attention", "creation"])
	frappe.db.add_index("Xero Sync Log", ["finished_at"])
	frappe.db.add_index("Xero Sync Log", ["xero_id"])
	frappe.db.add_index("Xero Sync Log", ["party_type", "party"])
