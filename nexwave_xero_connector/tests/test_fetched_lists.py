"""What Fetch keeps of the organisation's accounts, tax rates and tracking options, and of those that are gone."""

import frappe

from nexwave_xero_connector.api import mapping, organisation
from nexwave_xero_connector.jobs.fetch import fetch_every_organisation
from nexwave_xero_connector.tests.bench_world import (
	ABBR,
	COMPANY,
	make_tax_template,
	new_invoice,
)
from nexwave_xero_connector.tests.mapping_test_case import RECORDS, MappingTestCase


class TestFetchedLists(MappingTestCase):
	def test_accounts_tax_rates_and_tracking_are_fetched_and_kept_up_to_date(self) -> None:
		said = organisation.fetch(COMPANY)["message"]
		self.assertRegex(said, r"\d+ accounts, 7 tax rates, 6 tracking options, 6 currencies")
		accounts = self.statuses("Xero Account", "code")
		self.assertEqual((accounts["200"], accounts["280"]), ("ACTIVE", "ARCHIVED"))
		self.assertEqual(self.statuses("Xero Tax Rate", "tax_type")["OUTPUT"], "DELETED")
		rate = frappe.get_doc("Xero Tax Rate", f"{ABBR}-OUTPUT2")
		self.assertEqual((rate.title, rate.can_apply_to_revenue), ("15% GST on Income (15%)", 1))
		self.assertEqual(frappe.get_doc("Xero Account", f"{ABBR}-860").system_account, "ROUNDING")
		settings = self.settings()
		self.assertIn("USD", settings.currencies)
		self.assertGreater(settings.contacts_in_xero, 0)

		self.xero.admin.act(self.nz, "archive_account", code="200")
		self.xero.admin.act(self.nz, "archive_tracking", name="Region")
		self.xero.admin.act(self.nz, "lock", period="2026-03-31")
		organisation.fetch(COMPANY)
		self.assertEqual(self.statuses("Xero Account", "code")["200"], "ARCHIVED")
		self.assertEqual(self.statuses("Xero Tracking Option", "option")["North"], "ARCHIVED")
		self.assertEqual(str(self.settings().lock_date), "2026-03-31")

	def test_a_second_fetch_changes_nothing(self) -> None:
		organisation.fetch(COMPANY)
		before = {doctype: frappe.get_all(doctype, {"company": COMPANY}, ["*"]) for doctype in RECORDS}
		organisation.fetch(COMPANY)
		after = {doctype: frappe.get_all(doctype, {"company": COMPANY}, ["*"]) for doctype in RECORDS}
		self.assertEqual(after, before)

	def test_records_gone_from_xero_are_kept_as_gone_if_mapped_and_deleted_otherwise(self) -> None:
		organisation.fetch(COMPANY)
		for code in ("998", "999"):
			frappe.get_doc(
				{
					"doctype": "Xero Account",
					"company": COMPANY,
					"code": code,
					"account_name": f"Gone {code}",
					"account_class": "REVENUE",
					"status": "ACTIVE",
				}
			).insert()
		settings = self.settings()
		settings.default_sales_account = f"{ABBR}-999"
		settings.save()
		said = organisation.fetch(COMPANY)["message"]
		self.assertIn("999 Gone 999", said)
		accounts = self.statuses("Xero Account", "code")
		self.assertEqual(accounts["999"], "GONE")
		self.assertNotIn("998", accounts)

	def test_every_connected_company_is_fetched_once_a_day(self) -> None:
		fetch_every_organisation()
		self.assertEqual(self.statuses("Xero Account", "code")["200"], "ACTIVE")
		self.xero.admin.disconnect(self.nz)
		fetch_every_organisation()
		state = frappe.db.get_value("Xero Connection", COMPANY, ["state", "cause"])
		self.assertEqual(state, ("Reconnect needed", "Disconnected in Xero"))

	def test_an_account_that_is_renamed_in_xero_gets_its_new_name_here(self) -> None:
		organisation.fetch(COMPANY)
		frappe.db.set_value("Xero Account", f"{ABBR}-200", {"account_name": "Before", "title": "200 Before"})
		frappe.db.set_value(
			"Xero Tax Rate", f"{ABBR}-OUTPUT2", {"tax_rate_name": "Before", "title": "Before"}
		)
		fetch_every_organisation()
		self.assertEqual(frappe.db.get_value("Xero Account", f"{ABBR}-200", "title"), "200 Sales")
		self.assertEqual(
			frappe.db.get_value("Xero Tax Rate", f"{ABBR}-OUTPUT2", "title"), "15% GST on Income (15%)"
		)

	def test_records_archived_or_deleted_in_xero_are_refused_by_name(self) -> None:
		organisation.fetch(COMPANY)
		template = make_tax_template("GST 15%", 15)
		row = {"template_type": "Item Tax Template", "template": template}
		self.settings().update(
			{
				"default_sales_account": f"{ABBR}-200",
				"tax_mapping": [{**row, "xero_tax_rate": f"{ABBR}-OUTPUT2"}],
			}
		).save()
		new_invoice(item_tax_template=template).submit()
		self.xero.admin.act(self.nz, "archive_account", code="200")
		self.xero.admin.act(self.nz, "delete_tax_rate", tax_type="OUTPUT2")
		self.xero.admin.act(self.nz, "archive_account", code="310")
		fetch_every_organisation()
		notes = self.notes()
		self.assertIn("200 Sales is mapped in Sales Account", notes["default_sales_account"])
		self.assertIn("15% GST on Income (15%) is mapped in Tax Mapping, row 1", notes["tax_mapping"])
		causes = " ".join(cause["message"] for cause in mapping.check(COMPANY)["causes"])
		self.assertIn("Xero account 200 Sales for", causes)
		self.assertIn("15% GST on Income (OUTPUT2) is archived or deleted in Xero", causes)
		# An earlier choice does not prevent other changes, but choosing an archived account now is refused.
		settings = self.settings()
		settings.push_zero_total = 1
		settings.save()
		settings.default_purchase_account = f"{ABBR}-310"
		with self.assertRaises(frappe.ValidationError) as refused:
			settings.save()
		self.assertIn("310", str(refused.exception))
		self.assertIn("ARCHIVED in Xero", str(refused.exception))
