"""A company that sends to one Xero organisation, then to another, and perhaps back: the demo company first, usually.

An id in Xero belongs to an organisation. What was sent to the former one is unknown for a push, and not forgotten for a
cancel.
"""

from __future__ import annotations

import frappe
from frappe.model.document import Document
from frappe.utils import add_days, nowdate

from nexwave_xero_connector.api import backfill, connection, orphans, sync
from nexwave_xero_connector.erp.outbox.claim import FrappeOutbox
from nexwave_xero_connector.jobs.orphan_check import check_daily
from nexwave_xero_connector.jobs.sweep import look_at_everything, sweep
from nexwave_xero_connector.tests.bench_sandbox import connect_in_browser
from nexwave_xero_connector.tests.bench_world import COMPANY, ref_of
from nexwave_xero_connector.tests.xero_test_case import XeroTest

SETTINGS = "Xero Sync Settings"


class TestOrganisations(XeroTest):
	def setUp(self) -> None:
		super().setUp()
		self.demo, self.real = self.tenant, self.admin.tenant("AU")
		frappe.local.response = frappe._dict()
		self.connect_to(self.demo)

	def connect_to(self, tenant: str) -> None:
		"""As a person does: sign in, and choose the organisation."""
		connect_in_browser(COMPANY, tenant)
		if frappe.db.get_value(SETTINGS, COMPANY, "tenant_id") != tenant:
			connection.choose_organisation(COMPANY, tenant)
		# The two demo companies have different tax rates and currencies; the mapping is not what is tried here.
		frappe.db.set_value(SETTINGS, COMPANY, {"base_currency": "NZD", "currencies": None})
		frappe.db.set_value("Xero Tax Rate", {"company": COMPANY}, "tax_type", self.no_tax(tenant))
		frappe.db.commit()
		frappe.clear_document_cache(SETTINGS, COMPANY)
		self.admin.act(tenant, "subscribe_currency", currency="NZD")
		self.tenant = tenant

	def no_tax(self, tenant: str) -> str:
		return "NONE" if tenant == self.demo else "BASEXCLUDED"

	def push(self) -> None:
		frappe.db.commit()
		sync.push_invoice(COMPANY)
		frappe.db.rollback()

	def sent(self, **values: object) -> Document:
		document = self.submit(**values)
		self.push()
		row = self.newest(document)
		self.assertEqual(row.status, "Success", row.message)
		return document

	def live(self, tenant: str) -> list[str]:
		documents = self.admin.documents(tenant=tenant)
		return sorted(row["number"] for row in documents if row["status"] not in ("VOIDED", "DELETED"))

	def cancel(self, document: Document) -> frappe._dict:
		document.reload()
		document.cancel()
		self.push()
		return self.newest(document)

	def test_a_cancel_says_where_the_copy_is_and_voids_it_once_that_is_connected_again(self) -> None:
		document = self.sent()
		self.connect_to(self.real)
		row = self.cancel(document)
		self.assertEqual((row.status, row.is_orphan, row.needs_attention), ("Failed", 1, 1))
		self.assertIn(f"it is in the Xero organisation NexWave Demo NZ as {document.name}", row.message)
		self.assertEqual(self.live(self.demo), [document.name])
		for look in (check_daily, sweep, look_at_everything, lambda: orphans.check([row.name])):
			look()
			self.push()
		rows = self.world.rows(ref_of(document))
		self.assertEqual((len(rows), rows[-1].is_orphan), (2, 1))
		self.connect_to(self.demo)
		sweep()
		self.push()
		row = self.newest(document)
		self.assertEqual((row.status, row.is_orphan, row.needs_attention), ("Voided", 0, 0), row.message)
		self.assertEqual(self.live(self.demo), [])

	def test_missing_links_are_a_finding_about_one_organisation(self) -> None:
		self.admin.switch(url_kept="dropped")
		self.sent()
		self.assertEqual(frappe.db.get_value("Xero Connection", COMPANY, "links_missing"), 1)
		self.connect_to(self.real)
		self.assertEqual(frappe.db.get_value("Xero Connection", COMPANY, "links_missing"), 0)

	def test_what_was_sent_to_the_old_one_is_sent_to_the_new_one_only_on_purpose(self) -> None:
		first, second = self.sent(), self.sent()
		self.connect_to(self.real)
		sweep()
		look_at_everything()
		self.push()
		self.assertEqual(self.live(self.real), [])
		self.assertEqual(backfill.count(COMPANY, add_days(nowdate(), -1)), 2)
		checked = backfill.check(COMPANY, add_days(nowdate(), -1))
		self.assertEqual((checked["checked"], checked["elsewhere"]), (2, 2))
		self.assertIn("is queued", sync.retry("Sales Invoice", first.name)["message"])
		self.push()
		self.assertEqual(self.live(self.real), [first.name])
		self.assertEqual(backfill.queue(COMPANY, add_days(nowdate(), -1))["queued"], 1)
		self.push()
		self.assertEqual(self.live(self.real), sorted([first.name, second.name]))
		self.assertEqual(backfill.count(COMPANY, add_days(nowdate(), -1)), 0)
		self.assertIn("is already in Xero", sync.retry("Sales Invoice", first.name)["message"])
		self.assertEqual(self.live(self.demo), sorted([first.name, second.name]))

	def test_there_and_back_finds_everything_again(self) -> None:
		document = self.sent()
		contact = self.in_xero(document)[0]["Contact"]["ContactID"]
		self.connect_to(self.real)
		there = self.sent()
		self.assertNotEqual(self.in_xero(there)[0]["Contact"]["ContactID"], contact)
		self.connect_to(self.demo)
		self.assertIn("is already in Xero", sync.retry("Sales Invoice", document.name)["message"])
		self.assertEqual(backfill.count(COMPANY, add_days(nowdate(), -1)), 1)
		again = self.sent()
		self.assertEqual(self.in_xero(again)[0]["Contact"]["ContactID"], contact)
		self.assertEqual(self.cancel(document).status, "Voided")
		self.assertEqual((self.live(self.demo), self.live(self.real)), ([again.name], [there.name]))

	def test_what_is_in_both_is_voided_where_we_are_and_the_other_is_named(self) -> None:
		document = self.sent()
		self.connect_to(self.real)
		sync.retry("Sales Invoice", document.name)
		self.push()
		self.assertEqual(self.live(self.real), [document.name])
		row = self.cancel(document)
		self.assertEqual(self.live(self.real), [])
		self.assertEqual((row.status, row.is_orphan), ("Failed", 1))
		self.assertIn("NexWave Demo NZ", row.message)
		self.connect_to(self.demo)
		sync.void("Sales Invoice", document.name)
		self.push()
		self.assertEqual((self.newest(document).status, self.live(self.demo)), ("Voided", []))

	def test_a_demo_company_that_was_reset(self) -> None:
		"""Xero gives it a new tenant id, and nothing that was there exists any more."""
		document = self.sent()
		new_tenant = self.admin.act(self.demo, "reset_demo")["tenant"]
		self.demo = new_tenant
		self.connect_to(new_tenant)
		after = self.sent()
		self.assertEqual(self.live(new_tenant), [after.name])
		row = self.cancel(document)
		self.assertEqual((row.status, row.is_orphan), ("Failed", 1))
		self.assertIn("NexWave Demo NZ", row.message)

	def test_a_document_that_waits_goes_to_the_new_one(self) -> None:
		document = self.submit()
		self.connect_to(self.real)
		self.push()
		self.assertEqual((self.live(self.demo), self.live(self.real)), ([], [document.name]))
		self.assertEqual(self.cancel(document).status, "Voided")

	def test_a_busy_worker_claims_nothing_more_for_the_old_one(self) -> None:
		self.submit()
		busy = FrappeOutbox(organisation=self.demo)
		self.assertTrue(busy.has_work(COMPANY))
		self.connect_to(self.real)
		self.assertFalse(busy.has_work(COMPANY))
		self.assertTrue(FrappeOutbox(organisation=self.real).has_work(COMPANY))
