"""Reads a file that is attached to a document, private ones too: for that document, and for no other."""

from __future__ import annotations

import os

import filetype
import frappe

from nexwave_xero_connector.mapping.attachment_name import has_extension
from nexwave_xero_connector.mapping.erp_document import DocumentRef
from nexwave_xero_connector.sentence import DocLink, Sentence, _
from nexwave_xero_connector.sync.attachments import MAX_BYTES
from nexwave_xero_connector.sync.errors import CannotAttach

ON_THIS_SERVER = ("/files/", "/private/files/")
FIELDS = (
	"name",
	"file_name",
	"file_url",
	"attached_to_doctype",
	"attached_to_name",
	"is_folder",
	"content_hash",
)
HEAD_BYTES = 262
"""As much as the kinds of files are known by."""


def read_file(name: str, document: DocumentRef) -> tuple[bytes, str]:
	"""The bytes of the File, and Frappe's hash of its content. One byte more than Xero accepts, at most.

	Raises CannotAttach if it is no longer attached to this very document, is kept elsewhere, or cannot be found.
	"""
	file = frappe.db.get_value("File", name, FIELDS, as_dict=True)
	names = {"file": (file and file.file_name) or name, "document": DocLink(document.doctype, document.name)}
	if (
		not file
		or file.is_folder
		or (file.attached_to_doctype, file.attached_to_name) != (document.doctype, document.name)
	):
		raise CannotAttach(Sentence(_("{file} is no longer attached to {document}."), **names))
	url = file.file_url or ""
	if not _is_on_this_server(url):
		raise CannotAttach(
			Sentence(
				_(
					"{file} of {document} is not on this server but at {url}. Only files that are uploaded to this"
					" site are sent to Xero. Download it and attach the file itself."
				),
				url=url[:100],
				**names,
			)
		)
	try:
		# nosemgrep: frappe-security-file-traversal -- _path keeps to the site's own files
		with open(_path(name), "rb") as content:
			return content.read(MAX_BYTES + 1), (file.content_hash or url)[:140]
	except (OSError, frappe.ValidationError) as failure:
		raise CannotAttach(
			Sentence(
				_(
					"{file} of {document} cannot be found on this server. Restore it from a backup or attach it again,"
					" then press Retry."
				),
				**names,
			),
			detail=f"{type(failure).__name__}: {failure}",
		) from None


def extension_of(title: str, url: str | None) -> str:
	"""The extension that a file without one should have, by its first bytes; "" if it has one, or nobody knows."""
	if has_extension(title) or not _is_on_this_server(url or ""):
		return ""
	name = frappe.db.get_value("File", {"file_url": url, "is_folder": 0})
	try:
		# nosemgrep: frappe-security-file-traversal -- _path keeps to the site's own files
		with open(_path(name), "rb") as content:
			return filetype.guess_extension(content.read(HEAD_BYTES)) or ""
	except (OSError, frappe.ValidationError):
		return ""


def _is_on_this_server(url: str) -> bool:
	return url.removeprefix(frappe.utils.get_url()).startswith(ON_THIS_SERVER)


def _path(name: str) -> str:
	"""Where Frappe keeps it. Raises ValidationError for a path outside the site's files, which Frappe would follow."""
	path = os.path.realpath(frappe.get_doc("File", name).get_full_path())
	folders = [os.path.realpath(frappe.get_site_path(kept, "files")) for kept in ("private", "public")]
	if not path.startswith(tuple(f"{folder}/" for folder in folders)):
		raise frappe.ValidationError("outside the site's files")
	return path
