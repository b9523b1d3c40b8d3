"""Invoices that something other than a person in a form makes: imports, bulk actions, repetition, tills."""

from __future__ import annotations

import frappe
from erpnext.accounts.doctype.pos_closing_entry.pos_closing_entry import make_closing_entry_from_opening
from frappe.utils import add_days, add_months, now_datetime, nowdate

from nexwave_xero_connector.jobs.sweep import sweep
from nexwave_xero_connector.tests.bench_world import COMPANY, ITEM, LOG, PARTY, new_invoice
from nexwave_xero_connector.tests.erpnext_operations import NO_GST, RUN, SETTINGS, OperationsTest


class TestInvoicesMadeByErpnext(OperationsTest):
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

	def plan(self, name: str, cost: float) -> str:
		return self.make(
			"Subscription Plan",
			plan_name=f"{name} {RUN}",
			item=ITEM,
			price_determination="Fixed Rate",
			cost=cost,
			currency="NZD",
			billing_interval="Month",
			billing_interval_count=1,
		)

	def test_a_subscription_invoices(self) -> None:
		plan = self.plan("Xero Ops Plan", 77)
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

	def test_a_subscription_enters_bills(self) -> None:
		plan = self.plan("Xero Ops Rent", 88)
		item = frappe.get_doc("Item", ITEM)
		item.append("taxes", {"item_tax_template": NO_GST})
		item.save()
		self.addCleanup(self.forget_taxes)
		subscription = frappe.get_doc(
			{
				"doctype": "Subscription",
				"party_type": "Supplier",
				"party": PARTY,
				"company": COMPANY,
				"start_date": nowdate(),
				"generate_invoice_at": "Beginning of the current subscription period",
				"submit_invoice": 1,
				"plans": [{"plan": plan, "qty": 1}],
			}
		).insert()
		self.made.append(("Subscription", subscription.name))
		subscription.process(posting_date=nowdate())
		self.push()
		bills = frappe.get_all("Purchase Invoice", {"subscription": subscription.name}, pluck="name")
		self.assertTrue(bills)
		self.assertEqual(self.live(), sorted(bills))
		frappe.db.set_value("Purchase Invoice", {"name": ("in", bills)}, "subscription", None)

	def test_opening_invoices_are_created(self) -> None:
		"""Xero has its own opening balances, and the log says so."""
		temporary = frappe.db.get_value("Account", {"company": COMPANY, "account_type": "Temporary"})
		row = {"party_type": "Customer", "party": PARTY, "outstanding_amount": 50, "qty": 1}
		row |= {"temporary_opening_account": temporary, "posting_date": nowdate(), "due_date": nowdate()}
		tool = frappe.get_doc({"doctype": "Opening Invoice Creation Tool", "company": COMPANY})
		tool.update({"invoice_type": "Sales", "invoices": [row], "cost_center": self.cost_center()})
		(opening,) = tool.make_invoices()
		self.push()
		self.assertEqual(self.live(), [])
		(row,) = frappe.get_all(LOG, {"reference_name": opening}, ["status", "message"])
		self.assertEqual(row.status, "Skipped")
		self.assertIn("it is an opening entry", row.message)

	def cost_center(self) -> str:
		return frappe.db.get_value("Company", COMPANY, "cost_center")

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
			closing.reload()
			closing.cancel()  # which cancels the consolidated invoice
			self.push()
			self.assertEqual(frappe.db.get_value("Sales Invoice", consolidated, "docstatus"), 2)
			self.assertEqual(self.live(), [])
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
			name=f"Xero Ops POS {RUN}",
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
