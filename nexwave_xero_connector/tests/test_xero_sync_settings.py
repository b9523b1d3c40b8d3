"""What may be chosen in Xero Sync Settings, and the message if it may not."""

import frappe
from frappe.model.document import Document

from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.records import make_account, make_company, make_settings, make_tax_rate

COMPANY = "Xero Settings Test"
OTHER_COMPANY = "Kowhai Gardens"


class TestXeroSyncSettings(IntegrationTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		make_company(COMPANY, "XST")
		make_company(OTHER_COMPANY, "KWG")

	def setUp(self):
		frappe.db.savepoint("settings_test")

	def tearDown(self):
		frappe.db.rollback(save_point="settings_test")

	def test_enabling_needs_an_organisation(self):
		self.assert_refused(lambda: make_settings(COMPANY, tenant_id=None), COMPANY, "Connect")

	def test_enabling_needs_a_start_date(self):
		self.assert_refused(lambda: make_settings(COMPANY, start_date=None), "Start Date")

	def test_settings_can_be_prepared_before_the_company_is_connected(self):
		settings = make_settings(COMPANY, enabled=0, tenant_id=None, start_date=None)
		self.assertEqual(settings.name, COMPANY)

	def test_an_account_is_mapped_once(self):
		sales, fees = make_account(COMPANY, "200"), make_account(COMPANY, "260")
		account = income_account(COMPANY)
		rows = [{"account": account, "xero_account": sales}, {"account": account, "xero_account": fees}]
		self.assert_refused(lambda: make_settings(COMPANY, account_mapping=rows), account, "row 2", "row 1")

	def test_a_template_is_mapped_once_for_each_type(self):
		rate = make_tax_rate(COMPANY, "OUTPUT2")
		template = make_item_tax_template(COMPANY)
		row = {"template_type": "Item Tax Template", "template": template, "xero_tax_rate": rate}
		self.assert_refused(lambda: make_settings(COMPANY, tax_mapping=[row, dict(row)]), template, "row 2")
		self.assertEqual(len(make_settings(COMPANY, tax_mapping=[row]).tax_mapping), 1)

	def test_only_tax_templates_are_mapped_to_tax_rates(self):
		rate = make_tax_rate(COMPANY, "OUTPUT2")
		row = {"template_type": "Company", "template": COMPANY, "xero_tax_rate": rate}
		self.assert_refused(lambda: make_settings(COMPANY, tax_mapping=[row]), "Item Tax Template")

	def test_accounts_of_another_company_are_refused(self):
		theirs = make_account(OTHER_COMPANY, "200")
		self.assert_refused(
			lambda: make_settings(COMPANY, default_sales_account=theirs),
			theirs,
			OTHER_COMPANY,
			"Sales Account",
		)
		row = {"account": income_account(OTHER_COMPANY), "xero_account": make_account(COMPANY, "200")}
		self.assert_refused(
			lambda: make_settings(COMPANY, account_mapping=[row]), row["account"], OTHER_COMPANY, "row 1"
		)

	def test_a_template_of_another_company_is_refused(self):
		template = make_item_tax_template(OTHER_COMPANY)
		row = {"template_type": "Item Tax Template", "template": template}
		row["xero_tax_rate"] = make_tax_rate(COMPANY, "OUTPUT2")
		self.assert_refused(lambda: make_settings(COMPANY, tax_mapping=[row]), template, OTHER_COMPANY)

	def test_archived_accounts_and_deleted_tax_rates_are_refused_by_name(self):
		account = make_account(COMPANY, "210", status="ARCHIVED")
		self.assert_refused(lambda: make_settings(COMPANY, rounding_account=account), account, "ARCHIVED")
		rate = make_tax_rate(COMPANY, "OUTPUT", status="DELETED")
		row = {"account": income_account(COMPANY), "xero_tax_rate": rate}
		self.assert_refused(lambda: make_settings(COMPANY, charge_mapping=[row]), rate, "DELETED", "row 1")

	def test_an_account_archived_later_only_prevents_enabling(self):
		account = make_account(COMPANY, "200")
		settings = make_settings(COMPANY, default_sales_account=account)
		frappe.db.set_value("Xero Account", account, "status", "ARCHIVED")

		settings.enabled = 0
		settings.save()
		settings.enabled = 1
		self.assert_refused(settings.save, account, "ARCHIVED")

	def test_a_tax_rate_that_fits_no_account_of_its_side_is_refused_by_name(self):
		sales = make_account(COMPANY, "200")
		purchases = make_account(COMPANY, "300", account_class="EXPENSE", account_type="EXPENSE")
		expenses = make_tax_rate(
			COMPANY, "INPUT2", tax_rate_name="15% GST on Expenses", can_apply_to_expenses=1
		)
		income = make_tax_rate(COMPANY, "OUTPUT2", can_apply_to_revenue=1)
		defaults = {"default_sales_account": sales, "default_purchase_account": purchases}
		of_item = {"template_type": "Item Tax Template", "template": make_item_tax_template(COMPANY)}
		said = (
			"Tax Mapping, row 1: Xero does not allow tax rate 15% GST on Expenses (INPUT2) on an account of"
			" class REVENUE. Choose another tax rate, or an account of class EXPENSE."
		)
		wrong = {**of_item, "xero_tax_rate": expenses, "purchase_tax_rate": income}
		self.assert_refused(lambda: make_settings(COMPANY, tax_mapping=[wrong], **defaults), said)
		charge = {"account": income_account(COMPANY), "xero_account": sales, "xero_tax_rate": expenses}
		self.assert_refused(
			lambda: make_settings(COMPANY, charge_mapping=[charge], **defaults),
			"(INPUT2) on an account of class REVENUE",
		)
		right = {**of_item, "xero_tax_rate": income, "purchase_tax_rate": expenses}
		settings = make_settings(COMPANY, tax_mapping=[right], **defaults)

		# What changes in Xero afterwards only prevents enabling.
		frappe.db.set_value(
			"Xero Tax Rate", income, {"can_apply_to_revenue": 0, "can_apply_to_liabilities": 1}
		)
		settings.enabled = 0
		settings.save()
		settings.enabled = 1
		self.assert_refused(settings.save, "(OUTPUT2) on an account of class REVENUE")
		settings.reload()
		settings.enabled = 1
		deferred = frappe.db.get_value(
			"Account", {"company": COMPANY, "root_type": "Liability", "is_group": 0}
		)
		liability = make_account(COMPANY, "850", account_class="LIABILITY", account_type="LIABILITY")
		settings.append("account_mapping", {"account": deferred, "xero_account": liability})
		settings.save()

	def assert_refused(self, save, *said: str) -> None:
		with self.assertRaises(frappe.ValidationError) as refused:
			save()
		for words in said:
			self.assertIn(words, str(refused.exception))


def income_account(company: str) -> str:
	return frappe.db.get_value("Account", {"company": company, "root_type": "Income", "is_group": 0})


def make_item_tax_template(company: str) -> str:
	tax_account = frappe.db.get_value("Account", {"company": company, "account_type": "Tax", "is_group": 0})
	template: Document = frappe.get_doc(
		{
			"doctype": "Item Tax Template",
			"title": "Xero Settings GST",
			"company": company,
			"taxes": [{"tax_type": tax_account or income_account(company), "tax_rate": 15}],
		}
	)
	return template.insert().name
