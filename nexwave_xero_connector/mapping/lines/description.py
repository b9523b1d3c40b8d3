"""The description of a line, as text, from ERPNext's HTML."""

from __future__ import annotations

import re
import unicodedata
from html import unescape
from html.parser import HTMLParser

MAX_DESCRIPTION_LENGTH = 4000
"""The most characters that Xero accepts in a line's description; the fewest is one (Xero's OpenAPI, LineItem)."""

_LINE_BREAKS = frozenset("br p div li ul ol tr table h1 h2 h3 h4 h5 h6 blockquote pre hr".split())
_NOT_SHOWN = frozenset(("script", "style", "head", "title"))
_TAG = re.compile(r"</?[a-zA-Z][^>]*>|<!--")


def line_description(description: str, *instead: str, suffix: str = "") -> str:
	"""The description as plain text, else the first other text that is not empty; up to 4,000 characters.

	suffix: a quantity that Xero does not accept as a number. It is kept whole, on a line of its own.
	"""
	texts = (plain_text(text) for text in (description, *instead))
	text = next((text for text in texts if text), "-")
	ending = f"\n{suffix}" if suffix else ""
	return _shortened(text, MAX_DESCRIPTION_LENGTH - len(ending)) + ending


def plain_text(html: str) -> str:
	"""HTML as text: no tags, entities decoded, blocks and breaks as line breaks, list items with a dash.

	Text without tags keeps its line breaks. Control characters, which a browser does not show, are removed.
	"""
	if _TAG.search(html):
		reader = _Reader()
		reader.feed(html)
		reader.close()
		text = "".join(reader.parts)
	else:
		text = unescape(html)
	lines = (" ".join(_printable(line).split()) for line in text.splitlines())
	return "\n".join(line for line in lines if line and line != "-")


class _Reader(HTMLParser):
	def __init__(self) -> None:
		super().__init__(convert_charrefs=True)
		self.parts: list[str] = []
		self._hidden = 0

	def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
		if tag in _NOT_SHOWN:
			self._hidden += 1
		elif tag in _LINE_BREAKS:
			self.parts.append("\n- " if tag == "li" else "\n")
		elif tag in ("td", "th"):
			self.parts.append(" ")

	def handle_endtag(self, tag: str) -> None:
		if tag in _NOT_SHOWN:
			self._hidden = max(0, self._hidden - 1)
		elif tag in _LINE_BREAKS:
			self.parts.append("\n")

	def handle_data(self, data: str) -> None:
		if not self._hidden:
			self.parts.append(" ".join(data.splitlines()) if data.strip() else " ")


def _printable(text: str) -> str:
	return "".join(" " if character == "\t" else character for character in text if _is_shown(character))


def _is_shown(character: str) -> bool:
	return character == "\t" or unicodedata.category(character) not in ("Cc", "Cs")


def _shortened(text: str, length: int) -> str:
	return text if len(text) <= length else text[: length - 1].rstrip() + "…"
