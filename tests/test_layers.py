"""Imports point one way: the protocol, the mapping and the client know no Frappe, and no package looks
upwards.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

APP = Path(__file__).parents[1] / "nexwave_xero_connector"
MAY_IMPORT = {
	"mapping": {"mapping", "sentence"},
	"sync": {"sync", "mapping", "sentence"},
	"xero_api": {"xero_api", "sync", "mapping", "sentence"},
}


def imported(module: Path) -> set[str]:
	"""Full names of everything the module imports, at its top or inside a function."""
	names: set[str] = set()
	for node in ast.walk(ast.parse(module.read_text())):
		if isinstance(node, ast.Import):
			names |= {alias.name for alias in node.names}
		elif isinstance(node, ast.ImportFrom):
			names.add(node.module or "")
	return names


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_a_layer_imports_only_what_lies_below(layer: str) -> None:
	modules = [*(APP / layer).rglob("*.py")]
	assert modules
	for module in modules:
		for name in imported(module):
			assert name.split(".")[0] not in ("frappe", "erpnext"), f"{module} imports {name}"
			if name.startswith("nexwave_xero_connector."):
				assert name.split(".")[1] in MAY_IMPORT[layer], f"{module} imports {name}"


def test_the_sentence_stands_alone() -> None:
	assert not [name for name in imported(APP / "sentence.py") if name.startswith(("frappe", "nexwave"))]
