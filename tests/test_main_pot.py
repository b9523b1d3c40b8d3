"""locale/main.pot has what is to be translated: each text of the code and of the DocTypes, and no text that is gone.

``bench generate-pot-file --app nexwave_xero_connector`` makes it, with Frappe's own extractors. Here the texts are
found without a bench.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_javascript, extract_python
from babel.messages.pofile import read_po

APP = Path(__file__).parents[1] / "nexwave_xero_connector"
OUTDATED = "locale/main.pot is outdated: bench generate-pot-file --app nexwave_xero_connector"
TRANSLATED = ("action_label", "description", "label", "subtitle", "success_message", "title")
"""Fields that Frappe shows in the user's language. Those of a DocType's fields may be "" or missing."""


def test_each_text_of_the_code_is_there() -> None:
	missing = {text: place for text, place in _texts_of_code().items() if text not in _template()}
	assert not missing, OUTDATED


def test_each_label_and_description_is_there() -> None:
	missing = {text: str(file) for file, text in _labels() if text not in _template()}
	assert not missing, OUTDATED


def test_no_text_is_there_that_is_gone() -> None:
	present = _texts_of_code().keys() | {
		line
		for file in _json_files()
		for text in _strings(json.loads(file.read_text()))
		for line in text.split("\n")
	}
	gone = _template() - present
	assert not gone, OUTDATED


@functools.cache
def _template() -> set[str]:
	with open(APP / "locale" / "main.pot", "rb") as file:
		return {str(message.id) for message in read_po(file) if message.id}


@functools.cache
def _texts_of_code() -> dict[str, str]:
	"""The first argument of each call of `_` and `__`, if it is a literal, and where it is."""
	return dict(_find_texts())


def _find_texts() -> Iterator[tuple[str, str]]:
	for file in _files("*.py"):
		yield from _literals(file, extract_python, ("_",), {})
	for file in _files("*.js"):
		yield from _literals(file, extract_javascript, ("__",), {"parse_template_string": True})


def _literals(
	file: Path, extract: object, functions: tuple[str, ...], options: dict
) -> Iterator[tuple[str, str]]:
	with open(file, "rb") as source:
		for line, _function, messages, _comments in extract(source, functions, (), options):
			text = messages[0] if isinstance(messages, tuple) else messages
			if text:
				yield text, f"{file.relative_to(APP)}:{line}"


def _labels() -> Iterator[tuple[Path, str]]:
	for file in _json_files():
		if file.parents[1].name not in ("doctype", "onboarding_step", "module_onboarding", "workspace"):
			continue
		record = json.loads(file.read_text())
		for part in (
			record,
			*record.get("fields", ()),
			*record.get("links", ()),
			*record.get("shortcuts", ()),
		):
			yield from ((file, part[key]) for key in TRANSLATED if part.get(key))
			if part.get("fieldtype") == "Select":
				yield from ((file, option) for option in part["options"].split("\n") if option)


def _json_files() -> list[Path]:
	return _files("*.json")


def _files(pattern: str) -> list[Path]:
	"""Without the tests and the bundles, which are not translated."""
	left_out = {APP / "tests", APP / "public" / "dist"}
	return sorted(file for file in APP.rglob(pattern) if not left_out & set(file.parents))


def _strings(value: object) -> Iterator[str]:
	"""All texts in a record; the content of a workspace is JSON in a text."""
	if isinstance(value, dict):
		for part in value.values():
			yield from _strings(part)
	elif isinstance(value, list):
		for part in value:
			yield from _strings(part)
	elif isinstance(value, str):
		yield value
		if value.startswith("[{"):
			yield from _strings(json.loads(value))
