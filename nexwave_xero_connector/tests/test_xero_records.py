"""Records fetched from a Xero organisation, and the connection to it, as users see them in the desk."""

import frappe
from frappe.client import get, get_password
from frappe.utils.password import get_decrypted_password, set_encrypted_password

from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.records import make_account, make_company, make_tax_rate

COMPANY = "Xero Records Test"
OTHER_COMPANY = "Xero Records Other"


class TestXeroRecords(IntegrationTestCase):
	@classmethod
	def setUpClass(cls):
		super().setUpClass()
		make_company(COMPANY, "XRT")
		make_company(OTHER_COMPANY, "XRO")

	def setUp(self):
		frappe.db.savepoint("records_test")

	def tearDown(self):
		frappe.db.rollback(save_point="records_test")

	def test_two_companies_have_the_same_code(self):
		self.assertNotEqual(make_account(COMPANY, "200"), make_account(OTHER_COMPANY, "200"))

	def test_a_code_that_went_to_another_account_has_a_record_for_each(self):
		before, now = (make_account(COMPANY, "200", account_id=f"{n}2345678-aaaa") for n in (1, 2))
		self.assertEqual((before, now), ("XRT-200", "XRT-200-22345678"))

	def test_a_drop_down_shows_the_code_and_name_of_an_account(self):
		name = make_account(COMPANY, "200", account_name="Sales")
		self.assertEqual(frappe.db.get_value("Xero Account", name, "title"), "200 Sales")

	def test_a_drop_down_shows_the_name_and_rate_of_a_tax_rate(self):
		name = make_tax_rate(COMPANY, "OUTPUT2", tax_rate_name="GST on Income", effective_rate=12.5)
		self.assertEqual(frappe.db.get_value("Xero Tax Rate", name, "title"), "GST on Income (12.5%)")

	def test_a_title_follows_a_change_in_xero(self):
		account = frappe.get_doc("Xero Account", make_account(COMPANY, "200", account_name="Sales"))
		account.account_name = "Sales NZ"
		account.save()
		self.assertEqual(account.title, "200 Sales NZ")

	def test_a_party_has_one_contact_in_an_organisation(self):
		make_contact(COMPANY, "c-1", "demo")
		make_contact(COMPANY, "c-2", "real")
		with self.assertRaises(frappe.UniqueValidationError):
			make_contact(OTHER_COMPANY, "c-3", "real")

	def test_no_token_is_read_over_the_api(self):
		frappe.get_doc({"doctype": "Xero Connection", "company": COMPANY}).insert()
		for fieldname in ("access_token", "refresh_token"):
			set_encrypted_password("Xero Connection", COMPANY, "a-secret", fieldname)
			with self.assertRaises(frappe.PermissionError):
				get_password("Xero Connection", COMPANY, fieldname)
			self.assertEqual(get_decrypted_password("Xero Connection", COMPANY, fieldname), "a-secret")
		self.assertNotIn("a-secret", frappe.as_json(get("Xero Connection", COMPANY)))


def make_contact(company: str, contact_id: str, tenant_id: str) -> None:
	frappe.get_doc(
		{
			"doctype": "Xero Contact",
			"company": company,
			"party_type": "Customer",
			"party": "Xero Records Customer",
			"contact_id": contact_id,
			"tenant_id": tenant_id,
		}
	).insert(ignore_links=True)
