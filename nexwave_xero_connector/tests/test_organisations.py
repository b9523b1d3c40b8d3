"""A company that sends to one Xero organisation, then to another, and perhaps back: the demo company first, usually.

An id in Xero belongs to an organisation. What was sent to the former one is unknown for a push, and not forgotten for a
cancel.
"""

from __future__ import annotations

from datetime import timedelta

import frappe
import requests
from frappe.model.document import Document
from frappe.utils import add_days, nowdate

from nexwave_xero_connector.api import backfill, bulk, connection, mapping, organisation, orphans, sync
from nexwave_xero_connector.erp.connection.tokens import open_organisation
from nexwave_xero_connector.erp.outbox.claim import FrappeOutbox
from nexwave_xero_connector.erp.setup.followed_records import forget_company
from nexwave_xero_connector.jobs.orphan_check import check_daily
from nexwave_xero_connector.jobs.sweep import look_at_everything, sweep
from nexwave_xero_connector.sync.policy import Policy
from nexwave_xero_connector.tests.bench_sandbox import connect_in_browser
from nexwave_xero_connector.tests.bench_world import (
	ABBR,
	COMPANY,
	LOG,
	PARTY,
	clear,
	new_invoice,
	ref_of,
)
from nexwave_xero_connector.tests.mapped_organisation import MappedOrganisation
from nexwave_xero_connector.tests.passing_time import pass_time
from nexwave_xero_connector.tests.records import make_account, make_company, make_settings, make_tax_rate
from nexwave_xero_connector.tests.xero_test_case import XeroTest

OTHER, OTHER_ABBR = "Harbour Trading South", "HTS"
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

	def test_a_cancel_says_so_after_many_interrupted_attempts_too(self) -> None:
		document = self.sent()
		self.connect_to(self.real)
		sync.retry("Sales Invoice", document.name)
		frappe.db.commit()
		interrupted = {"times_claimed": Policy().claims_without_outcome}
		frappe.db.set_value(LOG, self.newest(document).name, interrupted, update_modified=False)
		row = self.cancel(document)
		self.assertEqual((row.status, row.is_orphan, row.needs_attention), ("Failed", 1, 1), row.message)
		self.assertIn(f"it is in the Xero organisation NexWave Demo NZ as {document.name}", row.message)

	def test_a_create_that_never_arrived_in_the_first_one_is_looked_for_once(self) -> None:
		self.admin.fault("drop_before", method="PUT", path="/invoices$")
		document = self.submit()
		self.push()
		self.assertEqual(self.live(self.demo), [])
		self.connect_to(self.real)
		pass_time(timedelta(minutes=12), self.admin)
		self.push()
		self.assertEqual((self.newest(document).status, self.live(self.real)), ("Success", [document.name]))
		self.connect_to(self.demo)
		row = self.cancel(document)
		self.assertEqual((row.status, row.is_orphan), ("Failed", 1), row.message)
		self.assertIn(f"it is in the Xero organisation NexWave Demo AU as {document.name}", row.message)
		rows, before = len(self.world.rows(ref_of(document))), self.admin.marker()
		for _number in range(3):
			sweep()
			self.push()
		self.assertEqual(len(self.world.rows(ref_of(document))), rows)
		self.assertEqual(self.admin.requests(after=before), [])

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

	def test_what_is_in_both_and_is_not_voided_where_we_are_names_the_other(self) -> None:
		document = self.sent()
		self.connect_to(self.real)
		sync.retry("Sales Invoice", document.name)
		self.push()
		self.admin.fault("refuse", method="POST", path="/invoices$", count=None)
		row = self.cancel(document)
		self.assertEqual((row.status, row.is_orphan), ("Failed", 1))
		self.assertIn(f"still AUTHORISED in Xero as {document.name}", row.message)
		self.assertIn(f"It is also in the Xero organisation NexWave Demo NZ as {document.name}", row.message)

	def test_a_row_that_asks_about_a_copy_says_where_it_is_once_another_one_is_chosen(self) -> None:
		document = self.sent()
		self.admin.fault("refuse", method="POST", path="/invoices$", count=None)
		row = self.cancel(document)
		self.assertNotIn("organisation", row.message)
		for tenant in (self.real, self.demo, self.real):
			self.connect_to(tenant)
		message = self.newest(document).message
		self.assertTrue(message.startswith(row.message), message)
		self.assertEqual(message.count("This is about the Xero organisation NexWave Demo NZ."), 1, message)

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


class TestDemoFirst(MappedOrganisation):
	"""The usual way: the demo company is connected and mapped, and documents are tried; then the real organisation."""

	def choose(self, tenant: str) -> None:
		frappe.local.response = frappe._dict()
		connect_in_browser(COMPANY, tenant)
		if frappe.db.get_value(SETTINGS, COMPANY, "tenant_id") != tenant:
			connection.choose_organisation(COMPANY, tenant)
		frappe.db.commit()
		self.tenant = tenant

	def sent(self) -> Document:
		document = self.submit()
		self.push()
		return document

	def push(self) -> None:
		sync.push_invoice(COMPANY)
		frappe.db.rollback()

	def accept_suggestions(self) -> list[str]:
		"""As the dialog does: a record that is mapped keeps its row. Returns what was suggested for what."""
		settings = frappe.get_doc(SETTINGS, COMPANY)
		named = {"account_mapping": "account", "tracking_mapping": "source"}
		accepted = [row for row in mapping.suggest(COMPANY) if "does not have" in row["reason"]]
		for row in accepted:
			if not row["subject"]:
				settings.set(row["place"], row["account"])
				continue
			(known,) = settings.get(row["place"], {named[row["place"]]: row["subject"]})
			field = "tracking_option" if row["place"] == "tracking_mapping" else "xero_account"
			known.set(field, row.get("account") or row["tracking_option"])
		settings.save()
		frappe.db.commit()
		return [row.get("account_title") or row["tracking_option_title"] for row in accepted]

	def test_the_mapping_is_suggested_for_the_real_one_and_follows_nothing_by_itself(self) -> None:
		tried = self.sent()
		demo = self.tenant
		self.assertEqual(self.newest(tried).status, "Success", self.newest(tried).message)
		self.choose(self.admin.act(demo, "add_organisation", name="Harbour Trading Limited")["tenant"])
		early = self.sent()
		self.assertIn("Xero does not accept account 200 Sales on this document", self.newest(early).message)
		self.assertIn("Press Fetch in", self.newest(early).message)
		self.assertEqual(self.in_xero(early), [])
		organisation.fetch(COMPANY)
		frappe.db.commit()
		waiting = self.sent()
		row = self.newest(waiting)
		self.assertEqual(row.status, "Failed")
		self.assertIn("account 200 Sales for Garden Bench does not exist in the organisation", row.message)
		self.assertIn("tracking option North of Region, which does not exist", row.message)
		notes = " ".join(note["message"] for note in mapping.check(COMPANY)["notes"])
		self.assertIn("is mapped in Sales Account, but does not exist in Harbour Trading Limited", notes)
		self.assertNotIn("archived", notes + row.message)
		self.assertEqual(
			self.accept_suggestions(), ["260 Other Revenue", "860 Rounding", "200 Sales", "Region: North"]
		)
		self.assertEqual(self.accept_suggestions(), [])
		rows = frappe.get_all(LOG, {"company": COMPANY, "needs_attention": 1}, pluck="name")
		self.assertEqual([one["done"] for one in bulk.retry(LOG, rows)], [True, True])
		self.push()
		for document in (early, waiting):
			self.assertEqual(self.newest(document).status, "Success", self.newest(document).message)
		line = self.in_xero(waiting)[0]["LineItems"][0]
		self.assertEqual((line["AccountCode"], line["Tracking"][0]["Option"]), ("200", "North"))
		self.assertEqual(self.in_xero(tried), [])
		self.assertEqual(backfill.queue(COMPANY, add_days(nowdate(), -1))["queued"], 1)
		self.push()
		self.assertEqual(len(self.in_xero(tried)), 1, self.newest(tried).message)

		self.choose(demo)
		organisation.fetch(COMPANY)
		frappe.db.commit()
		self.assertEqual(len(self.accept_suggestions()), 4)
		tried.reload()
		tried.cancel()
		frappe.db.commit()
		self.push()
		self.assertEqual(self.in_xero(tried)[0]["Status"], "VOIDED")
		self.assertIn("Harbour Trading Limited", self.newest(tried).message)


class TestSharedOrganisation(XeroTest):
	"""Two companies of this site, or two sites, send to one organisation."""

	def connect_other_company(self) -> None:
		make_company(OTHER, OTHER_ABBR)
		frappe.db.commit()
		clear(OTHER)
		self.addCleanup(clear, OTHER)
		no_gst = {"effective_rate": 0, "can_apply_to_revenue": 1, "tax_rate_name": "No GST"}
		make_settings(
			OTHER,
			tenant_id=self.tenant,
			base_currency="NZD",
			start_date=add_days(nowdate(), -1),
			default_sales_account=make_account(OTHER, "200"),
			untaxed_sales_tax_rate=make_tax_rate(OTHER, "NONE", **no_gst),
		)
		frappe.db.commit()
		frappe.local.response = frappe._dict()
		connect_in_browser(OTHER, self.tenant)

	def push(self, company: str = COMPANY) -> None:
		frappe.db.commit()
		sync.push_invoice(company)
		frappe.db.rollback()

	def live(self) -> list[str]:
		documents = self.admin.documents(tenant=self.tenant)
		return sorted(row["number"] for row in documents if row["status"] not in ("VOIDED", "DELETED"))

	def test_two_companies_share_the_contact_and_nothing_else(self) -> None:
		self.connect_other_company()
		ours, theirs = self.submit(), new_invoice(company=OTHER).submit()
		self.push()
		self.push(OTHER)
		for document in (ours, theirs):
			self.assertEqual(self.newest(document).status, "Success", self.newest(document).message)
		contacts = {self.in_xero(document)[0]["Contact"]["ContactID"] for document in (ours, theirs)}
		self.assertEqual(len(contacts), 1)
		self.assertEqual(frappe.db.count("Xero Contact", {"party": PARTY, "tenant_id": self.tenant}), 1)

		ours.reload()
		ours.cancel()
		self.push()
		self.push(OTHER)
		self.assertEqual((self.newest(ours).status, self.newest(theirs).status), ("Voided", "Success"))
		self.assertEqual(self.live(), [theirs.name])

		frappe.delete_doc(SETTINGS, COMPANY)
		frappe.db.commit()
		again = new_invoice(company=OTHER).submit()
		self.push(OTHER)
		self.assertEqual(self.newest(again).status, "Success", self.newest(again).message)
		self.assertEqual({self.in_xero(again)[0]["Contact"]["ContactID"]}, contacts)

		link = frappe.get_doc("Xero Contact", {"party": PARTY, "tenant_id": self.tenant})
		self.assertEqual(link.company, COMPANY)
		(other,) = open_organisation(OTHER).find_contacts([], ["City Limousines"])
		link.contact_id = other.id
		link.save()
		forget_company(COMPANY)
		self.assertEqual(frappe.db.get_value("Xero Contact", link.name, "company"), OTHER)

	def test_what_another_site_has_sent_is_in_the_way_and_left_alone(self) -> None:
		"""Both sites count their invoices and their customers from one."""
		customer = frappe.get_doc({"doctype": "Customer", "customer_name": "Bob's Plumbing"}).insert()
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.delete_doc, "Customer", customer.name, force=True)
		draft = new_invoice(item_tax_template=f"No GST - {ABBR}")
		self.of_another_site("Contacts", {"Name": "Anna Smith", "ContactNumber": customer.name})
		(invoice,) = self.of_another_site(
			"Invoices",
			{
				"Type": "ACCREC",
				"InvoiceNumber": draft.name,
				"Url": f"https://other.example.com/xero-document/{'a' * 32}",
				"Contact": {"Name": "Anna Smith"},
				"Date": nowdate(),
				"DueDate": nowdate(),
				"Status": "AUTHORISED",
				"LineItems": [
					{
						"Description": "Rent",
						"Quantity": 1,
						"UnitAmount": 100,
						"AccountCode": "200",
						"TaxType": "NONE",
					}
				],
			},
		)
		draft.submit()
		of_bob = self.submit(customer=customer.name)
		self.push()
		row = self.newest(draft)
		self.assertEqual((row.status, row.error_class), ("Failed", "Conflict"))
		self.assertIn("is already used in Xero", row.message)
		self.assertIn("Anna Smith", row.message)
		row = self.newest(of_bob)
		self.assertEqual(row.status, "Failed")
		self.assertIn(f"belongs to Anna Smith in Xero, but to {customer.name} here", row.message)
		draft.reload()
		draft.cancel()
		self.push()
		self.assertEqual(self.live(), [draft.name])
		self.assertEqual(self.admin.document(invoice["InvoiceID"])["wire"]["Status"], "AUTHORISED")

	def of_another_site(self, what: str, body: dict) -> list[dict]:
		answer = requests.put(
			f"{self.xero.url}/api.xro/2.0/{what}",
			json={what: [body]},
			headers={
				"Authorization": f"Bearer {self.admin.mint(self.tenant)['access_token']}",
				"Xero-Tenant-Id": self.tenant,
				"Accept": "application/json",
			},
			timeout=30,
		)
		self.assertEqual(answer.status_code, 200, answer.text)
		return answer.json()[what]
