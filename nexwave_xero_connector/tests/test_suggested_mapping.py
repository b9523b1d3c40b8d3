"""Suggest Mapping and Copy Settings: proposals with their reasons, which nobody has to take."""

import frappe

from nexwave_xero_connector.api import mapping, organisation
from nexwave_xero_connector.tests.bench_world import (
	ABBR,
	COMPANY,
	make_tax_account,
	make_tax_template,
	new_invoice,
)
from nexwave_xero_connector.tests.mapping_test_case import OTHER, SETTINGS, MappingTestCase
from nexwave_xero_connector.tests.records import make_company


class TestSuggestedMapping(MappingTestCase):
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
