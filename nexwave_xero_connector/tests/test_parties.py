"""Customers and suppliers are renamed, merged and deleted, and each keeps to its contact in Xero."""

from __future__ import annotations

import frappe
from frappe.model.document import Document
from frappe.model.rename_doc import rename_doc

from nexwave_xero_connector.erp.documents.reader import FrappeDocuments
from nexwave_xero_connector.erp.setup.followed_records import NAMED_IN
from nexwave_xero_connector.mapping.erp_document import Party
from nexwave_xero_connector.tests.bench_world import COMPANY, in_another_session, ref_of
from nexwave_xero_connector.tests.erpnext_operations import AFTER, BEFORE, THIRD, OperationsTest


class TestParties(OperationsTest):
	def test_two_customers_that_were_both_sent_are_merged(self) -> None:
		one, two = self.customer(BEFORE), self.customer(AFTER)
		first, second = self.sent(customer=one), self.sent(customer=two)
		rename_doc("Customer", one, two, merge=True, show_alert=False, rebuild_search=False)
		frappe.db.commit()
		self.says(f"stay with the contact {BEFORE} there; new documents of {AFTER} go to {AFTER}")
		links = frappe.get_all("Xero Contact", {"party": ("in", [one, two])}, ["party", "contact_name"])
		self.assertEqual(links, [{"party": two, "contact_name": AFTER}])
		self.assertEqual(self.contact_of(self.sent(customer=two)), AFTER)
		self.assertEqual(self.contact_of(first), BEFORE)
		first.reload()
		first.cancel()
		self.push()
		self.assertEqual((self.status(first), self.status(second)), ("Voided", "Success"))

	def test_merged_customers_keep_one_contact_in_each_organisation(self) -> None:
		"""They were also in another organisation, the demo company for example, the other one as the only one."""
		one, two = self.customer(BEFORE), self.customer(AFTER)
		self.sent(customer=one)
		self.sent(customer=two)
		demo, only = "11111111-2222-4333-8444-555566667777", "7b2e3c80-1111-4222-8333-944455556666"
		in_another_session(
			lambda: FrappeDocuments(demo).link_contact(COMPANY, Party("Customer", one, one), only, one)
		)
		frappe.db.commit()
		rename_doc("Customer", one, two, merge=True, show_alert=False, rebuild_search=False)
		frappe.db.commit()
		links = frappe.get_all("Xero Contact", {"party": ("in", [one, two])}, ["party", "tenant_id"])
		self.assertEqual(
			sorted((link.party, link.tenant_id) for link in links), sorted([(two, demo), (two, self.tenant)])
		)
		self.assertEqual(self.contact_of(self.sent(customer=two)), AFTER)

	def test_a_customer_that_was_sent_is_merged_into_one_that_was_not(self) -> None:
		one, two = self.customer(BEFORE), self.customer(AFTER)
		self.sent(customer=one)
		rename_doc("Customer", one, two, merge=True, show_alert=False, rebuild_search=False)
		self.assertEqual(self.contact_of(self.sent(customer=two)), BEFORE)

	def test_two_suppliers_are_merged(self) -> None:
		names = [self.make("Supplier", supplier_name=name) for name in (BEFORE, AFTER)]
		for name in names:
			self.sent(doctype="Purchase Invoice", supplier=name)
		rename_doc("Supplier", *names, merge=True, show_alert=False, rebuild_search=False)
		self.sent(doctype="Purchase Invoice", supplier=names[1])

	def test_a_customer_is_renamed(self) -> None:
		"""Also if Frappe does not know yet that our tables name customers: it learns that only from its ORM."""
		one = self.customer(BEFORE)
		for table, field in NAMED_IN:
			frappe.cache.set_value(f"dynamic_link_map::{table}::{field}", [])
		first = self.sent(customer=one)
		rename_doc("Customer", one, AFTER, show_alert=False, rebuild_search=False)
		self.made.append(("Customer", AFTER))
		self.assertEqual(self.contact_of(self.sent(customer=AFTER)), BEFORE)
		first.reload()
		first.cancel()
		self.push()
		self.assertEqual(self.status(first), "Voided")

	def test_a_customer_is_renamed_while_its_invoice_waits(self) -> None:
		one = self.customer(BEFORE)
		document = self.submit(customer=one)
		rename_doc("Customer", one, AFTER, show_alert=False, rebuild_search=False)
		self.made.append(("Customer", AFTER))
		self.push()
		self.assertEqual(self.status(document), "Success")

	def test_a_worker_links_a_customer_while_it_is_merged(self) -> None:
		"""The merge began before: what the worker has committed since then is not in what it sees."""
		one, two = self.customer(BEFORE), self.customer(AFTER)
		document, contact = self.sent(customer=one), "7b2e3c80-1111-4222-8333-944455556666"
		frappe.db.commit()
		self.assertFalse(frappe.db.exists("Xero Contact", {"party": two}))
		self.link_as_a_worker(two, contact)
		rename_doc("Customer", one, two, merge=True, show_alert=False, rebuild_search=False)
		frappe.db.commit()
		self.says(f"stay with the contact {BEFORE} there; new documents of {AFTER} go to")
		links = frappe.get_all("Xero Contact", {"party": ("in", [one, two])}, ["party", "contact_id"])
		self.assertEqual(links, [{"party": two, "contact_id": contact}])
		document.reload()
		document.cancel()
		self.push()
		self.assertEqual(self.status(document), "Voided")

	def test_a_worker_links_a_customer_that_was_renamed_meanwhile(self) -> None:
		"""Whoever gets that id next, by a new record or by a rename, is another business and has no link yet."""
		contact = "7b2e3c80-1111-4222-8333-944455556666"
		one = self.customer(BEFORE)
		rename_doc("Customer", one, AFTER, show_alert=False, rebuild_search=False)
		frappe.db.commit()
		self.made.append(("Customer", AFTER))
		self.link_as_a_worker(one, contact)
		self.customer(one)
		self.assertFalse(frappe.db.exists("Xero Contact", {"party": one}))
		document = self.sent(customer=one)
		self.assertNotEqual(self.in_xero(document)[0]["Contact"]["ContactID"], contact)

		self.link_as_a_worker(THIRD, contact)
		rename_doc("Customer", one, THIRD, show_alert=False, rebuild_search=False)
		frappe.db.commit()
		self.made.append(("Customer", THIRD))
		self.assertEqual(self.contact_of(self.sent(customer=THIRD)), BEFORE)

	def test_the_contact_of_nobody_is_free(self) -> None:
		"""A worker has linked the former name of a customer, which finds its contact all the same."""
		one = self.customer(BEFORE)
		self.sent(customer=one)
		contact = frappe.db.get_value("Xero Contact", {"party": one}, "contact_id")
		rename_doc("Customer", one, AFTER, show_alert=False, rebuild_search=False)
		frappe.db.commit()
		self.made.append(("Customer", AFTER))
		frappe.db.set_value("Customer", AFTER, "customer_name", BEFORE)
		frappe.db.commit()
		self.link_as_a_worker(one, contact)
		frappe.db.delete("Xero Contact", {"party": AFTER})
		document = self.sent(customer=AFTER)
		self.assertEqual(self.in_xero(document)[0]["Contact"]["ContactID"], contact)

	def link_as_a_worker(self, party: str, contact_id: str) -> None:
		"""Committed by another session, as the worker does once Xero has answered."""
		in_another_session(
			lambda: FrappeDocuments(self.tenant).link_contact(
				COMPANY, Party("Customer", party, party), contact_id, party
			)
		)

	def test_the_id_of_a_deleted_customer_is_given_to_another(self) -> None:
		"""ERPNext gives the last number of a series again. The next one is another business."""
		one = self.customer("XOPS-13")
		frappe.db.set_value("Customer", one, "customer_name", "Anna Smith")
		document = self.sent(customer=one)
		self.sent()  # so that the number of the deleted invoice is not given again
		document.cancel()
		self.push()
		self.world.delete(ref_of(document))
		frappe.delete_doc("Customer", one)
		frappe.db.commit()
		self.assertFalse(frappe.db.exists("Xero Contact", {"party": one}))
		two = self.customer("XOPS-13")
		frappe.db.set_value("Customer", two, "customer_name", "Bob's Plumbing")
		document = self.submit(customer=two)
		self.push()
		self.assertEqual(self.status(document), "Failed")
		self.assertIn(
			"Contact number XOPS-13 belongs to Anna Smith in Xero, but to Bob's Plumbing here",
			self.newest(document).message,
		)

	def test_a_system_manager_corrects_a_link(self) -> None:
		one, two = self.customer(BEFORE), self.customer(AFTER)
		first, second = self.sent(customer=one), self.sent(customer=two)
		other = self.in_xero(second)[0]["Contact"]["ContactID"]
		link = frappe.get_doc("Xero Contact", {"party": one})
		self.assertRaises(frappe.ValidationError, self.change, link, "nonsense")
		self.assertRaises(frappe.ValidationError, self.change, link, "7b2e3c80-1111-4222-8333-944455556666")
		self.change(link, f"https://go.xero.com/app/!X0T/contacts/contact/{other.upper()}")
		self.says(f"{one} is linked to {AFTER} from now on")
		self.says(f"1 documents that are already in Xero stay with {BEFORE} there")
		self.assertEqual(self.contact_of(self.sent(customer=one)), AFTER)
		self.assertEqual(self.contact_of(first), BEFORE)

	def test_a_system_manager_removes_a_link(self) -> None:
		one = self.customer(BEFORE)
		self.sent(customer=one)
		frappe.delete_doc("Xero Contact", frappe.db.get_value("Xero Contact", {"party": one}))
		self.says(f"{one} is no longer linked")
		self.assertEqual(self.contact_of(self.sent(customer=one)), BEFORE)

	def change(self, link: Document, contact_id: str) -> None:
		link.reload()
		link.contact_id = contact_id
		link.save()
		frappe.db.commit()

	def test_a_customer_is_deleted_though_its_link_cannot_be(self) -> None:
		customer = self.customer(BEFORE)
		self.link_as_a_worker(customer, "7b2e3c80-1111-4222-8333-944455556677")
		frappe.db.sql_ddl(
			"create trigger xero_contact_stays before delete on `tabXero Contact` for each row"
			" signal sqlstate '45000' set message_text = 'It stays'"
		)
		self.addCleanup(frappe.db.delete, "Xero Contact", {"party": customer})
		self.addCleanup(frappe.db.sql_ddl, "drop trigger if exists xero_contact_stays")
		frappe.delete_doc("Customer", customer)
		frappe.db.commit()
		self.assertFalse(frappe.db.exists("Customer", customer))
		told = {"method": f"Xero: forget_contact failed for Customer, {customer}"}
		self.assertTrue(frappe.db.exists("Error Log", told))
		frappe.db.sql_ddl("drop trigger xero_contact_stays")
