"""Fetch, Suggest Mapping, Check and Copy Settings, for a company connected to the Xero sandbox."""

import frappe

from nexwave_xero_connector.api import mapping, organisation
from nexwave_xero_connector.erp.setup.last_check import last_check
from nexwave_xero_connector.erp.setup.steps import describe_setup
from nexwave_xero_connector.jobs.fetch import fetch_every_organisation
from nexwave_xero_connector.tests.bench_sandbox import connect_new_settings, point_site_at_sandbox
from nexwave_xero_connector.tests.bench_world import (
	ABBR,
	COMPANY,
	LOG,
	clear,
	make_tax_account,
	make_tax_template,
	new_invoice,
	set_up_company,
)
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.records import make_company

OTHER = "Kowhai Gardens"
SETTINGS = "Xero Sync Settings"
RECORDS = ("Xero Account", "Xero Tax Rate", "Xero Tracking Option")


class TestMappingHelp(IntegrationTestCase):
	def setUp(self) -> None:
		self.addCleanup(self.clear)
		self.xero = point_site_at_sandbox(self)
		set_up_company()
		self.clear()
		self.nz = self.xero.admin.tenant("NZ")
		connect_new_settings(COMPANY, self.nz)

	def clear(self) -> None:
		clear()
		for doctype in (SETTINGS, "Xero Connection", *RECORDS):
			for name in frappe.get_all(doctype, {"company": ("in", (COMPANY, OTHER))}, pluck="name"):
				frappe.delete_doc(doctype, name, force=True)
		frappe.db.commit()

	def settings(self):
		return frappe.get_doc(SETTINGS, COMPANY)

	def statuses(self, doctype: str, key: str) -> dict[str, str]:
		rows = frappe.get_all(doctype, {"company": COMPANY}, [key, "status"])
		return {row[key]: row.status for row in rows}

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

	def test_records_gone_from_xero_are_archived_if_mapped_and_deleted_otherwise(self) -> None:
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
		self.assertEqual(accounts["999"], "ARCHIVED")
		self.assertNotIn("998", accounts)

	def test_every_connected_company_is_fetched_once_a_day(self) -> None:
		fetch_every_organisation()
		self.assertEqual(self.statuses("Xero Account", "code")["200"], "ACTIVE")
		self.xero.admin.disconnect(self.nz)
		fetch_every_organisation()
		state = frappe.db.get_value("Xero Connection", COMPANY, ["state", "cause"])
		self.assertEqual(state, ("Reconnect needed", "Disconnected in Xero"))

	def test_suggestions_have_reasons_and_save_nothing(self) -> None:
		organisation.fetch(COMPANY)
		before = self.settings().as_dict()
		make_tax_template("No GST")
		make_tax_template("GST 15%", 15)
		new_invoice().submit()
		rows = {(row["place"], row["subject"]): row for row in mapping.suggest(COMPANY)}
		self.assertEqual(self.settings().as_dict(), before)
		self.assertEqual(rows["default_sales_account", ""]["account"], f"{ABBR}-200")
		self.assertEqual(rows["rounding_account", ""]["account"], f"{ABBR}-860")
		for side in ("sales", "purchase"):
			self.assertEqual(rows[f"untaxed_{side}_tax_rate", ""]["tax_rate"], f"{ABBR}-NONE")
		gst = rows["tax_mapping", f"GST 15% - {ABBR}"]
		self.assertEqual((gst["tax_rate"], gst["purchase_tax_rate"]), (f"{ABBR}-OUTPUT2", f"{ABBR}-INPUT2"))
		self.assertEqual(rows["tax_mapping", f"No GST - {ABBR}"]["tax_rate"], f"{ABBR}-NONE")
		self.assertTrue(all(row["reason"] for row in rows.values()))
		self.assertNotIn(("account_mapping", ""), rows)

		settings = self.settings()
		settings.append(
			"tax_mapping",
			{
				"template_type": gst["doctype"],
				"template": gst["subject"],
				"xero_tax_rate": gst["tax_rate"],
			},
		)
		settings.save()
		again = [row["subject"] for row in mapping.suggest(COMPANY)]
		self.assertNotIn(f"GST 15% - {ABBR}", again)

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

	def account(self, name: str, root: str) -> str:
		"""An account of the company; it stays, as the company does."""
		if not frappe.db.exists("Account", f"{name} - {ABBR}"):
			parent = {"company": COMPANY, "is_group": 1, "account_name": root}
			account = {"doctype": "Account", "account_name": name, "company": COMPANY}
			parent_account = frappe.db.get_value("Account", parent)
			frappe.get_doc({**account, "parent_account": parent_account}).insert()
		return f"{name} - {ABBR}"

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

	def test_accounts_of_deferral_are_suggested_and_guesses_are_marked(self) -> None:
		organisation.fetch(COMPANY)
		names = [f"{name} Income" for name in ("Consulting", "Sundry", "Rental")]
		deferred = self.account("Deferred Revenue", "Current Liabilities")
		unused = self.account("Deferred Elsewhere", "Current Liabilities")
		for account in (self.account(name, "Direct Income") for name in names):
			invoice = new_invoice()
			invoice.items[0].update({"income_account": account, "deferred_revenue_account": unused})
			invoice.save()
		later = new_invoice()
		later.items[0].update(
			{
				"enable_deferred_revenue": 1,
				"deferred_revenue_account": deferred,
				"service_start_date": frappe.utils.nowdate(),
				"service_end_date": frappe.utils.add_days(frappe.utils.nowdate(), 30),
			}
		)
		later.save()
		rows = {row["subject"]: row for row in mapping.suggest(COMPANY) if row["place"] == "account_mapping"}
		for name in names:
			row = rows[f"{name} - {ABBR}"]
			self.assertEqual((row["account"], row["is_guess"]), (f"{ABBR}-200", True), row["reason"])
			self.assertIn("Please check", row["reason"])
		self.assertIn("the default account is used", rows[deferred]["reason"])
		self.assertNotIn(unused, rows)

	def test_a_taxed_rate_is_refused_for_untaxed_lines(self) -> None:
		organisation.fetch(COMPANY)
		settings = self.settings()
		settings.untaxed_purchase_tax_rate = f"{ABBR}-INPUT2"
		with self.assertRaises(frappe.ValidationError) as refused:
			settings.save()
		self.assertIn("15%, but no tax was charged on these lines", str(refused.exception))
		settings = self.settings()
		settings.untaxed_purchase_tax_rate = f"{ABBR}-NONE"
		settings.save()

	def notes(self) -> dict[str, str]:
		"""The check's notes, apart from the documents: each sentence by the field that it links to."""
		frappe.db.commit()
		return {
			note["links"][0]["fieldname"] if note["links"] else "": note["message"]
			for note in mapping.check(COMPANY)["notes"]
		}

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

	def test_cost_centers_and_projects_are_mapped_to_the_option_with_their_name(self) -> None:
		organisation.fetch(COMPANY)
		name = f"North - {ABBR}"
		if not frappe.db.exists("Cost Center", name):
			parent = frappe.db.get_value("Cost Center", {"company": COMPANY, "is_group": 1})
			center = {"doctype": "Cost Center", "cost_center_name": "North", "company": COMPANY}
			frappe.get_doc({**center, "parent_cost_center": parent}).insert()
		rows = [row for row in mapping.suggest(COMPANY) if row["place"] == "tracking_mapping"]
		self.assertEqual(
			[(row["subject"], row["tracking_option_title"]) for row in rows], [(name, "Region: North")]
		)
		self.assertIn("Same name", rows[0]["reason"])
		settings = self.settings()
		option = {
			"source_doctype": "Cost Center",
			"source": name,
			"tracking_option": rows[0]["tracking_option"],
		}
		settings.append("tracking_mapping", option)
		settings.save()
		self.assertNotIn("tracking_mapping", [row["place"] for row in mapping.suggest(COMPANY)])

	def test_templates_with_one_name_are_distinguished_by_their_type(self) -> None:
		organisation.fetch(COMPANY)
		title = "GST 15%"
		make_tax_template(title, 15)
		if not frappe.db.exists("Sales Taxes and Charges Template", f"{title} - {ABBR}"):
			tax = {"charge_type": "On Net Total", "account_head": make_tax_account(), "rate": 15}
			template = {"doctype": "Sales Taxes and Charges Template", "title": title, "company": COMPANY}
			frappe.get_doc({**template, "taxes": [{**tax, "description": "GST"}]}).insert()
		settings = self.settings()
		row = {"template_type": "Item Tax Template", "template": f"{title} - {ABBR}"}
		settings.append("tax_mapping", {**row, "xero_tax_rate": f"{ABBR}-OUTPUT2"})
		settings.save()
		left = [row["doctype"] for row in mapping.suggest(COMPANY) if row["subject"] == f"{title} - {ABBR}"]
		self.assertEqual(left, ["Sales Taxes and Charges Template"])

	def test_another_company_s_settings_are_copied_where_they_have_a_counterpart(self) -> None:
		organisation.fetch(COMPANY)
		make_company(OTHER, "KWG")
		frappe.get_doc({"doctype": SETTINGS, "company": OTHER}).insert()
		for doctype, name in (("Xero Account", f"{ABBR}-200"), ("Xero Tax Rate", f"{ABBR}-NONE")):
			frappe.copy_doc(frappe.get_doc(doctype, name)).update({"company": OTHER}).insert()
		sales = frappe.db.get_value("Company", COMPANY, "default_income_account")
		settings = self.settings()
		settings.update(
			{
				"push_pos_invoices": 1,
				"default_sales_account": f"{ABBR}-200",
				"rounding_account": f"{ABBR}-860",
				"account_mapping": [{"account": sales, "xero_account": f"{ABBR}-200"}],
			}
		)
		settings.append(
			"tax_mapping",
			{
				"template_type": "Item Tax Template",
				"template": make_tax_template(),
				"xero_tax_rate": f"{ABBR}-NONE",
			},
		)
		settings.save()
		found = mapping.copy_from(OTHER, COMPANY)
		self.assertEqual(found["values"]["default_sales_account"], "KWG-200")
		self.assertEqual(found["values"]["push_pos_invoices"], 1)
		self.assertNotIn("rounding_account", found["values"])
		self.assertEqual(
			[(row["account"], row["xero_account"]) for row in found["tables"]["account_mapping"]],
			[(sales.replace(ABBR, "KWG"), "KWG-200")],
		)
		self.assertEqual(found["tables"]["tax_mapping"], [])
		self.assertIn(f"{ABBR}-860", found["left_out"])
		for key in ("enabled", "start_date", "tenant_id"):
			self.assertNotIn(key, found["values"])

	def test_freight_accounts_are_suggested_as_charges(self) -> None:
		organisation.fetch(COMPANY)
		freight = frappe.db.get_value("Account", {"company": COMPANY, "account_name": ("like", "Freight%")})
		new_invoice(
			taxes=[
				{
					"charge_type": "On Net Total",
					"account_head": make_tax_account(),
					"rate": 15,
					"description": "GST",
				},
				{"charge_type": "Actual", "account_head": freight, "tax_amount": 5, "description": "Freight"},
			]
		).submit()
		rows = {row["subject"]: row for row in mapping.suggest(COMPANY) if row["place"] == "charge_mapping"}
		self.assertEqual({name: row["account"] for name, row in rows.items()}, {freight: f"{ABBR}-425"})
