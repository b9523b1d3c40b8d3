"""A company is renamed, as ERPNext allows: everything continues under the new name."""

import json
from unittest.mock import patch

import frappe
from frappe.model.rename_doc import rename_doc

from nexwave_xero_connector.api import connection, mapping, organisation, sync
from nexwave_xero_connector.erp.connection.tokens import fresh_token
from nexwave_xero_connector.erp.doctypes import CONNECTION
from nexwave_xero_connector.jobs.sweep import sweep
from nexwave_xero_connector.sync import push
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
		"""ERPNext's merge is not refused, what was connected is said, and what was sent before is not forgotten."""
		sent = self.submit()
		sync.push_invoice(BEFORE)
		waiting = self.submit()
		self.prepare_the_other()
		connect_in_browser(AFTER, self.xero.admin.tenant("AU"))
		organisation.fetch(AFTER)
		kept = frappe.get_all("Xero Account", {"company": AFTER}, pluck="name", order_by="name")
		tenant = frappe.db.get_value(SETTINGS, AFTER, "tenant_id")
		self.merge()
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
		settings = frappe.get_doc(SETTINGS, AFTER)
		settings.update({"enabled": 1, "start_date": frappe.utils.nowdate()})
		settings.save()
		self.assertIsNone(frappe.db.get_value(LOG, {"reference_name": waiting}, "finding"))
		self.cancel(sent)
		self.assertIn(f"it is in the Xero organisation NexWave Demo NZ as {sent}", self.message_of(sent))
		connection.choose_organisation(AFTER, self.connect_to_nz(AFTER))
		sweep()
		sync.push_invoice(AFTER)
		self.assertEqual(self.status_of(sent), "Voided")

	def test_two_companies_of_one_organisation_are_merged(self) -> None:
		sent = self.submit()
		sync.push_invoice(BEFORE)
		self.prepare_the_other()
		self.connect_to_nz(AFTER)
		self.merge()
		self.assertNotIn("no longer connected", str(frappe.local.message_log))
		self.assertIn(f"What was mapped for {BEFORE} no longer applies", str(frappe.local.message_log))
		frappe.db.set_value(SETTINGS, AFTER, {"enabled": 1, "start_date": frappe.utils.nowdate()})
		self.cancel(sent)
		self.assertEqual(self.status_of(sent), "Voided")

	def test_a_company_that_was_not_connected_inherits_the_connection(self) -> None:
		self.inherits_the_connection(with_settings=False)

	def test_a_company_that_was_prepared_and_not_connected_inherits_the_connection_too(self) -> None:
		self.inherits_the_connection(with_settings=True)
		self.assertIn(
			f"has the connection to Xero and the settings of {BEFORE}", str(frappe.local.message_log)
		)

	def inherits_the_connection(self, with_settings: bool) -> None:
		self.prepare_the_other(with_settings)
		token = fresh_token(BEFORE).access_token
		self.merge()
		self.assertEqual(fresh_token(AFTER).access_token, token)
		self.assertFalse(frappe.db.exists(SETTINGS, BEFORE))
		settings = frappe.get_doc(SETTINGS, AFTER)
		self.assertEqual((settings.enabled, settings.tenant_id), (1, self.xero.admin.tenant("NZ")))
		for enabled in (0, 1):
			settings.enabled = enabled
			settings.save()

	def test_documents_that_were_never_meant_for_xero_are_counted(self) -> None:
		frappe.delete_doc(SETTINGS, BEFORE)
		frappe.delete_doc(CONNECTION, BEFORE, force=True)
		frappe.db.commit()
		self.submit()
		self.prepare_the_other()
		self.connect_to_nz(AFTER)
		frappe.db.set_value(SETTINGS, AFTER, {"enabled": 1, "start_date": frappe.utils.nowdate()})
		self.merge()
		self.assertIn(f"1 documents of {BEFORE} dated ", str(frappe.local.message_log))

	def test_a_company_is_renamed_and_back_again(self) -> None:
		sent = self.submit()
		sync.push_invoice(BEFORE)
		for old, new in ((BEFORE, AFTER), (AFTER, BEFORE)):
			rename_doc("Company", old, new, show_alert=False, rebuild_search=False)
		frappe.db.commit()
		waiting = self.submit()
		sync.push_invoice(BEFORE)
		self.cancel(sent, BEFORE)
		self.assertEqual((self.status_of(sent), self.status_of(waiting)), ("Voided", "Success"))

	def test_a_company_is_renamed_while_a_worker_has_its_document(self) -> None:
		document = self.submit()
		original = push._mark_sending

		def after_a_rename(*args: object) -> object:
			rename_doc("Company", BEFORE, AFTER, show_alert=False, rebuild_search=False)
			frappe.db.commit()
			return original(*args)

		with patch.object(push, "_mark_sending", after_a_rename):
			sync.push_invoice(BEFORE)
		self.assertEqual(self.status_of(document), "Success")
		record = frappe.db.get_value("Xero Document", {"reference_name": document}, ["company", "xero_id"])
		self.assertEqual(record[0], AFTER)
		self.cancel(document)
		self.assertEqual(self.status_of(document), "Voided")

	def test_a_company_whose_deletion_is_refused_keeps_everything(self) -> None:
		waiting = self.submit()
		with self.assertRaises(frappe.LinkExistsError):
			frappe.get_doc("Company", BEFORE).delete()
		frappe.db.rollback()
		self.assertTrue(fresh_token(BEFORE).access_token)
		self.assertEqual(frappe.get_doc(SETTINGS, BEFORE).enabled, 1)
		sync.push_invoice(BEFORE)
		self.assertEqual(self.status_of(waiting), "Success")

	def prepare_the_other(self, with_settings: bool = True) -> None:
		make_company(AFTER, "XRM")
		self.addCleanup(self.drop, BEFORE)
		self.addCleanup(self.drop, AFTER)
		if with_settings:
			frappe.get_doc({"doctype": SETTINGS, "company": AFTER}).insert()
		frappe.db.commit()

	def connect_to_nz(self, company: str) -> str:
		tenant = self.xero.admin.tenant("NZ")
		connect_in_browser(company, tenant)
		return tenant

	def merge(self) -> None:
		frappe.clear_messages()
		rename_doc("Company", BEFORE, AFTER, merge=True, show_alert=False, rebuild_search=False)
		frappe.db.commit()

	def cancel(self, name: str, company: str = AFTER) -> None:
		frappe.get_doc("Sales Invoice", name).cancel()
		frappe.db.commit()
		sync.push_invoice(company)

	def message_of(self, name: str) -> str:
		frappe.db.rollback()
		return frappe.db.get_value(LOG, {"reference_name": name, "is_latest": 1}, "message")

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
