"""Check: what would be sent and what not, what goes to the default account, and what else is in the way."""

import frappe

from nexwave_xero_connector.api import mapping, organisation
from nexwave_xero_connector.erp.setup.last_check import last_check
from nexwave_xero_connector.erp.setup.steps import describe_setup
from nexwave_xero_connector.tests.bench_world import (
	ABBR,
	COMPANY,
	LOG,
	make_tax_template,
	new_invoice,
)
from nexwave_xero_connector.tests.mapping_test_case import OTHER, SETTINGS, MappingTestCase
from nexwave_xero_connector.tests.records import make_company


class TestMappingCheck(MappingTestCase):
	def test_the_check_counts_what_would_be_sent_and_groups_the_rest_by_cause(self) -> None:
		organisation.fetch(COMPANY)
		settings = self.settings()
		settings.update({"default_sales_account": f"{ABBR}-200", "rounding_account": f"{ABBR}-860"})
		settings.append(
			"tax_mapping",
			{
				"template_type": "Item Tax Template",
				"template": make_tax_template(),
				"xero_tax_rate": f"{ABBR}-NONE",
			},
		)
		settings.save()
		fine = new_invoice(item_tax_template=make_tax_template()).submit()
		unmapped = [new_invoice().submit().name for _ in range(3)]
		foreign = new_invoice(
			item_tax_template=make_tax_template(), currency="INR", conversion_rate=0.02
		).submit()
		frappe.db.commit()
		before = self.xero.admin.marker()
		found = mapping.check(COMPANY)
		self.assertEqual(self.xero.admin.count(before), 0)
		self.assertEqual(frappe.db.count(LOG, {"company": COMPANY}), 0)
		self.assertEqual((found["checked"], found["would_go"], found["is_clean"]), (5, 1, False), found)
		cause, other_currency = found["causes"]
		self.assertIn("INR", other_currency["message"])
		self.assertEqual(cause["count"], 3)
		self.assertIn("No tax mapping", cause["message"])
		here = {"doctype": SETTINGS, "name": COMPANY, "label": SETTINGS}
		self.assertIn({**here, "fieldname": "untaxed_sales_tax_rate"}, cause["links"])
		self.assertLessEqual({row["name"] for row in cause["examples"]}, set(unmapped))
		self.assertTrue(any("INR" in note["message"] for note in found["notes"]), found["notes"])
		self.assertEqual(mapping.check(COMPANY, limit=1)["checked"], 1)
		self.assertNotIn(fine.name, str(found["causes"]))
		self.assertTrue(foreign.name)

	def test_the_check_lists_the_accounts_that_go_to_the_default_account(self) -> None:
		organisation.fetch(COMPANY)
		consulting = self.account("Consulting Income", "Direct Income")
		sundry = self.account("Sundry Income", "Direct Income")
		settings = self.settings()
		settings.update(
			{
				"default_sales_account": f"{ABBR}-200",
				"untaxed_sales_tax_rate": f"{ABBR}-NONE",
				"account_mapping": [{"account": sundry, "xero_account": f"{ABBR}-260"}],
			}
		)
		settings.save()
		for rate, account in ((1000, consulting), (234, consulting), (5, sundry)):
			invoice = new_invoice(rate=rate)
			invoice.items[0].income_account = account
			invoice.save().submit()
		abroad = new_invoice(rate=100, currency="USD", conversion_rate=1.5)
		abroad.items[0].income_account = consulting
		abroad.save().submit()
		refused = new_invoice(rate=50, item_tax_template=make_tax_template("Never Mapped", 15))
		refused.items[0].income_account = consulting
		refused.save().submit()
		frappe.db.commit()
		found = mapping.check(COMPANY)
		self.assertEqual((found["checked"], found["would_go"]), (5, 4), found["causes"])
		(row,) = found["to_default"]
		self.assertEqual(
			(row["account"], row["xero_account"], row["lines"], row["documents"]),
			(consulting, "200 Sales", 4, 4),
		)
		self.assertIn("1,434.00", row["amount"], "1,000.00 + 234.00 + 50.00 + 100.00 USD at 1.5")

	def test_before_enabling_what_is_submitted_already_is_counted_and_checked(self) -> None:
		organisation.fetch(COMPANY)
		template = make_tax_template()
		today = frappe.utils.getdate()
		yesterday = frappe.utils.add_days(today, -1)
		settings = self.settings()
		settings.update({"default_sales_account": f"{ABBR}-200"})
		settings.append(
			"tax_mapping",
			{
				"template_type": "Item Tax Template",
				"template": template,
				"xero_tax_rate": f"{ABBR}-NONE",
			},
		)
		settings.save()
		earlier = {"posting_date": yesterday, "set_posting_time": 1, "due_date": today}
		for _number in range(2):
			new_invoice(item_tax_template=template, **earlier).submit()
		new_invoice(**earlier).submit()
		new_invoice(item_tax_template=template).submit()
		new_invoice(item_tax_template=template)
		frappe.db.commit()
		found = mapping.before_enabling(COMPANY, yesterday)
		self.assertEqual((found["count"], found["checked"], found["would_go"]), (4, 4, 3))
		self.assertIn("No tax mapping", found["causes"][0]["message"])
		self.assertEqual(mapping.before_enabling(COMPANY, today)["count"], 1)
		self.assertEqual(mapping.before_enabling(COMPANY, frappe.utils.add_days(today, 1))["count"], 0)
		self.assertEqual(frappe.db.count(LOG, {"company": COMPANY}), 0, "nothing is queued")
		self.assertFalse(self.settings().enabled)

		self.settings().update({"enabled": 1, "start_date": today}).save()
		self.assertEqual(mapping.before_enabling(COMPANY, today)["count"], 0, "it is enabled already")
		self.assertEqual(mapping.before_enabling(COMPANY, yesterday)["count"], 4, "the start date moves back")
		new_invoice(item_tax_template=template).submit()  # queued by its own Submit
		self.assertEqual(mapping.before_enabling(COMPANY, yesterday)["count"], 4)

	def test_there_are_no_notes_if_nothing_is_in_the_way(self) -> None:
		organisation.fetch(COMPANY)
		self.assertEqual(self.notes(), {})

	def test_the_check_names_a_lock_date_on_or_after_the_start_date(self) -> None:
		today = frappe.utils.nowdate()
		self.xero.admin.act(self.nz, "lock", period=today)
		organisation.fetch(COMPANY)
		# Before the sync is enabled there is no start date; today is the default then.
		self.assertIn("lock date", self.notes()["start_date"])
		self.settings().db_set("start_date", frappe.utils.add_days(today, 1))
		self.assertEqual(self.notes(), {})

	def test_the_check_reports_another_base_currency(self) -> None:
		organisation.fetch(COMPANY)
		self.settings().db_set("base_currency", "AUD")
		self.assertRegex(self.notes()["organisation_name"], "in NZD, NexWave Demo NZ in AUD")

	def test_the_check_names_a_missing_scope(self) -> None:
		organisation.fetch(COMPANY)
		frappe.db.set_value("Xero Connection", COMPANY, "scope", "accounting.contacts")
		self.assertIn("accounting.invoices", self.notes()["connected_app"])

	def test_the_check_names_a_currency_not_enabled_in_the_organisation(self) -> None:
		organisation.fetch(COMPANY)
		new_invoice().submit().db_set("currency", "INR")
		self.assertIn("1 of these invoices are in INR", self.notes()["currencies"])

	def test_the_check_names_a_company_that_sends_to_the_same_organisation(self) -> None:
		organisation.fetch(COMPANY)
		make_company(OTHER, "KWG")
		frappe.get_doc({"doctype": SETTINGS, "company": OTHER, "tenant_id": self.nz}).insert()
		self.assertIn(OTHER, self.notes()["organisation_name"])

	def test_the_check_compares_the_daily_limit_with_the_busiest_day(self) -> None:
		organisation.fetch(COMPANY)
		for _number in range(3):
			new_invoice().submit()
		connection = ("Xero Connection", COMPANY, "day_calls_remaining")
		frappe.db.set_value(*connection, 12)
		self.assertEqual(self.notes(), {})
		frappe.db.set_value(*connection, 11)
		self.assertIn("3 documents, which can take 12 calls; 11 calls are left", self.notes()[""])

	def test_the_check_says_until_when_xero_accepts_no_calls(self) -> None:
		organisation.fetch(COMPANY)
		until = frappe.utils.add_days(frappe.utils.now_datetime(), 2)
		frappe.db.set_value("Xero Connection", COMPANY, "paused_until", until)
		self.assertIn("accepts no calls", self.notes()[""])

	def test_a_check_is_out_of_date_once_the_mapping_has_changed(self) -> None:
		organisation.fetch(COMPANY)
		self.settings().update({"default_sales_account": f"{ABBR}-200"}).save()
		mapping.check(COMPANY)
		self.assertTrue(last_check(self.settings()).is_current)
		organisation.fetch(COMPANY)
		self.settings().update({"start_date": frappe.utils.nowdate()}).save()
		self.assertTrue(last_check(self.settings()).is_current)
		for change in (
			lambda: self.settings().update({"default_sales_account": f"{ABBR}-260"}).save(),
			lambda: self.settings().update({"push_zero_total": 1}).save(),
			lambda: (
				self.xero.admin.act(self.nz, "archive_account", code="260"),
				organisation.fetch(COMPANY),
			),
		):
			change()
			self.assertFalse(last_check(self.settings()).is_current)
			self.assertIn("has changed", describe_setup(self.settings())["steps"][2]["text"])
			mapping.check(COMPANY)
			self.assertTrue(last_check(self.settings()).is_current)
