"""Documents other than ordinary invoices: Skipped with the reason, or sent if a setting says so."""

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.tests.bench_world import (
	ABBR,
	COMPANY,
	BenchWorld,
	clear,
	new_invoice,
	ref_of,
)
from nexwave_xero_connector.tests.compat import IntegrationTestCase

WITHIN = "Xero Outbox Own Branch"
CASH = f"Cash - {ABBR}"


class TestNotPushed(IntegrationTestCase):
	def setUp(self) -> None:
		self.addCleanup(clear)
		self.world = BenchWorld()

	def set(self, **settings: object) -> None:
		frappe.get_doc("Xero Sync Settings", COMPANY).update(settings).save()
		frappe.db.commit()

	def row(self, document: Document) -> frappe._dict:
		document.submit()
		frappe.db.commit()
		(row,) = self.world.rows(ref_of(document))
		return row

	def assert_skipped(self, document: Document, reason: str) -> None:
		row = self.row(document)
		self.assertEqual((row.status, row.is_open), ("Skipped", False), row.message)
		self.assertIn(f"{document.name} is not sent to Xero: ", row.message)
		self.assertIn(reason, row.message)

	def assert_by_setting(self, make, switch: str, reason: str) -> None:
		self.assert_skipped(make(), reason)
		self.set(**{switch: 1})
		self.assertEqual(self.row(make()).status, "Queued")

	def test_an_opening_entry(self) -> None:
		invoice = new_invoice(is_opening="Yes")
		invoice.items[0].income_account = f"Temporary Opening - {ABBR}"
		self.assert_skipped(invoice.save(), "it is an opening entry, and Xero has its own opening balances")

	def test_a_transfer_within_the_company(self) -> None:
		make_own_branch()
		invoice = new_invoice(customer=WITHIN)
		self.assert_skipped(invoice, f"it is a transfer within {COMPANY}")

	def test_a_pos_invoice(self) -> None:
		self.assert_by_setting(pos_invoice, "push_pos_invoices", "POS invoices are disabled")

	def test_a_consolidated_pos_invoice(self) -> None:
		"""It is a POS invoice too, but only its own setting applies."""
		self.set(push_pos_invoices=1)

		def consolidated() -> Document:
			# ERPNext adds such an invoice up from others; the totals of this one are computed first.
			return pos_invoice().update({"is_consolidated": 1}).save()

		self.assert_by_setting(
			consolidated, "push_consolidated_invoices", "consolidated POS invoices are disabled"
		)

	def test_a_bill_that_is_paid_on_entry(self) -> None:
		def paid_bill() -> Document:
			return new_invoice(
				"Purchase Invoice", is_paid=1, mode_of_payment="Cash", cash_bank_account=CASH, paid_amount=100
			)

		self.assert_by_setting(paid_bill, "push_paid_on_entry", "bills paid on entry are disabled")

	def test_an_invoice_with_a_zero_total(self) -> None:
		self.assert_by_setting(lambda: new_invoice(rate=0), "push_zero_total", "its total is zero")


def pos_invoice() -> Document:
	return new_invoice(is_pos=1, payments=[{"mode_of_payment": "Cash", "amount": 100, "account": CASH}])


def make_own_branch() -> None:
	"""A customer that represents the company itself."""
	if not frappe.db.exists("Customer", WITHIN):
		frappe.get_doc(
			{
				"doctype": "Customer",
				"customer_name": WITHIN,
				"is_internal_customer": 1,
				"represents_company": COMPANY,
				"companies": [{"company": COMPANY}],
			}
		).insert()
	account = f"Administrative Expenses - {ABBR}"
	frappe.db.set_value("Company", COMPANY, "unrealized_profit_loss_account", account)
	frappe.db.commit()
