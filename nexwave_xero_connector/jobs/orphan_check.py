"""The daily check for orphans, and the comparison of a period that goes on with it."""

import frappe

from nexwave_xero_connector.erp.connection.day_share import DayShare
from nexwave_xero_connector.erp.connection.tokens import open_organisation
from nexwave_xero_connector.erp.doctypes import CONNECTION, SETTINGS
from nexwave_xero_connector.erp.outbox import compared_period, orphans
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.erp.schema import waits_for_migration
from nexwave_xero_connector.sync.errors import XeroError
from nexwave_xero_connector.sync.records import Priority


@waits_for_migration
def check_daily() -> None:
	"""For every company that is enabled and connected. A failure for one company does not stop the others.

	With at most a tenth of the day's calls; what that is not enough for is compared the next day.
	"""
	for company in _companies():
		try:
			share = DayShare(company, Priority.CURRENT)
			xero = open_organisation(company, share)
			orphans.check_and_void(company, xero)
			frappe.db.commit()  # nosemgrep: frappe-manual-commit -- kept, however the comparison of a period ends
			compared_period.go_on(company, xero, share.begin_part)
		except XeroError as error:
			frappe.logger("xero").warning(f"{company} was not checked: {plain_text(error.sentence)}")
		except Exception:
			frappe.db.rollback()
			frappe.log_error(title=f"Xero: the check of {company} failed")
		frappe.db.commit()  # nosemgrep: frappe-manual-commit -- kept, whatever happens for the next company


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
