"""Credit notes that ERPNext makes of a returned Delivery Note or Purchase Receipt: without Return Against."""

from __future__ import annotations

import frappe
from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_delivery_note
from erpnext.stock.doctype.delivery_note import delivery_note
from erpnext.stock.doctype.purchase_receipt import purchase_receipt
from frappe.model.document import Document

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.jobs.sweep import look_at_everything
from nexwave_xero_connector.tests.catalogue.builders import item, sales
from nexwave_xero_connector.tests.catalogue.company import COMPANY, CUSTOMER, LOG, STOCK_ITEM, SUPPLIER, own
from nexwave_xero_connector.tests.records import price_list_of
from nexwave_xero_connector.tests.test_credit_notes import ONLY_AS_ERPNEXT, CreditNotes


class ReturnedDeliveries(CreditNotes):
	def delivered(self, qty: int = 2) -> Document:
		self.stock_up()
		return self.stock_document("Delivery Note", {"customer": CUSTOMER}, qty)

	def received(self, qty: int = 2) -> Document:
		return self.stock_document("Purchase Receipt", {"supplier": SUPPLIER}, qty)

	def stock_document(self, doctype: str, party: dict, qty: int) -> Document:
		invoice = "Sales Invoice" if "customer" in party else "Purchase Invoice"
		document = frappe.get_doc(
			{
				"doctype": doctype,
				"company": COMPANY,
				**party,
				"currency": "NZD",
				"conversion_rate": 1,
				**price_list_of(invoice),
				"disable_rounded_total": 1,
				"taxes_and_charges": own("GST"),
				"taxes": [
					{
						"charge_type": "On Net Total",
						"account_head": own("GST"),
						"rate": 15,
						"description": "GST",
					}
				],
				"items": [{"item_code": STOCK_ITEM, "qty": qty, "rate": 100, "warehouse": own("Stores")}],
			}
		)
		document.insert().submit()
		return document

	def stock_up(self) -> None:
		entry = frappe.get_doc(
			{
				"doctype": "Stock Entry",
				"stock_entry_type": "Material Receipt",
				"company": COMPANY,
				"items": [
					{"item_code": STOCK_ITEM, "qty": 5, "basic_rate": 10, "t_warehouse": own("Stores")}
				],
			}
		)
		entry.insert().submit()
		frappe.db.commit()

	def billed(self, delivery: Document, qty: float | None = None) -> Document:
		"""What Create > Sales Invoice (Purchase Invoice, Credit Note, Debit Note) of the delivery makes, submitted."""
		make = (
			delivery_note.make_sales_invoice
			if delivery.doctype == "Delivery Note"
			else purchase_receipt.make_purchase_invoice
		)
		invoice = make(delivery.name)
		invoice.disable_rounded_total = 1
		invoice.bill_no = f"S-{delivery.name}"
		if qty:
			invoice.items[0].qty = qty
		return self.submit(invoice)

	def back(self, delivery: Document, **values: object) -> Document:
		make = (
			delivery_note.make_sales_return
			if delivery.doctype == "Delivery Note"
			else purchase_receipt.make_purchase_return
		)
		return_ = make(delivery.name)
		return_.update(values)
		return_.insert().submit()
		frappe.db.commit()
		return return_


class TestReturnedDeliveries(ReturnedDeliveries):
	def test_its_credit_note_goes_to_the_invoice_that_billed_it(self) -> None:
		for delivered in (self.delivered, self.received):
			with self.subTest(delivered.__name__):
				delivery = delivered()
				invoice = self.billed(delivery)
				credit_note = self.billed(self.back(delivery))
				self.assertEqual((credit_note.is_return, credit_note.return_against or ""), (1, ""))
				self.world.push()
				self.assertEqual(self.allocations(credit_note), {invoice.name: 230})
				self.assertIn(f"230.00 is allocated to {invoice.name}.", self.message(credit_note))

	def test_the_credit_note_that_erpnext_issues_itself(self) -> None:
		delivery = self.delivered()
		invoice = self.billed(delivery)
		back = self.back(delivery, issue_credit_note=1)
		name = frappe.db.get_value("Sales Invoice Item", {"delivery_note": back.name}, "parent")
		self.world.push()
		self.assertEqual(self.allocations(frappe.get_doc("Sales Invoice", name)), {invoice.name: 230})

	def test_an_invoice_that_came_before_its_delivery(self) -> None:
		self.stock_up()
		invoice = self.submit(sales(item(100, 2, STOCK_ITEM, warehouse=own("Stores"))))
		delivery = make_delivery_note(invoice.name)
		delivery.insert().submit()
		credit_note = self.billed(self.back(delivery))
		self.world.push()
		self.assertEqual(self.allocations(credit_note), {invoice.name: 230})

	def test_an_invoice_that_is_made_after_the_credit_note(self) -> None:
		delivery = self.delivered(3)
		back = delivery_note.make_sales_return(delivery.name)
		back.items[0].qty = -1
		back.insert().submit()
		credit_note = self.billed(back)
		self.world.push()
		said = self.message(credit_note)
		self.assertIn(f"ERPNext does not say which invoice {credit_note.name} returns", said)
		self.assertEqual(self.in_xero(credit_note)["RemainingCredit"], 115)
		invoice = self.billed(delivery, 3)
		self.world.push()
		self.assertEqual(self.allocations(credit_note), {invoice.name: 115})
		self.assertEqual(self.in_xero(invoice)["AmountDue"], 230)

	def test_the_daily_look_finds_it_if_the_worker_died_after_sending_the_invoice(self) -> None:
		delivery = self.delivered(3)
		back = delivery_note.make_sales_return(delivery.name)
		back.items[0].qty = -1
		back.insert().submit()
		credit_note = self.billed(back)
		self.world.push()
		before = frappe.db.get_value(LOG, {"reference_name": credit_note.name, "is_latest": 1}, "name")
		invoice = self.billed(delivery, 3)
		self.world.push()
		for allocation in self.in_xero(credit_note)["Allocations"]:
			self.act(
				"remove_allocation",
				credit_note_id=self.in_xero(credit_note)["CreditNoteID"],
				allocation_id=allocation["AllocationID"],
			)
		# As if its later attempt had never been queued.
		frappe.db.delete(LOG, {"reference_name": credit_note.name, "name": ("!=", before)})
		frappe.db.set_value(LOG, before, "is_latest", 1)
		frappe.db.commit()
		look_at_everything()
		self.world.push()
		self.assertEqual(self.allocations(credit_note), {invoice.name: 115})

	def test_two_invoices_for_one_delivery_are_left_to_a_person_and_followed_then(self) -> None:
		delivery = self.delivered()
		one, other = self.billed(delivery, 1), self.billed(delivery, 1)
		credit_note = self.billed(self.back(delivery))
		self.world.push()
		names = ", ".join(sorted((one.name, other.name)))
		self.assertIn(f"takes back was billed by {names}", self.message(credit_note))
		self.assertEqual(self.allocations(credit_note), {})
		for invoice in (one, other):
			self.reconcile(credit_note, invoice, 115)
			self.world.push()
		self.assertEqual(self.allocations(credit_note), {one.name: 115, other.name: 115})

	def test_a_cancelled_invoice_is_voided_and_the_credit_note_no_longer_allocated(self) -> None:
		delivery = self.delivered()
		invoice = self.billed(delivery)
		credit_note = self.billed(self.back(delivery))
		self.world.push()
		invoice.reload().cancel()
		frappe.db.commit()
		for _attempt in range(2):
			self.world.push()
			due = {"reference_name": invoice.name, "status": "Queued"}
			frappe.db.set_value(LOG, due, "due_at", clock.utc_timestamp())
		self.world.push()
		self.assertEqual(self.world.row(invoice).status, "Voided", self.world.row(invoice).message)
		self.assertEqual(self.allocations(credit_note), {})
		said = self.message(credit_note)
		self.assertIn(f"No longer allocated to {invoice.name}", said)
		self.assertIn(f"ERPNext does not say which invoice {credit_note.name} returns", said)

	def test_only_as_erpnext_does_says_that_it_keeps_a_balance(self) -> None:
		self.world.settings(**ONLY_AS_ERPNEXT)
		delivery = self.delivered()
		self.billed(delivery)
		credit_note = self.billed(self.back(delivery))
		self.world.push()
		self.assertEqual(self.allocations(credit_note), {})
		self.assertIn(f"{credit_note.name} keeps a balance of 230.00", self.message(credit_note))
