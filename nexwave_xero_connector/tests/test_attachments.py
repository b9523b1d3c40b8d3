"""The files of bills on their way to Xero: from Frappe's File, with MariaDB, to the Xero sandbox over HTTP."""

from __future__ import annotations

import os
from datetime import timedelta
from unittest.mock import patch

import frappe
from frappe.utils import nowdate

from nexwave_xero_connector.api import attachments
from nexwave_xero_connector.erp.attachments import plan
from nexwave_xero_connector.erp.attachments.kinds import lacks_scope
from nexwave_xero_connector.erp.attachments.summary import describe_attachments
from nexwave_xero_connector.erp.worker import enqueue_worker
from nexwave_xero_connector.jobs import attachments as jobs
from nexwave_xero_connector.jobs.digest import send_digest
from nexwave_xero_connector.tests.attachments_test_case import ATTACHMENT, AttachmentsTest, a_pdf
from nexwave_xero_connector.tests.bench_world import COMPANY, LOG, in_another_session
from nexwave_xero_connector.tests.browser.session import make_user
from nexwave_xero_connector.tests.passing_time import pass_time
from nexwave_xero_connector.tests.records import make_company

BILLS = "purchase_invoices"
MANAGER, STRANGER = "xero-digest-manager@example.com", "xero-digest-stranger@example.com"
SCAN, TERMS = ("Scan of bill.pdf", a_pdf("the scan")), ("terms.docx", b"small print")


class TestAttachments(AttachmentsTest):
	def test_the_files_of_a_bill_go_to_xero_after_it_byte_by_byte(self) -> None:
		self.switch_on(BILLS)
		bill = self.bill(SCAN, TERMS)
		self.push()
		row = self.newest(bill)
		marker = self.admin.marker()
		self.send()
		calls = [call["method"] for call in self.admin.requests(marker, path="/attachments")]
		self.assertEqual(calls, ["GET", "PUT", "PUT"])
		self.assertEqual(self.files_in_xero(bill), {"Scan_of_bill.pdf": SCAN[1], "terms.docx": TERMS[1]})
		self.assertEqual(self.states(bill), [(SCAN[0], "Done"), (TERMS[0], "Done")])
		self.assertEqual(self.newest(bill), row, "the row of the document is what it was")
		marker = self.admin.marker()
		self.send(everything=True)
		self.assertEqual(self.admin.count(marker), 0, "nothing is new")

	def test_with_attachments_off_nothing_is_looked_for_and_no_call_made(self) -> None:
		bill = self.bill(SCAN)
		self.push()
		marker = self.admin.marker()
		self.send(everything=True)
		self.assertEqual((self.records(bill), self.admin.count(marker)), ([], 0))
		self.assertIsNone(describe_attachments(frappe.get_doc("Xero Sync Settings", COMPANY)))

	def test_files_that_are_added_changed_and_removed_after_submit(self) -> None:
		self.switch_on(BILLS)
		bill = self.bill(SCAN, TERMS)
		self.push()
		self.send()
		self.attach(bill, "delivery note.png", b"\x89PNG note")
		scan = frappe.get_doc("File", self.records(bill)[0].file)
		scan.save_file(content=a_pdf("a better scan"), overwrite=True)
		scan.save()
		frappe.db.commit()
		frappe.delete_doc("File", self.records(bill)[1].file)
		frappe.db.commit()
		self.send()
		self.assertEqual(
			self.files_in_xero(bill),
			{
				"Scan_of_bill.pdf": a_pdf("a better scan"),
				"terms.docx": TERMS[1],
				"delivery_note.png": b"\x89PNG note",
			},
		)
		self.assertEqual(
			self.states(bill),
			[(SCAN[0], "Done"), (TERMS[0], "Removed Here"), ("delivery note.png", "Done")],
		)
		self.assertEqual(
			self.records(bill)[1].message,
			f"terms.docx was removed from {bill.name} here. It stays in Xero; if it should not be there, remove it in"
			" Xero, too.",
		)

	def test_a_file_that_is_attached_again_under_its_name_takes_the_place_of_the_first(self) -> None:
		self.switch_on(BILLS)
		bill = self.bill(SCAN)
		self.push()
		self.send()
		frappe.delete_doc("File", self.records(bill)[0].file)
		self.attach(bill, SCAN[0], a_pdf("the right bill"))
		self.send()
		self.assertEqual(self.files_in_xero(bill), {"Scan_of_bill.pdf": a_pdf("the right bill")})
		self.assertEqual(self.states(bill), [(SCAN[0], "Done")])

	def test_a_removed_file_is_noticed_by_the_daily_look(self) -> None:
		self.switch_on(BILLS)
		bill = self.bill(SCAN)
		self.push()
		self.send()
		frappe.delete_doc("File", self.records(bill)[0].file)
		frappe.db.commit()
		pass_time(timedelta(hours=7), self.admin)
		frappe.db.sql(f"update `tab{LOG}` set finished_at = finished_at - interval 7 hour")
		self.send()
		self.assertEqual(self.states(bill), [(SCAN[0], "Done")])
		self.send(everything=True)
		self.assertEqual(self.states(bill), [(SCAN[0], "Removed Here")])

	def test_names_that_xero_trips_over_and_files_of_one_name(self) -> None:
		self.switch_on(BILLS)
		bill = self.bill(
			("Rēhita #1 (final) 50%.pdf", a_pdf("1")),
			("a.pdf", a_pdf("2")),
			("A.pdf", a_pdf("3")),
			("Scan No. 12", a_pdf("without an extension")),
			("unknown", b"nobody knows what this is"),
		)
		self.push()
		self.send()
		self.assertEqual(
			self.files_in_xero(bill),
			{
				"Rehita_1_final_50.pdf": a_pdf("1"),
				"a.pdf": a_pdf("2"),
				"A-2.pdf": a_pdf("3"),
				"Scan_No._12.pdf": a_pdf("without an extension"),
			},
		)
		self.assertEqual(self.states(bill)[4], ("unknown", "Failed"))
		self.assertIn("has no extension, such as .pdf", self.records(bill)[4].message)

	def test_files_that_live_elsewhere_or_are_gone(self) -> None:
		self.switch_on(BILLS)
		bill = self.bill(SCAN)
		for url in (
			"https://files.example.com/scan.pdf",
			"/api/method/frappe_s3_attachment.controller.generate_file?key=1&file_name=scan.pdf",
		):
			name = frappe.get_doc(
				{
					"doctype": "File",
					"file_name": "scan.pdf",
					"file_url": "https://files.example.com/scan.pdf",
					"attached_to_doctype": bill.doctype,
					"attached_to_name": bill.name,
				}
			).insert()
			frappe.db.set_value("File", name.name, "file_url", url)
		gone = self.attach(bill, "gone.pdf", a_pdf("gone"))
		os.remove(gone.get_full_path())
		outside = self.attach(bill, "outside.pdf", a_pdf("outside"))
		frappe.db.set_value("File", outside.name, "file_url", "/private/files/../../site_config.json")
		self.addCleanup(frappe.db.delete, "File", {"name": outside.name})
		self.push()
		self.send()
		self.assertEqual(list(self.files_in_xero(bill)), ["Scan_of_bill.pdf"])
		messages = [record.message for record in self.records(bill)[1:]]
		self.assertIn("is not on this server but at https://files.example.com/scan.pdf", messages[0])
		self.assertIn("is not on this server but at /api/method/frappe_s3", messages[1])
		self.assertIn(f"gone.pdf of {bill.name} cannot be found on this server", messages[2])
		self.assertIn("cannot be found on this server", messages[3])
		self.assertEqual(self.newest(bill).status, "Success")

	def test_only_files_of_this_very_document_are_read(self) -> None:
		self.switch_on(BILLS)
		bill, other = self.bill(SCAN), self.bill()
		secret = self.attach(other, "secret.pdf", a_pdf("secret"))
		self.attach(frappe.get_doc("Supplier", bill.supplier), "of the supplier.pdf", a_pdf("supplier"))
		self.push()
		jobs.look_for_new_files()
		# As if somebody had pointed a record at another document's file.
		frappe.db.set_value(ATTACHMENT, self.records(bill)[0].name, "file", secret.name)
		frappe.db.commit()
		jobs.send(COMPANY)
		frappe.db.rollback()
		self.assertEqual(self.files_in_xero(bill), {})
		self.assertIn(f"is no longer attached to {bill.name}", self.records(bill)[0].message)
		self.assertEqual(self.files_in_xero(other), {"secret.pdf": a_pdf("secret")})

	def test_a_scan_on_two_bills_a_public_file_and_one_in_a_field(self) -> None:
		"""Frappe keeps one copy of what is attached twice."""
		self.switch_on(BILLS)
		first, second = self.bill(SCAN), self.bill(SCAN)
		self.attach(second, "public.docx", b"for everybody", is_private=0)
		self.attach(second, "of a field.docx", b"in a field", attached_to_field="remarks")
		self.push()
		self.send()
		self.assertEqual(self.files_in_xero(first), {"Scan_of_bill.pdf": SCAN[1]})
		self.assertEqual(
			self.files_in_xero(second),
			{
				"Scan_of_bill.pdf": SCAN[1],
				"public.docx": b"for everybody",
				"of_a_field.docx": b"in a field",
			},
		)

	def test_where_retries_are_off_what_failed_waits_for_a_person(self) -> None:
		self.switch_on(BILLS, automatic_retry=0)
		bill = self.bill(SCAN)
		self.push()
		self.admin.fault("error_before", path="/attachments$")
		self.send()
		(record,) = self.records(bill)
		self.assertEqual((record.status, record.due_at), ("Failed", None))
		self.assertIn("Press Retry once the cause is fixed.", record.message)

	def test_managers_are_told_once_of_files_that_only_a_person_can_help(self) -> None:
		self.make_managers()
		self.switch_on(BILLS)
		first, second = self.bill(("one.exe", b"MZ"), ("two.exe", b"MZ"), SCAN), self.bill(SCAN)
		self.push()
		self.send()
		passing = self.bill(SCAN)
		self.push()
		self.admin.fault("error_before", path="/attachments$")
		self.send()
		self.assertEqual(self.states(passing), [(SCAN[0], "Failed")])
		for _ in range(2):
			send_digest()
		(told,) = self.told(MANAGER)
		self.assertEqual(told.subject, "2 files were not sent to Xero")
		self.assertIn(f"one.exe of {first.name} was not attached.", told.email_content)
		self.assertNotIn(second.name, told.email_content)
		self.assertNotIn(passing.name, told.email_content, "it is retried automatically")
		self.assertTrue(told.link.endswith("/xero-attachment?status=Failed"), told.link)
		self.assertEqual(self.told(STRANGER), [])
		self.assertEqual([self.newest(bill).needs_attention for bill in (first, second, passing)], [0, 0, 0])

	def test_a_file_that_fails_again_after_retry_is_told_again(self) -> None:
		self.make_managers()
		self.switch_on(BILLS)
		bill = self.bill(("one.exe", b"MZ"))
		self.push()
		self.send()
		send_digest()
		attachments.retry([self.records(bill)[0].name])
		send_digest()
		self.send()
		send_digest()
		self.assertEqual(
			[told.subject for told in self.told(MANAGER)], [f"A file of {bill.name} was not sent to Xero"] * 2
		)

	def make_managers(self) -> None:
		make_company("Xero Elsewhere Ltd", "XEL")
		make_user(MANAGER, "Accounts Manager")
		make_user(STRANGER, "Accounts Manager", company="Xero Elsewhere Ltd")
		frappe.db.delete("Notification Log", {"for_user": ("in", (MANAGER, STRANGER))})
		send_digest()  # what other tests have left
		frappe.db.delete("Notification Log", {"for_user": ("in", (MANAGER, STRANGER))})
		frappe.db.commit()

	def told(self, user: str) -> list[frappe._dict]:
		filters = {"for_user": user, "document_type": ATTACHMENT}
		return frappe.get_all("Notification Log", filters, ["subject", "email_content", "link"])

	def test_more_than_ten_files_and_a_kind_that_xero_refuses(self) -> None:
		self.switch_on(BILLS)
		files = [(f"page {number}.pdf", a_pdf(f"page {number}")) for number in range(11)]
		bill = self.bill(("macro.exe", b"MZ"), *files)
		self.push()
		self.send()
		self.assertEqual(len(self.files_in_xero(bill)), 10)
		states = self.states(bill)
		self.assertEqual([state for _title, state in states], ["Failed"] + ["Done"] * 10 + ["Failed"])
		self.assertIn("isn't a supported file type", self.records(bill)[0].message)
		self.assertIn("already has 10 files in Xero, which accepts 10", self.records(bill)[11].message)

	def test_retry_sends_a_file_again_in_the_place_of_the_first(self) -> None:
		self.switch_on(BILLS)
		bill = self.bill(SCAN)
		self.push()
		self.admin.fault("refuse", path="/attachments/", contains="PDF", message="Not today")
		self.admin.fault("error_before", path="/attachments/", status=412)
		self.send()
		(record,) = self.records(bill)
		self.assertEqual((record.status, record.due_at), ("Failed", None))
		for _press in range(2):
			message = attachments.retry([record.name])["message"]
			self.assertEqual(message, "1 files are queued. They are sent once no document waits.")
			frappe.db.commit()
			jobs.send(COMPANY)
			frappe.db.rollback()
			self.assertEqual(self.files_in_xero(bill), {"Scan_of_bill.pdf": SCAN[1]})
			self.assertEqual(self.states(bill), [(SCAN[0], "Done")])

	def test_a_lost_response_is_looked_for_and_never_doubled(self) -> None:
		self.admin.switch(attachment_same_name="added")
		self.switch_on(BILLS)
		bill = self.bill(SCAN)
		self.push()
		self.admin.fault("drop_after", path="/attachments/")
		self.send()
		self.assertEqual(self.states(bill), [(SCAN[0], "To Do")])
		self.assertIn("Xero did not confirm whether it saved", self.records(bill)[0].message)
		pass_time(timedelta(minutes=20), self.admin)
		self.send()
		self.assertEqual(self.states(bill), [(SCAN[0], "Done")])
		self.assertEqual(self.files_in_xero(bill), {"Scan_of_bill.pdf": SCAN[1]})

	def test_a_day_without_calls_delays_files_only(self) -> None:
		self.switch_on(BILLS)
		bill = self.bill(SCAN)
		self.push()
		self.admin.fault("rate_limit", path="/attachments", problem="day", retry_after=7200)
		self.send()
		self.assertEqual(self.states(bill), [(SCAN[0], "To Do")])
		self.assertIsNone(frappe.db.get_value("Xero Connection", COMPANY, "paused_until"))
		pass_time(timedelta(hours=3), self.admin)
		self.consent()
		self.send()
		self.assertEqual(self.states(bill), [(SCAN[0], "Done")])

	def test_documents_go_first(self) -> None:
		self.switch_on(BILLS)
		sent = self.bill(SCAN)
		self.push()
		jobs.look_for_new_files()
		waiting = self.bill()
		marker = self.admin.marker()
		jobs.send(COMPANY)
		self.assertEqual(self.admin.count(marker), 0, "while a document is due no file is sent")
		self.push()
		jobs.send(COMPANY)
		frappe.db.rollback()
		self.assertEqual(self.newest(waiting).status, "Success")
		self.assertEqual(self.states(sent), [(SCAN[0], "Done")])

	def test_a_share_of_the_days_calls(self) -> None:
		self.xero.admin.limits(day=1000)
		self.switch_on(BILLS, attachments_share=1)
		bills = [self.bill((f"{number}.pdf", a_pdf(str(number)))) for number in range(8)]
		self.push()
		marker = self.admin.marker()
		self.send()
		calls = self.admin.count(marker, path="/attachments")
		self.assertIn(calls, (9, 10), "of 1,000 calls, one in a hundred")
		facts = describe_attachments(frappe.get_doc("Xero Sync Settings", COMPANY))
		self.assertEqual((facts["share_used"], facts["share_size"]), (calls, calls))
		states = [state for bill in bills for _title, state in self.states(bill)]
		self.assertEqual(sorted(set(states)), ["Done", "To Do"])

	def test_what_was_sent_before_is_counted_and_sent_on_request_only(self) -> None:
		earlier = self.bill(SCAN, TERMS)
		self.bill()
		self.push()
		self.switch_on(BILLS)
		self.send(everything=True)
		self.assertEqual(self.records(earlier), [])
		counted = attachments.count_earlier(COMPANY, nowdate())
		self.assertEqual(counted, {"documents": 1, "files": 2, "calls": 3, "days": 1})
		self.assertEqual(self.records(earlier), [], "counting changes nothing")
		self.assertEqual(attachments.send_earlier(COMPANY, nowdate()), {"documents": 1, "files": 2})
		self.assertEqual(attachments.send_earlier(COMPANY, nowdate()), {"documents": 0, "files": 0})
		jobs.send(COMPANY)
		self.assertEqual(len(self.files_in_xero(earlier)), 2)

	def test_while_a_look_goes_on_who_asks_for_what_was_sent_before_is_not_told_that_there_is_nothing(
		self,
	) -> None:
		self.bill(SCAN)
		self.push()
		self.switch_on(BILLS)
		with patch.object(plan, "LOCK_PATIENCE_SECONDS", 0), plan._one_look_at_a_time(COMPANY):
			counted = in_another_session(lambda: attachments.count_earlier(COMPANY, nowdate()))
			self.assertEqual(counted["files"], 1)
			with self.assertRaisesRegex(frappe.ValidationError, "Try again in a moment"):
				in_another_session(lambda: attachments.send_earlier(COMPANY, nowdate()))
		self.assertEqual(attachments.send_earlier(COMPANY, nowdate())["files"], 1)

	def test_a_file_attached_now_to_a_bill_that_was_sent_before_is_sent(self) -> None:
		earlier = self.bill(TERMS)
		self.push()
		self.switch_on(BILLS)
		self.attach(earlier, *SCAN)
		self.send()
		self.assertEqual(self.states(earlier), [(SCAN[0], "Done")])

	def test_what_is_switched_off_waits_and_switching_on_again_forgets_what_was_between(self) -> None:
		self.switch_on(BILLS)
		bill = self.bill(SCAN)
		self.push()
		jobs.look_for_new_files()
		self.switch_on(attach_to_purchase_invoices=0)
		jobs.send(COMPANY)
		self.assertEqual(self.states(bill), [(SCAN[0], "To Do")])
		between = self.bill(SCAN)
		self.push()
		self.switch_on(BILLS)
		self.send(everything=True)
		self.assertEqual((self.states(bill), self.states(between)), ([(SCAN[0], "Done")], []))

	def test_without_the_scope_no_call_is_made_and_the_settings_say_so(self) -> None:
		self.assertNotIn("accounting.attachments", self.scopes_asked_for())
		self.switch_on(BILLS)
		self.assertIn("accounting.attachments", self.scopes_asked_for())
		bill = self.bill(SCAN)
		self.push()
		granted = frappe.db.get_value("Xero Connection", COMPANY, "scope")
		self.consent_to(granted.replace(" accounting.attachments", ""))
		marker = self.admin.marker()
		self.send()
		self.assertEqual((self.states(bill), self.admin.count(marker)), ([(SCAN[0], "To Do")], 0))
		self.assertTrue(describe_attachments(frappe.get_doc("Xero Sync Settings", COMPANY))["lacks_scope"])
		self.consent()
		self.assertFalse(lacks_scope(COMPANY))
		self.send()
		self.assertEqual(self.states(bill), [(SCAN[0], "Done")])

	def scopes_asked_for(self) -> str:
		from nexwave_xero_connector.erp.connection.xero_app import oauth_app

		return oauth_app(COMPANY).scope

	def consent_to(self, scopes: str) -> None:
		from datetime import datetime, timezone

		from nexwave_xero_connector.erp.connection.tokens import store_token
		from nexwave_xero_connector.xero_api.oauth import Token

		minted = self.admin.mint(self.tenant, scopes=scopes)
		expires_at = datetime.now(timezone.utc) + timedelta(minutes=30)
		store_token(
			COMPANY, Token(minted["access_token"], minted["refresh_token"], expires_at, minted["scope"])
		)
		frappe.db.commit()

	def test_a_cancelled_bill_gets_nothing_more_and_keeps_what_it_has(self) -> None:
		self.switch_on(BILLS)
		bill, other = self.bill(SCAN), self.bill(SCAN)
		self.push()
		self.send()
		self.attach(bill, *TERMS)
		jobs.look_for_new_files()
		bill.cancel()
		frappe.db.commit()
		self.push()
		self.send()
		self.assertEqual(self.states(bill), [(SCAN[0], "Done")])
		self.assertEqual(list(self.files_in_xero(bill)), ["Scan_of_bill.pdf"])
		self.assertEqual(self.newest(bill).status, "Voided")
		self.assertEqual(self.states(other), [(SCAN[0], "Done")])

	def test_a_file_follows_its_renamed_bill(self) -> None:
		self.switch_on(BILLS)
		bill = self.bill(SCAN)
		self.push()
		jobs.look_for_new_files()
		frappe.rename_doc(bill.doctype, bill.name, f"{bill.name}-RENAMED", force=True)
		frappe.db.commit()
		bill = frappe.get_doc(bill.doctype, f"{bill.name}-RENAMED")
		self.documents.append(bill)
		self.send(everything=True)
		self.assertEqual(self.states(bill), [(SCAN[0], "Done")])
		self.assertEqual(len(self.uploads()), 1)

	def test_the_job_in_the_queue_gives_way_to_a_document(self) -> None:
		"""A real worker; the look queues the job once, whatever the number of files."""
		from nexwave_xero_connector.tests.bench_worker import running_worker

		self.switch_on(BILLS)
		bill = self.bill(SCAN, TERMS)
		enqueue_worker(COMPANY)
		with running_worker(self.queue, queues="default,long"):
			self.until(lambda: self.newest(bill).status == "Success")
			jobs.look_for_new_files()
			self.until(
				lambda: (
					[state for _title, state in self.states(bill)] == ["Done", "Done"] or frappe.db.rollback()
				)
			)
		self.assertEqual(len(self.files_in_xero(bill)), 2)
