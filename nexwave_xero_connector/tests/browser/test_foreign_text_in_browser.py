"""What people call things in Xero, in each view that Frappe makes of our tables: shown as text, never run as HTML."""

from __future__ import annotations

import csv
import json
import unittest
from urllib.parse import quote

import frappe

from nexwave_xero_connector.api import organisation, sync
from nexwave_xero_connector.erp.documents.reader import FrappeDocuments
from nexwave_xero_connector.mapping.erp_document import Party
from nexwave_xero_connector.tests.bench_world import COMPANY, LOG, PARTY
from nexwave_xero_connector.tests.browser.desk_test_case import MANAGER, DeskTest, missing
from nexwave_xero_connector.tests.browser.session import open_route, settle
from nexwave_xero_connector.tests.test_foreign_text import forget_records

MISSING = missing()
if not MISSING:
	from playwright.sync_api import Page
HACK = "window.hacked=1"
MARKER = f'=MARK <img src=x onerror={HACK}> &lt;img src=x onerror={HACK}&gt; " onmouseover="{HACK}" x="'
BOARD, REPORT = "Xero Log by Status", "All Columns of"
MARKED = {
	LOG: "xero_number",
	"Xero Document": "xero_number",
	"Xero Contact": "contact_name",
	"Xero Account": "account_name",
	"Xero Tax Rate": "tax_rate_name",
	"Xero Tracking Option": "option",
	"Xero Sync Settings": "organisation_name",
}


@unittest.skipIf(MISSING, f"the browser tests need: {MISSING}")
class TestForeignTextInBrowser(DeskTest):
	def setUp(self) -> None:
		super().setUp()
		self.addCleanup(forget_records)
		forget_views()
		self.addCleanup(forget_views)

	def test_no_view_runs_what_things_are_called_in_xero(self) -> None:
		row = self.marked()
		page = self.page(MANAGER)
		for doctype, field in MARKED.items():
			place = frappe.scrub(doctype).replace("_", "-")
			open_route(page, f"{place}/view/list?{field}={quote(json.dumps(['like', '%MARK%']))}")
			page.locator(".result .list-row").first.wait_for()
			self.nothing_ran(page, f"list of {doctype}")
			open_route(page, f"{place}/view/report/{self.report_of(doctype, field)}")
			page.locator(".dt-cell__content", has_text="MARK").first.wait_for(state="attached")
			self.nothing_ran(page, f"report of {doctype}")
			cells = [cell for line in self.exported(page) for cell in line]
			self.assertTrue(any("MARK" in cell for cell in cells), doctype)
			self.assertEqual([cell for cell in cells if cell.startswith("=") or "<img" in cell], [], doctype)
			self.nothing_ran(page, f"export of {doctype}")
		for route in (f"xero-sync-log/{row}", f"xero-sync-settings/{COMPANY}", f"xero-connection/{COMPANY}"):
			open_route(page, route)
			self.nothing_ran(page, route)
		open_route(page, f"xero-sync-log/view/kanban/{BOARD}")
		page.locator(".kanban-card", has_text="MARK").first.wait_for()
		self.nothing_ran(page, "kanban")
		page.goto(f"/printview?doctype=Xero%20Sync%20Log&name={row}&format=Standard")
		page.locator(".print-format", has_text="MARK").first.wait_for()
		self.nothing_ran(page, "print")
		open_route(page, f"xero-sync-settings/{COMPANY}")
		self.menu(page, "Choose Organisation")
		page.locator(".modal.show select").wait_for()
		self.nothing_ran(page, "the organisations to choose from")

	def marked(self) -> str:
		"""Everything in Xero has the marker for a name; returns a row of the log that shows it."""
		admin, tenant = self.xero.admin, self.xero.admin.tenant("NZ")
		admin.act(tenant, "rename_organisation", name=MARKER, short_code=MARKER)
		admin.act(tenant, "rename_account", code="260", name=MARKER)
		admin.act(tenant, "rename_tracking", name="Region", option="North", new_option=MARKER)
		admin.act(
			tenant, "add_tax_rate", tax_type="TAX901", name=MARKER, components=[{"name": MARKER, "rate": 5}]
		)
		organisation.fetch(COMPANY)
		document = self.submit()
		sync.push_invoice(COMPANY)
		FrappeDocuments().link_contact(COMPANY, Party("Supplier", PARTY, PARTY), "contact", MARKER)
		admin.act(tenant, "rename", number=document.name, new_number=MARKER)
		admin.act(tenant, "pay", number=MARKER, amount=15)
		document.reload().cancel()
		frappe.db.commit()
		sync.push_invoice(COMPANY)
		row = self.newest(document)
		self.assertIn("MARK", row.xero_number)
		board = {"doctype": "Kanban Board", "kanban_board_name": BOARD, "reference_doctype": LOG}
		fields = frappe.as_json(["xero_number", "message", "xero_url", "finding"])
		board |= {"field_name": "status", "show_labels": 1, "fields": fields}
		frappe.get_doc(board | {"columns": [{"column_name": "Failed"}, {"column_name": "Success"}]}).insert()
		frappe.db.commit()
		return row.name

	def report_of(self, doctype: str, marked: str) -> str:
		"""A saved report of the marked rows with every column that the Report view offers; returns its name."""
		meta = frappe.get_meta(doctype)
		fields = [field for field in meta.get_valid_columns() if meta.has_field(field)]
		name = f"{REPORT} {doctype}"
		columns = {
			"fields": [[field, doctype] for field in ["name", *fields]],
			"filters": [[doctype, marked, "like", "%MARK%", False]],
			"page_length": 20,
		}
		report = {"doctype": "Report", "report_name": name, "ref_doctype": doctype, "is_standard": "No"}
		report |= {"report_type": "Report Builder", "json": frappe.as_json(columns)}
		frappe.get_doc(report).insert()
		frappe.db.commit()
		return name

	def exported(self, page: Page) -> list[list[str]]:
		"""What Export in the menu of a report downloads as CSV; the dialog also shows a preview of it."""
		page.locator(".menu-btn-group button").click()
		page.locator(".menu-btn-group .menu-item-label", has_text="Export").click()
		dialog = page.locator(".modal.show")
		dialog.locator("select[data-fieldname='file_format']").select_option("CSV")
		with page.expect_download() as download:
			dialog.get_by_role("button", name="Download").click()
		with open(download.value.path(), encoding="utf-8-sig", newline="") as file:
			return list(csv.reader(file))

	def nothing_ran(self, page: Page, where: str) -> None:
		settle(page)
		page.evaluate("document.querySelectorAll('*').forEach((one) => one.onmouseover && one.onmouseover())")
		self.assertFalse(page.evaluate("Boolean(window.hacked)"), where)
		self.assertEqual(page.locator("img[onerror], img[src='x']").count(), 0, where)


def forget_views() -> None:
	frappe.db.rollback()
	frappe.db.delete("Kanban Board Column", {"parent": BOARD})
	frappe.db.delete("Kanban Board", {"name": BOARD})
	frappe.db.delete("Report", {"name": ("like", f"{REPORT} %")})
	frappe.db.commit()
