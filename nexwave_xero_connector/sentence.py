"""A message for an accountant: a translatable sentence, with links to the records where the problem is fixed.

The protocol and the mapping do not import frappe, so they cannot translate, escape or build a desk URL. They return a
template and its values; the code that shows the sentence renders it in its reader's language and format.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from decimal import Decimal
from string import Formatter


def _(template: str) -> str:
	"""Mark a template for translation. The translation itself is looked up when the sentence is rendered."""
	return template


def usable_translation(translation: str, template: str) -> str:
	"""The translation if it has the template's placeholders and no others; otherwise the template."""
	if translation == template:
		return template
	try:
		return translation if _placeholders(translation) == _placeholders(template) else template
	except ValueError:  # a brace without its partner
		return template


def _placeholders(text: str) -> set[tuple[str, str]]:
	"""Each placeholder's name, and how it is to be converted or formatted."""
	return {
		(name, f"{conversion or ''}:{spec}")
		for _text, name, spec, conversion in Formatter().parse(text)
		if name is not None
	}


def figure(number: Decimal) -> str:
	"""A number as people write it: thousands separators, at least two decimals, and no minus before a zero."""
	return f"{number or Decimal(0):,.{decimals_of(number)}f}"


def decimals_of(number: Decimal) -> int:
	"""How many decimals to show: those that the number has, but at least two."""
	return max(2, -int(number.normalize().as_tuple().exponent))


@dataclass(frozen=True, slots=True)
class DocLink:
	"""A record that the reader may need to open: shown by its label, as a link where links are possible."""

	doctype: str
	name: str
	label: str = ""
	fieldname: str = ""

	def __str__(self) -> str:
		return self.label or self.name


def settings_link(company: str, fieldname: str = "") -> DocLink:
	"""The company's Xero Sync Settings. They are named after the company, so the link shows the DocType instead."""
	return DocLink("Xero Sync Settings", company, label="Xero Sync Settings", fieldname=fieldname)


class Sentence:
	"""A template with named values: ``Sentence(_("No account for {item}."), item=DocLink("Item", "X"))``."""

	__slots__ = ("template", "values")

	def __init__(self, template: str, **values: object) -> None:
		self.template = template
		self.values = values

	def render(
		self, translate: Callable[[str], str] = str, show: Callable[[object], str] | None = None
	) -> str:
		"""The sentence in the reader's language. `show` escapes a value or turns it into a link."""
		show = show or plain
		text = usable_translation(translate(self.template), self.template)
		return text.format(**{name: self._show(v, translate, show) for name, v in self.values.items()})

	@staticmethod
	def _show(value: object, translate: Callable[[str], str], show: Callable[[object], str]) -> str:
		return value.render(translate, show) if isinstance(value, Sentence) else show(value)

	@property
	def links(self) -> tuple[DocLink, ...]:
		"""The records that the values name, in order and without duplicates."""
		found: dict[DocLink, None] = {}
		for value in self.values.values():
			if isinstance(value, DocLink):
				found[value] = None
			elif isinstance(value, Sentence):
				found.update(dict.fromkeys(value.links))
		return tuple(found)

	def __str__(self) -> str:
		return self.render()

	def __repr__(self) -> str:
		return f"Sentence({self.render()!r})"

	def __eq__(self, other: object) -> bool:
		return isinstance(other, Sentence) and (self.template, self.values) == (other.template, other.values)

	def __hash__(self) -> int:
		return hash((self.template, *self.values))


def plain(value: object) -> str:
	"""A value as plain text; an amount with separators and cents."""
	return figure(value) if isinstance(value, Decimal) else str(value)


def join(sentences: Iterable[Sentence], separator: str = "\n") -> Sentence:
	"""Several sentences as one, by default one per line."""
	parts = tuple(sentences)
	if len(parts) == 1:
		return parts[0]
	names = [f"part{number}" for number in range(len(parts))]
	return Sentence(separator.join(f"{{{name}}}" for name in names), **dict(zip(names, parts, strict=True)))
