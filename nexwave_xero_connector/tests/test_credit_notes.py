"""Returns as ERPNext's own buttons make them, and what becomes of them in Xero: allocated, or the log says why not."""

from __future__ import annotations

from datetime import timedelta

import frappe
from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry
from frappe.model.document import Document
from frappe.utils import nowdate

from nexwave_xero_connector.erp import clock
from nexwave_xero_connector.erp.documents.mapping_settings import STATUS_FIELDS
from nexwave_xero_connector.jobs.orphan_check import check_daily
from nexwave_xero_connector.jobs.sweep import sweep
from nexwave_xero_connector.tests.books_in_xero import BooksInXero
from nexwave_xero_connector.tests.catalogue.builders import bill, item, returned, sales
from nexwave_xero_connector.tests.catalogue.company import (
	ABBR,
	COMPANY,
	CUSTOMER,
	LOG,
	SUPPLIER,
)

REDUCES_ITS_INVOICE = {"update_outstanding_for_self": 0}
ONLY_AS_ERPNEXT = {"allocate_credit_notes": "Only as ERPNext does"}
KINDS = ((sales, "ACCRECCREDIT"), (bill, "ACCPAYCREDIT"))


class CreditNotes(BooksInXero):
	def setUp(self) -> None:
		self.addCleanup(self.world.settings, allocate_credit_notes="To the invoice they return")

	def original(self, make: object = sales, amount: float = 100) -> Document:
		document = self.submit(make(item(amount)))
		self.world.push()
		return frappe.get_doc(document.doctype, document.name)

	def returned(self, original: Document, **values: object) -> Document:
		"""Submit and push the return that the button makes, with nothing changed unless `values` say so."""
		document = self.submit(returned(original, **values))
		self.world.push()
		return document

	def message(self, document: Document) -> str:
		row = self.world.row(document)
		self.assertEqual(row.status, "Success", row.message)
		return row.message

	def allocations(self, credit_note: Document) -> dict[str, float]:
		found: dict[str, float] = {}
		for part in self.in_xero(credit_note).get("Allocations", []):
			number = part["Invoice"]["InvoiceNumber"]
			found[number] = found.get(number, 0) + part["Amount"]
		return found

	def reconcile(self, credit_note: Document, invoice: Document, amount: float) -> Document:
		"""What a user does in Payment Reconciliation; returns the Journal Entry that ERPNext makes."""
		is_sales = credit_note.doctype == "Sales Invoice"
		tool = frappe.get_doc(
			{
				"doctype": "Payment Reconciliation",
				"company": COMPANY,
				"party_type": "Customer" if is_sales else "Supplier",
				"party": CUSTOMER if is_sales else SUPPLIER,
				"receivable_payable_account": credit_note.debit_to if is_sales else credit_note.credit_to,
			}
		)
		tool.get_unreconciled_entries()
		invoices = [row.as_dict() for row in tool.invoices if row.invoice_number == invoice.name]
		payments = [row.as_dict() for row in tool.payments if row.reference_name == credit_note.name]
		tool.allocate_entries(frappe._dict(invoices=invoices, payments=payments))
		for row in tool.allocation:
			row.allocated_amount = amount
		tool.reconcile()
		frappe.db.commit()
		name = frappe.db.get_value(
			"Journal Entry Account", {"reference_name": credit_note.name, "docstatus": 1}, "parent"
		)
		return frappe.get_doc("Journal Entry", name)


class TestAllocations(CreditNotes):
	def test_the_button_s_return_is_allocated_to_its_invoice(self) -> None:
		for make, kind in KINDS:
			for values in ({}, REDUCES_ITS_INVOICE):
				with self.subTest(kind, **values):
					original = self.original(make)
					credit_note = self.returned(original, **values)
					self.assertIn(f"115.00 is allocated to {original.name}.", self.message(credit_note))
					self.assertIn(", PAID, 115.00 NZD", self.message(credit_note))
					self.assertEqual(self.in_xero(credit_note)["Type"], kind)
					self.assertEqual(self.allocations(credit_note), {original.name: 115})
					self.assertEqual(self.in_xero(original)["AmountDue"], 0)

	def test_erpnext_ticks_the_field_by_default(self) -> None:
		"""If this changes, the tests above no longer test what users do."""
		self.assertEqual(self.returned(self.original()).reload().update_outstanding_for_self, 1)

	def test_only_as_erpnext_does(self) -> None:
		self.world.settings(**ONLY_AS_ERPNEXT)
		for make, kind in KINDS:
			with self.subTest(kind):
				original = self.original(make)
				keeps = self.returned(original)
				self.assertEqual(self.allocations(keeps), {})
				self.assertIn(f"in ERPNext, {keeps.name} keeps a balance of 115.00", self.message(keeps))
				other = self.original(make)
				reduces = self.returned(other, **REDUCES_ITS_INVOICE)
				self.assertEqual(self.allocations(reduces), {other.name: 115})

	def test_a_partial_return_is_allocated_in_part(self) -> None:
		original = self.submit(sales(item(100, qty=3)))
		self.world.push()
		draft = returned(frappe.get_doc(original.doctype, original.name))
		draft.items[0].qty = -1
		credit_note = self.submit(draft)
		self.world.push()
		self.assertEqual(self.allocations(credit_note), {original.name: 115})
		self.assertEqual(self.in_xero(original)["AmountDue"], 230)

	def test_an_original_that_is_queued_is_sent_first(self) -> None:
		original = self.submit(sales(item(100)))
		credit_note = self.submit(returned(frappe.get_doc(original)))
		self.world.push()
		self.assertEqual(self.allocations(credit_note), {original.name: 115})

	def test_a_return_waits_for_an_original_that_is_retried_later_and_is_woken_by_it(self) -> None:
		original = self.submit(sales(item(100)))
		row = frappe.db.get_value(LOG, {"reference_name": original.name, "is_latest": 1})
		later = clock.to_column(clock.utc_now() + timedelta(hours=1))
		frappe.db.set_value(LOG, row, "due_at", later)
		credit_note = self.returned(frappe.get_doc(original))
		waiting = self.world.row(credit_note)
		self.assertEqual(waiting.status, "Queued", waiting.message)
		self.assertIn(f"waiting for {original.name}", waiting.message)
		self.retry(original)
		self.assertEqual(self.allocations(credit_note), {original.name: 115})

	def test_a_return_of_a_paid_invoice_stays_unallocated_and_says_so(self) -> None:
		original = self.original()
		self.act("pay", number=original.name)
		credit_note = self.returned(original)
		self.assertIn(f"Not allocated: {original.name} has nothing due in Xero", self.message(credit_note))

	def test_a_return_is_allocated_as_far_as_the_invoice_is_due(self) -> None:
		original = self.original()
		self.act("pay", number=original.name, amount=40)
		credit_note = self.returned(original)
		self.assertEqual(self.allocations(credit_note), {original.name: 75})
		self.assertIn("Not allocated: the other 40.00", self.message(credit_note))

	def test_a_return_in_a_foreign_currency_is_allocated_in_that_currency(self) -> None:
		original = self.submit(sales(item(100), currency="USD", conversion_rate=1.6667))
		self.world.push()
		credit_note = self.returned(frappe.get_doc(original))
		self.assertEqual(self.allocations(credit_note), {original.name: 115})
		self.assertEqual(self.in_xero(credit_note)["CurrencyCode"], "USD")


class TestInvoiceArrivesLater(CreditNotes):
	def not_sent(self) -> Document:
		"""An invoice that is submitted before the sync is enabled."""
		self.world.settings(enabled=0)
		original = self.submit(sales(item(100)))
		self.world.settings(enabled=1)
		return frappe.get_doc(original)

	def test_its_return_says_so_and_is_allocated_when_it_arrives(self) -> None:
		original = self.not_sent()
		credit_note = self.returned(original)
		self.assertIn(f"Not allocated: {original.name} is not in Xero", self.message(credit_note))
		self.retry(original)
		self.assertEqual(self.allocations(credit_note), {original.name: 115})
		self.assertIn(f"115.00 is allocated to {original.name}.", self.message(credit_note))

	def test_the_sweep_finds_it_if_the_worker_died_after_sending_the_invoice(self) -> None:
		original = self.not_sent()
		credit_note = self.returned(original)
		before = frappe.db.get_value(LOG, {"reference_name": credit_note.name, "is_latest": 1}, "name")
		self.retry(original)
		self.forget(credit_note, before)
		frappe.db.commit()
		sweep()
		self.world.push()
		self.assertIn("is allocated to", self.message(credit_note))
		frappe.db.commit()
		sweep()
		self.assertEqual(frappe.db.count(LOG, {"reference_name": credit_note.name}), 2)

	def forget(self, credit_note: Document, row: str) -> None:
		"""As if its later attempts had never been queued."""
		frappe.db.delete(LOG, {"reference_name": credit_note.name, "name": ("!=", row)})
		frappe.db.set_value(LOG, row, "is_latest", 1)


class TestDrafts(CreditNotes):
	def test_what_is_approved_in_xero_later_is_allocated_by_the_daily_check(self) -> None:
		self.addCleanup(self.world.settings, **dict.fromkeys(STATUS_FIELDS.values(), "Authorised"))
		self.world.settings(**dict.fromkeys(STATUS_FIELDS.values(), "Draft"))
		for make, kind in KINDS:
			with self.subTest(kind):
				original = self.original(make)
				credit_note = self.returned(original)
				self.assertIn("must be approved in Xero first", self.message(credit_note))
				for approved, allocated in ((credit_note, {}), (original, {original.name: 115})):
					self.act("approve", number=approved.name)
					check_daily()
					self.world.push()
					self.assertEqual(self.allocations(credit_note), allocated)
				attempts = frappe.db.count(LOG, {"reference_name": credit_note.name})
				self.assertEqual(attempts, 3)
				check_daily()
				self.assertEqual(frappe.db.count(LOG, {"reference_name": credit_note.name}), attempts)
				self.assertEqual(frappe.db.count(LOG, {"reference_name": original.name}), 1)


class TestReconciliation(CreditNotes):
	def test_with_another_invoice_afterwards_the_allocation_moves(self) -> None:
		for make, kind in KINDS:
			with self.subTest(kind):
				original, other = self.original(make), self.original(make)
				credit_note = self.returned(original)
				journal = self.reconcile(credit_note, other, 115)
				self.world.push()
				self.assertEqual(self.allocations(credit_note), {other.name: 115})
				self.assertIn(f"No longer allocated to {original.name}", self.message(credit_note))
				self.assertEqual(self.in_xero(original)["AmountDue"], 115)
				journal.cancel()
				frappe.db.commit()
				self.world.push()
				self.assertEqual(self.allocations(credit_note), {original.name: 115})

	def test_with_another_invoice_before_the_push(self) -> None:
		original, other = self.original(), self.original()
		credit_note = self.submit(returned(original))
		self.reconcile(credit_note, other, 50)
		self.world.push()
		self.assertEqual(self.allocations(credit_note), {other.name: 50, original.name: 65})

	def test_with_its_own_invoice_nothing_changes(self) -> None:
		original = self.original()
		credit_note = self.returned(original)
		self.reconcile(credit_note, original, 115)
		self.world.push()
		self.assertEqual(self.allocations(credit_note), {original.name: 115})
		self.assertEqual(len(self.in_xero(credit_note)["Allocations"]), 1)

	def test_only_as_erpnext_does_follows_it(self) -> None:
		self.world.settings(**ONLY_AS_ERPNEXT)
		original = self.original()
		credit_note = self.returned(original)
		self.assertEqual(self.allocations(credit_note), {})
		self.reconcile(credit_note, original, 115)
		self.world.push()
		self.assertEqual(self.allocations(credit_note), {original.name: 115})

	def test_a_return_in_a_foreign_currency_is_followed_in_that_currency(self) -> None:
		"""The customer's account is in NZD, the documents are in USD."""
		foreign = {"currency": "USD", "conversion_rate": 1.6667}
		original, other = (self.submit(sales(item(100), **foreign)) for _ in range(2))
		self.world.push()
		credit_note = self.returned(frappe.get_doc(original))
		self.reconcile(credit_note, other, 191.67)
		self.world.push()
		self.assertEqual(self.allocations(credit_note), {other.name: 115})

	def test_a_refund_in_erpnext_is_not_allocated(self) -> None:
		original = self.original()
		credit_note = self.submit(returned(original))
		payment = get_payment_entry(credit_note.doctype, credit_note.name)
		payment.update({"reference_no": "Refund", "reference_date": nowdate()})
		payment.insert().submit()
		frappe.db.commit()
		self.world.push()
		self.assertEqual(self.allocations(credit_note), {})
		self.assertIn(f"in ERPNext, {payment.name} uses 115.00", self.message(credit_note))

	def test_with_an_invoice_that_arrives_in_xero_later(self) -> None:
		original = self.original()
		credit_note = self.submit(returned(original))
		self.world.settings(enabled=0)
		other = self.submit(sales(item(100)))
		self.world.settings(enabled=1)
		self.reconcile(credit_note, frappe.get_doc(other), 115)
		self.world.push()
		self.assertIn(f"Not allocated: {other.name} is not in Xero", self.message(credit_note))
		self.retry(other)
		self.assertEqual(self.allocations(credit_note), {other.name: 115})

	def test_with_an_invoice_that_is_approved_in_xero_later(self) -> None:
		original = self.original()
		self.addCleanup(self.world.settings, sales_invoice_status="Authorised")
		self.world.settings(sales_invoice_status="Awaiting approval")
		other = self.original()
		self.world.settings(sales_invoice_status="Authorised")
		credit_note = self.submit(returned(original))
		self.reconcile(credit_note, other, 115)
		self.world.push()
		self.assertIn(f"both {other.name} and the credit note must be approved", self.message(credit_note))
		self.act("approve", number=other.name)
		check_daily()
		self.world.push()
		self.assertEqual(self.allocations(credit_note), {other.name: 115})

	def test_unreconcile_payment_is_followed(self) -> None:
		for make, kind in KINDS:
			for of_invoice_only in (False, True):
				with self.subTest(kind, of_invoice_only=of_invoice_only):
					original, other = self.original(make), self.original(make)
					credit_note = self.returned(original)
					journal = self.reconcile(credit_note, other, 115)
					self.world.push()
					self.assertEqual(self.allocations(credit_note), {other.name: 115})
					self.unreconcile(journal, other.name if of_invoice_only else "")
					self.world.push()
					said = self.message(credit_note)
					self.assertIn(f"No longer allocated to {other.name}", said)
					if of_invoice_only:
						self.assertEqual(self.allocations(credit_note), {})
						self.assertIn(f"in ERPNext, {journal.name} uses 115.00 of {credit_note.name}", said)
					else:
						self.assertEqual(self.allocations(credit_note), {original.name: 115})

	def unreconcile(self, journal: Document, name: str) -> None:
		"""What the button UnReconcile does, with all references chosen or the one of this name."""
		tool = frappe.new_doc("Unreconcile Payment")
		tool.update({"company": COMPANY, "voucher_type": journal.doctype, "voucher_no": journal.name})
		tool.add_references()
		tool.allocations = [row for row in tool.allocations if name in ("", row.reference_name)]
		tool.save().submit()
		frappe.db.commit()

	def test_what_no_event_tells_is_found_by_the_daily_check_once(self) -> None:
		"""Here the sync was disabled; ERPNext also writes to its payment ledger without an event of a document."""
		original, other = self.original(), self.original()
		credit_note = self.returned(original)
		self.world.settings(enabled=0)
		journal = self.reconcile(credit_note, other, 115)
		self.world.settings(enabled=1)
		self.world.push()
		self.assertEqual(self.allocations(credit_note), {original.name: 115})
		check_daily()
		self.world.push()
		self.assertEqual(self.allocations(credit_note), {other.name: 115})
		self.world.settings(enabled=0)
		self.unreconcile(journal, "")
		self.world.settings(enabled=1)
		check_daily()
		self.world.push()
		self.assertEqual(self.allocations(credit_note), {original.name: 115})
		attempts = frappe.db.count(LOG, {"reference_name": credit_note.name})
		check_daily()
		self.assertEqual(frappe.db.count(LOG, {"reference_name": credit_note.name}), attempts)

	def test_a_journal_entry_of_something_else_queues_nothing(self) -> None:
		original = self.original()
		self.returned(original)
		before = frappe.db.count(LOG)
		cash, customer = f"Cash - {ABBR}", original.debit_to
		frappe.get_doc(
			{
				"doctype": "Journal Entry",
				"company": COMPANY,
				"posting_date": nowdate(),
				"accounts": [
					{"account": cash, "debit_in_account_currency": 10},
					{
						"account": customer,
						"party_type": "Customer",
						"party": CUSTOMER,
						"credit_in_account_currency": 10,
					},
				],
			}
		).insert().submit()
		self.assertEqual(frappe.db.count(LOG), before)


class TestCancel(CreditNotes):
	def cancel(self, document: Document) -> frappe._dict:
		document.reload().cancel()
		frappe.db.commit()
		self.world.push()
		return self.world.row(document)

	def test_a_cancel_takes_off_what_was_allocated(self) -> None:
		for make, kind in KINDS:
			with self.subTest(kind):
				original = self.original(make)
				credit_note = self.returned(original)
				self.assertEqual(self.cancel(credit_note).status, "Voided")
				self.assertEqual(self.in_xero(credit_note)["Status"], "VOIDED")
				self.assertEqual(self.in_xero(original)["AmountDue"], 115)

	def test_the_invoice_that_it_was_set_against_is_cancelled(self) -> None:
		original, other = self.original(), self.original()
		credit_note = self.returned(original)
		self.reconcile(credit_note, other, 115)
		self.world.push()
		self.assertEqual(self.allocations(credit_note), {other.name: 115})
		other.reload().cancel()
		frappe.db.commit()
		for _attempt in range(3):
			self.world.push()
			frappe.db.set_value(
				LOG, {"reference_name": other.name, "status": "Queued"}, "due_at", clock.utc_timestamp()
			)
			frappe.db.commit()
		self.assertEqual(self.world.row(other).status, "Voided", self.world.row(other).message)
		self.assertNotIn(other.name, self.allocations(credit_note))
		self.assertIn(f"No longer allocated to {other.name}", self.message(credit_note))

	def test_a_cancel_leaves_what_a_person_allocated_and_asks(self) -> None:
		original, other = self.original(), self.original()
		self.act("pay", number=original.name, amount=100)
		credit_note = self.returned(original)
		self.act(
			"allocate",
			credit_note_id=self.in_xero(credit_note)["CreditNoteID"],
			invoice_id=self.in_xero(other)["InvoiceID"],
			amount=30,
		)
		row = self.cancel(credit_note)
		self.assertEqual(row.status, "Failed")
		self.assertIn(f"somebody has allocated or paid it out there (30.00 to {other.name})", row.message)
		self.assertEqual(self.allocations(credit_note), {original.name: 15, other.name: 30})
