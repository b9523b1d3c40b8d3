"""The button Diagnosis for Support."""

import frappe

from nexwave_xero_connector.api.permissions import require_role
from nexwave_xero_connector.erp import diagnosis
from nexwave_xero_connector.erp.doctypes import SETTINGS


@frappe.whitelist(methods=["POST"])
def diagnose(company: str) -> dict[str, str]:
	"""What support asks for about the site and this company, as text to copy. Without secrets."""
	require_role("System Manager")
	frappe.get_doc(SETTINGS, company).check_permission("read")
	return {"text": diagnosis.as_text(diagnosis.diagnose([company]))}
