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


SANDBOX = APP.parent / "sandbox" / "xero"


def imported(source: str) -> set[str]:
	"""Full names of everything the module imports, at its top or inside a function."""
	names: set[str] = set()
	for node in ast.walk(ast.parse(source)):
		if isinstance(node, ast.Import):
			names |= {alias.name for alias in node.names}
		elif isinstance(node, ast.ImportFrom):
			# Dots that lead upwards would hide what the name begins with.
			names |= {f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names}
	return names


def looks_upwards(name: str, layer: str) -> bool:
	package, _, rest = name.partition(".")
	if package == APP.name:
		return rest.split(".")[0] not in MAY_IMPORT[layer]
	return package in ("frappe", "erpnext", "")


@pytest.mark.parametrize("layer", MAY_IMPORT)
def test_a_layer_imports_only_what_lies_below(layer: str) -> None:
	modules = [*(APP / layer).rglob("*.py")]
	assert modules
	for module in modules:
		for name in imported(module.read_text()):
			assert not looks_upwards(name, layer), f"{module} imports {name}"


@pytest.mark.parametrize(
	"source",
	[
		"import frappe",
		"def f():\n\tfrom frappe.utils import flt",
		"from nexwave_xero_connector import erp",
		"from nexwave_xero_connector.erp.outbox.claim import FrappeOutbox",
		"import nexwave_xero_connector.xero_api",
		"from ..erp import outbox",
	],
)
def test_an_import_from_above_is_seen_however_it_is_written(source: str) -> None:
	assert any(looks_upwards(name, "sync") for name in imported(source))


def test_the_sentence_stands_alone() -> None:
	names = imported((APP / "sentence.py").read_text())
	assert not [name for name in names if name.startswith(("frappe", "nexwave"))]


def test_the_xero_sandbox_knows_neither_frappe_nor_the_connector() -> None:
	modules = [*SANDBOX.rglob("*.py")]
	assert modules
	for module in modules:
		for name in imported(module.read_text()):
			assert name.partition(".")[0] not in ("frappe", "erpnext", APP.name), f"{module} imports {name}"
