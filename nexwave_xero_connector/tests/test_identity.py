"""Who is who: renames, names given again, documents that people type and copy in Xero, and a restore."""

from __future__ import annotations

from datetime import timedelta
from unittest.mock import patch

import frappe
from erpnext.accounts.doctype.purchase_invoice.purchase_invoice import make_debit_note
from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return
from frappe.utils import add_days, get_datetime, get_url, get_url_to_form, nowdate

from nexwave_xero_connector.api import orphans, sync, use_this_one
from nexwave_xero_connector.erp import diagnosis
from nexwave_xero_connector.erp.doctypes import XERO_DOCUMENT
from nexwave_xero_connector.erp.documents.reader import FrappeDocuments
from nexwave_xero_connector.erp.outbox.log import key_of
from nexwave_xero_connector.erp.setup.steps import describe_setup
from nexwave_xero_connector.patches.v1_0 import give_documents_keys
from nexwave_xero_connector.sync.identity import document_key, key_in
from nexwave_xero_connector.sync.records import Trigger
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY, LOG, PARTY, new_invoice, ref_of
from nexwave_xero_connector.tests.passing_time import pass_time
from nexwave_xero_connector.tests.xero_test_case import XeroTest
from nexwave_xero_connector.www import xero_document


class TestIdentity(XeroTest):
	def pushed(self, *args: object, **values: object):
		document = self.submit(*args, **values)
		sync.push_invoice(COMPANY)
		self.assertEqual(self.newest(document).status, "Success", self.newest(document).message)
		return document

	def push(self) -> None:
		frappe.db.commit()
		sync.push_invoice(COMPANY)
		frappe.db.rollback()

	def rename(self, document, name: str):
		"""The document under that name, which ERPNext may have given it again already."""
		if document.name == name:
			return document
		frappe.rename_doc(document.doctype, document.name, name, force=True, show_alert=False)
		frappe.db.commit()
		return frappe.get_doc(document.doctype, name)

	def delete(self, document) -> None:
		frappe.db.commit()
		self.world.delete(ref_of(document))
		frappe.db.rollback()

	def person(self, action: str, **arguments: object) -> dict:
		return self.admin.act(self.tenant, action, **arguments)

	def type_in_xero(self, kind: str, number: str, **values: object) -> dict:
		line = {"quantity": 1, "unit_amount": 100, "account": "200", "tax_type": "NONE"}
		contact = "Tasman Timber"
		return self.person(
			"enter",
			**{
				"type": kind,
				"number": number,
				"contact": contact,
				"date": nowdate(),
				"due_date": nowdate(),
				"lines": [line],
				**values,
			},
		)

	def status_in_xero(self, xero_id: str) -> str:
		return self.admin.document(xero_id)["wire"]["Status"]

	def test_a_renamed_invoice_keeps_what_is_its_own_and_its_namesake_gets_none_of_it(self) -> None:
		first = self.pushed()
		name, xero_id, said = first.name, self.newest(first).xero_id, self.newest(first).message
		first = self.rename(first, f"{name}-RENAMED")
		self.assertIn(f"is in Xero as {name}, its name when it was sent", self.newest(first).message)
		self.assertTrue(self.newest(first).message.startswith(said), "what the row said is kept")
		namesake = new_invoice("Purchase Invoice", item_tax_template=f"No GST - {ABBR}", rate=70)
		namesake = self.rename(namesake, name).submit()
		self.push()
		row = self.newest(namesake)
		self.assertEqual(row.status, "Success", row.message)
		self.assertNotEqual(row.xero_id, xero_id)
		namesake.reload().cancel()
		self.push()
		self.assertEqual(self.status_in_xero(xero_id), "AUTHORISED")
		first.reload().cancel()
		self.push()
		self.assertEqual(self.status_in_xero(xero_id), "VOIDED")
		self.assertEqual(self.newest(first).status, "Voided")

	def test_the_number_of_a_renamed_invoice_is_not_taken_for_its_namesakes(self) -> None:
		first = self.pushed()
		name, xero_id = first.name, self.newest(first).xero_id
		first = self.rename(first, f"{name}-RENAMED")
		namesake = self.rename(new_invoice(item_tax_template=f"No GST - {ABBR}"), name).submit()
		self.push()
		row = self.newest(namesake)
		self.assertEqual((row.status, row.error_class), ("Failed", "Conflict"))
		self.assertIn(first.name, row.message)
		namesake.reload().cancel()
		self.push()
		self.assertEqual(self.status_in_xero(xero_id), "AUTHORISED")
		self.assertEqual(self.newest(first).status, "Success")

	def test_a_deleted_invoice_is_voided_though_another_has_its_name_now(self) -> None:
		first = self.pushed()
		xero_id = self.newest(first).xero_id
		frappe.db.set_value("Xero Sync Settings", COMPANY, "enabled", 0)
		first.reload().cancel()
		self.delete(first)
		namesake = self.rename(new_invoice(item_tax_template=f"No GST - {ABBR}"), first.name)
		frappe.db.set_value("Xero Sync Settings", COMPANY, "enabled", 1)
		self.push()
		self.assertEqual(self.status_in_xero(xero_id), "VOIDED")
		self.assertEqual(namesake.reload().docstatus, 0)

	def test_a_lost_create_of_a_deleted_bill_is_voided_though_another_has_its_name(self) -> None:
		self.admin.fault("late_write", method="PUT", path="/invoices$", seconds=120, mode="drop")
		first = self.submit("Purchase Invoice")
		self.push()
		key = key_of(self.newest(first).name)
		first.reload().cancel()
		self.delete(first)
		namesake = self.rename(
			new_invoice("Purchase Invoice", item_tax_template=f"No GST - {ABBR}"), first.name
		)
		namesake.submit()
		self.push()
		for _ in range(4):
			pass_time(timedelta(minutes=12), self.admin)
			self.push()
		self.assertEqual(self.newest(namesake).status, "Success", self.newest(namesake).message)
		there = {key_in(wire["Url"]): wire["Status"] for wire in self.in_xero(namesake)}
		own = key_of(self.newest(namesake).name)
		self.assertEqual(there, {key: "VOIDED", own: "AUTHORISED"})

	def test_the_link_in_xero_leads_to_the_document_under_its_present_name(self) -> None:
		document = self.pushed()
		(wire,) = self.in_xero(document)
		key = key_in(wire["Url"])
		self.assertEqual(key, key_of(self.newest(document).name))
		self.assertEqual(self.page(key), self.form_of(document))
		document = self.rename(document, f"{document.name}-RENAMED")
		self.assertEqual(self.page(key), self.form_of(document))
		document.reload().cancel()
		self.delete(document)
		self.assertIn("xero-sync-log", self.page(key))
		with self.assertRaises(frappe.PageDoesNotExistError):
			self.page("0" * 20)
		with self.set_user("Guest"):
			self.assertEqual(self.page(key), f"/login?redirect-to=/xero-document/{key}")

	def form_of(self, document) -> str:
		return get_url_to_form(document.doctype, document.name).removeprefix(get_url())

	def page(self, key: str) -> str:
		"""Where the page behind a link leads, without the host."""
		frappe.form_dict.key = key
		try:
			xero_document.get_context(frappe._dict())
		except frappe.Redirect:
			return frappe.local.flags.redirect_location.removeprefix(get_url())
		finally:
			frappe.form_dict.pop("key", None)
		self.fail("It leads nowhere")

	def test_what_somebody_typed_in_xero_is_used_only_if_a_person_says_so(self) -> None:
		document = new_invoice(item_tax_template=f"No GST - {ABBR}")
		typed = self.type_in_xero("ACCREC", document.name)
		document.submit()
		self.push()
		row = self.newest(document)
		self.assertEqual((row.status, row.error_class), ("Failed", "Conflict"))
		self.assertIn("press Use This One", row.message)
		(there,) = use_this_one.candidates(LOG, row.name)["there"]
		self.assertEqual((there["xero_id"], there["differences"]), (typed["id"], []))
		use_this_one.use_this_one(LOG, row.name, typed["id"])
		self.push()
		self.assertEqual(
			(self.newest(document).status, self.newest(document).xero_id), ("Success", typed["id"])
		)
		document.reload().cancel()
		self.push()
		row = self.newest(document)
		self.assertEqual(self.status_in_xero(typed["id"]), "AUTHORISED")
		self.assertEqual((row.is_orphan, row.needs_attention), (1, 1))
		self.assertIn("somebody made it in Xero", row.message)
		sync.void(LOG, row.name)
		self.push()
		self.assertEqual(self.status_in_xero(typed["id"]), "VOIDED")

	def test_a_typed_credit_note_under_our_number_is_not_voided_by_a_cancel(self) -> None:
		invoice = self.pushed()
		credit_note = make_sales_return(invoice.name).insert()
		typed = self.type_in_xero("ACCRECCREDIT", credit_note.name)
		credit_note.submit()
		self.push()
		self.assertEqual(self.newest(credit_note).error_class, "Conflict", self.newest(credit_note).message)
		credit_note.reload().cancel()
		self.push()
		self.assertEqual(self.status_in_xero(typed["id"]), "AUTHORISED")
		self.assertIn("was not sent from here", self.newest(credit_note).message)

	def test_what_belongs_to_another_document_cannot_be_used(self) -> None:
		first = self.pushed("Purchase Invoice")
		second = self.pushed("Purchase Invoice")
		xero_id = self.newest(first).xero_id
		with self.assertRaisesRegex(frappe.ValidationError, "belongs to"):
			use_this_one.use_this_one("Purchase Invoice", second.name, xero_id)
		first.reload().cancel()
		self.delete(first)
		use_this_one.use_this_one("Purchase Invoice", second.name, xero_id)
		owner = frappe.get_value(XERO_DOCUMENT, {"xero_id": xero_id}, ["reference_name", "origin"])
		self.assertEqual(owner, (second.name, "Found there"))

	def test_a_copy_made_in_xero_is_left_alone_and_said(self) -> None:
		self.admin.switch(copy_keeps_url="yes")
		bill = self.pushed("Purchase Invoice")
		xero_id = self.newest(bill).xero_id
		copy = self.person("copy", id=xero_id, new_number=bill.name)
		self.person("approve", id=copy["id"])
		bill.reload().cancel()
		self.push()
		row = self.newest(bill)
		self.assertEqual((row.status, row.needs_attention), ("Voided", 1))
		self.assertIn("Somebody copied", row.finding)
		self.assertEqual(
			(self.status_in_xero(xero_id), self.status_in_xero(copy["id"])), ("VOIDED", "AUTHORISED")
		)

	def test_what_was_sent_and_lost_by_a_restore_is_found_once(self) -> None:
		document = self.pushed()
		self.forget(document)
		self.assertIn("1 in Xero that this site has lost", orphans.check_company(COMPANY)["message"])
		self.assertIn("1 in Xero that this site has lost", orphans.check_company(COMPANY)["message"])
		(row,) = frappe.get_all(
			LOG, {"company": COMPANY}, ["status", "needs_attention", "message", "xero_url"]
		)
		self.assertEqual((row.status, row.needs_attention), ("Skipped", 1))
		self.assertIn("restored from a backup", row.message)
		self.assertTrue(row.xero_url)
		self.person("void", number=document.name)
		orphans.check_company(COMPANY)
		self.assertEqual(frappe.db.count(LOG, {"company": COMPANY, "needs_attention": 1}), 0)

	def test_a_number_given_again_after_a_restore_is_another_document(self) -> None:
		lost = self.pushed()
		self.forget(lost)
		again = self.rename(new_invoice(item_tax_template=f"No GST - {ABBR}"), lost.name).submit()
		self.push()
		row = self.newest(again)
		self.assertEqual((row.status, row.error_class), ("Failed", "Conflict"))
		self.assertIn("it may be a lost document", row.message)
		again.reload().cancel()
		self.push()
		self.assertEqual([wire["Status"] for wire in self.in_xero(again)], ["AUTHORISED"])

	def test_a_lost_bill_whose_number_is_given_again_is_not_adopted_though_all_agrees(self) -> None:
		lost = self.pushed("Purchase Invoice")
		xero_id = self.newest(lost).xero_id
		self.forget(lost)
		again = new_invoice("Purchase Invoice", item_tax_template=f"No GST - {ABBR}")
		again = self.rename(again, lost.name).submit()
		self.push()
		row = self.newest(again)
		self.assertEqual((row.status, row.error_class), ("Failed", "Conflict"))
		self.assertIn("it may be a lost document", row.message)
		use_this_one.use_this_one(LOG, row.name, xero_id)
		self.push()
		self.assertEqual((self.newest(again).status, self.newest(again).xero_id), ("Success", xero_id))
		again.reload().cancel()
		self.push()
		self.assertEqual(self.status_in_xero(xero_id), "AUTHORISED")
		self.assertEqual(self.newest(again).is_orphan, 1)

	def test_a_lost_credit_note_whose_number_is_given_again_is_not_adopted(self) -> None:
		"""It has no link, and agrees in everything: only that no create of ours is in doubt tells it apart."""
		invoice = self.pushed()
		lost = make_sales_return(invoice.name).insert().submit()
		self.push()
		xero_id = self.newest(lost).xero_id
		self.forget(lost)
		again = self.rename(make_sales_return(invoice.name).insert(), lost.name).submit()
		self.push()
		row = self.newest(again)
		self.assertEqual((row.status, row.error_class), ("Failed", "Conflict"), row.message)
		again.reload().cancel()
		self.push()
		self.assertNotEqual(self.status_in_xero(xero_id), "VOIDED")

	def test_two_bills_that_swap_their_names_keep_what_is_their_own(self) -> None:
		first, second = self.pushed("Purchase Invoice"), self.pushed("Purchase Invoice", rate=70)
		names = [first.name, second.name]
		ids = [self.newest(document).xero_id for document in (first, second)]
		first = self.rename(first, f"{names[0]}-SWAPPED")
		second = self.rename(second, names[0])
		first = self.rename(first, names[1])
		self.assertEqual([self.newest(document).xero_id for document in (first, second)], ids)
		second.reload().cancel()
		self.push()
		self.assertEqual([self.status_in_xero(xero_id) for xero_id in ids], ["AUTHORISED", "VOIDED"])
		self.assertEqual(
			[self.newest(document).status for document in (first, second)], ["Success", "Voided"]
		)

	def test_the_return_of_a_renamed_invoice_is_allocated_to_it_and_not_to_its_namesake(self) -> None:
		first = self.pushed()
		name, xero_id = first.name, self.newest(first).xero_id
		first = self.rename(first, f"{name}-RENAMED")
		credit_note = make_sales_return(first.name).insert().submit()
		self.push()
		row = self.newest(credit_note)
		self.assertEqual(row.status, "Success", row.message)
		self.assertEqual(self.status_in_xero(xero_id), "PAID", row.message)

	def test_a_typed_credit_note_of_a_supplier_is_used_only_if_a_person_says_so(self) -> None:
		bill = self.pushed("Purchase Invoice", bill_no="S-4711")
		credit_note = make_debit_note(bill.name).insert()
		typed = self.type_in_xero("ACCPAYCREDIT", credit_note.name, contact=PARTY)
		credit_note.submit()
		self.push()
		row = self.newest(credit_note)
		self.assertEqual((row.status, row.error_class), ("Failed", "Conflict"), row.message)
		use_this_one.use_this_one(LOG, row.name, typed["id"])
		self.push()
		self.assertEqual(self.newest(credit_note).xero_id, typed["id"])
		credit_note.reload().cancel()
		self.push()
		self.assertNotIn(self.status_in_xero(typed["id"]), ("VOIDED", "DELETED"))

	def test_a_conflict_stays_one_however_often_it_is_retried(self) -> None:
		document = self.pushed()
		for change in ({"unit_amount": 90}, {"unit_amount": 100, "date": add_days(nowdate(), -3)}):
			self.person("edit", number=document.name, **change)
			for _ in range(2):
				self.world.session(lambda ports: ports.enqueuer.retry(ref_of(document), Trigger.RETRY))
				self.push()
				row = self.newest(document)
				self.assertEqual((row.status, row.error_class), ("Failed", "Conflict"), row.message)
				self.assertIn("differs there", row.message)
		self.person("edit", number=document.name, date=nowdate())
		self.world.session(lambda ports: ports.enqueuer.retry(ref_of(document), Trigger.RETRY))
		self.push()
		self.assertEqual(self.newest(document).status, "Success", self.newest(document).message)

	def forget(self, document) -> None:
		"""The document and all that is known of it, as a restore of a backup made before it."""
		for doctype in (LOG, XERO_DOCUMENT):
			frappe.db.delete(doctype, {"reference_name": document.name})
		for doctype in ("GL Entry", "Payment Ledger Entry"):
			frappe.db.delete(doctype, {"voucher_no": document.name})
		for field in document.meta.get_table_fields():
			frappe.db.delete(field.options, {"parent": document.name})
		frappe.db.delete(document.doctype, {"name": document.name})
		frappe.db.commit()


class TestMissingLinks(XeroTest):
	"""Organisations that do not keep or show the links that are sent: said once, in the settings and to support."""

	def push(self) -> None:
		frappe.db.commit()
		sync.push_invoice(COMPANY)
		frappe.db.rollback()

	def warning(self) -> str:
		frappe.clear_document_cache("Xero Sync Settings", COMPANY)
		setup = describe_setup(frappe.get_doc("Xero Sync Settings", COMPANY))
		return next(step["warning"] for step in setup["steps"] if step["key"] == "choose")

	def doctor(self) -> str:
		return diagnosis.as_text(diagnosis.diagnose([COMPANY]))

	def test_nothing_is_said_where_links_are_kept(self) -> None:
		bill = self.submit("Purchase Invoice")
		self.push()
		orphans.check_company(COMPANY)
		self.world.session(lambda ports: ports.enqueuer.retry(ref_of(bill), Trigger.RETRY))
		self.push()
		self.assertEqual(self.warning(), "")
		self.assertIn("links_missing: 0", self.doctor())

	def test_a_response_without_the_link_is_said_in_the_settings(self) -> None:
		self.admin.switch(url_kept="dropped")
		self.submit()
		self.push()
		self.assertIn("does not show the links to ERPNext", self.warning())
		self.assertIn("links_missing: 1", self.doctor())

	def test_the_daily_check_sees_what_lists_do_not_show_and_when_they_show_it_again(self) -> None:
		self.admin.switch(url_in_lists="no")
		self.submit()
		self.push()
		self.assertEqual(self.warning(), "")
		orphans.check_company(COMPANY)
		self.assertIn("does not show the links to ERPNext", self.warning())
		self.admin.switch(url_in_lists="yes")
		orphans.check_company(COMPANY)
		self.assertEqual(self.warning(), "")

	def test_a_document_that_somebody_typed_has_no_link_of_ours(self) -> None:
		document = new_invoice(item_tax_template=f"No GST - {ABBR}")
		typed = {
			"type": "ACCREC",
			"number": document.name,
			"contact": "Tasman Timber",
			"date": nowdate(),
			"due_date": nowdate(),
			"lines": [{"quantity": 1, "unit_amount": 100, "account": "200", "tax_type": "NONE"}],
		}
		xero_id = self.admin.act(self.tenant, "enter", **typed)["id"]
		document.submit()
		self.push()
		use_this_one.use_this_one(LOG, self.newest(document).name, xero_id)
		self.push()
		self.assertEqual(self.newest(document).status, "Success", self.newest(document).message)
		orphans.check_company(COMPANY)
		self.assertEqual(self.warning(), "")

	def test_a_lost_response_heals_although_no_link_is_shown(self) -> None:
		for switches in ({"url_kept": "dropped"}, {"url_in_lists": "no"}):
			with self.subTest(switches):
				self.admin.switch(url_kept="kept", url_in_lists="yes")
				self.admin.switch(**switches)
				self.admin.fault("drop_after", method="PUT", path="/invoices$")
				bill = self.submit("Purchase Invoice")
				self.follow_up(lambda: sync.push_invoice(COMPANY), bill)
				row = self.newest(bill)
				self.assertEqual((row.status, len(self.in_xero(bill))), ("Success", 1), row.message)
				self.assertIn("does not show the links to ERPNext", self.warning())
				bill.reload().cancel()
				self.push()
				self.assertEqual([wire["Status"] for wire in self.in_xero(bill)], ["VOIDED"])


class TestTheUpdate(XeroTest):
	"""Sites that sent documents before there were keys."""

	def test_what_was_sent_before_stays_known(self) -> None:
		sent = self.pushed_before_keys()
		failed = self.submit(rate=0.004)
		self.as_before_keys(failed)
		frappe.get_doc(LOG, self.newest(sent).name).add_comment("Comment", "Ask Ana")
		give_documents_keys.execute()
		give_documents_keys.execute()
		frappe.db.commit()
		row = self.newest(sent)
		record = frappe.get_doc(XERO_DOCUMENT, {"xero_id": row.xero_id})
		key = document_key(ref_of(sent), get_datetime(sent.creation))
		self.assertEqual((record.document_key, key_of(row.name)), (key, key))
		self.assertEqual((record.reference_name, record.origin), (sent.name, "Made by us"))
		self.assertEqual(record.link, get_url_to_form("Sales Invoice", sent.name))
		self.assertEqual(get_datetime(row.reference_creation), get_datetime(sent.creation))
		self.assertTrue(frappe.db.exists("Comment", {"reference_name": row.name, "content": "Ask Ana"}))
		sent.reload().cancel()
		frappe.db.commit()
		sync.push_invoice(COMPANY)
		self.assertEqual([wire["Status"] for wire in self.in_xero(sent)], ["VOIDED"])

	def test_a_create_that_was_in_doubt_is_found_by_its_old_link(self) -> None:
		document = self.pushed_before_keys()
		frappe.db.set_value(
			LOG,
			self.newest(document).name,
			{
				"status": "Queued",
				"xero_id": None,
				"due_at": add_days(nowdate(), -1),
				"unconfirmed_until": add_days(nowdate(), -1),
			},
		)
		give_documents_keys.execute()
		frappe.db.commit()
		sync.push_invoice(COMPANY)
		self.assertEqual(self.newest(document).status, "Success", self.newest(document).message)
		self.assertEqual(len(self.in_xero(document)), 1)

	def test_rows_of_a_name_that_was_given_again_stay_with_the_deleted_document(self) -> None:
		document = self.submit()
		self.as_before_keys(document)
		frappe.db.set_value(
			document.doctype, document.name, "creation", get_datetime(document.creation) + timedelta(days=1)
		)
		before = self.newest(document).name
		give_documents_keys.execute()
		self.assertEqual(self.newest(document).name, before)
		self.assertIsNone(self.newest(document).reference_creation)

	def pushed_before_keys(self):
		document = self.submit()
		page = get_url_to_form(document.doctype, document.name)
		with patch.object(FrappeDocuments, "link", lambda self, key: page):
			sync.push_invoice(COMPANY)
		(wire,) = self.in_xero(document)
		self.assertEqual(wire["Url"], page)
		self.as_before_keys(document)
		return document

	def as_before_keys(self, document) -> None:
		"""The log as the versions before wrote it: rows named after the document's name, and no record."""
		frappe.db.delete(XERO_DOCUMENT, {"reference_name": document.name})
		for row in self.world.rows(ref_of(document)):
			number = row.name.rsplit("-", 1)[1]
			frappe.db.sql(
				f"UPDATE `tab{LOG}` SET name = %s, reference_creation = NULL WHERE name = %s",
				(f"{frappe.generate_hash(length=20)}-{number}", row.name),
			)
		frappe.db.commit()
