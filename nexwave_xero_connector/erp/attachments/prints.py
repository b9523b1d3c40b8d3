"""Makes the PDF that ERPNext's Print button makes of a document, within a time of its own."""

from __future__ import annotations

import signal
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager

import frappe
import psutil
from frappe.translate import print_language

from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.errors import CannotAttach

PRINT_SECONDS = 60
"""How long a PDF may take. ERPNext's usually take some seconds; one that needs a page that does not load never ends."""


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
		with time_limit(PRINT_SECONDS), print_language(language or _language_of(doc, print_format)):
			pdf = frappe.get_print(doc.doctype, doc.name, print_format or None, doc=doc, as_pdf=True)
		if not pdf.startswith(b"%PDF"):
			raise ValueError("what was made is not a PDF")
		return pdf
	except Exception as failure:
		raise CannotAttach(_says(document, failure), traceback.format_exc(), is_passing=True) from None
	finally:
		frappe.local.lang, frappe.local.jenv, frappe.local.form_dict = lang, jenv, form_dict
		del frappe.local.message_log[messages:]
		frappe.db.rollback()


def _language_of(doc: frappe.model.document.Document, print_format: str | None) -> str | None:
	"""As frappe/printing/page/print/print.js: set_default_print_language; nobody's own language, but the site's."""
	print_format = print_format or doc.meta.default_print_format
	of_format = print_format and frappe.db.get_value("Print Format", print_format, "default_print_language")
	return doc.get("language") or of_format or frappe.db.get_default("lang")


def _says(document: DocumentRef, failure: Exception) -> Sentence:
	if isinstance(failure, TooSlow):
		return Sentence(
			_(
				"The PDF of {document} was not finished after {seconds} seconds. Look whether ERPNext's Print button"
				" makes it: an image in the letterhead that cannot be loaded is the usual cause."
			),
			document=DocLink(document.doctype, document.name),
			seconds=PRINT_SECONDS,
		)
	return Sentence(
		_(
			"The PDF of {document} could not be made: {error}. Look whether ERPNext's Print button makes it in this"
			" print format."
		),
		document=DocLink(document.doctype, document.name),
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


def _programs() -> set[psutil.Process]:
	return set(psutil.Process().children(recursive=True))


def _too_slow(_signal: int, _frame: object) -> None:
	raise TooSlow
