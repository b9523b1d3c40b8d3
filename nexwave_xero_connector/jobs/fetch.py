"""The daily fetch of what each organisation has in Xero."""

import frappe

from nexwave_xero_connector.erp.connection.connect import require_reconnect
from nexwave_xero_connector.erp.connection.organisation import fetch as fetch_organisation
from nexwave_xero_connector.erp.connection.tokens import behind_people
from nexwave_xero_connector.erp.doctypes import CONNECTION, SETTINGS
from nexwave_xero_connector.erp.schema import waits_for_migration
from nexwave_xero_connector.sync.errors import ReconnectRequired, XeroError


@waits_for_migration
def fetch_every_organisation() -> None:
	"""For every connected company. A failure for one company does not stop the others."""
	for company in frappe.get_all(CONNECTION, {"state": "Connected"}, pluck="company"):
		if not frappe.db.get_value(SETTINGS, company, "tenant_id"):
			continue
		try:
			fetch_organisation(company, behind_people(company))
			frappe.db.commit()  # nosemgrep: frappe-manual-commit -- kept, whatever happens for the next company
		except ReconnectRequired as error:
			frappe.db.rollback()
			require_reconnect(company, error)
		except XeroError as error:
			frappe.db.rollback()
			frappe.logger("xero").warning(f"{company}: nothing was fetched from Xero: {error.sentence}")
		except Exception:
			frappe.db.rollback()
			frappe.log_error(title=f"Xero: the fetch for {company} failed")
			frappe.db.commit()  # nosemgrep: frappe-manual-commit -- the error is kept, whatever happens next
