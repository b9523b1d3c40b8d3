"""Xero's ceilings that a site can see coming, said in the settings before they are met.

Tiers and dates are Xero's, of 2026: https://developer.xero.com/pricing and https://developer.xero.com/faq/granular-scopes.
"""

from __future__ import annotations

from datetime import date

import frappe
from frappe.utils import format_date

from nexwave_xero_connector.erp.connection.xero_app import CUSTOM_CONNECTION
from nexwave_xero_connector.erp.doctypes import SETTINGS
from nexwave_xero_connector.erp.translation import _

BROAD_SCOPES = {"accounting.transactions", "accounting.transactions.read", "accounting.reports.read"}
BROAD_SCOPES_END = date(2027, 9, 13)
ORGANISATIONS_OF_A_FREE_APP = 5


def broad_scopes(scope: str) -> str:
	"""What to do about the scopes that Xero ends; "" if the connection has none of them."""
	ending = sorted(BROAD_SCOPES.intersection(scope.split()))
	if not ending:
		return ""
	return _(
		"Xero ends the scope {0} on {1}. Enter accounting.invoices in its place in the app's details, then connect"
		" again."
	).format(", ".join(ending), format_date(BROAD_SCOPES_END))


def organisations_of_the_app(app: str) -> str:
	"""That the app has as many organisations as Xero's free tier allows; "" if it has fewer on this site."""
	filters = {"connected_app": app, "connection_type": ("!=", CUSTOM_CONNECTION), "tenant_id": ("is", "set")}
	organisations = set(frappe.get_all(SETTINGS, filters, pluck="tenant_id"))
	if len(organisations) < ORGANISATIONS_OF_A_FREE_APP:
		return ""
	return _(
		"This Xero app has {0} organisations. In Xero's Starter tier an app may have {1}: look at its tier at"
		" developer.xero.com before you connect another."
	).format(len(organisations), ORGANISATIONS_OF_A_FREE_APP)
