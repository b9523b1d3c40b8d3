"""What somebody changes in Xero's chart of accounts and tracking categories: the mapping keeps to the same thing.

The lists are fetched once a day; what happens in Xero between two fetches counts, too.
"""

from __future__ import annotations

import frappe
import requests
from frappe.model.document import Document
from frappe.utils import nowdate

from nexwave_xero_connector.api import bulk, orphans, sync
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY, LOG
from nexwave_xero_connector.tests.mapped_organisation import ACCOUNT, SALES, SETTINGS, MappedOrganisation


class TestHeldById(MappedOrganisation):
	def push(self) -> None:
		sync.push_invoice(COMPANY)
		frappe.db.rollback()

	def sent(self) -> Document:
		document = self.submit()
		self.push()
		return document

	def line(self, document: Document) -> dict:
		row = self.newest(document)
		self.assertEqual(row.status, "Success", row.message)
		return self.in_xero(document)[0]["LineItems"][0]

	def account_of(self, document: Document) -> str:
		"""The name that the account has in Xero now."""
		account_id = self.line(document)["AccountID"]
		return self.names_in_xero()[account_id]

	def names_in_xero(self) -> dict[str, str]:
		from nexwave_xero_connector.erp.connection.tokens import organisation_client
		from nexwave_xero_connector.xero_api.organisation import accounts

		return {account.id: account.name for account in accounts(organisation_client(COMPANY))}

	def test_accounts_that_exchange_their_codes_stay_themselves(self) -> None:
		self.act("swap_accounts", code="200", other="400")
		self.assertEqual(self.account_of(self.sent()), "Sales")
		self.fetch()
		self.assertEqual(self.account_of(self.sent()), "Sales")
		code, name = frappe.db.get_value(ACCOUNT, f"{ABBR}-200", ["code", "account_name"])
		self.assertEqual((code, name), ("400", "Sales"))

	def test_an_account_that_is_renumbered_and_renamed_is_followed(self) -> None:
		self.act("rename_account", code="200", new_code="4000", name="Revenue from Sales")
		self.act("add_account", like="260", code="200", name="Grants")
		self.assertEqual(self.account_of(self.sent()), "Revenue from Sales")
		self.fetch()
		self.assertEqual(self.account_of(self.sent()), "Revenue from Sales")
		self.assertEqual(frappe.db.get_value(ACCOUNT, f"{ABBR}-200", "title"), "4000 Revenue from Sales")
		grants = frappe.db.get_value(
			ACCOUNT, {"company": COMPANY, "code": "200"}, ["account_name", "code_was_of"]
		)
		self.assertEqual(grants, ("Grants", "Sales"))

	def test_an_account_that_is_deleted_is_not_replaced_by_its_successor(self) -> None:
		self.act("delete_account", code="200")
		self.act("add_account", like="260", code="200", name="Sales")
		first = self.sent()
		self.assertEqual(self.newest(first).status, "Failed")
		self.assertIn("Xero does not accept account 200 Sales on this document", self.newest(first).message)
		self.fetch()
		second = self.sent()
		self.assertIn("Xero account 200 Sales for Garden Bench does not exist", self.newest(second).message)

	def test_an_archived_account_stops_with_one_sentence_and_one_button(self) -> None:
		"""Whoever has chosen another account is offered, on saving, to send everything that waited for it at once."""
		self.act("archive_account", code="200")
		documents = [self.submit() for _number in range(3)]
		self.push()
		self.fetch()
		documents.append(self.sent())
		self.assertEqual({self.newest(document).status for document in documents}, {"Failed"})
		self.assertIn("200 Sales", self.newest(documents[0]).message)
		settings = frappe.get_doc(SETTINGS, COMPANY)
		settings.account_mapping[0].xero_account = f"{ABBR}-260"
		settings.save()
		frappe.db.commit()
		rows = frappe.get_all(
			LOG, {"company": COMPANY, "needs_attention": 1, "error_class": "Needs a person"}, pluck="name"
		)
		self.assertEqual([one["done"] for one in bulk.retry(LOG, rows)], [True] * 4)
		self.push()
		self.assertEqual([self.account_of(document) for document in documents], ["Other Revenue"] * 4)

	def test_a_number_does_not_follow_a_code_that_has_changed_hands(self) -> None:
		settings = frappe.get_doc(SETTINGS, COMPANY)
		settings.account_mapping = []
		settings.save()
		frappe.db.set_value("Account", SALES, "account_number", "200")
		self.addCleanup(frappe.db.commit)
		self.addCleanup(frappe.db.set_value, "Account", SALES, "account_number", None)
		frappe.db.commit()
		self.assertEqual(self.account_of(self.sent()), "Sales")
		self.act("swap_accounts", code="200", other="203")
		self.fetch()
		document = self.sent()
		self.assertEqual(self.newest(document).status, "Failed")
		self.assertIn(
			"Xero account code 200 was Sales and is Export Sales now", self.newest(document).message
		)
		self.fetch()
		self.assertEqual(frappe.db.get_value(ACCOUNT, f"{ABBR}-203", "code_was_of"), "Sales")

	def test_tracking_options_that_exchange_their_names_stay_themselves(self) -> None:
		north = self.line(self.sent())["Tracking"][0]["TrackingOptionID"]
		self.act("rename_tracking", name="Region", option="North", new_option="Spare")
		self.act("rename_tracking", name="Region", option="South", new_option="North")
		self.act("rename_tracking", name="Region", option="Spare", new_option="South")
		self.act("rename_tracking", name="Region", new_name="Area")
		for fetched in (False, True):
			with self.subTest(fetched=fetched):
				if fetched:
					self.fetch()
				(tracking,) = self.line(self.sent())["Tracking"]
				self.assertEqual(
					(tracking["TrackingOptionID"], tracking["Option"], tracking["Name"]),
					(north, "South", "Area"),
				)

	def test_an_archived_tracking_option_stops_with_its_name(self) -> None:
		self.act("rename_tracking", name="Region", option="North", archive=True)
		document = self.sent()
		self.assertIn("Tracking option or category North is archived", self.newest(document).message)
		self.fetch()
		document = self.sent()
		self.assertIn("is mapped to tracking option North of Region", self.newest(document).message)

	def test_accounts_fetched_before_ids_were_stored_get_theirs(self) -> None:
		"""By code and name. Where these now say two different accounts, a person has to choose."""
		frappe.db.sql(f"update `tab{ACCOUNT}` set account_id = null where company = %s", COMPANY)
		frappe.db.commit()
		self.assertEqual(self.account_of(self.sent()), "Sales")
		self.act("rename_account", code="260", new_code="2600")
		self.act("rename_account", code="425", name="Couriers")
		self.act("swap_accounts", code="200", other="400")
		self.fetch()
		code, name = frappe.db.get_value(ACCOUNT, f"{ABBR}-260", ["code", "account_name"])
		self.assertEqual((code, name), ("2600", "Other Revenue"))
		self.assertEqual(frappe.db.get_value(ACCOUNT, f"{ABBR}-425", "account_name"), "Couriers")
		document = self.sent()
		self.assertEqual(self.newest(document).status, "Failed")
		self.assertIn("Xero account 200 Sales for Garden Bench does not exist", self.newest(document).message)

	def compared(self, document: Document) -> str:
		orphans.compare_period(COMPANY, nowdate(), nowdate())
		frappe.db.commit()
		return self.newest(document).finding or ""

	def test_an_account_that_was_merged_into_another_is_not_followed(self) -> None:
		"""Xero moves what was booked to the merged account, and deletes it. Both are said."""
		before = self.sent()
		self.assertEqual(self.account_of(before), "Sales")
		self.act("recode", account="200", new_account="260")
		self.act("delete_account", code="200")
		self.assertIn("0.00 instead of 100.00 on account 200", self.compared(before))
		self.fetch()
		self.assertIn(
			"Xero account 200 Sales for Garden Bench does not exist", self.newest(self.sent()).message
		)

	def test_a_tracking_option_that_xero_does_not_have_of_it_is_said(self) -> None:
		"""Dropped by Xero, or removed there by somebody: reports by cost center would not agree."""
		document = self.sent()
		wire = self.in_xero(document)[0]
		lines = [{**line, "Tracking": []} for line in wire["LineItems"]]
		answer = requests.post(
			f"{self.xero.url}/api.xro/2.0/Invoices/{wire['InvoiceID']}?unitdp=4",
			json={"LineItems": lines},
			headers={
				"Authorization": f"Bearer {self.admin.mint(self.tenant)['access_token']}",
				"Xero-Tenant-Id": self.tenant,
				"Accept": "application/json",
			},
			timeout=30,
		)
		self.assertEqual(answer.status_code, 200, answer.text)
		finding = self.compared(document)
		self.assertIn("instead of 100.00 under tracking option", finding)
		self.assertIn("North", finding)
