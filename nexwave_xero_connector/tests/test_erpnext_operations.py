"""What ERPNext, and apps beside ours, do to invoices and bills: nothing is wrong in Xero, and the log says what is.

One test an operation. Add the next one here.
"""

from __future__ import annotations

from contextlib import contextmanager
from unittest.mock import patch

import frappe
from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry
from erpnext.accounts.doctype.sales_invoice.sales_invoice import SalesInvoice, make_sales_return
from frappe.model.rename_doc import rename_doc
from frappe.utils import add_days, add_months, nowdate

from nexwave_xero_connector.erp.setup.followed_records import NAMED_IN
from nexwave_xero_connector.jobs.sweep import sweep
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY, ITEM, PARTY, new_invoice, ref_of
from nexwave_xero_connector.tests.erpnext_operations import NO_GST, OperationsTest


class TestErpnextOperations(OperationsTest):
	def test_a_cancelled_invoice_is_deleted(self) -> None:
		document = self.sent()
		document.cancel()
		frappe.db.commit()
		self.world.delete(ref_of(document))
		self.push()
		self.assertEqual(self.status(document), "Voided")

	def test_an_invoice_is_renamed(self) -> None:
		for table, field in NAMED_IN:
			frappe.cache.set_value(f"dynamic_link_map::{table}::{field}", [])
		document = self.sent()
		renamed = f"{document.name}-R"
		rename_doc(
			"Sales Invoice", document.name, renamed, force=True, show_alert=False, rebuild_search=False
		)
		frappe.db.commit()
		renamed = frappe.get_doc("Sales Invoice", renamed)
		self.assertEqual(self.status(renamed), "Success")
		self.assertTrue(frappe.db.exists("Xero Document", {"reference_name": renamed.name}))
		renamed.cancel()
		self.push()
		self.assertEqual((self.live(), self.status(renamed)), ([], "Voided"))

	def test_an_invoice_is_amended(self) -> None:
		document = self.sent()
		document.cancel()
		amended = frappe.copy_doc(document)
		amended.amended_from = document.name
		amended.docstatus = 0
		amended.insert().submit()
		self.push()
		self.assertEqual((self.status(document), self.status(amended)), ("Voided", "Success"))
		self.assertEqual(self.live(), [amended.name])

	def test_an_invoice_is_posted_again(self) -> None:
		"""Repost Accounting Ledger and Repost Payment Ledger cancel and make the ledger's entries, not the document."""
		document = self.sent()
		self.allow_repost()
		repost = frappe.get_doc(
			{
				"doctype": "Repost Accounting Ledger",
				"company": COMPANY,
				"vouchers": [{"voucher_type": "Sales Invoice", "voucher_no": document.name}],
			}
		).insert()
		repost.submit()
		payment = frappe.get_doc(
			{
				"doctype": "Repost Payment Ledger",
				"company": COMPANY,
				"posting_date": nowdate(),
				"repost_vouchers": [{"voucher_type": "Sales Invoice", "voucher_no": document.name}],
			}
		).insert()
		payment.submit()
		self.push()
		self.assertEqual(self.live(), [document.name])
		self.assertEqual(self.status(document), "Success")

	def test_a_payment_is_reconciled_with_an_invoice(self) -> None:
		document = self.sent()
		cash = frappe.db.get_value("Account", {"company": COMPANY, "account_type": "Cash", "is_group": 0})
		payment = get_payment_entry("Sales Invoice", document.name, bank_account=cash)
		payment.references = []
		payment.update({"reference_no": "1", "reference_date": nowdate()})
		payment.insert().submit()
		self.addCleanup(self.remove_payment, payment.name)
		reconciliation = frappe.get_doc("Payment Reconciliation")
		reconciliation.update(
			{
				"company": COMPANY,
				"party_type": "Customer",
				"party": PARTY,
				"receivable_payable_account": document.debit_to,
			}
		)
		reconciliation.get_unreconciled_entries()
		invoices = [row.as_dict() for row in reconciliation.invoices]
		payments = [row.as_dict() for row in reconciliation.payments]
		reconciliation.allocate_entries(frappe._dict({"invoices": invoices, "payments": payments}))
		reconciliation.reconcile()
		document.reload()
		self.assertEqual(document.outstanding_amount, 0)
		self.push()
		self.assertEqual((self.live(), self.status(document)), ([document.name], "Success"))

	def remove_payment(self, name: str) -> None:
		frappe.db.delete("Payment Entry", {"name": name})
		frappe.db.delete("Payment Entry Reference", {"parent": name})
		frappe.db.commit()

	def test_deferred_revenue_is_booked(self) -> None:
		deferred = f"Xero Ops Deferred - {ABBR}"
		if not frappe.db.exists("Account", deferred):
			parent = f"Current Liabilities - {ABBR}"
			account = {"doctype": "Account", "account_name": "Xero Ops Deferred", "company": COMPANY}
			frappe.get_doc({**account, "parent_account": parent}).insert()
		item = {
			"item_code": ITEM,
			"qty": 1,
			"rate": 100,
			"item_tax_template": NO_GST,
			"enable_deferred_revenue": 1,
			"deferred_revenue_account": deferred,
			"service_start_date": add_months(nowdate(), -2),
			"service_end_date": nowdate(),
		}
		frappe.db.set_value("Xero Tax Rate", f"{ABBR}-NONE", "can_apply_to_liabilities", 1)
		settings = self.settings()
		settings.append("account_mapping", {"account": deferred, "xero_account": f"{ABBR}-860"})
		settings.save()
		document = self.sent(items=[item], posting_date=add_days(nowdate(), -1), set_posting_time=1)
		process = frappe.get_doc(
			{
				"doctype": "Process Deferred Accounting",
				"company": COMPANY,
				"type": "Income",
				"posting_date": nowdate(),
				"start_date": add_months(nowdate(), -2),
				"end_date": nowdate(),
			}
		).insert()
		process.submit()
		self.assertTrue(frappe.db.count("GL Entry", {"voucher_no": document.name, "account": deferred}))
		self.push()
		self.assertEqual((self.live(), self.status(document)), ([document.name], "Success"))

	def test_an_app_overrides_the_class_and_commits_inside_a_submit(self) -> None:
		class CommittingInvoice(SalesInvoice):
			def on_submit(self) -> None:
				super().on_submit()
				frappe.db.commit()

			def on_cancel(self) -> None:
				frappe.db.commit()
				super().on_cancel()

		with patch.dict(frappe.controllers[frappe.local.site], {"Sales Invoice": CommittingInvoice}):
			document = self.submit()
			self.assertIsInstance(document, CommittingInvoice)
			self.push()
			self.assertEqual((self.live(), self.status(document)), ([document.name], "Success"))
			document.cancel()
			self.push()
		self.assertEqual((self.live(), self.status(document)), ([], "Voided"))

	def test_an_app_gives_the_final_name_right_after_submit(self) -> None:
		"""As apps for fiscal numbering do: provisional names, and a rename in the same transaction."""

		class NumberedInvoice(SalesInvoice):
			def on_submit(self) -> None:
				super().on_submit()
				if not self.name.startswith("FINAL-"):
					rename_doc(
						*("Sales Invoice", self.name, f"FINAL-{self.name}"),
						**{"force": True, "show_alert": False, "rebuild_search": False},
					)

		with patch.dict(frappe.controllers[frappe.local.site], {"Sales Invoice": NumberedInvoice}):
			provisional = new_invoice(item_tax_template=NO_GST)
			name = f"FINAL-{provisional.name}"
			provisional.submit()
			self.push()
			document = frappe.get_doc("Sales Invoice", name)
			self.assertEqual((self.live(), self.status(document)), ([name], "Success"))
			document.cancel()
			self.push()
		self.assertEqual((self.live(), self.status(document)), ([], "Voided"))

	def test_an_app_submits_cancels_and_deletes_in_one_transaction(self) -> None:
		document = new_invoice(item_tax_template=NO_GST)
		document.submit()
		document.cancel()
		frappe.db.delete("GL Entry", {"voucher_no": document.name})
		frappe.db.delete("Payment Ledger Entry", {"voucher_no": document.name})
		frappe.delete_doc("Sales Invoice", document.name)
		self.push()
		self.assertEqual((self.live(), self.status(document)), ([], "Skipped"))

	def test_an_app_submits_as_another_user(self) -> None:
		"""As payment webhooks do: the user may see neither the log nor the settings."""
		document = new_invoice(item_tax_template=NO_GST)
		frappe.db.commit()
		with self.user("Guest"):
			document.flags.ignore_permissions = True
			document.submit()
		self.push()
		self.assertEqual((self.live(), self.status(document)), ([document.name], "Success"))
		with self.user("Guest"):
			document.cancel()
		self.push()
		self.assertEqual(self.live(), [])

	@contextmanager
	def user(self, name: str):
		frappe.set_user(name)
		try:
			yield
		finally:
			frappe.set_user("Administrator")

	def test_a_return_is_made_by_erpnexts_button(self) -> None:
		document = self.sent()
		credit_note = make_sales_return(document.name)
		credit_note.insert().submit()
		self.push()
		self.assertEqual(self.status(credit_note), "Success")

	def test_all_transactions_of_the_company_are_deleted(self) -> None:
		"""Delete Transactions is meant to lose them here. It loses nothing in Xero, and no mapping or connection."""
		document = self.sent()
		waiting = self.submit()
		record = frappe.get_doc({"doctype": "Transaction Deletion Record", "company": COMPANY}).insert()
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.db.delete, record.doctype, {"company": COMPANY})
		record.process_in_single_transaction = 1
		if hasattr(
			record, "generate_to_delete_list"
		):  # ERPNext 16 shows what it will delete, and Submit deletes it
			record.generate_to_delete_list()
			record.submit()
		else:
			record.submit()
			record.start_deletion_tasks()
		frappe.db.commit()
		self.assertFalse(frappe.db.get_value(record.doctype, record.name, "error_log"))
		self.assertFalse(frappe.get_all("Sales Invoice", {"company": COMPANY}))
		self.push()
		sweep()
		self.push()
		self.assertEqual(self.live(), [document.name])
		self.assertEqual(self.in_xero(waiting), [])
		settings = self.settings()
		self.assertEqual((settings.enabled, settings.tenant_id), (1, self.tenant))
		self.assertTrue(settings.tax_mapping)
		self.assertTrue(frappe.db.exists("Xero Document", {"reference_name": document.name}))
		after = self.sent()
		self.assertIn(after.name, self.live())
