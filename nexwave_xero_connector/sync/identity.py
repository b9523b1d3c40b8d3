"""Whose is what: the key of a document in ERPNext, and the link in Xero that carries it.

A name identifies nothing for ever: documents are renamed, and the name of a deleted one is given again. The key is
derived from what a document keeps, so that two intakes at the same moment arrive at the same one.
"""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from urllib.parse import unquote, urlsplit

from nexwave_xero_connector.mapping.erp_document import DocumentRef

LINK_FOLDER = "xero-document"
"""The folder of our links: SITE/xero-document/KEY leads to the document under its present name."""
_LINK = re.compile(rf"(?<![\w-]){LINK_FOLDER}/([0-9a-f]{{20}})(?![0-9a-z])")


def document_key(document: DocumentRef, created: datetime) -> str:
	"""The key of a document that is queued for the first time under this name: twenty hexadecimal digits.

	`created`: Frappe's `creation`, in microseconds. It is new at every insert, and a rename keeps it.
	"""
	moment = created.isoformat(timespec="microseconds")
	text = f"{document.doctype}:{moment}:{document.name}"
	return hashlib.sha256(text.encode()).hexdigest()[:20]


def link(site_url: str, key: str) -> str:
	"""The link to a document that is sent to Xero. It stays right after a rename, and on any version of the desk."""
	return f"{site_url.rstrip('/')}/{LINK_FOLDER}/{key}"


def key_in(url: str) -> str:
	"""The key that a link carries in its path, its query or its fragment, or "". Its host does not matter."""
	found = _LINK.search(unquote(url))
	return found[1] if found else ""


def same_page(theirs: str, ours: str) -> bool:
	"""Whether both are one page of ERPNext's desk, which is /app on Frappe 15 and /desk later. The scheme may change.

	For links without a key, which were sent before there were keys.
	"""
	return bool(theirs) and _page(theirs) == _page(ours)


def _page(url: str) -> tuple[str, tuple[str, ...]]:
	parts = urlsplit(url)
	path = [unquote(part) for part in parts.path.split("/") if part]
	return parts.netloc.lower(), tuple(path[1:] if path[:1] in (["app"], ["desk"]) else path)
