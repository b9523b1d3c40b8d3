"""Bills that have the supplier's number in Xero, which ERPNext copies to returns, amendments and duplicates.

ERPNext's own buttons make them; suppliers start their numbers again each year, and people type the same bill in Xero.
"""

from __future__ import annotations

import frappe
from erpnext.accounts.doctype.purchase_invoice.purchase_invoice import make_debit_note
from frappe.model.document import Document
from frappe.utils import add_days, add_years, nowdate

from nexwave_xero_connector.api import sync, use_this_one
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY, LOG, PARTY, new_invoice, ref_of
from nexwave_xero_connector.tests.matrix import Cell
from nexwave_xero_connector.tests.xero_test_case import XeroTest

NUMBER = "S-4711"
NO_GST = f"No GST - {ABBR}"


class SupplierNumbers(XeroTest):
	cell = Cell("Supplier Invoice No")

	def push(self) -> None:
		frappe.db.commit()
		sync.push_invoice(COMPANY)
		frappe.db.rollback()

	def bill(self, bill_no: str = NUMBER, **values: object) -> Document:
		return self.submit("Purchase Invoice", bill_no=bill_no, **values)

	def pushed(self, *args: str, **values: object) -> Document:
		bill = self.bill(*args, **values)
		self.push()
		self.assert_in_xero(bill)
		return bill

	def assert_in_xero(self, *documents: Document) -> None:
		"""Each is a Success with an id of its own, and live."""
		rows = [self.newest(document) for document in documents]
		self.assertEqual([row.status for row in rows], ["Success"] * len(rows), [row.message for row in rows])
		ids = [row.xero_id for row in rows]
		self.assertEqual(len(set(ids)), len(ids))
		self.assertNotIn("VOIDED", [self.status_of(xero_id) for xero_id in ids])

	def status_of(self, xero_id: str) -> str:
		return self.admin.document(xero_id)["wire"]["Status"]

	def live(self) -> list[str]:
		"""The numbers of all that is live in Xero."""
		documents = self.admin.documents(tenant=self.tenant)
		return sorted(row["number"] for row in documents if row["status"] not in ("VOIDED", "DELETED"))

	def cancel(self, document: Document) -> frappe._dict:
		document.reload().cancel()
		self.push()
		return self.newest(document)

	def assert_cancel_voids_only(self, document: Document, *others: Document) -> None:
		xero_id = self.newest(document).xero_id
		row = self.cancel(document)
		self.assertEqual((row.status, self.status_of(xero_id)), ("Voided", "VOIDED"), row.message)
		self.assert_in_xero(*others)

	def type_in_xero(self, kind: str = "ACCPAY", number: str = NUMBER, **values: object) -> str:
		line = {"quantity": 1, "unit_amount": 100, "account": "300", "tax_type": "NONE"}
		day = {"date": nowdate(), "due_date": nowdate()}
		typed = {"type": kind, "number": number, "contact": PARTY, "lines": [line], **day, **values}
		return self.admin.act(self.tenant, "enter", **typed)["id"]


class TestCopies(SupplierNumbers):
	"""What ERPNext makes of a bill has its number."""

	def returned(self, bill: Document) -> Document:
		credit_note = make_debit_note(bill.name)
		credit_note.items[0].qty = -1
		credit_note.insert().submit()
		frappe.db.commit()
		return credit_note

	def ten(self, **values: object) -> Document:
		bill = new_invoice("Purchase Invoice", bill_no=NUMBER, item_tax_template=NO_GST, **values)
		bill.items[0].qty = 10
		bill.save().submit()
		return bill

	def test_two_equal_returns_one_after_the_other(self) -> None:
		bill = self.ten()
		self.push()
		first = self.returned(bill)
		self.push()
		second = self.returned(bill)
		self.push()
		self.assertEqual((first.bill_no, second.bill_no), (NUMBER, NUMBER), "ERPNext copies the number")
		self.assert_in_xero(bill, first, second)
		self.assert_cancel_voids_only(second, bill, first)

	def test_two_equal_returns_at_once(self) -> None:
		bill = self.ten()
		returns = [self.returned(bill) for _ in range(2)]
		self.push()
		self.assert_in_xero(bill, *returns)
		self.assert_cancel_voids_only(returns[0], bill, returns[1])

	def test_two_equal_returns_whose_responses_are_lost(self) -> None:
		bill = self.ten()
		self.push()
		returns = [self.returned(bill) for _ in range(2)]
		self.admin.fault("drop_after", method="PUT", path="/creditnotes$")
		self.follow_up(lambda: sync.push_invoice(COMPANY), *returns)
		self.assert_in_xero(bill, *returns)
		self.assert_cancel_voids_only(returns[0], bill, returns[1])

	def test_a_duplicate_of_a_bill(self) -> None:
		bill = self.pushed()
		duplicate = frappe.copy_doc(bill)
		duplicate.docstatus = 0
		duplicate.insert().submit()
		self.assertEqual(duplicate.bill_no, NUMBER)
		self.push()
		self.assert_in_xero(bill, duplicate)
		self.assert_cancel_voids_only(duplicate, bill)

	def test_a_bill_that_repeats_automatically(self) -> None:
		bill = self.pushed()
		repeat = frappe.get_doc(
			{
				"doctype": "Auto Repeat",
				"reference_doctype": "Purchase Invoice",
				"reference_document": bill.name,
				"frequency": "Daily",
				"start_date": nowdate(),
				"submit_on_creation": 1,
			}
		).insert()
		self.addCleanup(frappe.delete_doc, "Auto Repeat", repeat.name, force=True)
		repeat.create_documents()
		self.push()
		frappe.db.set_value("Purchase Invoice", {"auto_repeat": repeat.name}, "auto_repeat", None)
		(repeated,) = frappe.get_all(
			LOG, {"company": COMPANY, "reference_name": ("!=", bill.name)}, pluck="reference_name"
		)
		self.assert_in_xero(bill, frappe.get_doc("Purchase Invoice", repeated))

	def test_two_equal_bills_whose_results_come_in_another_order(self) -> None:
		bills = [self.bill("RENT") for _ in range(2)]
		self.admin.fault("reordered", method="PUT", path="/invoices$")
		self.push()
		self.assert_in_xero(*bills)
		for bill in bills:
			self.assertEqual(self.in_xero(bill)[0]["InvoiceID"], self.newest(bill).xero_id)
		self.assert_cancel_voids_only(bills[0], bills[1])

	def test_a_rejected_batch_of_which_xero_saved_some(self) -> None:
		bills = [self.bill("RENT") for _ in range(3)]
		self.admin.fault("refused_partway", method="PUT", path="/invoices$")
		self.push()
		self.assert_in_xero(*bills)
		self.assertEqual(self.live(), ["RENT"] * 3)


class TestSuppliersWhoStartAgain(SupplierNumbers):
	def test_the_same_number_later(self) -> None:
		frappe.db.set_value("Xero Sync Settings", COMPANY, "start_date", add_days(nowdate(), -90))
		before = self.pushed("0001", set_posting_time=1, posting_date=add_days(nowdate(), -60))
		now = self.pushed("0001")
		self.assert_in_xero(before, now)
		self.assert_cancel_voids_only(now, before)

	def test_the_same_number_in_another_case(self) -> None:
		first, second = self.pushed("s-1"), self.pushed("S-1")
		self.assert_in_xero(first, second)
		self.assert_cancel_voids_only(first, second)

	def test_the_same_number_after_the_first_bill_was_cancelled_and_deleted(self) -> None:
		first = self.pushed()
		gone = self.newest(first).xero_id
		first.reload().cancel()
		frappe.db.commit()
		self.world.delete(ref_of(first))
		again = self.pushed()
		self.assertEqual(self.status_of(gone), "VOIDED")
		self.assert_in_xero(again)


class TestAmended(SupplierNumbers):
	"""A bill is withdrawn and its successor has its number, all before a worker looks."""

	def amended(self, bill: Document) -> Document:
		bill.reload().cancel()
		amendment = frappe.copy_doc(bill)
		amendment.update({"amended_from": bill.name, "docstatus": 0})
		amendment.insert().submit()
		frappe.db.commit()
		return amendment

	def test_cancelled_and_amended_in_one_batch(self) -> None:
		bill = self.pushed()
		before = self.newest(bill).xero_id
		amendment = self.amended(bill)
		self.assertEqual(amendment.bill_no, NUMBER)
		self.follow_up(lambda: sync.push_invoice(COMPANY), bill, amendment)
		self.assertEqual((self.newest(bill).status, self.status_of(before)), ("Voided", "VOIDED"))
		self.assert_in_xero(amendment)

	def test_amended_twice_in_one_batch(self) -> None:
		bill = self.pushed()
		first = self.amended(bill)
		second = self.amended(first)
		self.follow_up(lambda: sync.push_invoice(COMPANY), bill, first, second)
		self.assertEqual((self.newest(bill).status, self.live()), ("Voided", [NUMBER]))
		self.assert_in_xero(second)

	def test_cancelled_deleted_and_entered_again_in_one_batch(self) -> None:
		bill = self.pushed()
		before = self.newest(bill).xero_id
		bill.reload().cancel()
		frappe.db.commit()
		self.world.delete(ref_of(bill))
		again = self.bill()
		self.follow_up(lambda: sync.push_invoice(COMPANY), again)
		self.assertEqual(self.status_of(before), "VOIDED")
		self.assert_in_xero(again)

	def test_amended_while_xero_does_not_void_the_first(self) -> None:
		bill = self.pushed()
		before = self.newest(bill).xero_id
		self.admin.act(self.tenant, "pay", id=before, amount=40)
		amendment = self.amended(bill)
		self.follow_up(lambda: sync.push_invoice(COMPANY), bill, amendment)
		self.assertEqual((self.newest(bill).status, self.newest(bill).is_orphan), ("Failed", 1))
		self.assertIn("is applied to it there", self.newest(bill).message)
		self.assertEqual(self.status_of(before), "AUTHORISED")
		self.assert_in_xero(amendment)


class TestTypedBefore(SupplierNumbers):
	"""A supplier's bill was typed in Xero before go-live, so ERPNext does not know the contact yet."""

	def assert_in_the_way(self, typed: str, bill: Document) -> None:
		row = self.newest(bill)
		self.assertEqual((row.status, row.error_class), ("Failed", "Conflict"), row.message)
		self.assertIn("press Use This One", row.message)
		self.assertEqual([wire["InvoiceID"] for wire in self.in_xero(bill)], [typed])

	def test_the_same_bill(self) -> None:
		typed = self.type_in_xero()
		bill = self.bill()
		self.push()
		self.assert_in_the_way(typed, bill)
		row = self.cancel(bill)
		self.assertEqual(self.status_of(typed), "AUTHORISED")
		self.assertIn("was not sent from here", row.message)

	def test_another_bill_of_the_supplier_under_the_number(self) -> None:
		typed = self.type_in_xero(due_date=add_years(nowdate(), 1), date=add_years(nowdate(), -1))
		bill = self.bill(rate=70)
		self.push()
		self.assert_in_the_way(typed, bill)

	def test_as_a_draft(self) -> None:
		typed = self.type_in_xero(status="DRAFT")
		bill = self.bill()
		self.push()
		self.assert_in_the_way(typed, bill)
		self.cancel(bill)
		self.assertEqual(self.status_of(typed), "DRAFT")

	def test_in_another_case_and_used(self) -> None:
		typed = self.type_in_xero(number="s-4711")
		bill = self.bill()
		self.push()
		self.assertEqual(self.newest(bill).error_class, "Conflict", self.newest(bill).message)
		use_this_one.use_this_one(LOG, self.newest(bill).name, typed)
		self.push()
		self.assertEqual((self.newest(bill).status, self.newest(bill).xero_id), ("Success", typed))
		self.cancel(bill)
		self.assertEqual((self.status_of(typed), self.newest(bill).is_orphan), ("AUTHORISED", 1))

	def test_a_bill_of_another_supplier_is_in_nobodys_way(self) -> None:
		typed = self.type_in_xero(contact="Bayside Club")
		bill = self.pushed()
		self.assert_cancel_voids_only(bill)
		self.assertEqual(self.status_of(typed), "AUTHORISED")

	def test_one_that_was_voided_is_in_nobodys_way(self) -> None:
		typed = self.type_in_xero()
		self.admin.act(self.tenant, "void", id=typed)
		self.assert_in_xero(self.pushed())

	def test_while_the_response_to_ours_is_lost(self) -> None:
		self.admin.fault("drop_before", method="PUT", path="/invoices$")
		bill = self.bill()
		self.push()
		typed = self.type_in_xero()
		self.follow_up(lambda: sync.push_invoice(COMPANY), bill)
		self.assert_in_the_way(typed, bill)
