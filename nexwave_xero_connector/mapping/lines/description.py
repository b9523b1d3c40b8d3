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
_ELEMENTS = frozenset(
	"a abbr address area article aside audio b base bdi bdo blockquote body br button canvas caption center"
	" cite code col colgroup data datalist dd del details dfn dialog div dl dt em embed fieldset figcaption"
	" figure font footer form h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label"
	" legend li link main map mark math menu meta meter nav noscript object ol optgroup option output p param"
	" picture pre progress q rp rt ruby s samp script search section select slot small source span strike"
	" strong style sub summary sup svg table tbody td template textarea tfoot th thead time title tr track tt"
	" u ul var video wbr".split()
)
"""HTML's own elements (WHATWG, and those of HTML 4 that editors still write)."""

_VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
"""Elements that have no end tag."""

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]*)(?:\s[^<>]*|\s*/)?>")
_COMMENT = "<!--"


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
	tags = _tags(html)
	if tags or _COMMENT in html:
		reader = _Reader()
		reader.feed(_with_text_escaped(html, tags))
		reader.close()
		text = "".join(reader.parts)
	else:
		text = unescape(html)
	lines = (" ".join(_printable(line).split()) for line in text.splitlines())
	return "\n".join(line for line in lines if line and line != "-")


def _tags(html: str) -> set[int]:
	"""Where the tags of HTML's own elements begin: those without an end tag, and those with both.

	Anything else in angle brackets is text, such as a nut of size <M8>, a shirt of size <S>, or <name@example.com>.
	"""
	found = [(tag.start(), bool(tag[1]), tag[2].lower()) for tag in _TAG.finditer(html)]
	begun = {name for _at, is_end, name in found if not is_end}
	ended = {name for _at, is_end, name in found if is_end}
	return {at for at, _is_end, name in found if name in _VOID or name in _ELEMENTS & begun & ended}


def _with_text_escaped(html: str, tags: set[int]) -> str:
	"""The HTML with &lt; for each < that begins no tag and no comment."""
	return "".join(
		"&lt;" if character == "<" and at not in tags and not html.startswith(_COMMENT, at) else character
		for at, character in enumerate(html)
	)


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
