"""The daily check for orphans, and the comparison of a period that goes on with it."""

import frappe
import redis

from nexwave_xero_connector.erp.connection.day_share import DayShare
from nexwave_xero_connector.erp.connection.tokens import open_organisation
from nexwave_xero_connector.erp.doctypes import CONNECTION, SETTINGS
from nexwave_xero_connector.erp.outbox import compared_period, orphans
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.sync.errors import XeroError
from nexwave_xero_connector.sync.records import Priority

QUEUE = "long"


def check_daily() -> None:
	"""For every company that is enabled and connected. A failure for one company does not stop the others.

	With at most a tenth of the day's calls; what that is not enough for is compared the next day.
	"""
	for company in _companies():
		try:
			share = DayShare(company, Priority.CURRENT)
			xero = open_organisation(company, share)
			orphans.check_and_void(company, xero)
			frappe.db.commit()  # nosemgrep: kept, however the comparison of a period ends
			compared_period.go_on(company, xero, share.begin_part)
		except XeroError as error:
			frappe.logger("xero").warning(f"{company} was not checked: {plain_text(error.sentence)}")
		except Exception:
			frappe.db.rollback()
			frappe.log_error(title=f"Xero: the check of {company} failed")
		frappe.db.commit()  # nosemgrep: kept, whatever happens for the next company


def enqueue_comparison(company: str) -> None:
	"""A job that goes on with the comparison of a period, once the transaction has committed.

	If the queue does not respond, the daily check goes on with it.
	"""

	def enqueue_now() -> None:
		try:
			frappe.enqueue(
				compare_period,
				queue=QUEUE,
				job_id=f"compare_with_xero-{company}",
				deduplicate=True,
				company=company,
			)
		except redis.RedisError as failure:
			frappe.logger("xero").warning(f"{company}: the comparison waits for the daily check: {failure!r}")

	frappe.db.after_commit.add(enqueue_now)


def compare_period(company: str) -> None:
	"""Go on with the comparison of the company's period, as far as a tenth of the day's calls allows."""
	share = DayShare(company, Priority.CURRENT)
	try:
		compared_period.go_on(company, open_organisation(company, share), share.begin_part)
	except XeroError as error:
		frappe.logger("xero").warning(f"{company} was not compared: {plain_text(error.sentence)}")


def _companies() -> list[str]:
	settings, connection = frappe.qb.DocType(SETTINGS), frappe.qb.DocType(CONNECTION)
	return (
		frappe.qb.from_(settings)
		.join(connection)
		.on(connection.company == settings.company)
		.select(settings.company)
		.where((settings.enabled == 1) & (connection.state == "Connected"))
		.run(pluck=True)
	)
