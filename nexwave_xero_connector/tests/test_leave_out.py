"""Documents, customers and suppliers that somebody leaves out of Xero: what is sent, said, and taken back."""

from __future__ import annotations

import frappe
from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return
from frappe.model.document import Document
from frappe.model.rename_doc import rename_doc

from nexwave_xero_connector.api import backfill, bulk, invoice, leave_out, retry
from nexwave_xero_connector.jobs.sweep import look_at_everything, sweep
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY, LOG, PARTY, new_invoice
from nexwave_xero_connector.tests.browser.session import make_user
from nexwave_xero_connector.tests.erpnext_operations import AFTER, BEFORE, FOURTH, THIRD, OperationsTest

REASON = "Entered in Xero by hand"


class LeaveOutTest(OperationsTest):
	def leave_out(self, document: Document, reason: str = REASON) -> str:
		said = leave_out.leave_out(document.doctype, document.name, reason)["message"]
		frappe.db.commit()
		return said

	def take_back(self, document: Document) -> str:
		said = leave_out.take_back(document.doctype, document.name)["message"]
		frappe.db.commit()
		return said

	def leave_out_party(self, party_type: str = "Customer", party: str = PARTY) -> str:
		said = leave_out.leave_out_with_party(party_type, party, COMPANY, REASON)["message"]
		frappe.db.commit()
		return said

	def take_back_party(self, party_type: str = "Customer", party: str = PARTY) -> str:
		said = leave_out.take_back_with_party(party_type, party, COMPANY)["message"]
		frappe.db.commit()
		return said

	def left_out(self, document: Document) -> tuple[str, str, str]:
		row = self.newest(document)
		return row.status, row.left_out_by, row.left_out_reason

	def draft(self, doctype: str = "Sales Invoice", **values: object) -> Document:
		draft = new_invoice(doctype, item_tax_template=f"No GST - {ABBR}", **values)
		frappe.db.commit()
		return draft

	def is_not_sent(self, document: Document) -> None:
		self.push()
		sweep()
		look_at_everything()
		self.push()
		self.assertEqual(self.in_xero(document), [])
		self.assertEqual(self.newest(document).status, "Skipped")

	def assert_sent(self, document: Document) -> None:
		self.push()
		self.assertEqual(self.status(document), "Success", self.newest(document).message)
		self.assertEqual(len(self.in_xero(document)), 1)


SKIPPED = ("Skipped", "Administrator", REASON)


class TestLeaveOutDocument(LeaveOutTest):
	def test_a_waiting_document(self) -> None:
		document = self.submit()
		said = self.leave_out(document)
		self.assertEqual(said, f"{document.name} is left out: it is not sent to Xero.")
		self.assertEqual(self.left_out(document), SKIPPED)
		self.assertEqual(
			self.newest(document).message,
			f"{document.name} is not sent to Xero: Administrator left it out. Reason: {REASON}",
		)
		self.is_not_sent(document)
		self.assertEqual(self.left_out(document), SKIPPED)

	def test_a_refused_document_and_a_repeated_press(self) -> None:
		document = self.submit(rate=0)
		self.push()
		self.assertEqual(self.status(document), "Skipped")
		for _time in range(2):
			self.leave_out(document)
		self.assertEqual(frappe.db.count(LOG, {"reference_name": document.name}), 2)
		self.assertEqual(self.left_out(document), SKIPPED)

	def test_a_draft_is_still_left_out_once_it_is_submitted(self) -> None:
		for doctype in ("Sales Invoice", "Purchase Invoice"):
			with self.subTest(doctype):
				draft = self.draft(doctype)
				self.leave_out(draft)
				draft.reload()
				draft.submit()
				frappe.db.commit()
				self.is_not_sent(draft)
				self.assertEqual(self.left_out(draft), SKIPPED)

	def test_a_draft_that_is_taken_back_is_sent_when_it_is_submitted(self) -> None:
		draft = self.draft()
		self.leave_out(draft)
		self.assertIn("once it is submitted", self.take_back(draft))
		self.push()
		self.assertEqual(self.in_xero(draft), [])
		draft.reload()
		draft.submit()
		self.assert_sent(draft)
		history = frappe.get_all(
			LOG,
			{"reference_name": draft.name},
			["status", "left_out_reason"],
			order_by="creation",
			as_list=True,
		)
		self.assertEqual(history, (("Skipped", REASON), ("Skipped", None), ("Success", None)))

	def test_a_draft_that_is_renamed_is_still_left_out_once_it_is_submitted(self) -> None:
		for doctype in ("Sales Invoice", "Purchase Invoice"):
			with self.subTest(doctype):
				draft = self.draft(doctype)
				self.leave_out(draft)
				self.take_back(draft)
				self.leave_out(draft)
				for ending in ("-ONE", "-TWO"):
					draft = self.rename(draft, f"{draft.name}{ending}")
				said = f"{draft.name} is not sent to Xero: Administrator left it out. Reason: {REASON}"
				latest = {"reference_name": draft.name, "is_latest": 1}
				self.assertEqual(frappe.get_all(LOG, latest, pluck="message"), [said])
				draft.submit()
				frappe.db.commit()
				self.is_not_sent(draft)
				fields = ["status", "left_out_by", "left_out_reason", "message"]
				self.assertEqual(frappe.get_all(LOG, latest, fields, as_list=True), ((*SKIPPED, said),))
				self.take_back(draft)
				self.assert_sent(draft)

	def test_a_draft_that_is_renamed_while_it_is_submitted_by_an_app_is_still_left_out(self) -> None:
		draft = self.draft()
		self.leave_out(draft)
		draft.reload()
		name = f"{draft.name}-BY-APP"

		def before_submit() -> None:
			rename_doc(draft.doctype, draft.name, name, force=True, show_alert=False, rebuild_search=False)
			draft.name = name
			for row in draft.get_all_children():
				row.parent = name
			draft._original_modified = draft.modified

		draft.before_submit = before_submit
		draft.submit()
		frappe.db.commit()
		self.assertEqual(frappe.db.get_value(draft.doctype, name, "docstatus"), 1)
		self.is_not_sent(frappe.get_doc(draft.doctype, name))

	def test_a_renamed_draft_that_was_taken_back_is_sent_and_has_one_newest_row(self) -> None:
		draft = self.draft()
		self.leave_out(draft)
		self.take_back(draft)
		draft = self.rename(draft, f"{draft.name}-RENAMED")
		draft.submit()
		self.assert_sent(draft)
		self.assertEqual(frappe.db.count(LOG, {"reference_name": draft.name, "is_latest": 1}), 1)

	def test_a_name_that_is_given_again_is_not_left_out(self) -> None:
		"""Neither after the draft was deleted, nor after it was renamed."""
		deleted, renamed = self.draft(), self.draft()
		for draft in (deleted, renamed):
			self.leave_out(draft)
		names = deleted.name, renamed.name
		frappe.delete_doc(deleted.doctype, deleted.name)
		renamed = self.rename(renamed, f"{renamed.name}-RENAMED")
		for name in names:
			with self.subTest(name):
				another = self.rename(self.draft(), name)
				another.submit()
				self.assert_sent(another)
		renamed.submit()
		frappe.db.commit()
		self.is_not_sent(renamed)

	def test_a_draft_that_another_was_merged_into_is_what_it_was(self) -> None:
		one, two = self.draft(), self.draft()
		for gone, kept, is_sent in ((one, two, True), (self.draft(), self.draft(), False)):
			with self.subTest(is_sent=is_sent):
				self.leave_out(gone if is_sent else kept)
				rename_doc(
					gone.doctype,
					gone.name,
					kept.name,
					force=True,
					merge=True,
					show_alert=False,
					rebuild_search=False,
				)
				frappe.db.commit()
				kept.reload()
				kept.submit()
				if is_sent:
					self.assert_sent(kept)
				else:
					frappe.db.commit()
					self.is_not_sent(kept)

	def test_a_renamed_draft_that_is_not_left_out_has_no_row(self) -> None:
		draft = self.rename(self.draft(), "XERO-RENAMED-DRAFT")
		self.assertEqual(frappe.db.count(LOG, {"reference_name": draft.name}), 0)
		draft.submit()
		self.assert_sent(draft)

	def rename(self, draft: Document, name: str) -> Document:
		rename_doc(draft.doctype, draft.name, name, force=True, show_alert=False, rebuild_search=False)
		frappe.db.commit()
		return frappe.get_doc(draft.doctype, name)

	def test_a_document_that_is_taken_back_is_sent_once(self) -> None:
		document = self.submit()
		self.leave_out(document)
		self.take_back(document)
		self.assert_sent(document)
		with self.assertRaisesRegex(frappe.ValidationError, "is not left out"):
			self.take_back(document)

	def test_what_is_in_xero_is_not_touched_and_said(self) -> None:
		document = self.sent()
		with self.assertRaisesRegex(frappe.ValidationError, "is already in Xero, and stays there"):
			self.leave_out(document)
		self.assertEqual(self.status(document), "Success")
		self.assertEqual(self.in_xero(document)[0]["Status"], "AUTHORISED")

	def test_an_attempt_that_may_have_arrived_is_said_and_voided_on_cancel(self) -> None:
		document = self.sent()
		frappe.db.set_value(LOG, self.newest(document).name, {"status": "Failed", "needs_attention": 1})
		frappe.db.commit()
		self.assertIn("Xero may have it", self.leave_out(document))
		self.assertEqual(self.left_out(document), SKIPPED)
		self.assertEqual(self.newest(document).needs_attention, 0)
		frappe.get_doc(document.doctype, document.name).cancel()
		self.push()
		self.assertEqual(self.in_xero(document)[0]["Status"], "VOIDED")
		self.assertEqual(self.status(document), "Voided")

	def test_a_left_out_document_is_cancelled(self) -> None:
		document = self.submit()
		self.leave_out(document)
		frappe.get_doc(document.doctype, document.name).cancel()
		frappe.db.commit()
		self.is_not_sent(document)
		for act in (self.leave_out, self.take_back):
			with self.assertRaisesRegex(frappe.ValidationError, "is cancelled"):
				act(document)

	def test_its_amendment_is_left_out_too_and_can_be_taken_back(self) -> None:
		document = self.submit()
		self.leave_out(document)
		frappe.get_doc(document.doctype, document.name).cancel()
		amended = frappe.copy_doc(frappe.get_doc(document.doctype, document.name))
		amended.update({"amended_from": document.name, "docstatus": 0})
		amended.insert().submit()
		frappe.db.commit()
		self.is_not_sent(amended)
		self.assertIn(f"left out {document.name}, which it amends", self.newest(amended).message)
		self.take_back(amended)
		self.assert_sent(amended)

	def test_its_credit_note_is_left_out_too(self) -> None:
		document = self.submit()
		before = self.credit_note(document)
		self.leave_out(document)
		self.is_not_sent(before)
		self.assertIn(f"left out {document.name}, which it returns", self.newest(before).message)
		document = self.submit()
		self.leave_out(document)
		after = self.credit_note(document)
		self.is_not_sent(after)
		self.assertEqual(self.left_out(after), SKIPPED)

	def credit_note(self, document: Document) -> Document:
		credit_note = make_sales_return(document.name).insert().submit()
		frappe.db.commit()
		return credit_note

	def test_it_is_not_missing(self) -> None:
		"""Neither in the list of what is not in Xero, nor in a backfill, nor can Send Now send it."""
		document, skipped = self.submit(), self.submit(rate=0)
		self.leave_out(document)
		self.assertEqual(invoice.names_by_state("Sales Invoice", "Not in Xero"), [skipped.name])
		self.assertEqual(backfill.count(COMPANY, document.posting_date), 1)
		backfill.queue(COMPANY, document.posting_date)
		with self.assertRaisesRegex(
			frappe.ValidationError, f"Reason: {REASON} To send it after all, press Take Back"
		):
			retry.retry(document.doctype, document.name)
		frappe.db.commit()
		self.is_not_sent(document)

	def test_one_that_a_worker_has_is_refused(self) -> None:
		document = self.submit()
		frappe.db.set_value(LOG, self.newest(document).name, "status", "In Progress")
		frappe.db.commit()
		with self.assertRaisesRegex(frappe.ValidationError, "is being processed right now"):
			self.leave_out(document)

	def test_many_at_once(self) -> None:
		two = self.sent()
		one = self.submit()
		results = bulk.leave_out("Sales Invoice", [one.name, two.name], REASON)
		self.assertEqual([result["done"] for result in results], [True, False])
		frappe.db.commit()
		results = bulk.take_back(LOG, [self.newest(one).name])
		self.assertEqual([result["done"] for result in results], [True])
		self.assert_sent(one)

	def test_a_reason_is_needed_and_is_only_text(self) -> None:
		document = self.submit()
		with self.assertRaisesRegex(frappe.ValidationError, "Please enter why"):
			self.leave_out(document, " ")
		self.leave_out(document, "<img src=x>=1")
		self.assertNotIn("<img", self.newest(document).left_out_reason + self.newest(document).message)


class TestLeaveOutParty(LeaveOutTest):
	def test_later_documents_of_a_customer_and_a_supplier(self) -> None:
		for party_type, doctype in (("Customer", "Sales Invoice"), ("Supplier", "Purchase Invoice")):
			with self.subTest(party_type):
				self.leave_out_party(party_type)
				document = self.submit(doctype)
				self.is_not_sent(document)
				self.assertEqual(self.left_out(document), SKIPPED)
				self.assertEqual(
					self.newest(document).message,
					f"{document.name} is not sent to Xero: Administrator left out {PARTY}. Reason: {REASON}",
				)
				self.assertEqual(invoice.names_by_state(doctype, "Not in Xero"), [])

	def test_the_user_who_left_a_customer_out_is_deleted(self) -> None:
		user = make_user(f"{frappe.generate_hash(length=8)}@example.com", "Accounts Manager", "Accounts User")
		frappe.db.commit()
		frappe.set_user(user)
		self.leave_out_party()
		frappe.set_user("Administrator")
		frappe.delete_doc("User", user)
		frappe.db.commit()
		self.can_be_saved_and_switched_off()
		document = self.submit()
		self.is_not_sent(document)
		self.assertIn(f"{user} left out {PARTY}", self.newest(document).message)

	def test_documents_that_wait_or_were_sent(self) -> None:
		sent, waiting = self.sent(), self.submit()
		self.assertIn(
			"1 that were waiting are left out. Those that are in Xero stay there", self.leave_out_party()
		)
		self.is_not_sent(waiting)
		self.assertEqual(self.in_xero(sent)[0]["Status"], "AUTHORISED")

	def test_a_sent_document_of_a_left_out_customer_is_voided_when_it_is_cancelled(self) -> None:
		sent = self.sent()
		self.leave_out_party()
		frappe.get_doc(sent.doctype, sent.name).cancel()
		self.push()
		self.assertEqual(self.in_xero(sent)[0]["Status"], "VOIDED")

	def test_a_customer_is_taken_back(self) -> None:
		self.leave_out_party()
		before = self.submit()
		self.assertIn("1 stay left out", self.take_back_party())
		after = self.submit()
		self.assert_sent(after)
		self.assertEqual(self.in_xero(before), [])
		self.take_back(before)
		self.assert_sent(before)
		texts = frappe.get_all(
			"Comment", {"reference_name": PARTY}, pluck="content", order_by="creation desc", limit=2
		)
		self.assertEqual(
			texts,
			[
				f"No longer left out of Xero for {COMPANY}.",
				f"Left out of Xero for {COMPANY}. Reason: {REASON}",
			],
		)

	def test_one_document_of_a_left_out_customer_is_taken_back(self) -> None:
		self.leave_out_party()
		document = self.submit()
		self.take_back(document)
		self.assert_sent(document)

	def test_a_left_out_customer_is_renamed_merged_and_deleted(self) -> None:
		one, two, three = (self.customer(name) for name in (BEFORE, AFTER, THIRD))
		for customer in (one, three):
			self.leave_out_party(party=customer)
		frappe.delete_doc("Customer", three)
		rename_doc("Customer", one, FOURTH, show_alert=False, rebuild_search=False)
		self.made.append(("Customer", FOURTH))
		frappe.db.commit()
		self.assertEqual([row.party for row in self.settings().left_out_parties], [FOURTH])
		document = self.submit(customer=FOURTH)
		self.is_not_sent(document)
		self.can_be_saved_and_switched_off()
		rename_doc("Customer", FOURTH, two, merge=True, show_alert=False, rebuild_search=False)
		frappe.db.commit()
		self.says(f"Documents of {AFTER} are sent from now on")
		self.assertEqual(self.settings().left_out_parties, [])
		self.can_be_saved_and_switched_off()

	def test_it_works_while_the_mapping_cannot_be_saved(self) -> None:
		account = frappe.get_all("Xero Account", {"company": COMPANY}, pluck="name")[0]
		frappe.db.set_value("Xero Account", account, "status", "ARCHIVED")
		self.leave_out_party()
		self.is_not_sent(self.submit())

	def test_a_submit_reads_no_more_than_before(self) -> None:
		"""The parties are in the settings, which Submit has in its cache."""
		draft = self.draft()
		frappe.get_cached_doc("Xero Sync Settings", COMPANY)
		statements: list[str] = []
		execute = frappe.db.sql

		def noted(query, *args, **kwargs):
			statements.append(str(query))
			return execute(query, *args, **kwargs)

		frappe.db.sql = noted
		try:
			draft.submit()
		finally:
			del frappe.db.sql
		ours = [statement for statement in statements if "tabXero" in statement]
		self.assertEqual(len(ours), 2, ours)  # is the company enabled, and the row
