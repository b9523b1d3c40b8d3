"""What docs/upgrading.md promises to other apps, reports and scripts exists under its name."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
APP = CHECKOUT / "nexwave_xero_connector"
PROMISES = (CHECKOUT / "docs" / "upgrading.md").read_text().partition("## What a version promises")[2]
NAME = re.compile(r"`([\w.]+)`")


def test_the_columns_of_the_log_are_there() -> None:
	record = json.loads((APP / "xero_connector/doctype/xero_sync_log/xero_sync_log.json").read_text())
	columns = {field["fieldname"] for field in record["fields"]}
	promised = _first_cells("| Column | Meaning |")
	assert len(promised) > 20
	assert promised <= columns


def test_the_values_of_the_status_are_those_of_the_log() -> None:
	record = json.loads((APP / "xero_connector/doctype/xero_sync_log/xero_sync_log.json").read_text())
	options = {field["fieldname"]: field.get("options", "") for field in record["fields"]}
	for column in ("status", "operation"):
		(promised,) = re.findall(rf"^\| `{column}` \| ([\w, ]+) \|$", PROMISES, re.MULTILINE)
		assert promised.split(", ") == options[column].split("\n")


def test_the_names_that_are_called_from_outside_are_there() -> None:
	functions = {name for name in _first_cells("| Name | Called by |") if name.startswith(APP.name)}
	assert len(functions) == 4
	for function in functions:
		path, _, name = function.rpartition(".")
		module = CHECKOUT / f"{path.replace('.', '/')}.py"
		assert name in _names_of(module), function


def test_hooks_and_keys_are_read_somewhere() -> None:
	code = "".join(file.read_text() for file in APP.rglob("*.py") if APP / "tests" not in file.parents)
	paragraphs = [part for part in PROMISES.split("\n\n") if part.startswith(("**Hooks", "**Keys"))]
	names = {name for part in paragraphs for name in NAME.findall(part) if name.startswith("xero_")}
	assert len(names) > 7
	missing = {name for name in names if not re.search(rf"\"{name}\"|conf\.{name}\b", code)}
	assert not missing


def _first_cells(heading: str) -> set[str]:
	"""What is in code in the first column of the table with that heading."""
	rows = PROMISES.partition(heading)[2].partition("\n\n")[0].splitlines()
	return {name for row in rows if row.count("|") > 1 for name in NAME.findall(row.split("|")[1])}


def _names_of(module: Path) -> set[str]:
	names = set()
	for node in ast.parse(module.read_text()).body:
		if isinstance(node, ast.FunctionDef):
			names.add(node.name)
		elif isinstance(node, ast.ImportFrom):
			names |= {alias.asname or alias.name for alias in node.names}
	return names
