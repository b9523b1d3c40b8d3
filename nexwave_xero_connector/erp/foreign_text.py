"""Texts from Xero and from users, in the one form in which our tables hold them.

Frappe's forms, reports, prints and exports treat a stored text as HTML that its ORM has cleaned, and the log is written
without the ORM. So no stored text has a tag, and none begins as a formula in a spreadsheet does:
https://owasp.org/www-community/attacks/CSV_Injection. What is sent to Xero again, such as a number, is turned back by
`as_given`, which is exact for every text without control characters and without the look-alike itself.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import frappe

LOOK_ALIKE = "\N{MODIFIER LETTER LEFT ARROWHEAD}"
"""In place of <, so that it is shown as text everywhere. No name or number of a business has it."""
QUOTE = "'"
"""Before a text that a spreadsheet would take for a formula."""
_FORMULA = re.compile(r"[\s']*[=+\-@]")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
"""All control characters but tab and newline, which a message may have."""
DATA_LENGTH = 140
"""Of a Data column, unless its field says otherwise."""
TEXT_FIELDS = ("Data", "Small Text", "Text", "Long Text", "Code")
"""What else there is, such as a Select, a Link or JSON, has no text of others, or is made of its own values."""


def as_stored(text: str) -> str:
	text = without_tags(_CONTROL.sub("", text))
	return f"{QUOTE}{text}" if _FORMULA.match(text) else text


def as_given(text: str) -> str:
	"""The text that `as_stored` was given."""
	if text.startswith(QUOTE) and _FORMULA.match(text[1:]):
		text = text[1:]
	return text.replace(LOOK_ALIKE, "<")


def without_tags(text: str) -> str:
	"""The text with a look-alike in place of <."""
	return text.replace("<", LOOK_ALIKE)


def as_columns(doctype: str, values: Mapping[str, object]) -> dict[str, object]:
	"""The values as the DocType's table holds them; names that are too long for their column are cut."""
	meta = frappe.get_meta(doctype)
	columns = {}
	for field, value in values.items():
		df = meta.get_field(field)
		if isinstance(value, str) and df and df.fieldtype in TEXT_FIELDS:
			value = as_stored(value)[: (df.length or DATA_LENGTH) if df.fieldtype == "Data" else None]
		columns[field] = value
	return columns
