"""The push: the job in the queue that sends to Xero."""

import frappe

from nexwave_xero_connector.erp.connection.day_limit import note_day
from nexwave_xero_connector.erp.connection.rate_limiter import OrganisationRateLimiter
from nexwave_xero_connector.erp.connection.tokens import open_organisation, tenant_of
from nexwave_xero_connector.erp.doctypes import SETTINGS
from nexwave_xero_connector.erp.documents.extensions import FrappeExtensions
from nexwave_xero_connector.erp.documents.reader import FrappeDocuments
from nexwave_xero_connector.erp.outbox.claim import FrappeOutbox
from nexwave_xero_connector.erp.schema import waits_for_migration
from nexwave_xero_connector.erp.transactions import read_committed
from nexwave_xero_connector.erp.worker import enqueue_worker
from nexwave_xero_connector.jobs.sweep import enqueue_due_now_and_then
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sync.drain import drain
from nexwave_xero_connector.sync.errors import XeroError
from nexwave_xero_connector.sync.outage import pause_after
from nexwave_xero_connector.sync.policy import Policy


@waits_for_migration
def push_invoice(company: str, doctype: str | None = None, name: str | None = None) -> None:
	"""The background job: send and void what is due for the company, or for one of its documents.

	Runs until nothing is due or its time is up; then another job is queued for the rest. During an outage it only asks
	Xero whether it responds again, unless it is not time for that.
	"""
	tenant = tenant_of(company)
	outbox = FrappeOutbox(only=DocumentRef(doctype, name) if doctype and name else None, organisation=tenant)
	policy = policy_of(company)
	with read_committed():
		if not (outbox.has_work(company) or outbox.is_probe_due(company)):
			return
		rate_limiter = OrganisationRateLimiter(company, tenant)
		try:
			xero = open_organisation(company, rate_limiter)
		except XeroError as error:
			# There is no usable token: the rows stay as they are, and are due when the pause ends.
			pause_after(error, company, outbox, policy)
			return
		if xero.tenant_id != tenant:
			enqueue_worker(
				company
			)  # somebody has just chosen another organisation: the next job is for that one
			return
		more_is_due = drain(
			company, outbox, FrappeDocuments(xero.tenant_id), xero, policy, FrappeExtensions(), rate_limiter
		)
		note_day(company, *rate_limiter.day())
	if more_is_due:
		enqueue_worker(company)
	enqueue_due_now_and_then(besides=company)


def policy_of(company: str) -> Policy:
	"""The protocol's times, without automatic retries if the company's settings disable them."""
	retries = frappe.db.get_value(SETTINGS, {"company": company}, "automatic_retry")
	return Policy() if retries else Policy(retry_delays=())
