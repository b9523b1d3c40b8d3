"""Accounts, cost centers, projects, items and tax templates are renamed, merged and deleted; the mapping follows."""

from __future__ import annotations

import frappe
from erpnext.accounts.doctype.account.account import merge_account, update_account_number
from erpnext.accounts.utils import update_cost_center
from frappe.model.rename_doc import rename_doc

from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY
from nexwave_xero_connector.tests.erpnext_operations import AFTER, BEFORE, NO_GST, THIRD, OperationsTest
from nexwave_xero_connector.tests.records import make_account, make_tax_rate


class TestMappedRecords(OperationsTest):
	def map(self, table: str, **row: object) -> None:
		settings = self.settings()
		settings.append(table, row)
		settings.save()
		frappe.db.commit()

	def mapped(self, table: str) -> list[str]:
		field = {"account_mapping": "account", "charge_mapping": "account", "tax_mapping": "template"}.get(
			table, "source"
		)
		return [row.get(field) for row in self.settings().get(table)]

	def account(self, name: str) -> str:
		return self.make(
			"Account", account_name=name, company=COMPANY, parent_account=f"Direct Income - {ABBR}"
		)

	def option(self, name: str) -> str:
		return self.make(
			"Xero Tracking Option",
			company=COMPANY,
			category="Region",
			category_id="region",
			option=name,
			option_id=name,
		)

	def test_two_mapped_accounts_are_merged(self) -> None:
		one, two = self.account(BEFORE), self.account(AFTER)
		self.map("account_mapping", account=one, xero_account=make_account(COMPANY, "260"))
		self.map("account_mapping", account=two, xero_account=f"{ABBR}-200")
		self.map("charge_mapping", account=one, xero_account=f"{ABBR}-260")
		merge_account(one, two)
		frappe.db.commit()
		self.says("were mapped differently for Xero")
		self.assertEqual(self.mapped("account_mapping"), [two])
		self.assertEqual(self.settings().account_mapping[0].xero_account, f"{ABBR}-200")
		self.assertEqual(self.mapped("charge_mapping"), [two])
		self.can_be_saved_and_switched_off()

	def test_a_mapped_account_is_renumbered(self) -> None:
		one = self.account(BEFORE)
		self.map("account_mapping", account=one, xero_account=f"{ABBR}-200")
		renamed = update_account_number(one, AFTER, "4711")
		self.made.append(("Account", renamed))
		frappe.db.commit()
		self.assertEqual(self.mapped("account_mapping"), [renamed])
		self.can_be_saved_and_switched_off()

	def test_a_mapped_account_is_deleted(self) -> None:
		one = self.account(BEFORE)
		self.map("account_mapping", account=one, xero_account=f"{ABBR}-200")
		frappe.delete_doc("Account", one)
		frappe.db.commit()
		self.assertEqual(self.mapped("account_mapping"), [])
		self.can_be_saved_and_switched_off()

	def test_a_mapping_that_is_open_in_a_form_does_not_bring_a_merged_account_back(self) -> None:
		one, two = self.account(BEFORE), self.account(AFTER)
		for account in (one, two):
			self.map("account_mapping", account=account, xero_account=f"{ABBR}-200")
		form = self.settings()
		merge_account(one, two)
		frappe.db.commit()
		self.assertRaises(frappe.TimestampMismatchError, form.save)

	def test_two_mapped_cost_centers_are_merged_and_renamed(self) -> None:
		one, two = (
			self.make(
				"Cost Center",
				cost_center_name=name,
				company=COMPANY,
				parent_cost_center=f"{COMPANY} - {ABBR}",
			)
			for name in (BEFORE, AFTER)
		)
		for source, option in ((one, "North"), (two, "South")):
			self.map(
				"tracking_mapping",
				source_doctype="Cost Center",
				source=source,
				tracking_option=self.option(option),
			)
		update_cost_center(one, AFTER, "", COMPANY, merge=True)
		frappe.db.commit()
		self.assertEqual(self.mapped("tracking_mapping"), [two])
		renamed = update_cost_center(two, THIRD, "", COMPANY, merge=False)
		self.made.append(("Cost Center", renamed))
		frappe.db.commit()
		self.assertEqual(self.mapped("tracking_mapping"), [renamed])
		self.can_be_saved_and_switched_off()

	def test_two_mapped_projects_are_merged_and_one_is_deleted(self) -> None:
		names = (BEFORE, AFTER, THIRD)
		one, two, three = (self.make("Project", project_name=name, company=COMPANY) for name in names)
		for source, option in ((one, "North"), (two, "South"), (three, "East")):
			self.map(
				"tracking_mapping",
				source_doctype="Project",
				source=source,
				tracking_option=self.option(option),
			)
		rename_doc("Project", one, two, merge=True, show_alert=False, rebuild_search=False)
		frappe.delete_doc("Project", three)
		frappe.db.commit()
		self.assertEqual(self.mapped("tracking_mapping"), [two])
		self.can_be_saved_and_switched_off()

	def test_tax_templates_are_merged_renamed_and_deleted(self) -> None:
		rate = make_tax_rate(COMPANY, "OUTPUT2", can_apply_to_revenue=1)
		account = f"GST Out - {ABBR}"
		names = []
		for doctype in ("Sales Taxes and Charges Template", "Item Tax Template"):
			row = {"tax_type": account, "tax_rate": 15}
			if doctype != "Item Tax Template":
				row = {
					"charge_type": "On Net Total",
					"account_head": account,
					"rate": 15,
					"description": "GST",
				}
			for title in (BEFORE, AFTER, THIRD):
				names.append((doctype, self.make(doctype, title=title, company=COMPANY, taxes=[row])))
				self.map("tax_mapping", template_type=doctype, template=names[-1][1], xero_tax_rate=rate)
		for (doctype, one), (_same, two), (_too, three) in (names[:3], names[3:]):
			rename_doc(doctype, one, two, merge=True, show_alert=False, rebuild_search=False)
			rename_doc(doctype, two, f"{two} renamed", show_alert=False, rebuild_search=False)
			self.made.append((doctype, f"{two} renamed"))
			frappe.delete_doc(doctype, three)
		frappe.db.commit()
		kept = [f"{AFTER} - {ABBR} renamed"] * 2
		self.assertEqual(self.mapped("tax_mapping"), [NO_GST, *kept])
		self.can_be_saved_and_switched_off()

	def test_an_item_is_renamed_and_merged_while_its_invoice_waits(self) -> None:
		one, two = (
			self.make("Item", item_code=name, item_group="All Item Groups", is_stock_item=0)
			for name in (BEFORE, AFTER)
		)
		items = [{"item_code": one, "qty": 1, "rate": 100, "item_tax_template": NO_GST}]
		document = self.submit(items=items)
		rename_doc("Item", one, two, merge=True, show_alert=False, rebuild_search=False)
		self.push()
		self.assertEqual(self.status(document), "Success")
		rename_doc("Item", two, THIRD, show_alert=False, rebuild_search=False)
		self.made.append(("Item", THIRD))
		document.reload()
		document.cancel()
		self.push()
		self.assertEqual(self.status(document), "Voided")
