"""What a file is called in Xero: without the signs, blanks and accents that Xero's API has been seen to trip over."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

MAX_STEM_LENGTH = 200
"""Xero accepts names of 255 characters; the rest is for the extension, and for what tells two names apart."""
_EXTENSION = re.compile(r"\.(?=\d*[a-zA-Z])[a-zA-Z\d]{1,8}$")
"""Not what follows the dot in "No. 12" or "scan.2026"."""
_NOT_IN_A_NAME = re.compile(r"[^\w.-]+")
"""Blanks gave 404 and 500 (XeroAPI/Xero-NetStandard#606, XeroAPI/xero-node#763), a # hid the extension
(XeroAPI/Xero-Java#237), and brackets would have to be encoded in a way of their own."""


def has_extension(name: str) -> bool:
	return bool(_EXTENSION.search(name.strip()))


def attachment_name(title: str, taken: Collection[str] = (), extension: str = "") -> str:
	"""A name that Xero accepts, made from what the file is called here.

	`taken`: the names of the document's other files, which Xero does not distinguish by case. `extension`: of a file
	whose title has none, without the dot.
	"""
	decomposed = unicodedata.normalize("NFKD", title.strip())
	plain = "".join(sign for sign in decomposed if not unicodedata.combining(sign))
	found = _EXTENSION.search(plain)
	suffix = found.group() if found else f".{extension}" if extension else ""
	stem = _NOT_IN_A_NAME.sub("_", plain[: found.start()] if found else plain)
	stem = stem[:MAX_STEM_LENGTH].strip("._-") or "file"
	names = {name.casefold() for name in taken}
	name, number = f"{stem}{suffix}", 2
	while name.casefold() in names:
		name, number = f"{stem}-{number}{suffix}", number + 1
	return name
