"""Reading documents for the mapping: every number exact, a whole batch in a few queries."""

from datetime import date
from decimal import Decimal

import frappe
from frappe.utils import add_days, nowdate

from nexwave_xero_connector.erp.documents.invoices import read_invoices
from nexwave_xero_connector.erp.documents.reader import FrappeDocuments
from nexwave_xero_connector.mapping.erp_document import DocumentRef, Party
from nexwave_xero_connector.sync.records import XeroContact
from nexwave_xero_connector.tests.bench_world import (
	ABBR,
	COMPANY,
	ITEM,
	PARTY,
	BenchWorld,
	clear,
	make_tax_account,
	make_tax_template,
	new_invoice,
	ref_of,
)
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.records import make_account, make_tax_rate


class TestDocuments(IntegrationTestCase):
	def setUp(self) -> None:
		self.addCleanup(clear)
		self.world = BenchWorld()
		self.documents = FrappeDocuments()

	def test_a_sales_invoice_is_read_as_the_ledger_books_it(self) -> None:
		gst = make_tax_account()
		document = new_invoice(
			currency="NZD",
			items=[
				{"item_code": ITEM, "qty": 3, "rate": 33.33, "description": "<p>Tea</p>"},
				{"item_code": ITEM, "qty": 1, "rate": 1},
			],
			taxes=[
				{
					"charge_type": "On Net Total",
					"account_head": gst,
					"rate": 15,
					"description": "GST",
					"included_in_print_rate": 0,
				}
			],
			po_no="PO-7",
		).submit()
		read = self.documents.read([ref_of(document)])[ref_of(document)]
		self.assertEqual(read.net_total, Decimal("100.99"))
		self.assertEqual([row.net_amount for row in read.items], [Decimal("99.99"), Decimal("1.00")])
		self.assertEqual([row.qty for row in read.items], [Decimal("3.00"), Decimal("1.00")])
		self.assertEqual(read.items[0].account, document.items[0].income_account)
		self.assertEqual((read.taxes[0].account, read.taxes[0].rate), (gst, Decimal("15.00")))
		self.assertEqual(read.taxes[0].amount, Decimal(str(document.taxes[0].tax_amount)))
		self.assertEqual(read.grand_total, Decimal(str(document.grand_total)))
		self.assertEqual(read.total, Decimal(str(document.rounded_total or document.grand_total)))
		self.assertEqual(read.conversion_rate, Decimal(1))
		self.assertEqual((read.currency, read.company_currency), ("NZD", "NZD"))
		self.assertEqual(read.due_date, date.fromisoformat(add_days(nowdate(), 20)))
		self.assertEqual(read.customer_purchase_order, "PO-7")
		self.assertEqual(read.created, frappe.utils.get_datetime(document.creation))
		self.assertEqual((read.party.doctype, read.party.name), ("Customer", PARTY))

	def test_shares_of_tax_that_erpnext_does_not_have_are_unknown_and_not_zero(self) -> None:
		"""ERPNext 16 has none of a document that ERPNext 15 made."""
		gst = make_tax_account()
		tax = {"charge_type": "On Net Total", "account_head": gst, "rate": 15, "description": "GST"}
		document = new_invoice(taxes=[tax]).submit()
		if frappe.db.table_exists("Item Wise Tax Detail"):
			(row,) = self.documents.read([ref_of(document)])[ref_of(document)].taxes
			self.assertEqual(row.by_item, {1: row.amount})
			frappe.db.delete("Item Wise Tax Detail", {"parent": document.name})
		(row,) = self.documents.read([ref_of(document)])[ref_of(document)].taxes
		self.assertIsNone(row.by_item)

	def test_a_bill_is_read(self) -> None:
		document = new_invoice("Purchase Invoice", bill_no="B-77", bill_date=nowdate()).submit()
		read = self.documents.read([ref_of(document)])[ref_of(document)]
		self.assertEqual((read.bill_no, read.bill_date), ("B-77", date.fromisoformat(nowdate())))
		self.assertEqual(read.items[0].account, document.items[0].expense_account)
		self.assertEqual(read.party, Party("Supplier", PARTY, PARTY))

	def test_a_batch_takes_no_more_queries_than_one_document(self) -> None:
		documents = [new_invoice().submit().name for _ in range(4)]
		frappe.db.commit()
		read_invoices("Sales Invoice", documents)  # fill the caches first

		def count(names: list[str]) -> int:
			queries = []
			original = frappe.db.sql
			frappe.db.sql = lambda *args, **kwargs: queries.append(args) or original(*args, **kwargs)
			try:
				self.assertEqual(len(read_invoices("Sales Invoice", names)), len(names))
			finally:
				frappe.db.sql = original
			return len(queries)

		self.assertEqual(count(documents), count(documents[:1]))

	def test_default_tax_templates_are_those_that_erpnext_would_choose(self) -> None:
		titles = ("Item Rate", "Group Rate", "Later Rate")
		templates = {title: make_tax_template(title, 15) for title in titles}
		document = new_invoice()
		item, group = frappe.get_doc("Item", ITEM), frappe.get_doc("Item Group", "All Item Groups")
		item.append("taxes", {"item_tax_template": templates["Item Rate"]})
		item.append(
			"taxes", {"item_tax_template": templates["Later Rate"], "valid_from": add_days(nowdate(), 9)}
		)
		item.save()
		group.append("taxes", {"item_tax_template": templates["Group Rate"]})
		group.save()
		try:
			read = self.documents.read([ref_of(document)])[ref_of(document)]
			self.assertEqual(
				read.items[0].default_tax_templates, (templates["Item Rate"], templates["Group Rate"])
			)
		finally:
			for owner in (item, group):
				owner.reload()
				owner.taxes = [row for row in owner.taxes if row.item_tax_template not in templates.values()]
				owner.save()
			frappe.db.commit()

	def test_the_mapping_settings_are_what_the_settings_say(self) -> None:
		sales = make_account(COMPANY, "200")
		rounding = make_account(COMPANY, "860", account_name="Rounding", account_class="LIABILITY")
		gst = make_tax_rate(COMPANY, "OUTPUT2", can_apply_to_revenue=1)
		settings = frappe.get_doc("Xero Sync Settings", COMPANY)
		settings.update(
			{"default_sales_account": sales, "rounding_account": rounding, "base_currency": "NZD"}
		)
		settings.append("account_mapping", {"account": f"Sales - {ABBR}", "xero_account": sales})
		settings.save()
		mapping_settings = self.documents.mapping_settings(COMPANY)
		frappe.db.rollback()
		self.assertEqual(
			(set(mapping_settings.statuses.values()), mapping_settings.base_currency), ({"AUTHORISED"}, "NZD")
		)
		self.assertEqual(
			(mapping_settings.default_sales_account, mapping_settings.rounding_account), ("200", "860")
		)
		self.assertEqual(mapping_settings.account_keys, {f"Sales - {ABBR}": "200"})
		rate = mapping_settings.tax_rates["OUTPUT2"]
		self.assertEqual((rate.rate, rate.applies_to), (Decimal("15.00"), frozenset({"REVENUE"})))
		self.assertTrue(gst)

	def test_a_contact_belongs_to_one_party(self) -> None:
		alice, bob = Party("Customer", PARTY, PARTY), Party("Customer", "Bob", "Bob")
		self.documents.link_contact(COMPANY, alice, "the-contact", "Alice")
		(owner,) = self.documents.parties_of_contact(COMPANY, XeroContact("the-contact", "Alice"))
		self.assertEqual((owner.doctype, owner.name, owner.title), ("Customer", PARTY, PARTY))
		numbered = XeroContact("of-a-lost-link", "Tasman Timber Ltd", number=PARTY)
		owners = self.documents.parties_of_contact(COMPANY, numbered)
		self.assertEqual({owner.doctype for owner in owners}, {"Customer", "Supplier"})
		of_a_shop = XeroContact("of-a-shop", "Anna", number=PARTY)
		self.assertEqual(list(self.documents.parties_of_contact(COMPANY, of_a_shop)), [])
		self.assertEqual(dict(self.documents.contact_ids(COMPANY, [alice, bob])), {alice: "the-contact"})
		self.documents.link_contact(COMPANY, alice, "another-contact", "Alice's")
		(linked,) = frappe.get_all("Xero Contact", {"party": PARTY}, ["contact_id", "contact_name"])
		self.assertEqual((linked.contact_id, linked.contact_name), ("another-contact", "Alice's"))

	def test_a_contact_may_have_any_name(self) -> None:
		party = Party("Customer", PARTY, PARTY)
		for name in ('100% (a\\b) "c" d\'e', "\\', contact_id = 'another", "%s %(x)s {0}"):
			with self.subTest(name):
				for contact_id in ("the-contact", "another-contact"):
					self.documents.link_contact(COMPANY, party, contact_id, name)
					(linked,) = frappe.get_all(
						"Xero Contact", {"party": PARTY}, ["contact_id", "contact_name"]
					)
					self.assertEqual((linked.contact_id, linked.contact_name), (contact_id, name))

	def test_documents_that_do_not_exist_are_left_out(self) -> None:
		self.assertEqual(self.documents.read([DocumentRef("Purchase Invoice", "None Such")]), {})
