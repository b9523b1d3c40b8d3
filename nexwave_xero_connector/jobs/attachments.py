"""Attachments: the scheduled looks for what is to be sent, and the job of the lowest priority that sends it."""

import time
from collections.abc import Callable

import frappe

from nexwave_xero_connector.erp.attachments.kinds import companies_that_attach, lacks_scope
from nexwave_xero_connector.erp.attachments.plan import plan_all, plan_recent
from nexwave_xero_connector.erp.attachments.prints import PRINT_SECONDS
from nexwave_xero_connector.erp.attachments.rows import FrappeAttachments, has_due
from nexwave_xero_connector.erp.attachments.share import attachments_share
from nexwave_xero_connector.erp.connection.tokens import open_organisation, tenant_of
from nexwave_xero_connector.erp.outbox.claim import FrappeOutbox
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.schema import waits_for_migration
from nexwave_xero_connector.erp.transactions import read_committed
from nexwave_xero_connector.erp.worker import enqueue_attachments, push_of_another_waits, queue_answers
from nexwave_xero_connector.jobs.push import policy_of
from nexwave_xero_connector.sync.attachments import send_attachments
from nexwave_xero_connector.sync.errors import XeroError
from nexwave_xero_connector.sync.policy import CALL_TIMEOUT, JOB_TIMEOUT

NO_NEW_FILE_AFTER = JOB_TIMEOUT.total_seconds() - PRINT_SECONDS - CALL_TIMEOUT.total_seconds()
"""How long after its begin a job may begin with another file: making it and sending it fit into the rest."""


@waits_for_migration
def look_for_new_files() -> None:
	"""Every five minutes: what is new of the last hours, and a job where anything is due."""
	_look(plan_recent)


@waits_for_migration
def look_at_all_files() -> None:
	"""Once a day: also what was removed, and what the looks in between have missed."""
	_look(plan_all)


def _look(plan: Callable[[str], object]) -> None:
	"""A failure for one company does not stop the others, nor anything else."""
	for company in companies_that_attach():
		try:
			with read_committed():
				plan(company)
				is_due = has_due(company)
			if is_due and not lacks_scope(company):
				enqueue_attachments(company)
		except Exception:
			frappe.db.rollback()
			frappe.log_error(title=f"Xero: the attachments of {company} were not looked at")
			frappe.db.commit()  # nosemgrep: frappe-manual-commit -- kept, whatever happens for the next company


@waits_for_migration
def send(company: str) -> None:
	"""The background job: send what is due, as long as no document waits for Xero, within the share of the day.

	What a person asked for is sent by it, too, so it works as the user of the scheduler: PDFs look the same for all.
	"""
	frappe.set_user("Administrator")  # nosemgrep: frappe-setuser -- in a job of our own, see above
	outbox, give_up_at = FrappeOutbox(), time.monotonic() + NO_NEW_FILE_AFTER
	with read_committed():
		if lacks_scope(company) or not has_due(company) or outbox.waits(company):
			return
		share = attachments_share(company)

		def documents_have_gone() -> bool:
			return time.monotonic() < give_up_at and not (outbox.has_work(company) or _another_waits(company))

		def may_go_on() -> bool:
			return documents_have_gone() and share.wait_for_room(documents_have_gone)

		if not may_go_on():
			return
		try:
			xero = open_organisation(company, share)
		except XeroError as error:
			frappe.logger("xero").warning(
				f"{company}: attachments were not sent: {plain_text(error.sentence)}"
			)
			return
		if xero.tenant_id == tenant_of(company):
			send_attachments(company, FrappeAttachments(xero.tenant_id), xero, policy_of(company), may_go_on)


def _another_waits(company: str) -> bool:
	"""Whether another company's documents wait for a worker, which may be this one."""
	return queue_answers() and push_of_another_waits(company)
