"""User Permissions: a user sees of the log, and does with it, what the invoice itself would let them."""

import json

import frappe
import frappe.client
from frappe.desk import reportview
from frappe.permissions import add_user_permission

from nexwave_xero_connector.api import backfill, bulk, invoice, mapping, orphans, preview, sync
from nexwave_xero_connector.erp.document_permissions import log_condition
from nexwave_xero_connector.erp.documents.reader import FrappeDocuments
from nexwave_xero_connector.erp.outbox.log import key_of
from nexwave_xero_connector.jobs import digest
from nexwave_xero_connector.mapping.erp_document import DocumentRef, Party
from nexwave_xero_connector.mapping.xero_type import XeroType
from nexwave_xero_connector.sentence import Sentence
from nexwave_xero_connector.sync.records import Outcome, Status
from nexwave_xero_connector.tests.bench_world import (
	ABBR,
	COMPANY,
	LOG,
	PARTY,
	BenchWorld,
	clear,
	new_invoice,
	ref_of,
)
from nexwave_xero_connector.tests.browser.session import make_user
from nexwave_xero_connector.tests.compat import IntegrationTestCase
from nexwave_xero_connector.tests.test_api import LEASE
from nexwave_xero_connector.xero_connector.dashboard_chart_source.xero_pushes_a_day.xero_pushes_a_day import (
	get as chart,
)

USER, ADMIN = "xero-restricted@example.com", "xero-restricted-admin@example.com"
OTHER = "Fern & Sons"
OTHER_CENTER = f"Xero Depot - {ABBR}"
NOT_IN_XERO = "Not in Xero"


class TestDocumentPermissions(IntegrationTestCase):
	def setUp(self) -> None:
		self.addCleanup(clear)
		self.addCleanup(frappe.set_user, "Administrator")
		self.world = BenchWorld()
		make_parties()
		make_user(USER, "Accounts User", "Accounts Manager")
		make_user(ADMIN, "System Manager")
		self.addCleanup(frappe.db.delete, "User Permission", {"user": ("in", (USER, ADMIN))})

	def restrict(self, allow: str, value: str, user: str = USER, **values: object) -> None:
		add_user_permission(allow, value, user, ignore_permissions=True, **values)
		frappe.clear_cache(user=user)
		frappe.db.commit()

	def failed(self, *args: object, **values: object) -> DocumentRef:
		document = ref_of(new_invoice(*args, **values).submit())
		frappe.db.commit()
		outbox = self.world.ports.outbox
		(claim,) = outbox.claim(COMPANY, 1, outbox.now() + LEASE)
		with outbox.locked([claim]) as rows:
			xero_type = XeroType.of(document.doctype, False)
			rows.mark_sending(claim, xero_type, document.name, outbox.now())
			rows.settle(claim, Outcome(Status.FAILED, Sentence("Failed.")))
		return document

	def row(self, document: DocumentRef) -> str:
		return self.world.rows(document)[-1].name

	def seen(self, user: str = USER) -> set[str]:
		"""The documents whose rows the user sees: the same in a list, a report, a count, and one by one."""
		frappe.set_user(user)
		rows = frappe.get_list(LOG, filters={"company": COMPANY}, fields=["name", "reference_name", "status"])
		names = {row.reference_name for row in rows}
		filters = json.dumps([[LOG, "company", "=", COMPANY]])
		frappe.local.form_dict = frappe._dict(
			doctype=LOG, filters=filters, fields=json.dumps(["name"]), view="Report"
		)
		self.assertEqual(len((reportview.get() or {}).get("values", [])), len(rows))
		frappe.local.form_dict = frappe._dict(doctype=LOG, filters=filters, fields="[]", distinct="false")
		self.assertEqual(reportview.get_count(), len(rows))
		failed = sum(row.status == "Failed" for row in rows)
		self.assertEqual(sum(map(sum, (one["values"] for one in chart()["datasets"]))), failed)
		frappe.set_user("Administrator")
		for one in frappe.get_all(LOG, filters={"company": COMPANY}, fields=["name", "reference_name"]):
			allowed = bool(frappe.has_permission(LOG, "read", doc=one.name, user=user))
			self.assertEqual(allowed, one.reference_name in names, one.reference_name)
		return names

	def assert_seen(self, *documents: DocumentRef, user: str = USER) -> None:
		self.assertEqual(self.seen(user), {document.name for document in documents})

	def test_a_user_without_restrictions_sees_everything(self) -> None:
		documents = [self.failed(), self.failed(customer=OTHER), self.failed("Purchase Invoice")]
		self.assert_seen(*documents)
		self.assertEqual(log_condition(USER), "")

	def test_a_customer(self) -> None:
		theirs, others, bill = self.failed(), self.failed(customer=OTHER), self.failed("Purchase Invoice")
		self.restrict("Customer", PARTY)
		self.assert_seen(theirs, bill)
		self.assertNotIn(others.name, self.seen())

	def test_a_customer_whose_name_needs_escaping(self) -> None:
		for name in ("100% Pure", "O'Brien \\ Sons", "50\\% O'Clock"):
			with self.subTest(name):
				if not frappe.db.exists("Customer", name):
					frappe.get_doc({"doctype": "Customer", "customer_name": name}).insert()
				theirs = self.failed(customer=name)
				frappe.db.delete("User Permission", {"user": USER})
				self.restrict("Customer", name)
				self.assert_seen(theirs)

	def test_a_supplier(self) -> None:
		invoice_, theirs, others = (
			self.failed(),
			self.failed("Purchase Invoice"),
			self.failed("Purchase Invoice", supplier=OTHER),
		)
		self.restrict("Supplier", PARTY)
		self.assert_seen(invoice_, theirs)
		self.assertNotIn(others.name, self.seen())

	def test_a_cost_center(self) -> None:
		here, there = self.failed(cost_center=f"Main - {ABBR}"), self.failed(cost_center=OTHER_CENTER)
		self.restrict("Cost Center", f"Main - {ABBR}")
		frappe.set_user(USER)
		names = frappe.get_list(LOG, filters={"company": COMPANY}, pluck="reference_name")
		self.assertEqual(names, [here.name])
		self.assertFalse(frappe.has_permission(LOG, "read", doc=self.row(there)))

	def test_a_company(self) -> None:
		document = self.failed()
		self.restrict("Company", COMPANY)
		self.assert_seen(document)
		frappe.db.delete("User Permission", {"user": USER})
		other = next(name for name in frappe.get_all("Company", pluck="name") if name != COMPANY)
		self.restrict("Company", other)
		self.assert_seen()

	def test_a_permission_for_invoices_only(self) -> None:
		"""ERPNext's "Applicable For": the customer's other records are not restricted."""
		theirs, others = self.failed(), self.failed(customer=OTHER)
		self.restrict("Customer", PARTY, applicable_for="Sales Invoice")
		self.assert_seen(theirs)
		frappe.db.delete("User Permission", {"user": USER})
		self.restrict("Customer", PARTY, applicable_for="Sales Order")
		self.assert_seen(theirs, others)

	def test_strict_user_permissions_hide_no_row_because_nobody_has_handled_it(self) -> None:
		document = self.failed()
		self.restrict("User", USER)
		strict = "apply_strict_user_permissions"
		frappe.db.set_single_value("System Settings", strict, 1)
		self.addCleanup(frappe.db.set_single_value, "System Settings", strict, 0)
		frappe.clear_cache()
		self.assert_seen(document)

	def test_a_document_that_is_shared_with_the_user(self) -> None:
		theirs, shared, others = self.failed(), self.failed(customer=OTHER), self.failed(customer=OTHER)
		frappe.share.add(shared.doctype, shared.name, USER)
		self.restrict("Customer", PARTY)
		self.assert_seen(theirs, shared)
		self.assertNotIn(others.name, self.seen())

	def test_an_administrator_without_invoices_is_restricted_too(self) -> None:
		theirs, others = self.failed(), self.failed(customer=OTHER)
		self.assertEqual(self.seen(ADMIN), {theirs.name, others.name})
		self.restrict("Customer", PARTY, ADMIN)
		self.assertEqual(self.seen(ADMIN), {theirs.name})

	def test_a_deleted_document_is_as_visible_as_its_party(self) -> None:
		theirs, others = self.failed(), self.failed(customer=OTHER)
		for document in (theirs, others):
			self.world.cancel(document)
			self.world.delete(document)
		self.restrict("Customer", PARTY)
		self.assert_seen(theirs)

	def test_a_deleted_document_is_not_as_visible_as_the_one_that_has_its_name_now(self) -> None:
		deleted = self.failed(customer=OTHER)
		row = self.row(deleted)
		self.world.cancel(deleted)
		self.world.delete(deleted)
		outbox = self.world.ports.outbox
		outbox.claim(COMPANY, 1, outbox.now() + LEASE)  # a worker has its Void
		namesake = self.failed()
		self.assertEqual(namesake, deleted, "ERPNext gives the name again")
		self.restrict("Customer", PARTY)
		for doctype, hidden in ((LOG, row), ("Xero Document", self.record(row))):
			frappe.set_user(USER)
			seen = frappe.get_list(doctype, {"company": COMPANY}, pluck="name")
			frappe.set_user("Administrator")
			self.assertEqual(len(seen), 1, doctype)
			self.assertNotIn(hidden, seen)
			for name, is_visible in ((hidden, False), (seen[0], True)):
				doc = frappe.get_doc(doctype, name)
				self.assertEqual(frappe.has_permission(doctype, "read", doc=doc, user=USER), is_visible)

	def record(self, row: str) -> str:
		return frappe.db.get_value("Xero Document", {"document_key": key_of(row)})

	def test_contacts(self) -> None:
		for number, party in enumerate((PARTY, OTHER)):
			for doctype in ("Customer", "Supplier"):
				contact = Party(doctype, party, party)
				FrappeDocuments().link_contact(COMPANY, contact, f"{number} {doctype}", party)
		self.restrict("Customer", PARTY)
		frappe.set_user(USER)
		seen = frappe.get_list("Xero Contact", {"company": COMPANY}, ["party_type", "party"], as_list=True)
		self.assertEqual(set(seen), {("Customer", PARTY), ("Supplier", PARTY), ("Supplier", OTHER)})
		frappe.set_user("Administrator")
		hidden = frappe.db.get_value("Xero Contact", {"party": OTHER, "party_type": "Customer"})
		self.assertFalse(frappe.has_permission("Xero Contact", "read", doc=hidden, user=USER))

	def test_the_records_of_what_xero_has(self) -> None:
		theirs, others, gone = self.failed(), self.failed(customer=OTHER), self.failed()
		self.world.cancel(gone)
		self.world.delete(gone)
		self.restrict("Customer", PARTY)
		frappe.set_user(USER)
		names = frappe.get_list("Xero Document", {"company": COMPANY}, pluck="reference_name")
		self.assertEqual(names, [theirs.name])
		frappe.set_user("Administrator")
		for document, allowed in ((theirs, True), (others, False), (gone, False)):
			record = frappe.db.get_value("Xero Document", {"reference_name": document.name})
			self.assertTrue(record)
			self.assertIs(bool(frappe.has_permission("Xero Document", doc=record, user=USER)), allowed)

	def test_every_button(self) -> None:
		hidden, row = (document := self.failed(customer=OTHER)).name, self.row(document)
		self.restrict("Customer", PARTY)
		frappe.set_user(USER)
		for ask in (
			lambda: sync.retry("Sales Invoice", hidden),
			lambda: sync.retry(LOG, row),
			lambda: sync.void("Sales Invoice", hidden),
			lambda: preview.preview("Sales Invoice", hidden),
			lambda: invoice.state("Sales Invoice", hidden),
			lambda: orphans.check([row]),
			lambda: frappe.client.get(LOG, row),
		):
			with self.assertRaises(frappe.PermissionError):
				ask()
		(handled,) = bulk.mark_handled([row], "By hand")
		self.assertFalse(handled["done"])
		self.assertEqual(invoice.states("Sales Invoice", [hidden]), [])
		self.assertNotIn(hidden, invoice.names_by_state("Sales Invoice", "Failed"))

	def test_what_was_never_sent(self) -> None:
		frappe.db.set_value("Xero Sync Settings", {"company": COMPANY}, "enabled", 0)
		theirs, others = new_invoice().submit(), new_invoice(customer=OTHER).submit()
		frappe.db.set_value("Xero Sync Settings", {"company": COMPANY}, "enabled", 1)
		self.restrict("Customer", PARTY)
		since = theirs.posting_date
		frappe.set_user(USER)
		self.assertEqual(invoice.names_by_state("Sales Invoice", NOT_IN_XERO), [theirs.name])
		self.assertEqual(backfill.count(COMPANY, since), 1)
		failing = backfill.check(COMPANY, since)["failing"]
		self.assertEqual([one["name"] for one in failing], [theirs.name])
		self.assertEqual(backfill.queue(COMPANY, since)["queued"], 1)
		frappe.set_user("Administrator")
		self.assertEqual(self.world.rows(ref_of(others)), [])

	def test_the_check_of_the_mapping_and_the_digest(self) -> None:
		theirs, _others = self.failed(), self.failed(customer=OTHER)
		self.restrict("Customer", PARTY)
		frappe.set_user(USER)
		self.assertEqual(mapping.check(COMPANY)["checked"], 1)
		frappe.set_user("Administrator")
		frappe.db.delete("Notification Log", {"for_user": USER})
		digest.send_digest()
		(told,) = frappe.get_all("Notification Log", {"for_user": USER}, ["subject", "document_name"])
		self.assertIn(f"{theirs.name} needs attention", told.subject)
		self.assertEqual(told.document_name, self.row(theirs))


def make_parties() -> None:
	for doctype, field in (("Customer", "customer_name"), ("Supplier", "supplier_name")):
		if not frappe.db.exists(doctype, OTHER):
			frappe.get_doc({"doctype": doctype, field: OTHER}).insert()
	if not frappe.db.exists("Cost Center", OTHER_CENTER):
		parent = frappe.db.get_value("Cost Center", {"company": COMPANY, "is_group": 1})
		center = {"cost_center_name": "Xero Depot", "company": COMPANY, "parent_cost_center": parent}
		frappe.get_doc({"doctype": "Cost Center", **center}).insert()
	frappe.db.commit()
