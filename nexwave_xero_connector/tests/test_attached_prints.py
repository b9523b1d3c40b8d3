"""The PDFs of invoices and credit notes on their way to Xero: as ERPNext's Print button makes them, or not at all."""

from __future__ import annotations

import os
import shutil
import signal
import tempfile
import time
from datetime import timedelta
from unittest.mock import patch

import frappe
import psutil
from erpnext.accounts.doctype.sales_invoice.sales_invoice import make_sales_return
from frappe.model.document import Document
from frappe.utils.print_format import download_pdf

from nexwave_xero_connector.erp.attachments import prints
from nexwave_xero_connector.erp.attachments.prints import TooSlow, time_limit
from nexwave_xero_connector.tests.attachments_test_case import FAILS, HANGS, AttachmentsTest, text_of
from nexwave_xero_connector.tests.bench_world import ABBR, COMPANY, PARTY
from nexwave_xero_connector.tests.passing_time import pass_time

INVOICES, CREDIT_NOTES = "sales_invoices", "sales_credit_notes"


class TestAttachedPrints(AttachmentsTest):
	def setUp(self) -> None:
		super().setUp()
		self.formats = [self.print_format(name) for name in ("Xero Paper", "Xero Credit Paper")]

	def print_format(self, name: str) -> str:
		if not frappe.db.exists("Print Format", name):
			frappe.get_doc(
				{
					"doctype": "Print Format",
					"name": name,
					"doc_type": "Sales Invoice",
					"custom_format": 1,
					"print_format_type": "Jinja",
					"standard": "No",
					"html": f"<div>{{{{ letter_head }}}} {name} {{{{ doc.name }}}} in {{{{ frappe.lang }}}}</div>",
				}
			).insert()
		return name

	def letter_head(self, name: str = "Kauri Letterhead") -> str:
		if not frappe.db.exists("Letter Head", name):
			frappe.get_doc(
				{
					"doctype": "Letter Head",
					"letter_head_name": name,
					"source": "HTML",
					"content": f"<b>{name}</b>",
				}
			).insert()
		return name

	def invoice(self, **values: object) -> Document:
		document = self.submit("Sales Invoice", **values)
		self.documents.append(document)
		return document

	def test_the_pdf_of_an_invoice_as_the_print_button_makes_it(self) -> None:
		self.switch_on(INVOICES)
		invoice = self.invoice(language="de")
		self.push()
		marker = self.admin.marker()
		self.send()
		(pdf,) = self.files_in_xero(invoice).values()
		self.assertEqual(self.states(invoice), [(f"{invoice.name}.pdf", "Done")])
		download_pdf("Sales Invoice", invoice.name, language="de")
		self.assertEqual(text_of(pdf), text_of(frappe.local.response.filecontent))
		self.assertIn("PDF herunterladen", text_of(pdf), "in the document's own language")
		calls = [(call["method"], call["query"]) for call in self.admin.requests(marker, path="/attachments")]
		self.assertEqual(calls[:2], [("GET", ""), ("PUT", "")])

	def test_the_chosen_format_and_language_by_kind_and_online_on_request(self) -> None:
		self.switch_on(
			INVOICES,
			CREDIT_NOTES,
			sales_invoice_print_format=self.formats[0],
			sales_credit_note_print_format=self.formats[1],
			print_language="fr",
			include_online=1,
		)
		invoice = self.invoice(language="de", letter_head=self.letter_head())
		self.push()
		credit_note = make_sales_return(invoice.name)
		credit_note.items[0].item_tax_template = f"No GST - {ABBR}"
		credit_note.insert().submit()
		frappe.db.commit()
		self.push()
		lang = frappe.local.lang
		marker = self.admin.marker()
		self.send()
		self.assertEqual(frappe.local.lang, lang)
		for document, name in ((invoice, self.formats[0]), (credit_note, self.formats[1])):
			(pdf,) = self.files_in_xero(document).values()
			self.assertIn(f"Kauri Letterhead {name} {document.name} in fr", " ".join(text_of(pdf).split()))
		puts = [call["query"] for call in self.admin.requests(marker, path="/attachments/", method="PUT")]
		self.assertEqual(puts, ["IncludeOnline=True"] * 2)

	def test_bills_are_not_printed_and_files_of_invoices_stay_here(self) -> None:
		self.switch_on(INVOICES, "purchase_invoices")
		invoice, bill = self.invoice(), self.bill()
		self.attach(invoice, "internal.docx", b"not for Xero")
		self.push()
		self.send()
		self.assertEqual(self.states(invoice), [(f"{invoice.name}.pdf", "Done")], self.records(invoice))
		self.assertEqual(self.states(bill), [])

	def test_a_pdf_that_fails_is_told_and_retried_and_the_job_goes_on(self) -> None:
		self.switch_on(INVOICES, "purchase_invoices")
		invoice, bill = self.invoice(), self.bill(("terms.docx", b"small print"))
		self.push()
		lang, messages = frappe.local.lang, list(frappe.local.message_log)
		self.print_program(FAILS)
		self.send()
		(record,) = self.records(invoice)
		self.assertEqual(record.status, "Failed")
		self.assertIn(f"The PDF of {invoice.name} could not be made", record.message)
		self.assertIn("It will be retried automatically.", record.message)
		self.assertEqual(self.states(bill), [("terms.docx", "Done")])
		self.assertEqual((frappe.local.lang, list(frappe.local.message_log)), (lang, messages))
		self.assertFalse(frappe.local.flags.ignore_print_permissions)
		self.assertEqual(self.newest(invoice).status, "Success")
		self.print_program("#!/bin/sh\nexit 0\n")
		pass_time(timedelta(minutes=2), self.admin)
		self.send()
		self.assertEqual(self.states(invoice), [(f"{invoice.name}.pdf", "Failed")])
		self.assertEqual(self.uploads(), ["terms.docx"], "what is not a PDF is not sent")

	def test_without_wkhtmltopdf_the_file_waits_for_it(self) -> None:
		self.switch_on(INVOICES)
		invoice = self.invoice()
		self.push()
		path, folder = os.environ["PATH"], tempfile.mkdtemp()
		self.addCleanup(shutil.rmtree, folder)
		os.symlink(shutil.which("which"), f"{folder}/which")
		os.environ["PATH"] = folder
		try:
			self.send()
		finally:
			os.environ["PATH"] = path
		(record,) = self.records(invoice)
		self.assertIn(
			f"The PDF of {invoice.name} could not be made: OSError: No wkhtmltopdf executable found",
			record.message,
		)
		self.assertIn("It will be retried automatically.", record.message)
		self.assertEqual(self.newest(invoice).status, "Success")
		pass_time(timedelta(minutes=2), self.admin)
		self.send()
		self.assertEqual(self.states(invoice), [(f"{invoice.name}.pdf", "Done")])

	def test_a_pdf_that_hangs_is_ended_and_the_job_goes_on(self) -> None:
		self.switch_on(INVOICES, "purchase_invoices")
		invoice, bill = self.invoice(), self.bill(("terms.docx", b"small print"))
		self.push()
		self.print_program(HANGS)
		alarms = []
		theirs = signal.signal(signal.SIGALRM, lambda *_: alarms.append(1))
		self.addCleanup(signal.signal, signal.SIGALRM, theirs)
		signal.setitimer(signal.ITIMER_REAL, 250)
		began = time.monotonic()
		with patch.object(prints, "PRINT_SECONDS", 2):
			self.send()
		left = signal.setitimer(signal.ITIMER_REAL, 0)[0]
		(record,) = self.records(invoice)
		self.assertIn("was not finished after 2 seconds", record.message)
		self.assertEqual(self.states(bill), [("terms.docx", "Done")])
		self.assertEqual(
			[program for program in psutil.Process().children() if program.name() == "sleep"], []
		)
		self.assertAlmostEqual(left, 250 - (time.monotonic() - began), delta=5, msg="the queue's own alarm")
		self.assertEqual(alarms, [])

	def test_code_that_catches_the_first_alarm_meets_the_next(self) -> None:
		with self.assertRaises(TooSlow), time_limit(0.1):
			try:
				time.sleep(30)
			except Exception:
				time.sleep(30)

	def test_an_invoice_sent_before_keeps_its_paper_whatever_its_customer_is_called_now(self) -> None:
		"""A PDF is sent once: what an auditor has seen is not replaced without a request."""
		self.switch_on(INVOICES, sales_invoice_print_format=self.formats[0])
		self.invoice()
		self.push()
		self.send()
		frappe.db.set_value("Customer", PARTY, "customer_name", PARTY)
		frappe.db.set_value("Print Format", self.formats[0], "html", "<div>Another</div>")
		self.addCleanup(frappe.delete_doc, "Print Format", self.formats[0], force=True)
		self.send(everything=True)
		self.assertEqual(len(self.uploads()), 1)

	def test_a_print_format_of_another_doctype_is_refused(self) -> None:
		name = frappe.db.get_value("Print Format", {"doc_type": ("!=", "Sales Invoice"), "disabled": 0})
		settings = frappe.get_doc("Xero Sync Settings", COMPANY)
		settings.sales_invoice_print_format = name
		with self.assertRaisesRegex(frappe.ValidationError, "Choose one of Sales Invoice"):
			settings.save()
