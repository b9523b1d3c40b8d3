"""ERPNext's own operations are never hindered, and are followed: nothing is wrong in Xero, and the log says what is.

One test an operation. Add the next one here.
"""

from __future__ import annotations

from contextlib import contextmanager
from unittest.mock import patch

import frappe
from erpnext.accounts.doctype.account.account import merge_account, update_account_number
from erpnext.accounts.doctype.payment_entry.payment_entry import get_payment_entry
from erpnext.accounts.doctype.pos_closing_entry.pos_closing_entry import make_closing_entry_from_opening
from erpnext.accounts.doctype.sales_invoice.sales_invoice import SalesInvoice, make_sales_return
from erpnext.accounts.utils import update_cost_center
from frappe.model.document import Document
from frappe.model.rename_doc import rename_doc
from frappe.utils import add_days, add_months, now_datetime, nowdate

from nexwave_xero_connector.api import bulk, sync
from nexwave_xero_connector.erp.setup.followed_records import NAMED_IN
from nexwave_xero_connector.jobs.sweep import sweep
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY, ITEM, LOG, PARTY, new_invoice, ref_of
from nexwave_xero_connector.tests.records import make_account, make_tax_rate
from nexwave_xero_connector.tests.xero_test_case import XeroTest

SETTINGS = "Xero Sync Settings"
NO_GST = f"No GST - {ABBR}"
BEFORE, AFTER = "Xero Ops One", "Xero Ops Two"


class OperationsTest(XeroTest):
	"""The worker is this process: `push` does what is due."""

	def setUp(self) -> None:
		super().setUp()
		self.made: list[tuple[str, str]] = []
		self.addCleanup(self.remove_made)

	def remove_made(self) -> None:
		frappe.set_user("Administrator")
		frappe.db.rollback()
		for doctype, name in reversed(self.made):
			if frappe.db.exists(doctype, name):
				frappe.delete_doc(doctype, name, force=True, ignore_permissions=True)
		frappe.db.commit()

	def make(self, doctype: str, **values: object) -> str:
		document = frappe.get_doc({"doctype": doctype, **values}).insert()
		self.made.append((doctype, document.name))
		frappe.db.commit()
		return document.name

	def customer(self, name: str) -> str:
		return self.make("Customer", customer_name=name)

	def push(self) -> None:
		frappe.db.commit()
		sync.push_invoice(COMPANY)
		frappe.db.rollback()

	def sent(self, **values: object) -> Document:
		document = self.submit(**values)
		self.push()
		self.assertEqual(self.status(document), "Success", self.newest(document).message)
		return document

	def status(self, document: Document) -> str:
		return self.newest(document).status

	def contact_of(self, document: Document) -> str:
		(wire,) = self.in_xero(document)
		return wire["Contact"]["Name"]

	def live(self) -> list[str]:
		return sorted(
			row["number"]
			for row in self.admin.documents(tenant=self.tenant)
			if row["status"] not in ("VOIDED", "DELETED")
		)

	def settings(self) -> Document:
		return frappe.get_doc(SETTINGS, COMPANY)

	def can_be_saved_and_switched_off(self) -> None:
		settings = self.settings()
		settings.save()
		settings.enabled = 0
		settings.save()
		settings.enabled = 1
		settings.save()
		frappe.db.commit()

	def allow_repost(self) -> None:
		settings = frappe.get_single("Repost Accounting Ledger Settings")
		allowed = [{"document_type": f"{kind} Invoice", "allowed": 1} for kind in ("Sales", "Purchase")]
		settings.set("allowed_types", allowed)
		settings.save()

	def says(self, text: str) -> None:
		self.assertIn(text, str(frappe.local.message_log))


class TestParties(OperationsTest):
	def test_two_customers_that_were_both_sent_are_merged(self) -> None:
		one, two = self.customer(BEFORE), self.customer(AFTER)
		first, second = self.sent(customer=one), self.sent(customer=two)
		rename_doc("Customer", one, two, merge=True, show_alert=False, rebuild_search=False)
		frappe.db.commit()
		self.says(f"stay with the contact {BEFORE} there; new documents of {AFTER} go to {AFTER}")
		links = frappe.get_all("Xero Contact", {"party": ("in", [one, two])}, ["party", "contact_name"])
		self.assertEqual(links, [{"party": two, "contact_name": AFTER}])
		self.assertEqual(self.contact_of(self.sent(customer=two)), AFTER)
		self.assertEqual(self.contact_of(first), BEFORE)
		first.reload()
		first.cancel()
		self.push()
		self.assertEqual((self.status(first), self.status(second)), ("Voided", "Success"))

	def test_a_customer_that_was_sent_is_merged_into_one_that_was_not(self) -> None:
		one, two = self.customer(BEFORE), self.customer(AFTER)
		self.sent(customer=one)
		rename_doc("Customer", one, two, merge=True, show_alert=False, rebuild_search=False)
		self.assertEqual(self.contact_of(self.sent(customer=two)), BEFORE)

	def test_two_suppliers_are_merged(self) -> None:
		names = [self.make("Supplier", supplier_name=name) for name in (BEFORE, AFTER)]
		for name in names:
			self.sent(doctype="Purchase Invoice", supplier=name)
		rename_doc("Supplier", *names, merge=True, show_alert=False, rebuild_search=False)
		self.sent(doctype="Purchase Invoice", supplier=names[1])

	def test_a_customer_is_renamed(self) -> None:
		"""Also if Frappe does not know yet that our tables name customers: it learns that only from its ORM."""
		one = self.customer(BEFORE)
		for table, field in NAMED_IN:
			frappe.cache.set_value(f"dynamic_link_map::{table}::{field}", [])
		first = self.sent(customer=one)
		rename_doc("Customer", one, AFTER, show_alert=False, rebuild_search=False)
		self.made.append(("Customer", AFTER))
		self.assertEqual(self.contact_of(self.sent(customer=AFTER)), BEFORE)
		first.reload()
		first.cancel()
		self.push()
		self.assertEqual(self.status(first), "Voided")

	def test_a_customer_is_renamed_while_its_invoice_waits(self) -> None:
		one = self.customer(BEFORE)
		document = self.submit(customer=one)
		rename_doc("Customer", one, AFTER, show_alert=False, rebuild_search=False)
		self.made.append(("Customer", AFTER))
		self.push()
		self.assertEqual(self.status(document), "Success")

	def test_the_id_of_a_deleted_customer_is_given_to_another(self) -> None:
		"""ERPNext gives the last number of a series again. The next one is another business."""
		one = self.customer("XOPS-13")
		frappe.db.set_value("Customer", one, "customer_name", "Anna Smith")
		document = self.sent(customer=one)
		self.sent()  # so that the number of the deleted invoice is not given again
		document.cancel()
		self.push()
		self.world.delete(ref_of(document))
		frappe.delete_doc("Customer", one)
		frappe.db.commit()
		self.assertFalse(frappe.db.exists("Xero Contact", {"party": one}))
		two = self.customer("XOPS-13")
		frappe.db.set_value("Customer", two, "customer_name", "Bob's Plumbing")
		document = self.submit(customer=two)
		self.push()
		self.assertEqual(self.status(document), "Failed")
		self.assertIn(
			"Contact number XOPS-13 belongs to Anna Smith in Xero, but to Bob's Plumbing here",
			self.newest(document).message,
		)

	def test_a_system_manager_corrects_a_link(self) -> None:
		one, two = self.customer(BEFORE), self.customer(AFTER)
		first, second = self.sent(customer=one), self.sent(customer=two)
		other = self.in_xero(second)[0]["Contact"]["ContactID"]
		link = frappe.get_doc("Xero Contact", {"party": one})
		self.assertRaises(frappe.ValidationError, self.change, link, "nonsense")
		self.assertRaises(frappe.ValidationError, self.change, link, "7b2e3c80-1111-4222-8333-944455556666")
		self.change(link, f"https://go.xero.com/app/!X0T/contacts/contact/{other.upper()}")
		self.says(f"{one} is linked to {AFTER} from now on")
		self.says(f"1 documents that are already in Xero stay with {BEFORE} there")
		self.assertEqual(self.contact_of(self.sent(customer=one)), AFTER)
		self.assertEqual(self.contact_of(first), BEFORE)

	def test_a_system_manager_removes_a_link(self) -> None:
		one = self.customer(BEFORE)
		self.sent(customer=one)
		frappe.delete_doc("Xero Contact", frappe.db.get_value("Xero Contact", {"party": one}))
		self.says(f"{one} is no longer linked")
		self.assertEqual(self.contact_of(self.sent(customer=one)), BEFORE)

	def change(self, link: Document, contact_id: str) -> None:
		link.reload()
		link.contact_id = contact_id
		link.save()
		frappe.db.commit()


class TestMappedRecords(OperationsTest):
	"""Accounts, cost centers, projects and tax templates that the mapping names."""

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
		renamed = update_cost_center(two, "Xero Ops Three", "", COMPANY, merge=False)
		self.made.append(("Cost Center", renamed))
		frappe.db.commit()
		self.assertEqual(self.mapped("tracking_mapping"), [renamed])
		self.can_be_saved_and_switched_off()

	def test_two_mapped_projects_are_merged_and_one_is_deleted(self) -> None:
		names = (BEFORE, AFTER, "Xero Ops Three")
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
			for title in (BEFORE, AFTER, "Xero Ops Three"):
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
		rename_doc("Item", two, "Xero Ops Three", show_alert=False, rebuild_search=False)
		self.made.append(("Item", "Xero Ops Three"))
		document.reload()
		document.cancel()
		self.push()
		self.assertEqual(self.status(document), "Voided")


class TestDisabled(OperationsTest):
	"""Sending is disabled for the company, while documents of it are live in Xero."""

	def switch(self, enabled: int) -> None:
		settings = self.settings()
		settings.enabled = enabled
		settings.save()
		frappe.db.commit()

	def test_a_cancel_says_that_the_copy_stays_live(self) -> None:
		document = self.sent()
		self.switch(0)
		document.cancel()
		frappe.db.commit()
		row = self.newest(document)
		self.assertEqual((row.status, row.operation, row.needs_attention), ("Queued", "Void", 1))
		self.assertIn(f"Sending to Xero is disabled for {COMPANY}", row.finding)
		self.push()
		self.assertEqual(self.live(), [document.name])
		self.switch(1)
		self.push()
		row = self.newest(document)
		self.assertEqual((row.status, row.needs_attention, row.finding), ("Voided", 0, None))
		self.assertEqual(self.live(), [])

	def test_what_waited_when_it_was_disabled_is_found(self) -> None:
		document = self.submit()
		self.switch(0)
		self.push()
		sweep()
		row = self.newest(document)
		self.assertEqual((row.status, row.needs_attention, row.is_stuck), ("Queued", 1, 1))
		self.assertIn("is disabled", row.finding)
		self.switch(1)
		self.push()
		self.assertEqual((self.status(document), self.newest(document).needs_attention), ("Success", 0))

	def test_a_cancel_that_did_not_reach_the_log_is_found(self) -> None:
		document = self.sent()
		self.switch(0)
		with patch("nexwave_xero_connector.erp.outbox.document_events.cancelled"):
			document.cancel()
		frappe.db.commit()
		sweep()
		sweep()
		row = self.newest(document)
		self.assertEqual((row.operation, row.needs_attention), ("Void", 1))
		self.assertIn("is disabled", row.finding)

	def test_the_settings_are_deleted(self) -> None:
		document = self.sent()
		document.cancel()
		frappe.db.commit()
		frappe.delete_doc(SETTINGS, COMPANY)
		frappe.db.commit()
		row = self.newest(document)
		self.assertEqual((row.needs_attention, row.is_stuck), (1, 1))
		self.assertIn("is disabled", row.finding)

	def test_it_can_be_disabled_whatever_is_wrong_with_the_mapping(self) -> None:
		"""A record may have gone to another company, or a row may have been doubled by a program."""
		settings = self.settings()
		row = settings.tax_mapping[0].as_dict()
		frappe.get_doc({**row, "name": None, "idx": 2}).db_insert()
		frappe.db.commit()
		settings = self.settings()
		self.assertRaises(frappe.ValidationError, settings.save)
		self.switch(0)
		self.assertEqual(self.settings().enabled, 0)


class TestChangedAfterSubmit(OperationsTest):
	"""What ERPNext lets people change of a submitted invoice: Xero keeps what was sent, and the log says so."""

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


class TestDocumentsOfEveryOrigin(OperationsTest):
	"""Documents that something other than a person in a form makes, changes or removes."""

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

	def test_invoices_are_imported(self) -> None:
		"""Data Import inserts and submits; it mutes e-mails, not hooks."""
		from frappe.core.doctype.data_import.importer import Importer
		from frappe.utils.csvutils import to_csv

		labels = [
			"Customer",
			"Company",
			"Date",
			"Payment Due Date",
			"Currency",
			"Exchange Rate",
			"Price List",
			"Item (Items)",
			"Quantity (Items)",
			"Rate (Items)",
			"Item Tax Template (Items)",
		]
		row = [
			PARTY,
			COMPANY,
			nowdate(),
			add_days(nowdate(), 20),
			"NZD",
			1,
			"Xero Test Selling",
			ITEM,
			1,
			55,
			NO_GST,
		]
		file = frappe.get_doc(
			{
				"doctype": "File",
				"file_name": "xero-ops.csv",
				"is_private": 1,
				"content": to_csv([labels, row, [*row[:9], 66, NO_GST]]),
			}
		).insert()
		self.made.append(("File", file.name))
		data_import = frappe.get_doc(
			{
				"doctype": "Data Import",
				"reference_doctype": "Sales Invoice",
				"import_type": "Insert New Records",
				"submit_after_import": 1,
				"import_file": file.file_url,
			}
		).insert()
		self.made.append(("Data Import", data_import.name))
		Importer("Sales Invoice", data_import=data_import).import_data()
		self.push()
		rows = frappe.get_all(LOG, {"company": COMPANY}, ["status", "amount"], order_by="amount")
		self.assertEqual([(row.status, row.amount) for row in rows], [("Success", 55), ("Success", 66)])

	def test_invoices_are_submitted_in_bulk_in_the_background(self) -> None:
		from frappe.desk.doctype.bulk_update.bulk_update import _bulk_action

		drafts = [new_invoice(item_tax_template=NO_GST).name for _number in range(3)]
		frappe.db.commit()
		self.assertFalse(_bulk_action("Sales Invoice", drafts, "submit", None))
		self.push()
		self.assertEqual(self.live(), sorted(drafts))
		self.assertFalse(_bulk_action("Sales Invoice", drafts, "cancel", None))
		self.push()
		self.assertEqual(self.live(), [])

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

	def test_an_invoice_repeats_automatically(self) -> None:
		document = self.sent()
		repeat = frappe.get_doc(
			{
				"doctype": "Auto Repeat",
				"reference_doctype": "Sales Invoice",
				"reference_document": document.name,
				"frequency": "Daily",
				"start_date": nowdate(),
				"submit_on_creation": 1,
			}
		).insert()
		self.made.append(("Auto Repeat", repeat.name))
		repeat.create_documents()
		frappe.db.commit()
		self.push()
		self.assertEqual(len(self.live()), 2)
		rows = frappe.get_all(LOG, {"company": COMPANY, "is_latest": 1}, pluck="status")
		self.assertEqual(rows, ["Success", "Success"])
		frappe.db.set_value("Sales Invoice", {"auto_repeat": repeat.name}, "auto_repeat", None)

	def test_a_subscription_invoices(self) -> None:
		plan = self.make(
			"Subscription Plan",
			plan_name="Xero Ops Plan",
			item=ITEM,
			price_determination="Fixed Rate",
			cost=77,
			currency="NZD",
			billing_interval="Month",
			billing_interval_count=1,
		)
		frappe.db.set_value(SETTINGS, COMPANY, "start_date", add_months(nowdate(), -2))
		frappe.clear_document_cache(SETTINGS, COMPANY)
		item = frappe.get_doc("Item", ITEM)
		item.append("taxes", {"item_tax_template": NO_GST})
		item.save()
		self.addCleanup(self.forget_taxes)
		subscription = frappe.get_doc(
			{
				"doctype": "Subscription",
				"party_type": "Customer",
				"party": PARTY,
				"company": COMPANY,
				"start_date": add_months(nowdate(), -1),
				"generate_invoice_at": "Beginning of the current subscription period",
				"submit_invoice": 1,
				"plans": [{"plan": plan, "qty": 1}],
			}
		).insert()
		self.made.append(("Subscription", subscription.name))
		subscription.process(posting_date=add_months(nowdate(), -1))
		sweep()
		self.push()
		invoices = frappe.get_all("Sales Invoice", {"subscription": subscription.name}, pluck="name")
		self.assertTrue(invoices)
		rows = frappe.get_all(LOG, {"reference_name": ("in", invoices)}, ["status", "message"])
		self.assertEqual([row.status for row in rows], ["Success"] * len(invoices), rows)
		self.assertEqual(self.live(), sorted(invoices))
		frappe.db.set_value("Sales Invoice", {"name": ("in", invoices)}, "subscription", None)

	def forget_taxes(self) -> None:
		frappe.db.delete("Item Tax", {"parent": ITEM})
		frappe.db.commit()
		frappe.clear_document_cache("Item", ITEM)

	def test_a_pos_shift_is_closed(self) -> None:
		"""POS Invoices stay in ERPNext; the invoice that consolidates them follows its setting."""
		profile = self.pos_profile()
		if frappe.get_meta("POS Settings").has_field(
			"invoice_type"
		):  # ERPNext 16 sells by Sales Invoice otherwise
			before = frappe.db.get_single_value("POS Settings", "invoice_type")
			self.addCleanup(frappe.db.commit)
			self.addCleanup(frappe.db.set_single_value, "POS Settings", "invoice_type", before)
			frappe.db.set_single_value("POS Settings", "invoice_type", "POS Invoice")
		for is_sent, status in ((0, "Skipped"), (1, "Success")):
			frappe.db.set_value(
				SETTINGS, COMPANY, {"push_consolidated_invoices": is_sent, "push_pos_invoices": is_sent}
			)
			frappe.clear_document_cache(SETTINGS, COMPANY)
			opening = frappe.get_doc(
				{
					"doctype": "POS Opening Entry",
					"pos_profile": profile,
					"user": "Administrator",
					"company": COMPANY,
					"period_start_date": now_datetime(),
					"balance_details": [{"mode_of_payment": "Cash", "opening_amount": 0}],
				}
			).insert()
			opening.submit()
			for rate in (30, 40):
				self.pos_invoice(profile, rate)
			closing = make_closing_entry_from_opening(opening)
			for row in closing.payment_reconciliation:
				row.closing_amount = 70
			closing.insert().submit()
			self.push()
			(consolidated,) = set(
				frappe.get_all(
					"POS Invoice",
					{"company": COMPANY, "consolidated_invoice": ("is", "set")},
					pluck="consolidated_invoice",
				)
			)
			row = frappe.get_all(LOG, {"reference_name": consolidated}, ["status", "message"])
			self.assertEqual([one.status for one in row], [status], row)
			self.assertEqual(self.live(), [consolidated] if is_sent else [])
			self.forget_pos()

	def pos_profile(self) -> str:
		cash = frappe.db.get_value("Account", {"company": COMPANY, "account_type": "Cash", "is_group": 0})
		mode = frappe.get_doc("Mode of Payment", "Cash")
		if COMPANY not in [row.company for row in mode.accounts]:
			mode.append("accounts", {"company": COMPANY, "default_account": cash})
			mode.save()
		self.addCleanup(self.forget_pos)
		write_off = frappe.db.get_value("Account", {"company": COMPANY, "account_name": "Write Off"})
		return self.make(
			"POS Profile",
			name="Xero Ops POS",
			company=COMPANY,
			currency="NZD",
			warehouse=frappe.db.get_value("Warehouse", {"company": COMPANY, "is_group": 0}),
			selling_price_list="Xero Test Selling",
			write_off_account=write_off,
			write_off_cost_center=frappe.db.get_value("Company", COMPANY, "cost_center"),
			payments=[{"mode_of_payment": "Cash", "default": 1}],
			applicable_for_users=[{"user": "Administrator", "default": 1}],
		)

	def pos_invoice(self, profile: str, rate: float) -> None:
		item = {
			"item_code": ITEM,
			"qty": 1,
			"rate": rate,
			"price_list_rate": rate,
			"item_tax_template": NO_GST,
		}
		invoice = frappe.get_doc(
			{
				"doctype": "POS Invoice",
				"company": COMPANY,
				"customer": PARTY,
				"currency": "NZD",
				"conversion_rate": 1,
				"selling_price_list": "Xero Test Selling",
				"is_pos": 1,
				"pos_profile": profile,
				"items": [item],
				"payments": [{"mode_of_payment": "Cash", "amount": rate}],
			}
		)
		invoice.insert().submit()

	def forget_pos(self) -> None:
		for doctype in ("POS Invoice", "POS Opening Entry", "POS Closing Entry", "POS Invoice Merge Log"):
			filters = {} if doctype == "POS Invoice Merge Log" else {"company": COMPANY}
			for name in frappe.get_all(doctype, filters, pluck="name"):
				for field in frappe.get_meta(doctype).get_table_fields():
					frappe.db.delete(field.options, {"parent": name, "parenttype": doctype})
				frappe.db.delete(doctype, {"name": name})
		frappe.db.commit()

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
