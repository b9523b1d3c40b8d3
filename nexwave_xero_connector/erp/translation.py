"""Translations that cannot break what they say.

Anybody who may edit a Translation in the desk can misspell a placeholder. Filling in such a text raises, and would undo
what the user has just done; so it is filled into the source text instead.
"""

from __future__ import annotations

import frappe

from nexwave_xero_connector.sentence import usable_translation


class Translation(str):
	"""A translated text with placeholders. `source`: the text as it is in the code."""

	source: str

	def format(self, *args: object, **kwargs: object) -> str:
		return usable_translation(self, self.source).format(*args, **kwargs)


def _(text: str, lang: str | None = None, context: str | None = None) -> str:
	"""Like `frappe._`, in the user's language or in `lang`."""
	# The extractor finds the literals that callers pass.
	translated = frappe._(text, lang, context)
	if "{" not in text:
		return translated
	translation = Translation(translated)
	translation.source = text
	return translation
