"""Every file and function named in docs/development.md exists."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

CHECKOUT = Path(__file__).parents[1]
APP = CHECKOUT / "nexwave_xero_connector"
GUIDE = CHECKOUT / "docs" / "development.md"
PROTOCOL = CHECKOUT / "docs" / "protocol.md"
PERFORMANCE = CHECKOUT / "docs" / "performance.md"
TABLE = "| Question | File | Function |"
CODE = re.compile(r"`([^`]+)`")
PATH = re.compile(r"[\w.]+(/[\w.]+)*(/|\.(py|js|json|md|yml))")
FUNCTION = re.compile(r"([A-Za-z_]\w*(?:\.\w+)*)\(\)")
NOT_OURS = ("_",)
"""`_()` marks translatable texts; it is not a function to look up."""


def blocks() -> Iterator[str]:
	"""Table rows, list items and paragraphs, joined to one line each; fenced commands are left out."""
	text = re.sub(r"```.*?```", "", GUIDE.read_text(), flags=re.DOTALL)
	yield from re.sub(r"\n(?!\||\d+\. |\* |#|\n)", " ", text).splitlines()


def places() -> Iterator[tuple[str, str]]:
	"""Each file named, and each function with the file named before it in the same block."""
	for block in blocks():
		path = ""
		for code in CODE.findall(block):
			if PATH.fullmatch(code):
				path = code
				yield path, ""
			elif (function := FUNCTION.fullmatch(code)) and function[1] not in NOT_OURS:
				yield path, function[1]


def found(path: str) -> Path:
	return next((base / path for base in (CHECKOUT, APP) if (base / path).exists()), CHECKOUT / path)


@cache
def defined(module: Path) -> frozenset[str]:
	"""The module's functions and classes, and its methods as `Class.method`."""
	names = set()
	for node in ast.parse(module.read_text()).body:
		if isinstance(node, (ast.FunctionDef, ast.ClassDef)):
			names.add(node.name)
		if isinstance(node, ast.ClassDef):
			names |= {f"{node.name}.{one.name}" for one in node.body if isinstance(one, ast.FunctionDef)}
	return frozenset(names)


@pytest.mark.parametrize(("path", "function"), list(dict.fromkeys(places())))
def test_what_the_guide_names_exists(path: str, function: str) -> None:
	assert path, f"{function} is named without its file"
	assert found(path).exists(), path
	if function:
		assert function in defined(found(path)), f"{path} does not define {function}"


def test_the_map_is_complete_and_short() -> None:
	"""Each row has a question, one file and at least one of its functions; there are few enough to read them all."""
	table = GUIDE.read_text().partition(TABLE)[2].strip().partition("\n\n")[0]
	rows = [[cell.strip() for cell in row.strip("|").split("|")] for row in table.splitlines()[1:]]
	assert 15 <= len(rows) <= 20
	for question, file, functions in rows:
		assert question.endswith("?")
		assert PATH.fullmatch(file.strip("`"))
		assert all(FUNCTION.fullmatch(code.strip(" `")) for code in functions.split(","))


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_the_guide_is_linked(page: str) -> None:
	assert "(docs/development.md)" in (CHECKOUT / page).read_text()


@pytest.mark.parametrize("page", [PROTOCOL, PERFORMANCE], ids=lambda page: page.stem)
def test_the_tests_that_a_page_names_exist(page: Path) -> None:
	"""The last columns name modules, tests, and tests by how their names begin."""
	modules = [*CHECKOUT.glob("tests/**/*.py"), *APP.glob("tests/**/*.py")]
	names = {module.name for module in modules}
	for module in modules:
		names |= defined(module)
	named = re.findall(r"`(test_\w+(?:\.py|\.\.\.)?)`", page.read_text())
	assert named
	for name in named:
		found_one = any(one.startswith(name[:-3]) for one in names) if name.endswith("...") else name in names
		assert found_one or any(one.endswith(f".{name}") for one in names), name
