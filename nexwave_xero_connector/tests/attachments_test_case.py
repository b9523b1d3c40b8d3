"""What tests of attachments share: files as users attach them, a program that makes PDFs, and what Xero has of both."""

from __future__ import annotations

import io
import os
import shutil
import stat
import sys
import tempfile
from pathlib import Path

import frappe
import requests
from frappe.model.document import Document
from pypdf import PdfReader, PdfWriter

from nexwave_xero_connector.erp.attachments.share import attachments_share
from nexwave_xero_connector.jobs import attachments as jobs
from nexwave_xero_connector.jobs.push import push_invoice
from nexwave_xero_connector.tests.bench_world import COMPANY
from nexwave_xero_connector.tests.xero_test_case import XeroTest

ATTACHMENT = "Xero Attachment"
PROGRAM = """#!/bin/sh
case "$*" in
	*--version*) echo "wkhtmltopdf 0.12.6" ;;
	*) {does} ;;
esac
"""
MAKES_PDF = PROGRAM.format(does=f"exec {sys.executable} -m weasyprint - -")
"""In the place of wkhtmltopdf, which Debian has no more, or without the changes that Frappe needs; and which asks a web
server for the site's styles."""
HANGS = PROGRAM.format(does="exec sleep 600")
FAILS = PROGRAM.format(does="echo broken >&2; exit 1")


class AttachmentsTest(XeroTest):
	def setUp(self) -> None:
		super().setUp()
		self.addCleanup(self.remove_files)
		frappe.cache.delete(attachments_share(COMPANY)._key)
		self.documents: list[Document] = []
		self.print_program(MAKES_PDF)

	def print_program(self, script: str) -> None:
		"""Put this script in the place of wkhtmltopdf until the test ends."""
		folder = Path(tempfile.mkdtemp())
		self.addCleanup(shutil.rmtree, folder)
		program = folder / "wkhtmltopdf"
		program.write_text(script)
		program.chmod(program.stat().st_mode | stat.S_IEXEC)
		path = os.environ["PATH"]
		self.addCleanup(os.environ.update, PATH=path)
		os.environ["PATH"] = f"{folder}:{path}"

	def remove_files(self) -> None:
		for document in self.documents:
			filters = {"attached_to_doctype": document.doctype, "attached_to_name": document.name}
			for name in frappe.get_all("File", filters, pluck="name"):
				frappe.delete_doc("File", name, force=True)
		frappe.db.commit()

	def switch_on(self, *fields: str, **values: object) -> None:
		settings = frappe.get_doc("Xero Sync Settings", COMPANY)
		settings.update({**{f"attach_to_{field}": 1 for field in fields}, **values})
		settings.save()
		frappe.db.commit()

	def bill(self, *files: tuple[str, bytes], **values: object) -> Document:
		"""A draft bill with these files, submitted."""
		from nexwave_xero_connector.tests.bench_world import ABBR, new_invoice

		document = new_invoice("Purchase Invoice", item_tax_template=f"No GST - {ABBR}", **values)
		self.documents.append(document)
		for name, content in files:
			self.attach(document, name, content)
		document.submit()
		frappe.db.commit()
		return document

	def attach(self, document: Document, name: str, content: bytes, **values: object) -> Document:
		file = frappe.get_doc(
			{
				"doctype": "File",
				"file_name": name,
				"attached_to_doctype": document.doctype,
				"attached_to_name": document.name,
				"content": content,
				"is_private": 1,
				**values,
			}
		).insert()
		# Frappe gives it another name where the server has a file of this one, such as one that a killed run has left.
		file.db_set("file_name", name, update_modified=False)
		frappe.db.commit()
		return file

	def push(self) -> None:
		push_invoice(COMPANY)

	def send(self, everything: bool = False) -> None:
		"""The scheduled look, and the job that it queues."""
		(jobs.look_at_all_files if everything else jobs.look_for_new_files)()
		jobs.send(COMPANY)
		frappe.db.rollback()

	def records(self, document: Document) -> list[frappe._dict]:
		filters = {"reference_doctype": document.doctype, "reference_name": document.name}
		return frappe.get_all(ATTACHMENT, filters, ["*"], order_by="idx")

	def states(self, document: Document) -> list[tuple[str, str]]:
		return [(record.title, record.status) for record in self.records(document)]

	def path_in_xero(self, document: Document) -> str:
		xero_id = self.newest(document).xero_id
		collection = "CreditNotes" if document.is_return else "Invoices"
		return f"{self.xero.url}/api.xro/2.0/{collection}/{xero_id}/Attachments"

	def files_in_xero(self, document: Document) -> dict[str, bytes]:
		"""By name, what Xero has; two of one name would show as an error."""
		token = self.admin.mint(self.tenant)["access_token"]
		headers = {"Authorization": f"Bearer {token}", "xero-tenant-id": self.tenant}
		listed = requests.get(self.path_in_xero(document), headers=headers, timeout=10).json()["Attachments"]
		names = [file["FileName"] for file in listed]
		self.assertEqual(len(set(names)), len(names), names)
		url = self.path_in_xero(document)
		return {
			file["FileName"]: requests.get(
				f"{url}/{file['AttachmentID']}", headers=headers, timeout=10
			).content
			for file in listed
		}

	def uploads(self, since: int = 0) -> list[str]:
		return [
			call["path"].rpartition("/")[2]
			for call in self.admin.requests(since, path="/attachments/")
			if call["method"] != "GET" and call["status"] == 200
		]


def a_pdf(title: str) -> bytes:
	"""A real one: Frappe 16 reads a PDF that is attached."""
	writer, content = PdfWriter(), io.BytesIO()
	writer.add_blank_page(100, 100)
	writer.add_metadata({"/Title": title})
	writer.write(content)
	return content.getvalue()


def text_of(pdf: bytes) -> str:
	return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)
