"""A company whose settings are connected to the Xero sandbox, with nothing fetched or mapped yet."""

import frappe

from nexwave_xero_connector.api import mapping
from nexwave_xero_connector.tests.bench_sandbox import connect_new_settings, point_site_at_sandbox
from nexwave_xero_connector.tests.bench_world import (
	ABBR,
	COMPANY,
	clear,
	set_up_company,
)
from nexwave_xero_connector.tests.compat import IntegrationTestCase

OTHER = "Kowhai Gardens"
SETTINGS = "Xero Sync Settings"
RECORDS = ("Xero Account", "Xero Tax Rate", "Xero Tracking Option")


class MappingTestCase(IntegrationTestCase):
	def setUp(self) -> None:
		self.addCleanup(self.clear)
		self.xero = point_site_at_sandbox(self)
		set_up_company()
		self.clear()
		self.nz = self.xero.admin.tenant("NZ")
		connect_new_settings(COMPANY, self.nz)

	def clear(self) -> None:
		clear()
		for doctype in (SETTINGS, "Xero Connection", *RECORDS):
			for name in frappe.get_all(doctype, {"company": ("in", (COMPANY, OTHER))}, pluck="name"):
				frappe.delete_doc(doctype, name, force=True)
		frappe.db.commit()

	def settings(self):
		return frappe.get_doc(SETTINGS, COMPANY)

	def statuses(self, doctype: str, key: str) -> dict[str, str]:
		rows = frappe.get_all(doctype, {"company": COMPANY}, [key, "status"])
		return {row[key]: row.status for row in rows}

	def account(self, name: str, root: str) -> str:
		"""An account of the company; it stays, as the company does."""
		if not frappe.db.exists("Account", f"{name} - {ABBR}"):
			parent = {"company": COMPANY, "is_group": 1, "account_name": root}
			account = {"doctype": "Account", "account_name": name, "company": COMPANY}
			parent_account = frappe.db.get_value("Account", parent)
			frappe.get_doc({**account, "parent_account": parent_account}).insert()
		return f"{name} - {ABBR}"

	def notes(self) -> dict[str, str]:
		"""The check's notes, apart from the documents: each sentence by the field that it links to."""
		frappe.db.commit()
		return {
			note["links"][0]["fieldname"] if note["links"] else "": note["message"]
			for note in mapping.check(COMPANY)["notes"]
		}
