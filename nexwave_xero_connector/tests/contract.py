"""The contract tests of the ports live outside the package, with the other tests that need no bench."""

import sys
from importlib import import_module, util
from pathlib import Path

import nexwave_xero_connector

FOLDER = Path(nexwave_xero_connector.__file__).parents[1] / "tests" / "contract"


def load_contract() -> type:
	"""OutboxContract. Loaded by its path: a bench has other packages called tests."""
	name = "nexwave_xero_connector_contract"
	if name not in sys.modules:
		spec = util.spec_from_file_location(
			name, FOLDER / "__init__.py", submodule_search_locations=[str(FOLDER)]
		)
		sys.modules[name] = util.module_from_spec(spec)
		spec.loader.exec_module(sys.modules[name])
	return import_module(f"{name}.outbox_contract").OutboxContract
