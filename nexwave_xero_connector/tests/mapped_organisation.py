"""A test case with the lists of the organisation itself, fetched and mapped as a person does."""

from __future__ import annotations

import frappe

from nexwave_xero_connector.api import organisation
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY, make_tax_template
from nexwave_xero_connector.tests.xero_test_case import XeroTest

SETTINGS, ACCOUNT, OPTION = "Xero Sync Settings", "Xero Account", "Xero Tracking Option"
SALES = f"Sales - {ABBR}"


class MappedOrganisation(XeroTest):
	def connect(self) -> None:
		self.consent()
		frappe.db.set_value(SETTINGS, COMPANY, "tenant_id", self.tenant)
		frappe.db.commit()
		for doctype in (ACCOUNT, "Xero Tax Rate", OPTION):
			frappe.db.delete(doctype, {"company": COMPANY})
		organisation.fetch(COMPANY)
		settings = frappe.get_doc(SETTINGS, COMPANY)
		settings.update(
			{
				"default_sales_account": f"{ABBR}-260",
				"rounding_account": f"{ABBR}-860",
				"account_mapping": [{"account": SALES, "xero_account": f"{ABBR}-200"}],
				"tax_mapping": [
					{
						"template_type": "Item Tax Template",
						"template": make_tax_template(),
						"xero_tax_rate": f"{ABBR}-NONE",
					}
				],
				"tracking_mapping": [
					{
						"source_doctype": "Cost Center",
						"source": self.cost_center,
						"tracking_option": frappe.db.get_value(
							OPTION, {"company": COMPANY, "option": "North"}
						),
					}
				],
			}
		)
		settings.save()
		frappe.db.commit()
		self.addCleanup(frappe.db.delete, OPTION, {"company": COMPANY})

	@property
	def cost_center(self) -> str:
		return frappe.db.get_value("Company", COMPANY, "cost_center")

	def act(self, action: str, **arguments: object) -> None:
		self.admin.act(self.tenant, action, **arguments)

	def fetch(self) -> None:
		frappe.db.rollback()
		organisation.fetch(COMPANY)
		frappe.db.commit()
