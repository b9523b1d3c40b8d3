"""The examples of docs/extending.md: each runs as another app's hook, against the sandbox."""

from __future__ import annotations

import inspect
import re
from pathlib import Path

import frappe
from erpnext.selling.doctype.sales_order.sales_order import make_sales_invoice
from frappe.model.document import Document

from nexwave_xero_connector.tests.books_in_xero import BooksInXero
from nexwave_xero_connector.tests.catalogue import recipes
from nexwave_xero_connector.tests.catalogue.builders import bill, item, returned, sales
from nexwave_xero_connector.tests.catalogue.company import COMPANY, CUSTOMER, SERVICE
from nexwave_xero_connector.tests.test_books_in_xero import hooked

PAGE = Path(__file__).parents[2] / "docs" / "extending.md"
RECIPES = recipes.__name__


class TestRecipes(BooksInXero):
	def setUp(self) -> None:
		super().setUp()
		self.forget_lists()
		self.addCleanup(self.forget_lists)

	def forget_lists(self) -> None:
		frappe.db.set_global(f"my_app_xero_lists:{COMPANY}", None)
		frappe.db.commit()

	def sent(self, draft: Document, **hooks: str) -> dict:
		with hooked(RECIPES, **hooks):
			document = self.submit(draft)
			self.world.push()
		row = self.world.row(document)
		self.assertEqual(row.status, "Success", row.message)
		return self.in_xero(document)

	def test_the_page_shows_them_as_they_are(self) -> None:
		shown = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
		self.assertTrue(shown)
		source = inspect.getsource(recipes)
		for code in shown:
			for part in code.strip().split("\n\n\n"):
				self.assertIn(part.strip(), source)
		for name, function in inspect.getmembers(recipes, inspect.isfunction):
			if function.__module__ == RECIPES:
				self.assertIn(f"def {name}(", "".join(shown))

	def test_branding_theme_by_customer_group(self) -> None:
		customer_group = frappe.db.get_value("Customer", CUSTOMER, "customer_group")
		self.addCleanup(recipes.THEME_OF_GROUP.pop, customer_group, None)
		recipes.THEME_OF_GROUP[customer_group] = "Trade"
		default = self.sent(sales(item()), xero_before_push="branding_theme")["BrandingThemeID"]
		theme = self.act("add_theme", name="Trade")["BrandingThemeID"]
		recipes.fetch_lists()
		found = self.sent(sales(item()), xero_before_push="branding_theme")["BrandingThemeID"]
		self.assertEqual(found, theme)
		self.assertNotEqual(found, default)
		recipes.THEME_OF_GROUP[customer_group] = "Deleted in Xero"
		found = self.sent(sales(item()), xero_before_push="branding_theme")["BrandingThemeID"]
		self.assertEqual(found, default)
		self.sent(bill(item()), xero_before_push="branding_theme")

	def test_item_codes_that_exist_in_xero(self) -> None:
		lines = self.sent(sales(item()), xero_before_push="item_codes")["LineItems"]
		self.assertNotIn("ItemCode", lines[0])
		self.act("add_item", code=SERVICE)
		self.act("add_item", code="Tracked", tracked=True)
		recipes.fetch_lists()
		self.assertEqual(recipes.lists_of(COMPANY)["items"], [SERVICE])
		lines = self.sent(sales(item(), item()), xero_before_push="item_codes")["LineItems"]
		self.assertEqual([line["ItemCode"] for line in lines], [SERVICE, SERVICE])

	def test_mark_as_sent(self) -> None:
		original = sales(item())
		self.assertTrue(self.sent(original, xero_before_push="mark_as_sent")["SentToContact"])
		self.sent(bill(item()), xero_before_push="mark_as_sent")
		credit_note = returned(frappe.get_doc(original.doctype, original.name))
		self.sent(credit_note, xero_before_push="mark_as_sent")

	def test_the_sales_order_as_reference(self) -> None:
		order = frappe.get_doc(
			{
				"doctype": "Sales Order",
				"company": COMPANY,
				"customer": CUSTOMER,
				"delivery_date": "2026-12-31",
				"currency": "NZD",
				"items": [{"item_code": SERVICE, "qty": 1, "rate": 100}],
			}
		)
		order.insert().submit()
		self.addCleanup(frappe.db.delete, "Sales Order", {"name": order.name})
		invoice = make_sales_invoice(order.name)
		draft = sales(item())
		invoice.update({"taxes_and_charges": draft.taxes_and_charges, "taxes": draft.taxes})
		wire = self.sent(invoice, xero_before_push="sales_order_as_reference")
		self.assertEqual(wire["Reference"], order.name)
		with_their_own = self.sent(sales(item(), po_no="PO-1"), xero_before_push="sales_order_as_reference")
		self.assertEqual(with_their_own["Reference"], "PO-1")

	def customer(self, **values: object) -> str:
		name = f"Recipes {frappe.generate_hash(length=6)}"
		customer = frappe.get_doc({"doctype": "Customer", "customer_name": name, **values}).insert()
		self.addCleanup(frappe.delete_doc, "Customer", customer.name, force=True)
		frappe.db.commit()
		return customer.name

	def contact_of(self, wire: dict) -> dict:
		(contact,) = self.world.xero.admin.contacts(
			tenant=self.world.tenant, contact_id=wire["Contact"]["ContactID"]
		)
		return contact

	def test_payment_terms_and_company_number_of_a_new_contact(self) -> None:
		term = self.made(
			"Payment Term", payment_term_name="Recipes 20 days", invoice_portion=100, credit_days=20
		)
		row = {"payment_term": term, "invoice_portion": 100, "credit_days": 20}
		row["due_date_based_on"] = "Day(s) after invoice date"
		template = self.made("Payment Terms Template", template_name="Recipes 20 days", terms=[row])
		customer = self.customer(payment_terms=template)
		wire = self.sent(sales(item(), customer=customer), xero_before_contact="contact_details")
		terms = wire["Contact"]["PaymentTerms"]
		self.assertEqual(terms, {"Sales": {"Day": 20, "Type": "DAYSAFTERBILLDATE"}})
		self.assertEqual(wire["Contact"]["Name"], customer)

	def made(self, doctype: str, **values: object) -> str:
		document = frappe.get_doc({"doctype": doctype, **values}).insert()
		self.addCleanup(frappe.delete_doc, doctype, document.name, force=True)
		return document.name


class TestBeforeContact(BooksInXero):
	"""What another app may not do to a new contact."""

	def refused(self, function: str) -> frappe._dict:
		name = f"Recipes {frappe.generate_hash(length=6)}"
		customer = frappe.get_doc({"doctype": "Customer", "customer_name": name}).insert()
		self.addCleanup(frappe.delete_doc, "Customer", customer.name, force=True)
		with hooked(xero_before_contact=function):
			document = self.submit(sales(item(), customer=customer.name))
			self.world.push()
		row = self.world.row(document)
		self.assertEqual(row.status, "Failed")
		self.assertNotIn(document.name, self.world.in_xero())
		self.assertEqual(self.retry(document).status, "Success")
		return row

	def test_another_name_or_number(self) -> None:
		for function, field in (("rename_contact", "Name"), ("renumber_contact", "ContactNumber")):
			with self.subTest(function):
				self.assertIn(f"changed {field} of the contact for", self.refused(function).message)

	def test_what_cannot_be_sent(self) -> None:
		self.assertIn(
			"that cannot be sent (date is neither text nor a number)", self.refused("add_date").message
		)

	def test_a_refusal(self) -> None:
		self.assertIn("has no credit limit. Nothing was sent.", self.refused("refuse_contact").message)

	def test_an_error_stops_only_the_documents_of_that_contact(self) -> None:
		self.push(sales(item()))
		with hooked(xero_before_contact="stumble"):
			other = self.push(sales(item()))
		self.assertEqual(other.status, "Success", "a contact that is linked already is not made again")
