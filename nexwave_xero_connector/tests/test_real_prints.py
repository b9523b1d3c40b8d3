"""PDFs by the programs that make them on a site: what Xero gets is what the Print page's PDF button makes."""

from __future__ import annotations

import io
from collections.abc import Mapping
from shutil import which
from unittest import SkipTest
from unittest.mock import patch
from urllib.parse import urlencode

import frappe
import requests
from frappe.model.document import Document
from PIL import Image
from pypdf import PdfReader

from nexwave_xero_connector.erp.attachments.summary import describe_attachments
from nexwave_xero_connector.tests.attachments_test_case import AttachmentsTest, text_of
from nexwave_xero_connector.tests.bench_sandbox import site_config
from nexwave_xero_connector.tests.bench_world import COMPANY
from nexwave_xero_connector.tests.browser.session import CHROMIUM, free_port, running_desk

LETTER_HEAD = "Rimu Letterhead"
PRINT_FORMAT = "Xero Paper with Image"
BUILT_FORMAT = "Xero Paper by Builder"


class RealPrintsTest(AttachmentsTest):
	"""With a web server: the programs load the site's styles from the address that the site has for itself."""

	program = "wkhtmltopdf"

	def setUp(self) -> None:
		super().setUp()
		port = free_port()
		self.site = f"http://127.0.0.1:{port}"
		self.enter(site_config({"host_name": self.site}))
		self.enter(running_desk(self.queue, port))
		self.switch_on("sales_invoices")
		self.image = self.private_image()
		self.make(
			"Letter Head", LETTER_HEAD, letter_head_name=LETTER_HEAD, **self.html("content", LETTER_HEAD)
		)
		self.addCleanup(frappe.db.commit)

	def print_program(self, script: str) -> None:
		if not which(self.program):
			raise SkipTest(f"apt install {self.program}")

	def private_image(self) -> str:
		content = io.BytesIO()
		# Frappe 16 takes an image of few bytes for text, and does not print it.
		Image.effect_noise((90, 30), 90).save(content, "PNG")
		values = {"file_name": "rimu.png", "is_private": 1, "content": content.getvalue()}
		return self.make("File", None, **values).file_url

	def html(self, field: str, text: str) -> dict[str, str]:
		return {"source": "HTML", field: f'<div><img src="{self.image}" width="90"> {text}</div>'}

	def print_format(self, name: str = PRINT_FORMAT, **values: object) -> str:
		html = f'<div>{{{{ letter_head or "" }}}} <img src="{self.image}"> {name}'
		html += " {{ doc.name }} {{ frappe.lang }}</div>"
		about = {"doc_type": "Sales Invoice", "standard": "No", "print_format_type": "Jinja"}
		self.make("Print Format", name, **about, **{"custom_format": 1, "html": html, **values})
		return name

	def make(self, doctype: str, name: str | None, **values: object) -> Document:
		if name:
			frappe.delete_doc_if_exists(doctype, name, force=True)
		document = frappe.get_doc({"doctype": doctype, "name": name, **values}).insert()
		self.addCleanup(frappe.delete_doc, doctype, document.name, force=True)
		frappe.db.commit()
		return document

	def choose(self, **values: object) -> None:
		self.switch_on("sales_invoices", **values)

	def sent(self, letter_head: str | None = None, **values: object) -> tuple[Document, bytes]:
		invoice = self.submit("Sales Invoice", **values)
		invoice.db_set("letter_head", letter_head, commit=True)
		self.documents.append(invoice)
		self.push()
		self.send()
		self.assertEqual(self.states(invoice), [(f"{invoice.name}.pdf", "Done")], self.records(invoice))
		(pdf,) = self.files_in_xero(invoice).values()
		return invoice, pdf

	def button(self, invoice: Document, method: str = "print_format", **choices: object) -> bytes:
		"""What the button downloads, with what the Print page has chosen."""
		session = requests.Session()
		session.post(f"{self.site}/api/method/login", {"usr": "Administrator", "pwd": "admin"}, timeout=60)
		query = urlencode({"doctype": invoice.doctype, "name": invoice.name, **choices})
		url = f"{self.site}/api/method/frappe.utils.{method}.download_pdf?{query}"
		answer = session.get(url, timeout=120)
		self.assertEqual(answer.status_code, 200, answer.text[-2000:])
		return answer.content

	def assert_same(self, pdf: bytes, printed: bytes) -> None:
		self.assertEqual(text_of(pdf), text_of(printed))
		self.assertEqual(facts(pdf), facts(printed))


class TestWkhtmltopdf(RealPrintsTest):
	def test_without_a_choice_in_the_documents_language_with_its_letterhead(self) -> None:
		invoice, pdf = self.sent(language="de", letter_head=LETTER_HEAD)
		default = invoice.meta.default_print_format or "Standard"
		printed = self.button(invoice, format=default, letterhead=LETTER_HEAD, language="de")
		self.assert_same(pdf, printed)
		self.assertIn("Menge", text_of(pdf))
		has_header = LETTER_HEAD in text_of(pdf) and invoice.name in text_of(pdf)
		facts_for_form = describe_attachments(frappe.get_doc("Xero Sync Settings", COMPANY))
		self.assertEqual(
			"neither a number nor a letterhead" in facts_for_form["print_warning"], not has_header
		)

	def test_a_chosen_format_and_language_with_a_private_image_and_without_a_letterhead(self) -> None:
		name = self.print_format()
		default = frappe.db.get_value("Letter Head", {"is_default": 1})
		self.addCleanup(frappe.db.set_value, "Letter Head", default, "is_default", 1)
		frappe.db.set_value("Letter Head", default, "is_default", 0)
		self.choose(sales_invoice_print_format=name, print_language="fr")
		invoice, pdf = self.sent(language="de")
		self.assert_same(
			pdf, self.button(invoice, format=name, no_letterhead=1, letterhead="", language="fr")
		)
		self.assertIn(f"{name} {invoice.name} fr", " ".join(text_of(pdf).split()))
		self.assertEqual(facts(pdf)["images"], [[(90, 30)]])
		self.assertNotIn(LETTER_HEAD, text_of(pdf))

	def test_a_format_of_the_print_format_builder(self) -> None:
		name = self.print_format(
			BUILT_FORMAT, custom_format=0, print_format_builder_beta=1, html="", **LAYOUT
		)
		self.choose(sales_invoice_print_format=name)
		invoice, pdf = self.sent(letter_head=LETTER_HEAD)
		printed = self.button(invoice, "weasyprint", print_format=name, letterhead=LETTER_HEAD)
		self.assert_same(pdf, printed)
		self.assertIn(LETTER_HEAD, text_of(pdf))

	def test_styles_that_the_server_cannot_load_are_told_with_the_setting(self) -> None:
		nobody = f"http://127.0.0.1:{free_port()}"
		invoice = self.submit("Sales Invoice")
		self.push()
		with site_config({"host_name": nobody}):
			self.send()
		(record,) = self.records(invoice)
		self.assertEqual((record.status, record.file_id), ("Failed", None))
		self.assertIn(f"The PDF of {invoice.name} could not be made: ConnectionRefusedError.", record.message)
		self.assertIn("set host_name in the site's configuration to an address of the site", record.message)
		self.assertIn(f"now it is {nobody}. It will be retried automatically.", record.message)
		self.assertEqual(self.newest(invoice).status, "Success")


class TestChromium(RealPrintsTest):
	"""Frappe 16 makes PDFs with Chromium, too, as a print format or the Print Settings say."""

	program = CHROMIUM or "chromium"

	def setUp(self) -> None:
		if not frappe.get_meta("Print Settings").has_field("pdf_generator"):
			raise SkipTest("Frappe 16")
		super().setUp()
		known = frappe.get_common_site_config()
		config = {**known, "chromium_path": self.program, "chromium_start_timeout": 60}
		self.enter(patch.object(frappe, "get_common_site_config", return_value=config))

	def test_one_document_after_the_other_by_the_print_format(self) -> None:
		name = self.print_format(pdf_generator="chrome")
		self.choose(sales_invoice_print_format=name, print_language="fr")
		for _number in range(2):
			invoice, pdf = self.sent(language="de", letter_head=LETTER_HEAD)
			self.assertIn(f"{name} {invoice.name} fr", " ".join(text_of(pdf).split()))
			self.assertIn(LETTER_HEAD, text_of(pdf))
			self.assertIn("Skia/PDF", facts(pdf)["made by"])

	def test_without_a_choice_by_the_print_settings(self) -> None:
		before = frappe.db.get_single_value("Print Settings", "pdf_generator")
		self.addCleanup(frappe.db.set_single_value, "Print Settings", "pdf_generator", before)
		frappe.db.set_single_value("Print Settings", "pdf_generator", "chrome")
		name = self.print_format()
		frappe.db.set_value("Print Format", name, "pdf_generator", "")
		frappe.clear_document_cache("Print Format", name)
		self.choose(sales_invoice_print_format=name)
		_invoice, pdf = self.sent()
		self.assertIn("Skia/PDF", facts(pdf)["made by"])


FIELD = {"fieldname": "customer_name", "label": "Customer", "fieldtype": "Data"}
SECTION = {"label": "", "columns": [{"label": "", "fields": [FIELD]}]}
LAYOUT = {"format_data": frappe.as_json({"header": "", "sections": [SECTION]})}


def facts(pdf: bytes) -> Mapping[str, object]:
	"""What a PDF has apart from its text."""
	reader = PdfReader(io.BytesIO(pdf))
	images = [[image.image.size for image in page.images] for page in reader.pages]
	made_by = " ".join(str(reader.metadata.get(key)) for key in ("/Creator", "/Producer"))
	return {"made by": made_by, "images": images, "paper": list(reader.pages[0].mediabox)}
