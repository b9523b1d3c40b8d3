"""The button that fetches what the organisation has."""

import frappe

from nexwave_xero_connector.api.connection import errors_for_the_user
from nexwave_xero_connector.erp.connection.organisation import fetch as fetch_organisation
from nexwave_xero_connector.erp.doctypes import SETTINGS
from nexwave_xero_connector.erp.translation import _


@frappe.whitelist(methods=["POST"])
def fetch(company: str) -> dict[str, object]:
	"""Bring the lists that the mapping chooses from up to date. Returns a message for the user."""
	frappe.get_doc(SETTINGS, company).check_permission("write")
	with errors_for_the_user(company):
		found = fetch_organisation(company)
	message = _(
		"Fetched from Xero: {0} accounts, {1} tax rates, {2} tracking options, {3} currencies."
	).format(found.accounts, found.tax_rates, found.tracking_options, found.currencies)
	message += " " + _("The organisation has {0} contacts.").format(found.contacts)
	if found.gone:
		message += " " + _("Mapped, but no longer in Xero: {0}.").format(", ".join(found.gone))
	return {"message": message}
