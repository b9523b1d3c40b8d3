"""The daily check for orphans."""

import frappe

from nexwave_xero_connector.erp.connection.tokens import behind_people, open_organisation
from nexwave_xero_connector.erp.doctypes import CONNECTION, SETTINGS
from nexwave_xero_connector.erp.outbox import orphans
from nexwave_xero_connector.erp.rendering import plain_text
from nexwave_xero_connector.sync.errors import XeroError


def check_daily() -> None:
	"""For every company that is enabled and connected. A failure for one company does not stop the others."""
	for company in _companies():
		try:
			orphans.check_and_void(company, open_organisation(company, behind_people(company)))
		except XeroError as error:
			frappe.logger("xero").warning(f"{company} was not checked: {plain_text(error.sentence)}")
		except Exception:
			frappe.db.rollback()
			frappe.log_error(title=f"Xero: the check of {company} failed")
		frappe.db.commit()  # nosemgrep: kept, whatever happens for the next company


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
