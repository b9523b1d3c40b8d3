"""Imports point one way: overrides, api and jobs -> erp -> sync -> mapping, with xero_api beside. The protocol, the
mapping and the client know no Frappe.
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
ON_FRAPPE = {
	"erp": {"erp", "xero_api", "sync", "mapping", "sentence"},
	"jobs": {"jobs", "erp", "xero_api", "sync", "mapping", "sentence"},
	"api": {"api", "erp", "xero_api", "sync", "mapping", "sentence"},
	"overrides": {"overrides", "erp"},
}
STABLE_NAMES = APP / "api" / "sync.py"
"""The one place where api hands on what is in jobs."""


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
		return rest.split(".")[0] not in (MAY_IMPORT | ON_FRAPPE)[layer]
	return package == "" or (layer in MAY_IMPORT and package in ("frappe", "erpnext"))


@pytest.mark.parametrize("layer", [*MAY_IMPORT, *ON_FRAPPE])
def test_a_layer_imports_only_what_lies_below(layer: str) -> None:
	modules = [*(APP / layer).rglob("*.py")]
	assert modules
	for module in modules:
		for name in imported(module.read_text()):
			if module != STABLE_NAMES or not name.startswith(f"{APP.name}.jobs."):
				assert not looks_upwards(name, layer), f"{module} imports {name}"


@pytest.mark.parametrize(
	"source",
	[
		"import frappe",
		"def f():\n\tfrom frappe.utils import flt",
		"from nexwave_xero_connector import erp",
		"from nexwave_xero_connector.erp.outbox.claim import FrappeOutbox",
		"from nexwave_xero_connector.jobs import push",
		"import nexwave_xero_connector.xero_api",
		"from ..erp import outbox",
	],
)
def test_an_import_from_above_is_seen_however_it_is_written(source: str) -> None:
	assert any(looks_upwards(name, "sync") for name in imported(source))


def test_a_job_is_not_for_a_browser() -> None:
	"""Who may ask is checked in api; what the queue and the scheduler call is nobody else's to call."""
	modules = [*(APP / "jobs").rglob("*.py")]
	assert modules
	for module in modules:
		assert "@frappe.whitelist" not in module.read_text(), module


@pytest.mark.parametrize("layer", ["erp", "mapping"])
def test_rooms_import_one_another_in_one_direction(layer: str) -> None:
	"""No two rooms of a layer need each other, nor any in a circle."""
	arrows = room_arrows(layer)
	rooms = {room for arrow in arrows for room in arrow}
	while rooms:
		free = {room for room in rooms if not any(a == room and b in rooms for a, b in arrows)}
		assert free, f"in a circle: {sorted(rooms)}"
		rooms -= free


def room_arrows(layer: str) -> set[tuple[str, str]]:
	"""Which room of the layer, a module or a package, imports which."""
	prefix = f"{APP.name}.{layer}."
	arrows = set()
	for module in (APP / layer).rglob("*.py"):
		room = module.relative_to(APP / layer).parts[0].removesuffix(".py")
		for name in imported(module.read_text()):
			if name.startswith(prefix):
				arrows.add((room, name.removeprefix(prefix).split(".")[0]))
	return {(a, b) for a, b in arrows if a != b}


def test_translations_with_placeholders_are_checked_everywhere() -> None:
	"""Frappe's own `_` gives a misspelt translation to `format`, which then undoes what a user has done."""
	wrapper = APP / "erp" / "translation.py"
	for module in APP.rglob("*.py"):
		if module != wrapper and "tests" not in module.relative_to(APP).parts:
			assert "frappe._" not in imported(module.read_text()), module


def test_the_sentence_stands_alone() -> None:
	names = imported((APP / "sentence.py").read_text())
	assert not [name for name in names if name.startswith(("frappe", "nexwave"))]


def test_the_xero_sandbox_knows_neither_frappe_nor_the_connector() -> None:
	modules = [*SANDBOX.rglob("*.py")]
	assert modules
	for module in modules:
		for name in imported(module.read_text()):
			assert name.partition(".")[0] not in ("frappe", "erpnext", APP.name), f"{module} imports {name}"
