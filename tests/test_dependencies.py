"""docs/development.md says of each package that a bench gets what it is for, and pyproject.toml agrees with it."""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

CHECKOUT = Path(__file__).parents[1]
APP = CHECKOUT / "nexwave_xero_connector"
ROW = re.compile(r"^\| ([\w-]+) \|[^|]+\| (>=[\d.]+,<\d+) \|", re.MULTILINE)
FROM_FRAPPE = set("click erpnext filetype frappe oauthlib psutil pypika redis rq sqlparse".split())
"""What the guide says that the app imports without listing it."""


def test_the_guide_has_the_packages_of_pyproject_with_their_ranges() -> None:
	guide = (CHECKOUT / "docs" / "development.md").read_text()
	assert {f"{name}{allowed}" for name, allowed in ROW.findall(guide)} == _listed()


def test_the_app_imports_nothing_else() -> None:
	"""A package that only the tests need would be missing on a site."""
	listed = {re.split("[><=]", entry)[0].replace("-", "_") for entry in _listed()}
	allowed = {APP.name, *FROM_FRAPPE, *listed, *sys.stdlib_module_names}
	foreign = {
		f"{file.relative_to(CHECKOUT)}: {name}"
		for file in APP.rglob("*.py")
		if APP / "tests" not in file.parents
		for name in _imports(file)
		if name not in allowed
	}
	assert not foreign


def _listed() -> set[str]:
	section = re.search(r"^dependencies = \[(.*?)^\]", (CHECKOUT / "pyproject.toml").read_text(), re.M | re.S)
	return set(re.findall(r'^\s*"([^"]+)",', section[1], re.MULTILINE))


def _imports(file: Path) -> set[str]:
	names = set()
	for node in ast.walk(ast.parse(file.read_text())):
		if isinstance(node, ast.Import):
			names |= {alias.name.split(".")[0] for alias in node.names}
		elif isinstance(node, ast.ImportFrom):
			names.add((node.module or "").split(".")[0])
	return names
