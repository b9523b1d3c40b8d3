"""The accounts and tax types of lines in Xero, and documents whose figures differ there."""

import json

import frappe
from frappe.model.document import Document
from frappe.utils import add_days, nowdate

from nexwave_xero_connector.tests.books_in_xero import BooksInXero
from nexwave_xero_connector.tests.catalogue.builders import (
	bill,
	freight,
	gst,
	item,
	on_amount,
	returned,
	sales,
	taxed,
)
from nexwave_xero_connector.tests.catalogue.company import (
	COMPANY,
	DEFERRED,
	DISCOUNT,
	EXPORT_SALES,
	GST,
	LOG,
	REDUCED_GST,
	STOCK_ITEM,
	own,
)
from nexwave_xero_connector.tests.catalogue.comparison import differences


class TestOddRows(BooksInXero):
	"""Values that other versions of ERPNext write, set in the database."""

	def test_a_tax_that_does_not_apply_to_an_item(self) -> None:
		reduced = taxed("Reduced Apart", 33.33)
		document = self.submit(sales(reduced, item(10), taxes=[gst(), gst(0, REDUCED_GST)]))
		rates = json.dumps({GST: "N/A", REDUCED_GST: 9})
		frappe.db.set_value("Sales Invoice Item", document.items[0].name, "item_tax_rate", rates)
		self.world.push()
		self.assertEqual(self.world.row(document).status, "Success", self.world.row(document).message)
		self.assertEqual(differences(document, self.in_xero(document)), [])

	def test_a_discount_on_the_net_total_is_not_a_cash_discount(self) -> None:
		document = self.submit(sales(item(100), discount_amount=10, apply_discount_on="Net Total"))
		frappe.db.set_value("Sales Invoice", document.name, "is_cash_or_non_trade_discount", 1)
		self.world.push()
		self.assertEqual(self.world.row(document).status, "Success", self.world.row(document).message)
		self.assertEqual(len(self.in_xero(document)["LineItems"]), 1)


class TestAccounts(BooksInXero):
	def codes(self, document: Document) -> list[str]:
		return [line["AccountCode"] for line in self.in_xero(document)["LineItems"]]

	def test_each_line_is_booked_to_the_account_of_the_ledger(self) -> None:
		deferred = {
			"income_account": own("Sales"),
			"enable_deferred_revenue": 1,
			"deferred_revenue_account": DEFERRED,
			"service_start_date": nowdate(),
			"service_end_date": add_days(nowdate(), 90),
		}
		original = self.submit(
			sales(
				item(100, **deferred),
				item(100, income_account=EXPORT_SALES),
				item(100, income_account=own("Sales")),
				taxes=[gst(), freight(12.34), on_amount(2)],
				discount_amount=5.05,
				apply_discount_on="Grand Total",
				is_cash_or_non_trade_discount=1,
				additional_discount_account=DISCOUNT,
				disable_rounded_total=0,
				po_no="PO 7",
			)
		)
		return_ = self.submit(returned(frappe.get_doc(original)))
		of_stock = self.submit(bill(item(7.77, 13, code=STOCK_ITEM), item(10)))
		self.world.push()
		self.assertEqual(self.codes(original), ["850", "203", "200", "260", "400", "860"])
		self.assertEqual(self.codes(return_), ["200", "203", "200", "260", "400", "860"])
		self.assertEqual(self.codes(of_stock)[1], "300")
		self.assertEqual(self.in_xero(original)["Reference"], "PO 7")
		decisions = frappe.db.get_value(LOG, {"reference_name": original.name, "is_latest": 1}, "decisions")
		first, second, *_others = decisions.splitlines()
		self.assertIn(
			f"account 850 from the mapping of {DEFERRED}; tax OUTPUT2 from the document's {own('GST')}", first
		)
		self.assertIn(f"account 203 from the account number of {EXPORT_SALES}", second)
		self.assertIn(f"account 400 from the mapping of {DISCOUNT}", decisions)


class TestLinesWithoutTax(BooksInXero):
	def test_their_tax_type_comes_from_the_settings(self) -> None:
		rate = frappe.db.get_value("Xero Tax Rate", {"company": COMPANY, "tax_type": "EXEMPT"})
		for chosen, tax_type in (("", "NONE"), (rate, "EXEMPT")):
			with self.subTest(tax_type):
				self.world.settings(untaxed_sales_tax_rate=chosen, untaxed_purchase_tax_rate=chosen)
				document = self.submit(sales(item(86.65), disable_rounded_total=0))
				self.world.push()
				self.assertEqual(self.in_xero(document)["LineItems"][-1]["TaxType"], tax_type)


class TestOtherFiguresInXero(BooksInXero):
	"""Tax rates that were changed in Xero after its lists were fetched."""

	def change_rate(self, tax_type: str, rate: float) -> None:
		parts = [{"name": "GST", "rate": rate, "compound": False}]
		self.act("add_tax_rate", tax_type=tax_type, name=tax_type.title(), components=parts)

	def conflict(self, draft: Document) -> str:
		row = self.push(draft)
		self.assertEqual((row.status, row.error_class), ("Failed", "Conflict"), row.message)
		return row.message

	def test_another_total_or_tax_than_ours_is_a_conflict_not_a_success(self) -> None:
		self.change_rate("REDUCED", 10)
		self.addCleanup(self.change_rate, "REDUCED", 9)
		document = sales(taxed("Reduced", 100))
		self.assertIn(
			"but it differs there: total 110.00 instead of 109.00, tax 10.00 instead of 9.00, REDUCED tax 10.00"
			" instead of 9.00. Nothing was changed. Correct it in Xero, then press Retry; or cancel and amend it here.",
			self.conflict(document),
		)
		self.assertIn(document.name, self.world.in_xero())

	def test_the_same_total_with_other_taxes_is_a_conflict_too(self) -> None:
		for tax_type, rate, before in (("REDUCED", 15, 9), ("OUTPUT2", 9, 15)):
			self.change_rate(tax_type, rate)
			self.addCleanup(self.change_rate, tax_type, before)
		message = self.conflict(sales(taxed("Reduced", 100), taxed("Fifteen", 100)))
		self.assertIn(
			"differs there: OUTPUT2 tax 9.00 instead of 15.00, REDUCED tax 15.00 instead of 9.00", message
		)
