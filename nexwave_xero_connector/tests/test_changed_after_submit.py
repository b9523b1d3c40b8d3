"""What ERPNext lets people change of a submitted invoice: Xero keeps what was sent, and the log says so."""

from __future__ import annotations

from unittest.mock import patch

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.api import bulk, sync
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY
from nexwave_xero_connector.tests.erpnext_operations import BEFORE, OperationsTest


class TestChangedAfterSubmit(OperationsTest):
	def cost_center(self) -> str:
		return self.make(
			"Cost Center",
			cost_center_name=BEFORE,
			company=COMPANY,
			parent_cost_center=f"{COMPANY} - {ABBR}",
		)

	def change(self, document: Document, **values: object) -> None:
		document.reload()
		document.update(values)
		document.save()
		frappe.db.commit()

	def test_the_account_cost_center_and_project_of_a_row(self) -> None:
		self.allow_repost()
		cost_center, project = self.cost_center(), self.make("Project", project_name=BEFORE, company=COMPANY)
		document = self.sent()
		document.reload()
		account = document.items[0].income_account
		document.items[0].update(
			{"income_account": f"Service - {ABBR}", "cost_center": cost_center, "project": project}
		)
		document.save()
		frappe.db.commit()
		row = self.newest(document)
		self.assertEqual((row.status, row.needs_attention), ("Success", 1))
		self.assertIn(f"{document.name} was changed here after it was sent", row.finding)
		for text in (f"row 1: Income Account {account} → Service - {ABBR}", cost_center, "Project - → "):
			self.assertIn(text, row.finding)
		self.assertIn("was changed here", sync.retry("Sales Invoice", document.name)["message"])

	def test_the_purchase_order_number_and_the_due_date(self) -> None:
		document = self.sent()
		self.change(document, po_no="PO-7")
		self.assertIn("Customer's Purchase Order - → PO-7", self.newest(document).finding)

	def test_the_expense_account_of_a_bill(self) -> None:
		self.allow_repost()
		document = self.sent(doctype="Purchase Invoice")
		document.reload()
		document.items[0].expense_account = f"Legal Expenses - {ABBR}"
		document.save()
		frappe.db.commit()
		self.assertIn("Expense Head", self.newest(document).finding)

	def test_what_was_handled_and_is_changed_again_needs_attention_again(self) -> None:
		document = self.sent()
		self.change(document, po_no="PO-7")
		bulk.mark_handled([self.newest(document).name], "Changed in Xero")
		frappe.db.commit()
		self.assertEqual(self.newest(document).needs_attention, 0)
		self.change(document, po_no="PO-8")
		self.assertEqual(self.newest(document).needs_attention, 1)

	def test_what_xero_does_not_get_is_of_no_interest(self) -> None:
		document = self.sent()
		self.change(document, group_same_items=1, title="Another title")
		self.assertEqual((self.newest(document).finding, self.newest(document).needs_attention), (None, 0))

	def test_what_is_changed_before_it_is_sent_is_sent(self) -> None:
		document = self.submit()
		self.change(document, po_no="PO-7")
		self.push()
		self.assertEqual(self.newest(document).finding, None)
		self.assertEqual(self.in_xero(document)[0]["Reference"], "PO-7")

	def test_an_error_of_ours_does_not_stop_the_change(self) -> None:
		document = self.sent()
		with patch("nexwave_xero_connector.erp.documents.changed.announce", side_effect=RuntimeError):
			self.change(document, po_no="PO-7")
		self.assertEqual(frappe.db.get_value("Sales Invoice", document.name, "po_no"), "PO-7")
