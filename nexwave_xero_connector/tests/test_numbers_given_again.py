"""ERPNext gives the number of the last document of a series again once that is deleted; Xero never does."""

from __future__ import annotations

import frappe
from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return
from frappe.model.document import Document
from frappe.utils import get_url_to_form

from nexwave_xero_connector.api import leave_out, use_this_one
from nexwave_xero_connector.erp.outbox.log import key_of
from nexwave_xero_connector.tests.bench_world import LOG, new_invoice, ref_of
from nexwave_xero_connector.tests.erpnext_operations import NO_GST, OperationsTest
from nexwave_xero_connector.tests.matrix import Cell
from nexwave_xero_connector.www import xero_document


class NumbersGivenAgain(OperationsTest):
	def delete(self, document: Document) -> None:
		frappe.db.commit()
		self.world.delete(ref_of(document))
		frappe.db.rollback()

	def again(self, deleted: Document, **values: object) -> Document:
		"""The next invoice, which has the number of the deleted one."""
		document = new_invoice(item_tax_template=NO_GST, **values)
		self.assertEqual(document.name, deleted.name, "ERPNext gives the number again")
		document.submit()
		frappe.db.commit()
		return document

	def amended(self, document: Document) -> Document:
		document.reload()
		document.cancel()
		amendment = frappe.copy_doc(document)
		amendment.update({"amended_from": document.name, "docstatus": 0})
		amendment.insert().submit()
		self.push()
		return amendment


class TestNumbersGivenAgain(NumbersGivenAgain):
	def assert_never_free(self, document: Document) -> None:
		row = self.newest(document)
		self.assertEqual((row.status, row.error_class), ("Failed", "Conflict"), row.message)
		self.assertIn("Xero never frees the number of a voided document", row.message)
		amendment = self.amended(document)
		self.assertEqual(self.status(amendment), "Success", self.newest(amendment).message)
		self.assertIn(amendment.name, self.live())
		self.assertNotIn(document.name, self.live())

	def test_the_last_invoice_is_cancelled_and_deleted(self) -> None:
		first = self.sent()
		first.cancel()
		self.push()
		self.delete(first)
		again = self.again(first)
		self.push()
		self.assert_never_free(again)

	def test_all_of_it_before_a_worker_looks(self) -> None:
		first = self.sent()
		first.cancel()
		self.delete(first)
		again = self.again(first)
		self.follow_up(self.push, again)
		self.assert_never_free(again)

	def test_a_credit_note(self) -> None:
		invoice = self.sent()
		first = make_sales_return(invoice.name).insert().submit()
		self.push()
		self.assertEqual(self.status(first), "Success")
		first.reload()
		first.cancel()
		self.push()
		self.delete(first)
		again = make_sales_return(invoice.name).insert().submit()
		self.assertEqual(again.name, first.name)
		self.push()
		self.assert_never_free(again)

	def test_the_first_is_still_live_in_xero_because_it_is_paid_there(self) -> None:
		first = self.sent()
		xero_id = self.newest(first).xero_id
		self.admin.act(self.tenant, "pay", id=xero_id, amount=40)
		first.cancel()
		self.push()
		self.delete(first)
		again = self.again(first, rate=70)
		self.push()
		row = self.newest(again)
		self.assertEqual((row.status, row.error_class), ("Failed", "Conflict"), row.message)
		self.assertIn("by an earlier document of that name, which was deleted here", row.message)
		(there,) = use_this_one.candidates(LOG, row.name)["there"]
		self.assertEqual(there["xero_id"], xero_id)
		self.assertTrue(there["differences"])
		amendment = self.amended(again)
		self.assertEqual(self.live(), sorted([first.name, amendment.name]))

	def test_after_all_transactions_were_deleted(self) -> None:
		"""Delete Transactions leaves what is in Xero alone, and sets the series back."""
		first = self.sent()
		name = first.name
		for doctype in (LOG, "GL Entry", "Payment Ledger Entry"):
			field = "voucher_no" if "Entry" in doctype else "reference_name"
			frappe.db.delete(doctype, {field: name})
		for field in first.meta.get_table_fields():
			frappe.db.delete(field.options, {"parent": name})
		frappe.db.delete("Sales Invoice", {"name": name})
		again = new_invoice(item_tax_template=NO_GST)
		frappe.rename_doc(
			"Sales Invoice", again.name, name, force=True, show_alert=False, rebuild_search=False
		)
		again = frappe.get_doc("Sales Invoice", name).submit()
		self.push()
		self.assertIn("which was deleted here", self.newest(again).message)
		self.assertEqual(len(self.in_xero(again)), 1)

	def test_the_link_of_the_deleted_one_does_not_lead_to_its_namesake(self) -> None:
		first = self.sent(doctype="Purchase Invoice")
		key = key_of(self.newest(first).name)
		first.cancel()
		self.push()
		self.delete(first)
		again = self.again(first, doctype="Purchase Invoice")
		self.push()
		self.assertEqual(self.status(again), "Success", self.newest(again).message)
		self.assertIn("xero-sync-log", self.page(key))
		self.assertEqual(
			self.page(key_of(self.newest(again).name)), get_url_to_form(again.doctype, again.name)
		)

	def page(self, key: str) -> str:
		"""Where the page behind a link leads."""
		frappe.form_dict.key = key
		try:
			xero_document.get_context(frappe._dict())
		except frappe.Redirect:
			return frappe.local.flags.redirect_location
		finally:
			frappe.form_dict.pop("key", None)
		self.fail("It leads nowhere")

	def test_a_return_is_not_left_out_with_a_deleted_namesake_of_its_invoice(self) -> None:
		first = new_invoice(item_tax_template=NO_GST)
		frappe.db.commit()
		leave_out.leave_out("Sales Invoice", first.name, "Entered in Xero by hand")
		self.delete(first)
		again = self.again(first)
		self.push()
		self.assertEqual(self.status(again), "Success", self.newest(again).message)
		credit_note = make_sales_return(again.name).insert().submit()
		self.push()
		self.assertEqual(self.status(credit_note), "Success", self.newest(credit_note).message)


class TestDrafts(NumbersGivenAgain):
	cell = Cell(status="Draft")

	def test_xero_frees_the_number_of_a_deleted_draft(self) -> None:
		first = self.sent()
		first.cancel()
		self.delete(first)
		again = self.again(first)
		self.follow_up(self.push, again)
		self.assertEqual(self.status(again), "Success", self.newest(again).message)
		self.assertEqual(sorted(wire["Status"] for wire in self.in_xero(again)), ["DELETED", "DRAFT"])
