"""Makes the PDF that ERPNext's Print button makes of a document, within a time of its own."""

from __future__ import annotations

import re
import signal
import sys
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from shutil import which

import frappe
import psutil
from frappe.model.document import Document
from frappe.translate import print_language

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.errors import CannotAttach

PRINT_SECONDS = 60
"""How long a PDF may take. ERPNext's usually take some seconds; one that needs a page that does not load never ends."""

WKHTMLTOPDF = "wkhtmltopdf"
NETWORK_ERROR = re.compile(r"network error: (\w+)")
"""In what wkhtmltopdf writes, behind a line for each option that it does not know."""


class TooSlow(Exception):
	"""The PDF has taken longer than it may."""


def make_pdf(document: DocumentRef, print_format: str | None, language: str | None) -> bytes:
	"""With the document's letterhead. The site's state is afterwards what it was before, and nothing was changed.

	print_format, language: if empty, those that the Print button chooses. Raises CannotAttach if there is no PDF.
	"""
	lang, jenv = frappe.local.lang, frappe.local.jenv
	messages, form_dict = len(frappe.local.message_log), frappe.local.form_dict
	try:
		frappe.local.form_dict = frappe._dict()
		doc = frappe.get_doc(document.doctype, document.name)
		chosen = _print_format(doc, print_format)
		with time_limit(PRINT_SECONDS), print_language(language or _language_of(doc, chosen)):
			pdf = _print(doc, chosen)
		if not pdf.startswith(b"%PDF"):
			raise ValueError("what was made is not a PDF")
		return pdf
	except Exception as failure:
		raise CannotAttach(_says(document, failure), traceback.format_exc(), is_passing=True) from None
	finally:
		frappe.local.lang, frappe.local.jenv, frappe.local.form_dict = lang, jenv, form_dict
		del frappe.local.message_log[messages:]
		frappe.db.rollback()


def lacks_header() -> bool:
	"""Whether PDFs have no number and no letterhead on this server: wkhtmltopdf's plain build leaves headers out."""
	from frappe.utils.pdf import is_wkhtmltopdf_valid  # brings much along

	is_wkhtmltopdf = (
		frappe.get_cached_doc("Print Settings").get("pdf_generator") or WKHTMLTOPDF
	) == WKHTMLTOPDF
	return is_wkhtmltopdf and bool(which(WKHTMLTOPDF)) and not is_wkhtmltopdf_valid()


def _print_format(doc: Document, name: str | None) -> Document | None:
	"""None: Frappe's Standard, which is no record."""
	name = name or doc.meta.default_print_format
	return (
		frappe.get_cached_doc("Print Format", name)
		if name and frappe.db.exists("Print Format", name)
		else None
	)


def _print(doc: Document, print_format: Document | None) -> bytes:
	"""As frappe/printing/page/print/print.js: render_pdf."""
	name = print_format and print_format.name
	if print_format and print_format.print_format_builder_beta:
		from frappe.utils.weasyprint import PrintFormatGenerator

		letter_head = doc.get("letter_head") or frappe.db.get_value(
			"Letter Head", {"is_default": 1, "disabled": 0}
		)
		return PrintFormatGenerator(name, doc, letter_head).render_pdf()
	program = print_format and print_format.get("pdf_generator")
	program = program or frappe.get_cached_doc("Print Settings").get("pdf_generator")
	if program:  # from Frappe 16 on
		frappe.local.form_dict.pdf_generator = program
	return frappe.get_print(doc.doctype, doc.name, name, doc=doc, as_pdf=True)


def _language_of(doc: Document, print_format: Document | None) -> str | None:
	"""As frappe/printing/page/print/print.js: set_default_print_language; nobody's own language, but the site's."""
	of_format = print_format and print_format.default_print_language
	return doc.get("language") or of_format or frappe.db.get_default("lang")


def _says(document: DocumentRef, failure: Exception) -> Sentence:
	link = DocLink(document.doctype, document.name)
	if isinstance(failure, TooSlow):
		return Sentence(
			_(
				"The PDF of {document} was not finished after {seconds} seconds. Look whether ERPNext's Print button"
				" makes it: an image in the letterhead that cannot be loaded is the usual cause."
			),
			document=link,
			seconds=PRINT_SECONDS,
		)
	if found := NETWORK_ERROR.search(str(failure)):
		return Sentence(
			_(
				"The PDF of {document} could not be made: {error}. It has styles or images that this server cannot"
				" load. If they are the site's own, set host_name in the site's configuration to an address of the"
				" site that the server itself can open; now it is {url}."
			),
			document=link,
			error=found[1],
			url=frappe.utils.get_url(),
		)
	return Sentence(
		_(
			"The PDF of {document} could not be made: {error}. Look whether ERPNext's Print button makes it in this"
			" print format."
		),
		document=link,
		error=f"{type(failure).__name__}: {failure}"[:200],
	)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
	"""Raise TooSlow in the block after so many seconds, and end the programs that the block has started.

	The alarm is the one that the queue ends a job with. It is set again afterwards, for what the job has left.
	"""
	programs = _programs()
	theirs = signal.signal(signal.SIGALRM, _too_slow)
	began = time.monotonic()
	# Again every second: somebody's code may catch the first.
	left, _interval = signal.setitimer(signal.ITIMER_REAL, seconds, 1)
	try:
		yield
	finally:
		signal.setitimer(signal.ITIMER_REAL, 0)
		signal.signal(signal.SIGALRM, theirs)
		if left:
			signal.setitimer(signal.ITIMER_REAL, max(0.001, left - (time.monotonic() - began)))
		for program in _programs() - programs:
			try:
				program.kill()
			except psutil.NoSuchProcess:
				pass
		_forget_chromium()


def _programs() -> set[psutil.Process]:
	return set(psutil.Process().children(recursive=True))


def _forget_chromium() -> None:
	"""Frappe 16 keeps the browser that it has started for the next PDF, and does not notice that it has ended."""
	if module := sys.modules.get("frappe.utils.pdf_generator.chrome_pdf_generator"):
		module.ChromePDFGenerator._instance = None
		module.ChromePDFGenerator._browsers.clear()


def _too_slow(_signal: int, _frame: object) -> None:
	raise TooSlow
