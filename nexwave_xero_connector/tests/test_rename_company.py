"""A company is renamed, as ERPNext allows: everything continues under the new name."""

import json

import frappe
from frappe.model.rename_doc import rename_doc

from nexwave_xero_connector.api import mapping, organisation, sync
from nexwave_xero_connector.erp.connection.tokens import fresh_token
from nexwave_xero_connector.erp.doctypes import CONNECTION
from nexwave_xero_connector.tests.bench_sandbox import connect_in_browser, point_site_at_sandbox
from nexwave_xero_connector.tests.bench_world import LOG, NO_QUEUE, PARTY, clear, set_up_company
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.records import make_company

SETTINGS = "Xero Sync Settings"
BEFORE, AFTER, ABBR = "Xero Maiden Name Ltd", "Xero Married Name Ltd", "XRN"
OF_THE_ORGANISATION = ("Xero Account", "Xero Tax Rate", "Xero Tracking Option")


class TestRenameCompany(IntegrationTestCase):
	def setUp(self) -> None:
		self.addCleanup(self.clear)
		self.xero = point_site_at_sandbox(self)
		set_up_company()
		self.clear()
		make_company(BEFORE, ABBR)
		frappe.get_doc({"doctype": SETTINGS, "company": BEFORE}).insert()
		frappe.db.commit()
		frappe.local.response = frappe._dict()
		connect_in_browser(BEFORE, self.xero.admin.tenant("NZ"))
		organisation.fetch(BEFORE)
		self.enable()
		# The bench's own worker must not be faster than the test.
		frappe.local.conf.redis_queue = NO_QUEUE

	def clear(self) -> None:
		for name in (BEFORE, AFTER):
			clear(name)
			for doctype in OF_THE_ORGANISATION:
				frappe.db.delete(doctype, {"company": name})
		if frappe.db.exists("Company", AFTER):
			# Left by a run that was killed. The next test creates the company under the other name again.
			rename_doc("Company", AFTER, BEFORE, force=True, show_alert=False, rebuild_search=False)
		frappe.db.commit()

	def test_everything_continues_under_the_new_name(self) -> None:
		first, failed = self.submit(), self.submit(without_template=True)
		sync.push_invoice(BEFORE)
		self.assertEqual([self.status_of(first), self.status_of(failed)], ["Success", "Failed"])
		waiting = self.submit()
		token = fresh_token(BEFORE).access_token

		rename_doc("Company", BEFORE, AFTER, show_alert=False, rebuild_search=False)
		frappe.db.commit()

		for doctype in (SETTINGS, CONNECTION):
			self.assertEqual(frappe.get_all(doctype, {"company": AFTER}, pluck="name"), [AFTER])
			self.assertFalse(frappe.db.exists(doctype, BEFORE))
		self.assertEqual(fresh_token(AFTER).access_token, token)
		self.assertFalse(frappe.db.sql("select 1 from __Auth where name = %s", BEFORE))
		for doctype in (*OF_THE_ORGANISATION, "Xero Contact", LOG):
			self.assertFalse(frappe.db.count(doctype, {"company": BEFORE}), doctype)
			self.assertTrue(frappe.db.count(doctype, {"company": AFTER}), doctype)
		links = json.loads(frappe.db.get_value(LOG, {"reference_name": failed}, "message_links"))
		self.assertIn(AFTER, [link["name"] for link in links if link["doctype"] == SETTINGS])

		contacts = frappe.db.count("Xero Contact", {"company": AFTER})
		before = frappe.db.count("Xero Account", {"company": AFTER})
		organisation.fetch(AFTER)
		self.assertEqual(frappe.db.count("Xero Account", {"company": AFTER}), before)
		self.assertEqual(mapping.check(AFTER)["would_go"], 2)
		sync.push_invoice(AFTER)
		self.assertEqual(self.status_of(waiting), "Success")
		self.assertEqual(frappe.db.count("Xero Contact", {"company": AFTER}), contacts)
		frappe.get_doc("Sales Invoice", first).cancel()
		frappe.db.commit()
		sync.push_invoice(AFTER)
		self.assertEqual(self.status_of(first), "Voided")

	def test_of_two_merged_companies_the_one_that_remains_keeps_its_connection(self) -> None:
		"""ERPNext's merge is not refused, and what was connected is said."""
		make_company(AFTER, "XRM")
		self.addCleanup(self.drop, BEFORE)
		self.addCleanup(self.drop, AFTER)
		frappe.get_doc({"doctype": SETTINGS, "company": AFTER}).insert()
		connect_in_browser(AFTER, self.xero.admin.tenant("AU"))
		organisation.fetch(AFTER)
		kept = frappe.get_all("Xero Account", {"company": AFTER}, pluck="name", order_by="name")
		tenant = frappe.db.get_value(SETTINGS, AFTER, "tenant_id")
		rename_doc("Company", BEFORE, AFTER, merge=True, show_alert=False, rebuild_search=False)
		frappe.db.commit()
		self.assertIn(f"{BEFORE} is no longer connected", str(frappe.local.message_log))
		self.assertIn("NexWave Demo AU", str(frappe.local.message_log))
		for doctype in (SETTINGS, CONNECTION):
			self.assertFalse(frappe.db.exists(doctype, BEFORE))
			self.assertTrue(frappe.db.exists(doctype, AFTER))
		self.assertFalse(frappe.db.sql("select 1 from __Auth where name = %s", BEFORE))
		self.assertEqual(frappe.db.get_value(SETTINGS, AFTER, "tenant_id"), tenant)
		self.assertEqual(
			frappe.get_all("Xero Account", {"company": AFTER}, pluck="name", order_by="name"), kept
		)
		frappe.get_doc(SETTINGS, AFTER).save()

	def test_a_company_that_was_not_connected_inherits_the_connection(self) -> None:
		make_company(AFTER, "XRM")
		self.addCleanup(self.drop, BEFORE)
		self.addCleanup(self.drop, AFTER)
		token = fresh_token(BEFORE).access_token
		rename_doc("Company", BEFORE, AFTER, merge=True, show_alert=False, rebuild_search=False)
		frappe.db.commit()
		self.assertEqual(fresh_token(AFTER).access_token, token)
		self.assertFalse(frappe.db.exists(SETTINGS, BEFORE))

	def test_a_deleted_company_takes_its_connection_along(self) -> None:
		self.addCleanup(self.drop, BEFORE)
		frappe.get_doc("Company", BEFORE).delete()
		frappe.db.commit()
		for doctype in (SETTINGS, CONNECTION, *OF_THE_ORGANISATION):
			self.assertFalse(frappe.get_all(doctype, {"company": BEFORE}), doctype)
		self.assertFalse(frappe.db.sql("select 1 from __Auth where name = %s", BEFORE))

	def drop(self, company: str) -> None:
		"""With its accounts: another company of this abbreviation is created by the next test."""
		clear(company)
		if frappe.db.exists("Company", company):
			frappe.delete_doc("Company", company, force=True)
		frappe.db.commit()

	def enable(self) -> None:
		settings = frappe.get_doc(SETTINGS, BEFORE)
		row = {"template_type": "Item Tax Template", "template": self.template()}
		settings.update(
			{
				"enabled": 1,
				"start_date": frappe.utils.nowdate(),
				"default_sales_account": f"{ABBR}-200",
				"rounding_account": f"{ABBR}-860",
				"tax_mapping": [{**row, "xero_tax_rate": f"{ABBR}-NONE"}],
			}
		)
		settings.save()
		frappe.db.commit()

	def template(self) -> str:
		name = f"No GST - {ABBR}"
		if not frappe.db.exists("Item Tax Template", name):
			account = frappe.db.get_value(
				"Account", {"company": BEFORE, "account_type": "Tax", "is_group": 0}
			)
			template = {"doctype": "Item Tax Template", "title": "No GST", "company": BEFORE}
			frappe.get_doc({**template, "taxes": [{"tax_type": account, "tax_rate": 0}]}).insert()
		return name

	def submit(self, without_template: bool = False) -> str:
		item = {"item_code": "Garden Bench", "qty": 1, "rate": 100}
		if not without_template:
			item["item_tax_template"] = self.template()
		invoice = {"doctype": "Sales Invoice", "company": BEFORE, "customer": PARTY, "currency": "NZD"}
		document = frappe.get_doc({**invoice, "due_date": frappe.utils.nowdate(), "items": [item]})
		document.insert().submit()
		frappe.db.commit()
		return document.name

	def status_of(self, name: str) -> str:
		frappe.db.rollback()
		return frappe.db.get_value(LOG, {"reference_name": name, "is_latest": 1}, "status")
